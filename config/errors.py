"""What is wrong with a configuration, said so that the reader can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

_MOST_NAMES: Final = 15


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One mistake: where it stands, what was found there, and what is expected instead."""

    file: str
    key: str
    found: str
    expected: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.key}" if self.key else self.file
        return f"{place} is {self.found}; {self.expected}."


class ConfigError(Exception):
    """
    Raised when a configuration cannot be used; holds every fault that was found.

    Args:
        faults: At least one fault, shown in the order of files and keys.
        closing: What became of the command, said after the number of faults.
    """

    def __init__(self, faults: Iterable[Fault], closing: str = "Nothing was started.") -> None:
        self.closing = closing
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))

    @property
    def summary(self) -> str:
        """Return the closing line: how many faults, and what became of the command."""
        n = len(self.faults)
        return f"{n} fault{'s' if n != 1 else ''}. {self.closing}"

    def __str__(self) -> str:
        return "\n".join([*(str(fault) for fault in self.faults), self.summary])


def one_fault(file: str, key: str, found: str, expected: str) -> ConfigError:
    """Return the error for a single fault."""
    return ConfigError([Fault(file, key, found, expected)])


def known_names(kind: str, name: str, known: Iterable[str]) -> str:
    """
    Return the remedy for an unknown name: the closest known one, then the others.

    >>> known_names("calendar", "weekdays", ["weekday", "tet"])
    'no calendar has that name. Did you mean "weekday"? Known: tet, weekday'
    """
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    hint = f' Did you mean "{close[0]}"?' if close else ""
    listed = ", ".join(names[:_MOST_NAMES]) or "none"
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"no {kind} has that name.{hint} Known: {listed}{more}"
