"""Passages by minute at each place, as each source saw them; sums, so that no order matters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

MINUTE_US = 60_000_000


class Place(NamedTuple):
    """Where vehicles are counted; `where` is a yard or a stage, or empty."""

    gate: str
    direction: str
    what: str
    where: str = ""


class Series(NamedTuple):
    """One source's counts of one class at one place; the class is empty where the source does not tell it."""

    place: Place
    vehicle_class: str
    source: str


@dataclass(slots=True)
class MinuteCounts:
    """
    Vehicles by series and minute since 1970 (UTC); minutes that sum to nothing are absent.

    Args:
        by_series: The counts.
        touched: Series and minutes that changed since somebody last emptied it; no figure depends on it.
    """

    by_series: dict[Series, dict[int, int]] = field(default_factory=dict)
    touched: set[tuple[Series, int]] = field(default_factory=set, compare=False)

    def add(self, series: Series, at_us: int, n: int) -> None:
        """Count `n` vehicles, or take them back when `n` is negative."""
        minutes = self.by_series.setdefault(series, {})
        minute = at_us // MINUTE_US
        self.touched.add((series, minute))
        total = minutes.get(minute, 0) + n
        if total:
            minutes[minute] = total
        else:
            minutes.pop(minute, None)
            if not minutes:
                del self.by_series[series]

    def at(self, place: Place) -> dict[str, list[Series]]:
        """Return the series of a place by source."""
        found: dict[str, list[Series]] = {}
        for series in sorted(self.by_series):
            if series.place == place:
                found.setdefault(series.source, []).append(series)
        return found

    def between(self, series: Series, from_us: int, to_us: int) -> int:
        """Return the vehicles of the minutes that begin within [from_us, to_us)."""
        minutes = self.by_series.get(series, {})
        first, last = -(-from_us // MINUTE_US), -(-to_us // MINUTE_US)
        if last - first < len(minutes):
            return sum(minutes.get(minute, 0) for minute in range(first, last))
        return sum(n for minute, n in minutes.items() if first <= minute < last)

    def rows(self) -> Iterator[tuple[Series, int, int]]:
        """Yield series, minute and vehicles in order."""
        for series in sorted(self.by_series):
            for minute in sorted(self.by_series[series]):
                yield series, minute, self.by_series[series][minute]
