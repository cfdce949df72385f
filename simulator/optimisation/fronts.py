"""What a tighter target costs, and at which prices another candidate wins: geometry of points and lines."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Region:
    """Prices from `low` to `high` at which a candidate costs least."""

    low: float
    high: float
    candidate: int


def pareto_front(costs: Sequence[float], figures: Sequence[float]) -> list[int]:
    """
    Return the points that no other beats in both, by rising cost; lower is better in both, NaN is in none.

    >>> pareto_front([3.0, 1.0, 2.0, 4.0], [5.0, 9.0, 9.0, 4.0])
    [1, 0, 3]
    """
    known = [n for n, figure in enumerate(figures) if not math.isnan(figure)]
    front: list[int] = []
    for n in sorted(known, key=lambda n: (costs[n], figures[n], n)):
        if not front or figures[n] < figures[front[-1]]:
            front.append(n)
    return front


def shadow_prices(
    costs: Sequence[float], figures: Sequence[float], front: Sequence[int], differ: Callable[[int, int], bool]
) -> dict[int, float]:
    """
    Return the cost of a unit of the figure on the way to each point of the front that is worth going to.

    Counted from the point before on the lower convex envelope, along which a unit costs ever more. A point above the
    envelope has no price: others give as much for less a unit. Nor has one whose figure is not told apart from that of
    the point before: its price would be a cost over noise.

    >>> shadow_prices([0.0, 10.0, 40.0], [30.0, 25.0, 20.0], [0, 1, 2], lambda a, b: True)
    {1: 2.0, 2: 6.0}

    Args:
        costs: Of the points.
        figures: Of the points; lower is better.
        front: Points by rising cost, from `pareto_front`.
        differ: Whether the figures of two points are told apart.
    """

    def price(a: int, b: int) -> float:
        return (costs[b] - costs[a]) / (figures[a] - figures[b])

    envelope: list[int] = []
    for n in front:
        if envelope and not differ(envelope[-1], n):
            continue
        while len(envelope) > 1 and price(envelope[-2], envelope[-1]) >= price(envelope[-1], n):
            envelope.pop()
        envelope.append(n)
    return {b: price(a, b) for a, b in pairwise(envelope) if differ(a, b)}


def price_regions(fixed: Sequence[float], slopes: Sequence[float]) -> list[Region]:
    """
    Return which candidate costs least at every price from 0 up, cost being `fixed + slope * price`.

    Of candidates that cost the same at a price, the one with the smaller slope is named; of equals, the first.

    >>> price_regions([0.0, 10.0], [3.0, 1.0])
    [Region(low=0.0, high=5.0, candidate=0), Region(low=5.0, high=inf, candidate=1)]
    """
    now = min(range(len(fixed)), key=lambda n: (fixed[n], slopes[n], n))
    low = 0.0
    regions: list[Region] = []
    while True:
        flatter = [n for n in range(len(fixed)) if slopes[n] < slopes[now]]
        meets = {n: max(low, (fixed[n] - fixed[now]) / (slopes[now] - slopes[n])) for n in flatter}
        after = min(flatter, key=lambda n: (meets[n], slopes[n], n), default=None)
        if after is None:
            return [*regions, Region(low, math.inf, now)]
        if meets[after] > low:
            regions.append(Region(low, meets[after], now))
        low, now = meets[after], after
