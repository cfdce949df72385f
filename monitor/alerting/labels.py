"""Labels of an alert and the matchers that choose among alerts, written as Prometheus and Alertmanager write them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, cast

Operator = Literal["=", "!=", "=~", "!~"]

RULE: Final = "alertname"  # the label that names the rule, as in Prometheus

_MATCHER: Final = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"([^"\\]*)"\s*')
_PATTERN: Final = re.compile(r"(?:[\w :/|-]|\.[*+]?)*")
_MOST_WILDCARDS: Final = 4


@dataclass(frozen=True, slots=True, order=True)
class AlertKey:
    """
    What an alert is about: its labels, sorted by name; a label without a value is no label.

    Args:
        labels: Name and value of each label, `alertname` among them.

    Raises:
        ValueError: No `alertname`, or a name twice.
    """

    labels: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        kept = tuple(sorted((name, value) for name, value in self.labels if value))
        names = [name for name, _ in kept]
        if RULE not in names or len(set(names)) < len(names):
            raise ValueError(f"the labels {kept} need one {RULE!r} and each name once")
        object.__setattr__(self, "labels", kept)

    @classmethod
    def of(cls, **labels: str) -> AlertKey:
        """Return the key with these labels."""
        return cls(tuple(labels.items()))

    def get(self, name: str) -> str:
        """Return a label's value, empty when there is none."""
        for found, value in self.labels:
            if found == name:
                return value
        return ""

    @property
    def rule(self) -> str:
        """Name of the rule."""
        return self.get(RULE)

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that stand for the labels."""
        return _fingerprint(self.labels)


@lru_cache(maxsize=4_096)
def _fingerprint(labels: tuple[tuple[str, str], ...]) -> str:
    return hashlib.sha256(repr(labels).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, order=True)
class Matcher:
    """
    A condition on one label; a label that is not there has the empty value.

    A pattern (`=~`, `!~`) must fit the whole value. It may hold letters, digits, `_ - : /`, alternatives `|` and the
    wildcards `.`, `.*` and `.+`: more is never needed for names, and could be made to run for hours.

    Raises:
        ValueError: The pattern holds something else, or more than four wildcards `.*` and `.+`.
    """

    name: str
    operator: Operator
    value: str

    def __post_init__(self) -> None:
        if self.operator in {"=~", "!~"}:
            wildcards = self.value.count(".*") + self.value.count(".+")
            if _PATTERN.fullmatch(self.value) is None or wildcards > _MOST_WILDCARDS:
                raise ValueError(
                    f"the pattern {self.value!r} may hold letters, digits, _ - : / and | . .* .+, "
                    f"with at most {_MOST_WILDCARDS} of .* and .+"
                )

    def matches(self, key: AlertKey) -> bool:
        """Return whether the condition holds for a key."""
        found = key.get(self.name)
        is_same = found == self.value if self.operator in {"=", "!="} else _pattern(self.value).fullmatch(found)
        return bool(is_same) is (self.operator in {"=", "=~"})

    def __str__(self) -> str:
        return f'{self.name}{self.operator}"{self.value}"'


@lru_cache(maxsize=1_024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.ASCII)


def parse_matcher(text: str) -> Matcher:
    """
    Return the matcher of a text such as `gate="huu_nghi"` or `alertname=~"queue_.*"`.

    Raises:
        ValueError: The text is no matcher.
    """
    found = _MATCHER.fullmatch(text)
    if found is None:
        raise ValueError(f'{text!r} is no matcher; write LABEL="VALUE", or =~ with a pattern, != or !~')
    return Matcher(found[1], cast(Operator, found[2]), found[3])


def all_match(matchers: Iterable[Matcher], key: AlertKey) -> bool:
    """Return whether every matcher holds for a key; without any, every key does."""
    return all(matcher.matches(key) for matcher in matchers)
