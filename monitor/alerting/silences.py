"""Silences: alerts that a named person keeps quiet, for a reason and until an instant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from gatewatch.monitor.alerting.labels import AlertKey, Matcher, all_match

LONGEST: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Silence:
    """
    A silence.

    Args:
        id: Names it.
        matchers: Of the alerts that it keeps quiet; all must hold.
        author: Who asked for it.
        reason: Why.
        begins: Aware UTC.
        ends: Aware UTC; from then on it is over.

    Raises:
        ValueError: No matcher, author or reason; or no end within seven days of the beginning.
    """

    id: str
    matchers: tuple[Matcher, ...]
    author: str
    reason: str
    begins: datetime
    ends: datetime

    def __post_init__(self) -> None:
        if not self.matchers or not self.author.strip() or not self.reason.strip():
            raise ValueError("a silence needs a matcher, an author and a reason")
        if not self.begins <= self.ends <= self.begins + LONGEST:
            raise ValueError(f"a silence ends after it begins and lasts at most {LONGEST.days} days; ask again then")

    def is_in_force(self, now: datetime) -> bool:
        """Return whether it keeps anything quiet now."""
        return self.begins <= now < self.ends


def find_silence(key: AlertKey, silences: Iterable[Silence], now: datetime) -> Silence | None:
    """Return the first silence in force that keeps an alert quiet, or None."""
    return next((s for s in silences if s.is_in_force(now) and all_match(s.matchers, key)), None)


def end_silence(silences: Iterable[Silence], silence_id: str, now: datetime) -> tuple[Silence, ...]:
    """Return the silences after one was ended early; one that had not begun never begins."""
    return tuple(replace(s, ends=min(s.ends, max(s.begins, now))) if s.id == silence_id else s for s in silences)
