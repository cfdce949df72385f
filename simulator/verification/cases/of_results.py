"""What `simulate` returns: measures, percentiles, and half widths over replications."""

from __future__ import annotations

import numpy as np
from scipy import stats

from gatewatch.simulator.results import Results
from gatewatch.simulator.verification.case import Mean, Quantity, case
from gatewatch.simulator.verification.theory import (
    mmc_mean_backlog,
    mmc_mean_queue,
    mmc_mean_wait,
    mmc_sojourn_percentile,
    mmc_wait_percentile,
)


@case("Half widths of experiments with two replications", experiment=2)
def intervals() -> list[Quantity]:
    """(half width / t)² n is an unbiased estimate of the variance: that of a Poisson count is its mean."""

    def variance(results: Results) -> float:
        found = np.array([row["arrived_half_width"] for row in results.daily if row["gate"] is None])
        return float((2 * (found / stats.t.ppf(0.975, 1)) ** 2).mean())

    return [Mean("variance of daily counts by their half widths", "veh²", lambda: 10.0, variance, 0.03)]


@case("Measures of M/M/3 as a planner reads them", experiment=2)
def measures() -> list[Quantity]:
    """Rates 0.7 and 1/3 a minute; experiments of two replications."""
    station = (3, 0.7, 1 / 3)

    def read(results: Results, name: str, key: str = "mean", unit: float = 1.0) -> float:
        place = ("a", None, None, "check") if name in ("queue", "utilisation", "load") else ("a", "export")
        return float(results.find(name, *place)[key]) / unit

    return [
        Mean("wait: mean", "min", lambda: mmc_mean_wait(*station), lambda r: read(r, "wait", unit=60), 0.015),
        Mean(
            "wait: 90th percentile", "min", lambda: mmc_wait_percentile(*station, 0.9),
            lambda r: read(r, "wait", "p90", 60), 0.015,
        ),
        Mean(
            "wait: 95th percentile", "min", lambda: mmc_wait_percentile(*station, 0.95),
            lambda r: read(r, "wait", "p95", 60), 0.015,
        ),
        Mean(
            "crossing time: 50th percentile", "min", lambda: mmc_sojourn_percentile(*station, 0.5),
            lambda r: read(r, "crossing_time", "p50", 60),
        ),
        Mean("queue: mean", "veh", lambda: mmc_mean_queue(*station), lambda r: read(r, "queue"), 0.015),
        Mean("backlog: mean", "veh", lambda: mmc_mean_backlog(*station), lambda r: read(r, "backlog")),
        Mean("utilisation", "-", lambda: 0.7, lambda r: read(r, "utilisation")),
        Mean("load", "-", lambda: 0.7, lambda r: read(r, "load")),
        Mean("cleared", "veh/day", lambda: 1_008.0, lambda r: read(r, "cleared_per_day")),
        Mean("capacity", "veh/day", lambda: 1_440.0, lambda r: read(r, "capacity_per_day")),
    ]  # fmt: skip
