"""The backlog by the clock: counts at every full hour of every measured day, and the counts of each day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.units import US_PER_H
from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.folding import summed
from gatewatch.simulator.kept import once
from gatewatch.simulator.network import NONE, Network
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


def count_vehicles(record: RunRecord) -> int:
    """Return how many vehicles came, or were inside at the start."""
    return int(_n_present(record).sum())


@summed
def _n_present(record: RunRecord) -> Ints:
    return record.leaves.count(record.is_present)


def hourly_counts(record: RunRecord) -> Hourly:
    """Return the hourly backlog and daily counts of a run."""
    dates, _, _ = _grid(record.network, record.plan.warmup_days)
    result, fold = Hourly(dates), record.places.fold
    arrived, done = fold(_arrived(record)), fold(_cleared(record))
    backlog = fold(backlog_at(record, _every_hour, _laden))
    came = fold(_came(record))
    for number, part in enumerate(record.places):
        if came[number]:
            place = part.gate, part.direction
            result.backlog[place] = backlog[number].reshape(len(dates), 24)
            result.arrived[place], result.cleared[place] = arrived[number], done[number]
    return result


@summed
def _arrived(record: RunRecord) -> Ints:
    is_new = record.is_laden & record.is_present & (record.draws.inside == 0)
    return count_between(record, record.arrived_us, is_new, _grid(record.network, record.plan.warmup_days)[2])


@summed
def _cleared(record: RunRecord) -> Ints:
    cleared = record.is_laden & (record.cleared_us != NOT_YET)
    return count_between(record, record.cleared_us, cleared, _grid(record.network, record.plan.warmup_days)[2])


@summed
def _came(record: RunRecord) -> Ints:
    return record.leaves.count(_laden(record) & record.is_present)


def _laden(record: RunRecord) -> Bools:
    return record.is_laden


def _every_hour(record: RunRecord) -> Ints:
    return _grid(record.network, record.plan.warmup_days)[1]


@summed
def backlog_at(record: RunRecord, times: Callable[[RunRecord], Ints], vehicles: Callable[[RunRecord], Bools]) -> Ints:
    """Return the backlog of some vehicles at some times in order, shape (leaves, times) [veh]."""
    counted = vehicles(record) & record.is_present & (record.draws.clear_visit != NONE)
    # What is over at an instant is counted at it.
    since = np.concatenate([[np.iinfo(np.int64).min], times(record) + 1])
    came = count_between(record, record.arrived_us, counted, since)
    gone = count_between(record, record.gone_us, counted & (record.gone_us != NOT_YET), since)
    return np.cumsum(came - gone, axis=1)


def count_between(record: RunRecord, times_us: Ints, chosen: Bools, edges: Ints) -> Ints:
    """Return how many chosen vehicles have their time from one edge up to the next, shape (leaves, edges - 1)."""
    place = np.searchsorted(edges, np.compress(chosen, times_us), side="right")
    cells = np.compress(chosen, record.leaves.leaf) * (len(edges) + 1) + place
    found = np.bincount(cells, minlength=record.leaves.n * (len(edges) + 1))
    return found.reshape(record.leaves.n, len(edges) + 1)[:, 1:-1]


@once
def minutes_us(network: Network, from_day: int, minute: int) -> Ints:
    """Return the simulated time [us] of a local minute of each day of the run from one on."""
    clock, zone = network.clock, ZoneInfo(network.clock.timezone)
    days = (clock.first_day + timedelta(days=day) for day in range(from_day, clock.days))
    walls = (datetime.combine(day, time()) + timedelta(minutes=minute) for day in days)
    return np.array([clock.us(wall.replace(tzinfo=zone)) for wall in walls], dtype=np.int64)


@once
def _grid(network: Network, from_day: int) -> tuple[tuple[str, ...], Ints, Ints]:
    """Return the dates of the days from one on, their full hours, and their midnights with the end of the last [us]."""
    clock, days = network.clock, range(from_day, network.clock.days)
    midnights = np.array([*(clock.us(clock.midnight(day)) for day in days), clock.end_us], dtype=np.int64)
    hours = midnights[:-1, None] + np.arange(24) * US_PER_H
    return tuple((clock.first_day + timedelta(days=day)).isoformat() for day in days), hours.ravel(), midnights
