"""One vehicle that a camera reports several times under one track counts once, when it was first seen."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import NamedTuple

from gatewatch.monitor.projection.counts import MinuteCounts, Place, Series


class Track(NamedTuple):
    """What a camera follows: its own number for a vehicle at one place."""

    source: str
    place: Place
    track: str


class Sighting(NamedTuple):
    """One report of a track."""

    at_us: int
    ref: tuple[str, str]
    vehicle_class: str


@dataclass(slots=True)
class Repeats:
    """
    Sightings of each track in the order of their times; the first of them is the passage.

    Args:
        sightings: The sightings.
        n_repeated: How many reports of each source were repetitions, which follows from them.
    """

    sightings: dict[Track, list[Sighting]] = field(default_factory=dict)
    n_repeated: dict[str, int] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        self.n_repeated = {}
        for track, sightings in self.sightings.items():
            self._repeat(track, len(sightings) - 1)

    def add(self, track: Track, sighting: Sighting, counts: MinuteCounts) -> None:
        """Take a sighting in; the track stays one passage."""
        found = self.sightings.setdefault(track, [])
        self._count(track, found, -1, counts)
        insort(found, sighting)
        self._repeat(track, len(found) > 1)
        self._count(track, found, +1, counts)

    def take_back(self, track: Track, sighting: Sighting, counts: MinuteCounts) -> None:
        """Take a sighting out again."""
        found = self.sightings[track]
        self._count(track, found, -1, counts)
        self._repeat(track, -(len(found) > 1))
        del found[bisect_left(found, sighting)]
        self._count(track, found, +1, counts)
        if not found:
            del self.sightings[track]

    def forget(self, before_us: int) -> None:
        """Let go of the tracks whose last sighting was before a time."""
        for track in [track for track, found in self.sightings.items() if found[-1].at_us < before_us]:
            self._repeat(track, 1 - len(self.sightings.pop(track)))

    def _repeat(self, track: Track, n: int) -> None:
        self.n_repeated[track.source] = self.n_repeated.get(track.source, 0) + n

    @staticmethod
    def _count(track: Track, found: list[Sighting], n: int, counts: MinuteCounts) -> None:
        if found:
            first = found[0]
            counts.add(Series(track.place, first.vehicle_class, track.source), first.at_us, n)
