"""Demand: counts by hour, weekday and day factor, appointments."""

from __future__ import annotations

import numpy as np
from scipy import stats

from gatewatch.simulator.record import RunRecord
from gatewatch.simulator.verification.case import Floats, Law, Mean, Quantity, Same, case
from gatewatch.simulator.verification.readings import arrivals_min, daily_counts, nth

_WEIGHTS = (1, 1, 1, 1, 1, 2, 4, 8, 12, 10, 8, 6, 4, 5, 6, 7, 6, 4, 3, 2, 2, 2, 2, 2)  # sum to 100


@case("Poisson counts by hour and weekday")
def counts() -> list[Quantity]:
    """100 vehicles on an ordinary day, weights by hour that sum to 100; weekday factors that sum to 6.5."""

    def by_hour(run: RunRecord) -> Floats:
        """Return the counts of Mondays to Thursdays, shape (days, 24)."""
        hours = [daily_counts(run, from_min=60 * h, to_min=60 * h + 60) for h in range(24)]
        return np.stack(hours, axis=1)[np.arange(round(run.days)) % 7 < 4].astype(float)

    def dispersion(run: RunRecord) -> float:
        expected = np.array(_WEIGHTS)
        return float(((by_hour(run) - expected) ** 2 / expected).mean())

    return [
        *(
            Mean(
                f"arrivals from {hour:02d}:00 to {hour + 1:02d}:00", "veh",
                lambda hour=hour: _WEIGHTS[hour] * 6.5 / 7,  # type: ignore[misc]
                lambda run, hour=hour: float(
                    daily_counts(run, from_min=60 * hour, to_min=60 * hour + 60).mean()
                ), 0.02,
            )
            for hour in (5, 8, 12, 15, 20)
        ),
        Mean(
            "arrivals from 08:00 to 08:15", "veh", lambda: 3 * 6.5 / 7,
            lambda run: float(daily_counts(run, from_min=480, to_min=495).mean()), 0.02,
        ),
        Mean("arrivals on Fridays", "veh", lambda: 125.0, lambda run: float(daily_counts(run)[4::7].mean())),
        Mean(
            "arrivals on Sundays", "veh", lambda: 50.0,
            lambda run: float(daily_counts(run)[6::7].mean()), 0.015,
        ),
        Mean("variance over mean of hourly counts", "-", lambda: 1.0, dispersion),
    ]  # fmt: skip


@case("A gamma factor that makes days differ")
def day_factor() -> list[Quantity]:
    """Mean m = 10, cv 0.5: variance m + m² cv², covariance of those who share the luck m² cv²."""

    def product(run: RunRecord, one: str, other: str) -> float:
        return float(((daily_counts(run, one) - 10) * (daily_counts(run, other) - 10)).mean())

    def squared_sum(run: RunRecord, one: str, other: str) -> float:
        return float(((daily_counts(run, one) + daily_counts(run, other) - 20) ** 2).mean())

    return [
        Mean("mean of daily counts", "veh", lambda: 10.0, lambda run: float(daily_counts(run, "a").mean())),
        Mean("variance of daily counts", "veh²", lambda: 35.0, lambda run: product(run, "a", "a"), 0.03),
        Mean("covariance, luck shared", "veh²", lambda: 25.0, lambda run: product(run, "a", "b"), 0.03),
        Mean(
            "variance of the sum, luck not shared", "veh²", lambda: 70.0,
            lambda run: squared_sum(run, "a", "c"), 0.03,
        ),
    ]  # fmt: skip


@case("Appointments: scatter, no-shows, and slots to the microsecond")
def appointments() -> list[Quantity]:
    """One slot at noon with normal scatter of 30 min; n slots, 40 or 41, at (k - 1/2) / n of the day."""

    def scatter(run: RunRecord) -> Floats:
        return arrivals_min(run, "one")[1] - 720

    def first_slot_off(run: RunRecord) -> float:
        n = int(daily_counts(run, "many")[0])
        return float(nth(run, "joined_us", 1, gate="many") - round(86_400e6 / (2 * n)))

    return [
        Law("scatter around the slot", "min", lambda x: np.asarray(stats.norm.cdf(x / 30)), scatter),
        Mean(
            "shows up", "veh/day", lambda: 0.8, lambda run: float(daily_counts(run, "one").mean()),
        ),
        Mean(
            "slots of a day", "veh/day", lambda: 40.5,
            lambda run: float(daily_counts(run, "many")[:50].mean()),
        ),
        Same("first slot, difference", "µs", 0.0, first_slot_off),
    ]  # fmt: skip
