"""How long vehicles take: waits, crossing times, and the time lost at each station."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gatewatch.simulator.engines.trace import NOT_YET, Outcome
from gatewatch.simulator.measures.base import Sample, Value, measure
from gatewatch.simulator.measures.spans import Spans
from gatewatch.simulator.measures.visits import or_else, rows_by, stretches
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
    begins, ends = record.arrived_us, or_else(started, record.to_us)
    waited = np.zeros(len(row), dtype=np.int64)
    has = record.is_present & (row != NONE)
    station = np.where(has, record.station_of_visit[row], NONE)
    for number, mine in enumerate(rows_by(station, len(record.network.stations), has)):
        if len(mine):
            found = stretches(record, number)
            for registered in (False, True):
                spans = Spans.of(
                    (s.begins_us, e) for s, e in found if s.is_open and (registered or not s.preregistered_only)
                )
                vehicles = mine[record.draws.preregistered[mine] == registered]
                waited[vehicles] = spans.covered_us(begins[vehicles], ends[vehicles])
    yield from _by_slice(record, has, started, waited)


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
    holds = np.array([node.holds for node in record.network.stations], dtype=bool)[record.station_of_visit]
    served = record.reached & (record.trace.finished_us != NOT_YET) & ~holds
    yield from _by_station(record, served, record.trace.finished_us, record.trace.left_us)


def first_served(record: RunRecord) -> Ints:
    """Return for each vehicle its first visit, up to the clearance, to a station with servers; else NONE."""
    with_servers = np.array([not (s.holds or s.is_unlimited) for s in record.network.stations], dtype=bool)
    rows = np.flatnonzero(with_servers[record.station_of_visit])[::-1]
    vehicles = record.vehicle_of_visit[rows]
    before = rows <= record.draws.clear_visit[vehicles]
    result = np.full(len(record.draws.group), NONE, dtype=np.int64)
    result[vehicles[before]] = rows[before]  # backwards, so the first one wins
    return result


def _started(record: RunRecord, row: Ints) -> Ints:
    return np.where(row == NONE, NOT_YET, record.trace.started_us[row])


def _by_slice(record: RunRecord, chosen: Bools, ends_us: Ints, spent_us: Ints | None = None) -> Iterator[Value]:
    """Yield the times from arrival to `ends_us`, or `spent_us` of them, of chosen vehicles by slice."""
    chosen = chosen & record.is_measured
    complete = chosen & (ends_us != NOT_YET)
    censored = chosen & ~complete & (record.end_kind == Outcome.INSIDE)
    if spent_us is None:
        spent_us = or_else(ends_us, record.to_us) - record.arrived_us
    seconds = spent_us / 1e6
    for part in record.slices():
        known, open_ended = part.vehicles & complete, part.vehicles & censored
        if known.any() or open_ended.any():
            sample = Sample(seconds[known], seconds[open_ended])
            yield Value(part.gate, part.direction, part.class_, None, sample)


def _by_station(record: RunRecord, chosen: Bools, begins_us: Ints, ends_us: Ints) -> Iterator[Value]:
    """Yield the times from `begins_us` to `ends_us` of chosen visits by station."""
    gone = (ends_us == NOT_YET) & (record.trace.left_us != NOT_YET)
    chosen = chosen & (begins_us >= record.from_us) & ~gone
    nodes = record.network.stations
    for node, rows in zip(nodes, rows_by(record.station_of_visit, len(nodes), chosen), strict=True):
        if len(rows):
            is_open = ends_us[rows] == NOT_YET
            seconds = (or_else(ends_us[rows], record.to_us) - begins_us[rows]) / 1e6
            yield Value(node.gate, None, None, node.name, Sample(seconds[~is_open], seconds[is_open]))
