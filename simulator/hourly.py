"""The backlog by the clock: counts at every full hour of every measured day, and the counts of each day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.network import NONE
from gatewatch.simulator.record import Bools, Ints, RunRecord

Place = tuple[str | None, str | None]  # gate, direction


@dataclass(frozen=True, slots=True)
class Hourly:
    """
    Counts of one replication; arrays have shape (days, 24) for backlog [veh] and (days,) for a day's counts [veh].

    Args:
        dates: First to last measured day, ISO.
        backlog: Laden vehicles that had arrived and neither been cleared nor gone, at each full hour.
        arrived: Laden vehicles that arrived on each day.
        cleared: Laden vehicles cleared on each day.
    """

    dates: tuple[str, ...]
    backlog: dict[Place, NDArray[np.int64]] = field(default_factory=dict)
    arrived: dict[Place, NDArray[np.int64]] = field(default_factory=dict)
    cleared: dict[Place, NDArray[np.int64]] = field(default_factory=dict)


def hourly_counts(record: RunRecord) -> Hourly:
    """Return the hourly backlog and daily counts of a run."""
    clock = record.network.clock
    days = range(record.plan.warmup_days, clock.days)
    result = Hourly(tuple((clock.first_day + timedelta(days=day)).isoformat() for day in days))
    hours = np.array(
        [clock.us(clock.midnight(day) + timedelta(hours=hour)) for day in days for hour in range(24)],
        dtype=np.int64,
    )
    edges = np.array([*(clock.us(clock.midnight(day)) for day in days), clock.end_us], dtype=np.int64)
    for part in record.slices(by_class=False):
        mine = part.vehicles & record.is_laden
        if not (mine & record.is_present).any():
            continue
        place = part.gate, part.direction
        result.backlog[place] = backlog_at(record, mine, hours).reshape(len(days), 24)
        new = mine & record.is_present & (record.draws.inside == 0)
        result.arrived[place] = _by_day(record.arrived_us[new], edges)
        done = mine & (record.cleared_us != NOT_YET)
        result.cleared[place] = _by_day(record.cleared_us[done], edges)
    return result


def backlog_at(record: RunRecord, vehicles: Bools, times_us: Ints) -> Ints:
    """Return the backlog of some vehicles at some times, shape of `times_us` [veh]."""
    counted = vehicles & record.is_present & (record.draws.clear_visit != NONE)
    came = np.sort(record.arrived_us[counted])
    gone = np.sort(record.gone_us[counted & (record.gone_us != NOT_YET)])
    result = np.searchsorted(came, times_us, side="right") - np.searchsorted(gone, times_us, side="right")
    return np.asarray(result, dtype=np.int64)


def minute_us(record: RunRecord, day: int, minute: int) -> int:
    """Return the simulated time [us] of a local minute of a day of the run."""
    clock = record.network.clock
    local = clock.midnight(day).astimezone(ZoneInfo(clock.timezone)).replace(tzinfo=None) + timedelta(minutes=minute)
    return clock.us(local.replace(tzinfo=ZoneInfo(clock.timezone)))


def _by_day(times_us: Ints, edges: Ints) -> Ints:
    return np.diff(np.searchsorted(np.sort(times_us), edges, side="left")).astype(np.int64)
