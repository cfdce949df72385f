"""A station whose demand, roster and opening change over the day, against its forward equations."""

from __future__ import annotations

from functools import cache

from gatewatch.simulator.record import RunRecord
from gatewatch.simulator.verification.case import Mean, Quantity, case
from gatewatch.simulator.verification.daily_cycle import DailyCycle, solve_daily_cycle
from gatewatch.simulator.verification.readings import (
    backlog_by_the_clock,
    crossing_times_min,
    mean_wait_min,
)
from gatewatch.simulator.verification.transient import Closing, Period, solve_transient


@case("Opening hours with a backlog over night; work freezes, or is finished")
def opening_hours() -> list[Quantity]:
    """3.5 vehicles an hour day and night, three servers of 20 min from 07:00 to 19:00."""
    hours = (7, 9, 12, 22)

    @cache
    def exact(closing: Closing) -> DailyCycle:
        day = [Period(7, 3.5, servers=0), Period(12, 3.5, servers=3), Period(5, 3.5, servers=0)]
        return solve_daily_cycle(day, 3.0, hours, closing=closing)

    def of_gate(closing: Closing) -> list[Quantity]:
        gate = closing.value
        return [
            *(
                Mean(
                    f"{gate}: backlog at {hour:02d}:00", "veh",
                    lambda n=n: float(exact(closing).course.mean_backlog[n]),  # type: ignore[misc]
                    lambda run, hour=hour: backlog_by_the_clock(run, hour * 60, gate),
                    0.02 if hour == 12 else 0.015 if hour == 22 else 0.01,
                )
                for n, hour in enumerate(hours)
            ),
            Mean(
                f"{gate}: mean wait", "min", lambda: exact(closing).mean_wait * 60,
                lambda run: mean_wait_min(run, gate=gate),
            ),
            Mean(
                f"{gate}: mean crossing time", "min", lambda: exact(closing).mean_sojourn * 60,
                lambda run: float(crossing_times_min(run, gate).mean()),
            ),
        ]  # fmt: skip

    return [*of_gate(Closing.FREEZE), *of_gate(Closing.FINISH)]


@case("M(t)/M/c(t): demand by the hour and three rosters, in the long run of equal days")
def by_the_clock() -> list[Quantity]:
    """Two, four and three servers of 15 min; those too many leave after their vehicle."""
    hours = (7, 8, 10, 13, 16)
    weights = (0, 0, 0, 0, 0, 2, 6, 12, 16, 12, 8, 6, 5, 6, 8, 6, 4, 2, 1, 1, 0, 0, 0, 0)

    @cache
    def exact() -> DailyCycle:
        servers = [4 if 7 <= hour < 13 else 3 if 13 <= hour < 19 else 2 for hour in range(24)]
        day = [Period(1, 1.5 * weights[hour], servers[hour]) for hour in range(24)]
        return solve_daily_cycle(day, 4.0, hours)

    return [
        *(
            Mean(
                f"backlog at {hour:02d}:00", "veh",
                lambda n=n: float(exact().course.mean_backlog[n]),  # type: ignore[misc]
                lambda run, hour=hour: backlog_by_the_clock(run, hour * 60), 0.015 if hour < 12 else 0.02,
            )
            for n, hour in enumerate(hours)
        ),
        Mean("mean wait", "min", lambda: exact().mean_wait * 60, mean_wait_min, 0.015),
    ]  # fmt: skip


@case("A morning rush from an empty start")
def rush() -> list[Quantity]:
    """30 an hour for three hours, then 10, at two servers of 7.5 min."""
    hours = (7, 8, 9, 10, 12)

    @cache
    def exact() -> list[float]:
        morning = [Period(6, 0.0, 2), Period(3, 30.0, 2), Period(3, 10.0, 2), Period(12, 0.0, 2)]
        return [float(x) for x in solve_transient(morning, 8.0, hours).mean_backlog]

    def backlog(run: RunRecord, hour: int) -> float:
        return backlog_by_the_clock(run, hour * 60)

    return [
        Mean(
            f"backlog at {hour:02d}:00", "veh", lambda n=n: exact()[n],  # type: ignore[misc]
            lambda run, hour=hour: backlog(run, hour), 0.02 if hour < 12 else 0.03,
        )
        for n, hour in enumerate(hours)
    ]  # fmt: skip
