"""One figure as people are shown it: value, band, unit, age, how it was found, and how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Quality = Literal["A", "B", "C", "D"]

_NARROW, _WIDE = 0.10, 0.50  # half-width over value
_SMALL = 5.0  # vehicles, hours and the like: below it a band of a few is no fault
WHOLE, _MOST = 0.99, 0.75  # share of the time that was heard


@dataclass(frozen=True, slots=True)
class Figure:
    """
    A figure of live state; what is not known is None and never zero.

    Args:
        value: The figure, or None.
        unit: Its unit.
        quality: A fresh and narrow; B backup feed or wider band; C parts of the time not heard; D stale, very wide or
            not known.
        method: How it was found, a key that screens translate.
        low: Lower end of the band.
        high: Upper end of the band.
        as_of: The last observation that it rests on.
        coverage: Share of its time in which a feed was heard.
        sources: Feeds that it rests on.
    """

    value: float | None
    unit: str
    quality: Quality
    method: str
    low: float | None = None
    high: float | None = None
    as_of: datetime | None = None
    coverage: float = 1.0
    sources: tuple[str, ...] = ()

    def age_s(self, now: datetime) -> float | None:
        """Return how old the last observation is [s]; None where there is none."""
        return None if self.as_of is None else (now - self.as_of).total_seconds()


def graded(
    value: float | None, half_width: float, coverage: float, *, is_backup: bool = False, is_stale: bool = False
) -> Quality:
    """
    Return the quality of a figure.

    >>> graded(100, 5, 1.0), graded(100, 20, 1.0), graded(100, 5, 0.9), graded(None, 0, 0.0)
    ('A', 'B', 'C', 'D')
    """
    if value is None or is_stale or coverage < _MOST or half_width > max(_SMALL, _WIDE * value):
        return "D"
    if coverage < WHOLE:
        return "C"
    if is_backup or half_width > max(_SMALL, _NARROW * value):
        return "B"
    return "A"


def is_stale(as_of: datetime | None, now: datetime, limit: timedelta) -> bool:
    """Return whether the last observation is older than `limit`, or there is none."""
    return as_of is None or now - as_of > limit
