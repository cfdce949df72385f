"""How often an answer stays right when the replications are drawn again: an empirical check of the procedure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from gatewatch.simulator.optimisation.deciding import Floats
from gatewatch.simulator.optimisation.selection import Cost, Observed, Rules

RESAMPLES: Final = 1_000


def right_shares(
    seen: Sequence[Observed], rules: Rules, cheapest: int | None, least_total: int
) -> tuple[float | None, float]:
    """
    Return in which share of resamples each answer is right as the procedure promises it; None where there is none.

    The cheapest is right when its mean value keeps the limit, and nobody whose mean lies inside the limit by the whole
    zone (twice the tolerance) costs the gate less by the indifference or more; the least total when nobody costs less
    in all by the indifference or more. Bootstrap over whole replications, so that the pairing stays; levels as in
    `level`, so that candidates with fewer replications are set beside the baseline's, which is number 0.
    """
    n = seen[0].n
    generator = np.random.Generator(np.random.PCG64DXSM(n))
    times = generator.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).T.astype(float)  # (replications, resamples)
    least = _is_least(_costs(seen, "total_costs", times), least_total, rules.indifference)
    if cheapest is None:
        return None, float(least.mean())
    figures = np.array([_levels(one.values, seen[0].values, times) for one in seen])  # NaN is no figure: meets nothing
    inside = figures <= rules.limit - 2 * rules.tolerance
    inside[cheapest] = True
    costs = np.where(inside, _costs(seen, "gate_costs", times), np.inf)
    right = (figures[cheapest] <= rules.limit) & _is_least(costs, cheapest, rules.indifference)
    return float(right.mean()), float(least.mean())


def _costs(seen: Sequence[Observed], what: Cost, times: Floats) -> Floats:
    """Return the resampled costs, shape (candidates, resamples)."""
    return np.array([_levels(getattr(one, what), getattr(seen[0], what), times) for one in seen])


def _levels(values: Sequence[float], base: Sequence[float], times: Floats) -> Floats:
    """Return the level of a candidate in every resample, shape (resamples,)."""
    mine, theirs = np.asarray(values, dtype=float), np.asarray(base, dtype=float)
    own = times[: len(mine)]
    own = np.where(own.sum(axis=0) > 0, own, 1.0)  # where none of its runs were drawn, all of them
    if np.isnan(theirs).any():
        return np.asarray(mine @ own / own.sum(axis=0))
    return np.asarray(theirs @ times / times.sum(axis=0) + (mine - theirs[: len(mine)]) @ own / own.sum(axis=0))


def _is_least(costs: Floats, chosen: int, indifference: float) -> Floats:
    """Return in which resamples nobody costs less than the chosen one by the indifference or more."""
    return np.asarray(costs[chosen] - costs.min(axis=0) < indifference)
