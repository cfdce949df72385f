"""Sequence numbers of a source as runs of consecutive ones: what is missing between them was lost on the way."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise


@dataclass(slots=True)
class Numbering:
    """Runs of numbers seen, first and last of each, in order."""

    runs: list[tuple[int, int]] = field(default_factory=list)

    def add(self, number: int) -> None:
        """Note a number; one seen before changes nothing."""
        place = bisect_right(self.runs, number, key=lambda run: run[0])
        if place and number <= self.runs[place - 1][1]:
            return
        first = last = number
        if place < len(self.runs) and self.runs[place][0] == number + 1:
            last = self.runs.pop(place)[1]
        if place and self.runs[place - 1][1] == number - 1:
            place -= 1
            first = self.runs.pop(place)[0]
        self.runs.insert(place, (first, last))

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """Return the missing stretches, first and last number of each."""
        return [(a[1] + 1, b[0] - 1) for a, b in pairwise(self.runs)]

    @property
    def n_missing(self) -> int:
        """Return how many numbers are missing."""
        return sum(last - first + 1 for first, last in self.gaps)
