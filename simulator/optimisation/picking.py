"""How often the same candidate is picked when the replications are drawn again: an empirical check of the procedure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gatewatch.simulator.optimisation.deciding import Floats
from gatewatch.simulator.optimisation.selection import Observed

RESAMPLES: Final = 1_000


def picked_shares(seen: Sequence[Observed], limit: float) -> tuple[dict[int | None, float], dict[int, float]]:
    """
    Return how often each candidate is picked: as the cheapest that meets the limit, and as that of least total cost.

    Bootstrap over the replications that all of these candidates had, whole replications so that the pairing stays;
    in a resample a candidate meets the limit when its mean figure does, so give the middle of the tolerated zone. None
    stands for nobody.
    """
    n = min(one.n for one in seen)
    values, gate, total = (
        np.array([getattr(one, what)[:n] for one in seen]) for what in ("values", "gate_costs", "total_costs")
    )
    generator = np.random.Generator(np.random.PCG64DXSM(n))
    times = generator.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).T / n  # (replications, resamples)
    meets = values @ times <= limit  # NaN is no figure and meets nothing
    costs = np.where(meets, gate @ times, np.inf)
    cheapest = np.where(meets.any(axis=0), _least(costs, total @ times), -1)
    least = np.argmin(total @ times, axis=0)
    return (
        {None if c == -1 else c: times / RESAMPLES for c, times in Counter(cheapest.tolist()).items()},
        {c: times / RESAMPLES for c, times in Counter(least.tolist()).items()},
    )


def _least(costs: Floats, ties: Floats) -> NDArray[np.intp]:
    """Return the row of the least cost in each column; of equal ones that with the lower tie."""
    best = costs.min(axis=0)
    return np.asarray(np.argmin(np.where(costs <= best, ties, np.inf), axis=0))
