"""Cumulative counters: what was counted between two readings, a reading that falls back being a reset."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from gatewatch.monitor.projection.counts import MinuteCounts, Series


class Reading(NamedTuple):
    """A counter as it stood; `ref` makes readings of one instant distinct."""

    at_us: int
    ref: tuple[str, str]
    value: int


@dataclass(slots=True)
class Counters:
    """
    Readings of each counter in the order of their times.

    A reading counts the vehicles since the reading before it, in the minute of the later one. The first reading of a
    counter counts none, since nobody knows when it was zero. A value below the one before it is a reset: it counts
    from zero.
    """

    readings: dict[Series, list[Reading]] = field(default_factory=dict)

    def add(self, series: Series, reading: Reading, counts: MinuteCounts) -> None:
        """Take a reading in, and bring the counts that it touches up to date."""
        found = self.readings.setdefault(series, [])
        place = bisect_left(found, reading)
        self._count(series, found, place, -1, counts)
        insort(found, reading)
        self._count(series, found, place, +1, counts)
        self._count(series, found, place + 1, +1, counts)

    def take_back(self, series: Series, reading: Reading, counts: MinuteCounts) -> None:
        """Take a reading out again."""
        found = self.readings[series]
        place = found.index(reading)
        self._count(series, found, place, -1, counts)
        self._count(series, found, place + 1, -1, counts)
        del found[place]
        self._count(series, found, place, +1, counts)
        if not found:
            del self.readings[series]

    def resets(self, series: Series) -> list[int]:
        """Return the times at which a counter began again [us]."""
        found = self.readings.get(series, [])
        return [later.at_us for earlier, later in pairwise(found) if later.value < earlier.value]

    @staticmethod
    def _count(series: Series, found: list[Reading], place: int, sign: int, counts: MinuteCounts) -> None:
        """Count, or uncount, what the reading at `place` adds to the one before it."""
        if not 0 < place < len(found):
            return
        before, here = found[place - 1].value, found[place].value
        passed = here - before if here >= before else here
        if passed:
            counts.add(series, found[place].at_us, sign * passed)
