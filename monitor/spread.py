"""How often something took how long, as Prometheus reads it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

# From a cache that answers to a disk that is ill [s].
BOUNDS_S: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


@dataclass(slots=True)
class Spread:
    """
    Durations counted by their length.

    Args:
        counts: How many were at most as long as each bound and longer than the one before; last, the longer ones.
        total_s: All of them together [s].
    """

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    total_s: float = 0.0

    def add(self, seconds: float) -> None:
        """Count a duration [s]."""
        self.counts[bisect_left(BOUNDS_S, seconds)] += 1
        self.total_s += seconds

    def copy(self) -> Spread:
        """Return what was counted so far."""
        return Spread(list(self.counts), self.total_s)

    def buckets(self) -> Iterator[tuple[str, float]]:
        """Yield each bound [s] with how many did not exceed it, the last without bound."""
        names = [*map(str, BOUNDS_S), "+Inf"]
        yield from zip(names, map(float, accumulate(self.counts)), strict=True)
