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
    """Sightings of each track in the order of their times; the first of them is the passage."""

    sightings: dict[Track, list[Sighting]] = field(default_factory=dict)

    def add(self, track: Track, sighting: Sighting, counts: MinuteCounts) -> None:
        """Take a sighting in; the track stays one passage."""
        found = self.sightings.setdefault(track, [])
        self._count(track, found, -1, counts)
        insort(found, sighting)
        self._count(track, found, +1, counts)

    def take_back(self, track: Track, sighting: Sighting, counts: MinuteCounts) -> None:
        """Take a sighting out again."""
        found = self.sightings[track]
        self._count(track, found, -1, counts)
        del found[bisect_left(found, sighting)]
        self._count(track, found, +1, counts)
        if not found:
            del self.sightings[track]

    @property
    def n_repeated(self) -> dict[str, int]:
        """Return how many reports of each source were repetitions."""
        found: dict[str, int] = {}
        for track, sightings in self.sightings.items():
            found[track.source] = found.get(track.source, 0) + len(sightings) - 1
        return found

    @staticmethod
    def _count(track: Track, found: list[Sighting], n: int, counts: MinuteCounts) -> None:
        if found:
            first = found[0]
            counts.add(Series(track.place, first.vehicle_class, track.source), first.at_us, n)
