"""How long vehicles take: waits, crossing times, and the time lost at each station."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gatewatch.simulator.engines.trace import NOT_YET, Outcome
from gatewatch.simulator.folding import Times, joined
from gatewatch.simulator.kept import once
from gatewatch.simulator.measures.base import Sample, Value, measure
from gatewatch.simulator.measures.hours import hours_of
from gatewatch.simulator.measures.visits import is_park, or_else, visits_by_station
from gatewatch.simulator.network import NONE
from gatewatch.simulator.record import Bools, Ints, RunRecord

_Until = Callable[[RunRecord], tuple[Bools, Ints]]  # chosen vehicles, and until when
_Spent = Callable[[RunRecord], Ints]
_Which = Callable[[RunRecord], tuple[Bools, Ints, Ints]]  # chosen visits, since and until when


@measure("wait", "s", "lower")
def wait(record: RunRecord) -> Iterator[Value]:
    """
    Arrival to start of service at the first stage that serves.

    That is the first stage before the clearance whose station is no park and has a limited number of servers;
    a drive from a park to the gate lies within the wait. Vehicles that arrived in the measured days; those
    still waiting at the end are censored; those who turned back, were diverted or were lost before it are
    left out.
    """
    yield from _by_slice(record, _until_start)


@measure("open_wait", "s", "lower")
def open_wait(record: RunRecord) -> Iterator[Value]:
    """
    The part of the wait during which the station that was waited for was open to the vehicle.

    A night at a shut gate adds its hours to the wait and nothing here. Same vehicles as `wait`; a station
    that serves only vehicles registered before counts as shut for the others.
    """
    yield from _by_slice(record, _until_start, _open_us)


@measure("crossing_time", "s", "lower")
def crossing_time(record: RunRecord) -> Iterator[Value]:
    """
    Arrival to clearance.

    Vehicles that arrived in the measured days; those inside at the end are censored; those who turned back,
    were diverted or were lost are left out. A diverted vehicle begins anew where it arrives.
    """
    yield from _by_slice(record, _until_clearance)


@measure("station_wait", "s", "lower")
def station_wait(record: RunRecord) -> Iterator[Value]:
    """
    Joining the queue of a station to the start of service there; in a park, to being called forward.

    Every visit that began to wait in the measured days, on the way out and on the way back; a vehicle still
    waiting at the end is censored, one that left the queue is left out. The wait at the first stage of a
    route includes the time on the road before its yard.
    """
    yield from _by_station(record, _waiting)


@measure("blocked_time", "s", "lower")
def blocked_time(record: RunRecord) -> Iterator[Value]:
    """
    End of service to leaving the server: the vehicle is ready to go on and finds no place or no room.

    Every service completed in the measured days; a vehicle still kept at the end is censored.
    """
    yield from _by_station(record, _blocked)


@once
def first_served(record: RunRecord) -> Ints:
    """Return for each vehicle its first visit, up to the clearance, to a station with servers; else NONE."""
    nodes = record.network.stations
    with_servers = np.array([not (s.holds or s.is_unlimited) for s in nodes], dtype=bool)
    rows = np.flatnonzero(with_servers[record.station_of_visit])[::-1]
    vehicles = record.vehicle_of_visit[rows]
    result = np.full(len(record.draws.group), NONE, dtype=np.int64)
    result[vehicles] = rows  # backwards, so the first one wins
    return np.where(result <= record.draws.clear_visit, result, NONE)


def _until_start(record: RunRecord) -> tuple[Bools, Ints]:
    """Return the vehicles that wait for a server, and when that is over."""
    row = first_served(record)
    has = row != NONE
    started = np.full(len(row), NOT_YET, dtype=np.int64)
    started[has] = record.trace.started_us[row[has]]
    return has, started


def _until_clearance(record: RunRecord) -> tuple[Bools, Ints]:
    return record.is_present, record.cleared_us


@once
def _open_us(record: RunRecord) -> Ints:
    """Return how much of its wait each measured vehicle waited at an open station [us]."""
    row = first_served(record)
    _, started = _until_start(record)
    has = np.flatnonzero(record.is_measured & (row != NONE))
    begins, ends = record.arrived_us[has], or_else(started[has], record.to_us)
    station, registered = record.station_of_visit[row[has]], record.draws.preregistered[has]
    hours, waited = hours_of(record), np.zeros(len(row), dtype=np.int64)
    for is_registered in (False, True):
        mine = np.flatnonzero(registered == is_registered)
        pieces = hours.is_open if is_registered else hours.is_open & ~hours.registered_only
        waited[has[mine]] = hours.lines.within_us(pieces, station[mine], begins[mine], ends[mine])
    return waited


def _waiting(record: RunRecord) -> tuple[Bools, Ints, Ints]:
    return record.reached, record.trace.joined_us, record.trace.started_us


def _blocked(record: RunRecord) -> tuple[Bools, Ints, Ints]:
    serves = ~is_park(record.network)[record.station_of_visit]
    served = record.reached & (record.trace.finished_us != NOT_YET) & serves
    return served, record.trace.finished_us, record.trace.left_us


def _by_slice(record: RunRecord, until: _Until, spent_us: _Spent | None = None) -> Iterator[Value]:
    """Yield the times from arrival until something, or what was spent of them, by slice."""
    known, open_ended = (_spent(record, until, spent_us, is_over) for is_over in (True, False))
    for part, n in zip(record.slices, record.slices.fold(known.sizes + open_ended.sizes), strict=True):
        if n:
            sample = Sample(known.of(part.runs), open_ended.of(part.runs))
            yield Value(part.gate, part.direction, part.class_, None, sample)


@joined
def _spent(record: RunRecord, until: _Until, spent_us: _Spent | None, is_over: bool) -> Times:  # noqa: FBT001
    """Return the times of measured vehicles by leaf: of those for whom it is over, or of those still inside."""
    chosen, ends_us = until(record)
    chosen = chosen & record.is_measured
    complete = chosen & (ends_us != NOT_YET)
    mine = record.leaves.pick(complete if is_over else chosen & ~complete & (record.end_kind == Outcome.INSIDE))
    spent = or_else(ends_us, record.to_us) - record.arrived_us if spent_us is None else spent_us(record)
    return Times.by(mine, spent[mine.rows])


def _by_station(record: RunRecord, which: _Which) -> Iterator[Value]:
    """Yield the times of visits by station."""
    known, open_ended = (_spent_there(record, which, is_over) for is_over in (True, False))
    for number, node in enumerate(record.network.stations):
        run = [(number, number + 1)]
        sample = Sample(known.of(run), open_ended.of(run))
        if len(sample):
            yield Value(node.gate, None, None, node.name, sample)


@joined
def _spent_there(record: RunRecord, which: _Which, is_over: bool) -> Times:  # noqa: FBT001
    """Return the times of visits that began in the measured days, by station: of those over, or not yet over."""
    chosen, begins_us, ends_us = which(record)
    chosen, ended = chosen & (begins_us >= record.from_us), ends_us != NOT_YET
    chosen &= ended if is_over else ~ended & (record.trace.left_us == NOT_YET)
    mine = visits_by_station(record).keep(chosen)
    return Times.by(mine, (ends_us[mine.rows] if is_over else record.to_us) - begins_us[mine.rows])
