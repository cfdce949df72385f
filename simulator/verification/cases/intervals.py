"""The statistics of results: half widths over replications."""

from __future__ import annotations

import numpy as np
from scipy import stats

from gatewatch.simulator.results import Results
from gatewatch.simulator.verification.case import Mean, Quantity, case


@case("Half widths of experiments with two replications", experiment=2)
def intervals() -> list[Quantity]:
    """(half width / t)² n is an unbiased estimate of the variance: that of a Poisson count is its mean."""

    def variance(results: Results) -> float:
        found = np.array([row["arrived_half_width"] for row in results.daily if row["gate"] is None])
        return float((2 * (found / stats.t.ppf(0.975, 1)) ** 2).mean())

    return [Mean("variance of daily counts by their half widths", "veh²", lambda: 10.0, variance, 0.03)]
