"""
What the cases read off a finished run: waits, shares, mean numbers, and the times of single vehicles.

Visits are picked by the names of gate and stage. Of a steady state, those that joined in the measured days
are read, the last of them left out: every one of these has had the time to leave. One that has not makes the
figure NaN, which never agrees with anything.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.units import US_PER_DAY, US_PER_S
from gatewatch.simulator.engines.trace import NOT_YET, Outcome
from gatewatch.simulator.record import RunRecord

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

US_PER_MIN = 60 * US_PER_S


def visits(record: RunRecord, stage: str | None = None, gate: str | None = None, class_: str | None = None) -> Bools:
    """Return which visits happened at a stage of a gate by a class; None means any, shape (visits,)."""
    network = record.network
    fits = np.array(
        [stage in (None, node.name) and gate in (None, network.groups[node.group].gate) for node in network.stages],
        dtype=bool,
    )
    mine = record.reached & fits[record.draws.visits.stage]
    if class_ is not None:
        mine &= record.draws.classes[record.vehicle_of_visit] == network.classes.index(class_)
    return np.asarray(mine, dtype=bool)


def in_window(record: RunRecord, times_us: Ints) -> Bools:
    """Return which times lie in the measured days but the last."""
    return np.asarray((times_us >= record.from_us) & (times_us < record.to_us - US_PER_DAY), dtype=bool)


def settled(record: RunRecord, stage: str | None = None, gate: str | None = None, class_: str | None = None) -> Bools:
    """Return which of these visits joined in the measured days but the last."""
    return visits(record, stage, gate, class_) & in_window(record, record.trace.joined_us)


def duration_min(begins_us: Ints, ends_us: Ints) -> Floats:
    """Return durations [min]; NaN where one has not ended."""
    known = (begins_us != NOT_YET) & (ends_us != NOT_YET)
    return np.where(known, (ends_us - begins_us) / US_PER_MIN, np.nan)


def waits_min(
    record: RunRecord, stage: str | None = None, gate: str | None = None, class_: str | None = None
) -> Floats:
    """Return the waits from joining to start of service of the vehicles that were served [min]."""
    mine = settled(record, stage, gate, class_)
    mine &= ~np.isin(record.trace.outcome, (Outcome.LOST, Outcome.TURNED_BACK))
    return duration_min(record.trace.joined_us[mine], record.trace.started_us[mine])


def mean_wait_min(
    record: RunRecord, stage: str | None = None, gate: str | None = None, class_: str | None = None
) -> float:
    """Return the mean wait of the vehicles that were served [min]."""
    return float(waits_min(record, stage, gate, class_).mean())


def share_waiting(record: RunRecord, stage: str | None = None) -> float:
    """Return the share of those who joined that did not start at once."""
    mine = settled(record, stage) & (record.trace.outcome != Outcome.LOST)
    return float((record.trace.started_us[mine] != record.trace.joined_us[mine]).mean())


def share_of_outcome(record: RunRecord, outcome: Outcome, stage: str | None = None) -> float:
    """Return the share of the visits that ended so."""
    return float((record.trace.outcome[settled(record, stage)] == outcome).mean())


def services_min(record: RunRecord, stage: str | None = None, gate: str | None = None) -> Floats:
    """Return the service times of the vehicles that were served [min]."""
    mine = settled(record, stage, gate)
    return duration_min(record.trace.started_us[mine], record.trace.finished_us[mine])


def crossing_times_min(record: RunRecord, gate: str | None = None) -> Floats:
    """Return the times from arrival to clearance [min]."""
    mine = record.is_present & in_window(record, record.arrived_us)
    if gate is not None:
        groups = [n for n, group in enumerate(record.network.groups) if group.gate == gate]
        mine &= np.isin(record.draws.group, groups)
    return duration_min(record.arrived_us[mine], record.cleared_us[mine])


def mean_number(record: RunRecord, begins_us: Ints, ends_us: Ints) -> float:
    """Return how many of these stretches hold on average over the measured days; one not ended lasts on."""
    begins, ends = _clipped(record, begins_us, ends_us)
    return float((ends - begins).sum() / (record.to_us - record.from_us))


def mean_queue(record: RunRecord, stage: str | None = None, gate: str | None = None) -> float:
    """Return the mean number of vehicles that wait, none in service [veh]."""
    mine, trace = visits(record, stage, gate), record.trace
    waits_until = np.where(trace.started_us != NOT_YET, trace.started_us, trace.left_us)
    return mean_number(record, trace.joined_us[mine], waits_until[mine])


def mean_backlog(record: RunRecord, stage: str | None = None, gate: str | None = None) -> float:
    """Return the mean number of vehicles that wait, are in service or are blocked [veh]."""
    mine = visits(record, stage, gate)
    return mean_number(record, record.trace.joined_us[mine], record.trace.left_us[mine])


def share_of_time(record: RunRecord, begins_us: Ints, ends_us: Ints, at_least: int = 1) -> float:
    """Return the share of the measured days in which so many of these stretches hold at once."""
    begins, ends = _clipped(record, begins_us, ends_us)
    times = np.concatenate([begins, ends])
    steps = np.concatenate([np.ones(len(begins), np.int64), -np.ones(len(ends), np.int64)])
    order = np.argsort(times, kind="stable")
    holds = np.cumsum(steps[order])[:-1] >= at_least
    return float(np.diff(times[order])[holds].sum() / (record.to_us - record.from_us))


def backlog_by_the_clock(record: RunRecord, minute: int, gate: str | None = None) -> float:
    """Return the backlog just before a minute of the day, mean over the measured days [veh]."""
    days = np.arange(record.plan.warmup_days, record.network.clock.days)
    times = days * US_PER_DAY + minute * US_PER_MIN
    mine = visits(record, gate=gate)
    came, gone = np.sort(record.trace.joined_us[mine]), record.trace.left_us[mine]
    left = np.sort(gone[gone != NOT_YET])
    return float((np.searchsorted(came, times) - np.searchsorted(left, times)).mean())


def cleared_per_day(record: RunRecord, gate: str | None = None) -> float:
    """Return the clearances of the measured days [veh/day]."""
    mine = visits(record, gate=gate) & (record.trace.outcome == Outcome.CLEARED)
    return float((record.trace.left_us[mine] >= record.from_us).sum() / record.days)


def arrivals_min(record: RunRecord, gate: str | None = None) -> tuple[Ints, Floats]:
    """Return the day of each arrival in the measured days, from 0, and the minute of that day."""
    mine = record.is_measured.copy()
    if gate is not None:
        groups = [n for n, group in enumerate(record.network.groups) if group.gate == gate]
        mine &= np.isin(record.draws.group, groups)
    times = record.arrived_us[mine]
    return times // US_PER_DAY - record.plan.warmup_days, (times % US_PER_DAY) / US_PER_MIN


def daily_counts(record: RunRecord, gate: str | None = None, from_min: float = 0, to_min: float = 1_440) -> Ints:
    """Return the arrivals of each measured day between two minutes of the day, shape (days,) [veh]."""
    day, minute = arrivals_min(record, gate)
    mine = (minute >= from_min) & (minute < to_min)
    return np.bincount(day[mine], minlength=round(record.days))


def nth(record: RunRecord, what: str, number: int, stage: str | None = None, gate: str | None = None) -> int:
    """
    Return a time of one visit [us].

    Args:
        record: The finished run.
        what: Column of the trace: `joined_us`, `started_us`, `finished_us`, `left_us`, `yard_entered_us`.
        number: Vehicle of this gate, the first to join is 1.
        stage: Stage; any means the first visit of the vehicle.
        gate: Gate.
    """
    at_gate = np.unique(record.vehicle_of_visit[visits(record, gate=gate)])
    rows = np.flatnonzero(visits(record, stage, gate) & (record.vehicle_of_visit == at_gate[number - 1]))
    return int(getattr(record.trace, what)[rows[0]]) if len(rows) else NOT_YET


def clock_us(text: str, day: int = 1) -> int:
    """
    Return the simulated time of HH:MM:SS on a day of the run, the first being 1 [us].

    >>> clock_us("00:01:30", day=2) == 86_490 * 10**6
    True
    """
    hours, minutes, seconds = (int(part) for part in text.split(":"))
    return (((day - 1) * 24 + hours) * 3_600 + minutes * 60 + seconds) * US_PER_S


def _clipped(record: RunRecord, begins_us: Ints, ends_us: Ints) -> tuple[Ints, Ints]:
    ends = np.where(ends_us == NOT_YET, record.to_us, ends_us)
    return (
        np.clip(begins_us, record.from_us, record.to_us),
        np.clip(ends, record.from_us, record.to_us),
    )
