"""Passages by minute at each place, as each source saw them; sums, so that no order matters."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

MINUTE_US = 60_000_000
QUARTER_MIN = 15


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

    Sums of quarter-hours and the series of each place follow from the counts and are kept beside them, since every
    snapshot asks for weeks of them.

    Args:
        by_series: The counts.
        touched: Places and quarter-hours that changed since somebody last emptied it; no figure depends on it.
        shape: Changes whenever a series comes or goes; no figure depends on it.
    """

    by_series: dict[Series, dict[int, int]] = field(default_factory=dict)
    touched: set[tuple[int, Place]] = field(default_factory=set, compare=False)
    shape: int = field(default=0, compare=False)
    _quarters: dict[Series, dict[int, int]] = field(init=False, compare=False, repr=False)
    _at: dict[Place, dict[str, list[Series]]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        self._quarters, self._at = {}, {}
        for series, minutes in self.by_series.items():
            self._enter(series)
            for minute, n in minutes.items():
                self._sum(series, minute // QUARTER_MIN, n)

    def add(self, series: Series, at_us: int, n: int) -> None:
        """Count `n` vehicles, or take them back when `n` is negative."""
        minute = at_us // MINUTE_US
        quarter = minute // QUARTER_MIN
        self.touched.add((quarter, series.place))
        minutes = self.by_series.get(series)
        if minutes is None:
            minutes = self.by_series[series] = {}
            self._enter(series)
        total = minutes.get(minute, 0) + n
        self._sum(series, quarter, n)
        if total:
            minutes[minute] = total
        else:
            minutes.pop(minute, None)
            if not minutes:
                self._leave(series)

    def at(self, place: Place) -> Mapping[str, Sequence[Series]]:
        """Return the series of a place by source, those of a source in order of class."""
        return self._at.get(place, {})

    def places_of(self, source: str) -> list[Place]:
        """Return the places at which a source has counts."""
        return [place for place, by_source in self._at.items() if source in by_source]

    def between(self, series: Series, from_us: int, to_us: int) -> int:
        """Return the vehicles of the minutes that begin within [from_us, to_us)."""
        first, last = -(-from_us // MINUTE_US), -(-to_us // MINUTE_US)
        from_quarter, to_quarter = -(-first // QUARTER_MIN), last // QUARTER_MIN
        if from_quarter >= to_quarter:
            return self._in_minutes(series, first, last)
        edges = self._in_minutes(series, first, from_quarter * QUARTER_MIN)
        edges += self._in_minutes(series, to_quarter * QUARTER_MIN, last)
        return edges + sum(self.of_quarter(series, quarter) for quarter in range(from_quarter, to_quarter))

    def of_quarter(self, series: Series, quarter: int) -> int:
        """Return the vehicles of a quarter-hour since 1970 (UTC)."""
        quarters = self._quarters.get(series)
        return 0 if quarters is None else quarters.get(quarter, 0)

    def rows(self) -> Iterator[tuple[Series, int, int]]:
        """Yield series, minute and vehicles in order."""
        for series in sorted(self.by_series):
            for minute in sorted(self.by_series[series]):
                yield series, minute, self.by_series[series][minute]

    def forget(self, before_us: int) -> None:
        """Let go of the minutes that begin before a time."""
        minute = -(-before_us // MINUTE_US)
        quarter = minute // QUARTER_MIN  # the one that is cut
        for series in list(self.by_series):
            kept = {at: n for at, n in self.by_series[series].items() if at >= minute}
            if kept:
                self.by_series[series] = kept
                quarters = self._quarters[series]
                self._quarters[series] = {at: n for at, n in quarters.items() if at > quarter}
                self._sum(series, quarter, self._in_minutes(series, minute, (quarter + 1) * QUARTER_MIN))
            else:
                self._leave(series)

    def _in_minutes(self, series: Series, first: int, last: int) -> int:
        minutes = self.by_series.get(series)
        if minutes is None or first >= last:
            return 0
        return sum(minutes.get(minute, 0) for minute in range(first, last))

    def _sum(self, series: Series, quarter: int, n: int) -> None:
        quarters = self._quarters[series]
        quarters[quarter] = quarters.get(quarter, 0) + n

    def _enter(self, series: Series) -> None:
        self.shape += 1
        self._quarters[series] = {}
        insort(self._at.setdefault(series.place, {}).setdefault(series.source, []), series)

    def _leave(self, series: Series) -> None:
        self.shape += 1
        del self.by_series[series], self._quarters[series]
        by_source = self._at[series.place]
        by_source[series.source].remove(series)
        if not by_source[series.source]:
            del by_source[series.source]
        if not by_source:
            del self._at[series.place]
