"""How long vehicles take: waits, crossing times, and the time lost at each station."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gatewatch.simulator.engines.trace import NOT_YET, Outcome
from gatewatch.simulator.kept import once
from gatewatch.simulator.measures.base import Sample, Value, measure
from gatewatch.simulator.measures.hours import hours_of
from gatewatch.simulator.measures.visits import is_park, or_else, visits_by_station
from gatewatch.simulator.network import NONE
from gatewatch.simulator.record import Bools, Ints, RunRecord


@measure("wait", "s", "lower")
def wait(record: RunRecord) -> Iterator[Value]:
    """
    Arrival to start of service at the first stage that serves.

    That is the first stage before the clearance whose station is no park and has a limited number of servers;
    a drive from a park to the gate lies within the wait. Vehicles that arrived in the measured days; those
    still waiting at the end are censored; those who turned back, were diverted or were lost before it are
    left out.
    """
    row = first_served(record)
    yield from _by_slice(record, row != NONE, _started(record, row))


@measure("open_wait", "s", "lower")
def open_wait(record: RunRecord) -> Iterator[Value]:
    """
    The part of the wait during which the station that was waited for was open to the vehicle.

    A night at a shut gate adds its hours to the wait and nothing here. Same vehicles as `wait`; a station
    that serves only vehicles registered before counts as shut for the others.
    """
    row = first_served(record)
    started = _started(record, row)
    has = np.flatnonzero(record.is_measured & (row != NONE))
    begins, ends = record.arrived_us[has], or_else(started[has], record.to_us)
    station, registered = record.station_of_visit[row[has]], record.draws.preregistered[has]
    hours, waited = hours_of(record), np.zeros(len(row), dtype=np.int64)
    for is_registered in (False, True):
        mine = np.flatnonzero(registered == is_registered)
        pieces = hours.is_open if is_registered else hours.is_open & ~hours.registered_only
        waited[has[mine]] = hours.lines.within_us(pieces, station[mine], begins[mine], ends[mine])
    yield from _by_slice(record, row != NONE, started, waited)


@measure("crossing_time", "s", "lower")
def crossing_time(record: RunRecord) -> Iterator[Value]:
    """
    Arrival to clearance.

    Vehicles that arrived in the measured days; those inside at the end are censored; those who turned back,
    were diverted or were lost are left out. A diverted vehicle begins anew where it arrives.
    """
    yield from _by_slice(record, record.is_present, record.cleared_us)


@measure("station_wait", "s", "lower")
def station_wait(record: RunRecord) -> Iterator[Value]:
    """
    Joining the queue of a station to the start of service there; in a park, to being called forward.

    Every visit that began to wait in the measured days, on the way out and on the way back; a vehicle still
    waiting at the end is censored, one that left the queue is left out. The wait at the first stage of a
    route includes the time on the road before its yard.
    """
    yield from _by_station(record, record.reached, record.trace.joined_us, record.trace.started_us)


@measure("blocked_time", "s", "lower")
def blocked_time(record: RunRecord) -> Iterator[Value]:
    """
    End of service to leaving the server: the vehicle is ready to go on and finds no place or no room.

    Every service completed in the measured days; a vehicle still kept at the end is censored.
    """
    serves = ~is_park(record.network)[record.station_of_visit]
    served = record.reached & (record.trace.finished_us != NOT_YET) & serves
    yield from _by_station(record, served, record.trace.finished_us, record.trace.left_us)


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


def _started(record: RunRecord, row: Ints) -> Ints:
    return np.where(row == NONE, NOT_YET, record.trace.started_us[row])


def _by_slice(record: RunRecord, chosen: Bools, ends_us: Ints, spent_us: Ints | None = None) -> Iterator[Value]:
    """Yield the times from arrival to `ends_us`, or `spent_us` of them, of chosen vehicles by slice."""
    chosen = chosen & record.is_measured
    complete = chosen & (ends_us != NOT_YET)
    known = record.leaves.pick(complete)
    open_ended = record.leaves.pick(chosen & ~complete & (record.end_kind == Outcome.INSIDE))
    if spent_us is None:
        spent_us = or_else(ends_us, record.to_us) - record.arrived_us
    values, censored = spent_us[known.rows] / 1e6, spent_us[open_ended.rows] / 1e6
    for part, n in zip(record.slices, record.slices.fold(known.sizes + open_ended.sizes), strict=True):
        if n:
            sample = Sample(part.of(known, values), part.of(open_ended, censored))
            yield Value(part.gate, part.direction, part.class_, None, sample)


def _by_station(record: RunRecord, chosen: Bools, begins_us: Ints, ends_us: Ints) -> Iterator[Value]:
    """Yield the times from `begins_us` to `ends_us` of chosen visits by station."""
    chosen = chosen & (begins_us >= record.from_us)
    is_over, visits = ends_us != NOT_YET, visits_by_station(record)
    known, open_ended = (visits.keep(chosen & some) for some in (is_over, ~is_over & (record.trace.left_us == NOT_YET)))
    values = known.split((ends_us[known.rows] - begins_us[known.rows]) / 1e6)
    censored = open_ended.split((record.to_us - begins_us[open_ended.rows]) / 1e6)
    for node, *sample in zip(record.network.stations, values, censored, strict=True):
        if any(map(len, sample)):
            yield Value(node.gate, None, None, node.name, Sample(*sample))
