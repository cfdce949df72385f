"""What was said to hold from a time on (a lane open, a gate shut, a count by hand), in the order of the times."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Statement(NamedTuple):
    """What was said; `ref` makes statements of one instant distinct, the greater one holds."""

    at_us: int
    ref: tuple[str, str]
    said: dict[str, Any]


def _order(statement: Statement) -> tuple[int, tuple[str, str]]:
    return statement.at_us, statement.ref


@dataclass(slots=True)
class Timelines(Generic[Key]):
    """Statements by subject, in order of time and then of reference."""

    by_subject: dict[Key, list[Statement]] = field(default_factory=dict)

    def add(self, subject: Key, statement: Statement) -> None:
        """Take a statement in."""
        insort(self.by_subject.setdefault(subject, []), statement, key=_order)

    def take_back(self, subject: Key, statement: Statement) -> None:
        """Take a statement out again."""
        found = self.by_subject[subject]
        del found[bisect_left(found, _order(statement), key=_order)]
        if not found:
            del self.by_subject[subject]

    def last(self, subject: Key, until_us: int) -> Statement | None:
        """Return the last statement made for a time up to `until_us`, or None."""
        found = self.by_subject.get(subject, [])
        place = bisect_right(found, until_us, key=lambda statement: statement.at_us)
        return found[place - 1] if place else None

    def since(self, subject: Key, from_us: int) -> Iterator[Statement]:
        """Yield the statements made for times from `from_us` on."""
        found = self.by_subject.get(subject, [])
        yield from found[bisect_left(found, from_us, key=lambda statement: statement.at_us) :]
