"""Vehicles that do not cross: lost at a full queue, or turned back when their patience ends."""

from __future__ import annotations

from gatewatch.simulator.engines.trace import Outcome
from gatewatch.simulator.verification.birth_death import mmc_impatient, mmck
from gatewatch.simulator.verification.case import Mean, Quantity, case
from gatewatch.simulator.verification.readings import (
    cleared_per_day,
    mean_queue,
    mean_wait_min,
    share_of_outcome,
    share_waiting,
)


@case("M/M/2/4: a full queue turns vehicles away")
def full_queue() -> list[Quantity]:
    """1.2 a minute, two servers of 2 min, two places to wait."""
    exact = mmck(servers=2, places=4, arrival_rate=1.2, service_rate=0.5)
    return [
        Mean("share lost", "-", lambda: exact.blocking, lambda run: share_of_outcome(run, Outcome.LOST)),
        Mean("mean wait of the admitted", "min", lambda: exact.mean_wait, mean_wait_min),
        Mean("mean queue", "veh", lambda: exact.mean_queue, mean_queue),
        Mean("throughput", "veh/day", lambda: exact.throughput * 1_440, cleared_per_day),
    ]


@case("M/M/3+M: vehicles that wait too long turn back")
def patience() -> list[Quantity]:
    """1.2 a minute, three servers of 2.5 min, patience of 4 min."""
    exact = mmc_impatient(servers=3, arrival_rate=1.2, service_rate=0.4, patience_rate=0.25)
    return [
        Mean(
            "share turned back", "-", lambda: exact.abandonment,
            lambda run: share_of_outcome(run, Outcome.TURNED_BACK), 0.015,
        ),
        Mean("mean wait of those served", "min", lambda: exact.mean_wait_served, mean_wait_min, 0.015),
        Mean("share that waits", "-", lambda: exact.waiting, share_waiting),
        Mean("mean queue", "veh", lambda: exact.mean_queue, mean_queue, 0.015),
        Mean("throughput", "veh/day", lambda: 1_728 * (1 - exact.abandonment), cleared_per_day),
    ]  # fmt: skip
