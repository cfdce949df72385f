"""What a run says of each visit: queueing, service, stops, and places in yards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.grouping import Grouped
from gatewatch.simulator.kept import once
from gatewatch.simulator.measures.hours import BROKEN, hours_of
from gatewatch.simulator.measures.spans import overlap_us
from gatewatch.simulator.network import NONE, Network
from gatewatch.simulator.record import Bools, Ints, Numbers, RunRecord
from gatewatch.simulator.trace_table import yard_left_us

_STOPS_AT_CLOSING = ("freeze", "hand_back")


@dataclass(frozen=True, slots=True)
class Services:
    """
    Service within the measured days.

    A service that was stopped and that straddles the edge of the measured days is split in proportion.

    Args:
        of_stations_us: Servers worked on vehicles, shape (stations,) [us].
        of_vehicles_us: Servers worked on the vehicle before the clearance, shape (vehicles,) [us].
        stopped: Visits whose service was stopped, in order, shape (stopped,).
        shut_us: The work had stopped because the station was shut, shape (stopped,) [us].
        broken_us: The work had stopped because the station was broken.
        interrupted_us: The work had stopped for want of a server: the roster fell, or others came first.
    """

    of_stations_us: Ints
    of_vehicles_us: Ints
    stopped: Ints
    shut_us: Ints
    broken_us: Ints
    interrupted_us: Ints


@dataclass(frozen=True, slots=True)
class Asks:
    """
    Times at which vehicles asked for a place in a yard.

    Args:
        visits: The visits that need the place, by yard.
        stands: The visit at which the vehicle stands meanwhile: the one before; the same one on the road.
        asked_us: When.
        until_us: When it was given, or no longer wanted.
    """

    visits: Grouped
    stands: Ints
    asked_us: Ints
    until_us: Ints


@dataclass(frozen=True, slots=True)
class Stays:
    """
    Places that vehicles held in yards.

    Args:
        visits: The visits at which they were given, by yard.
        entered_us: When.
        left_us: When they were given up.
    """

    visits: Grouped
    entered_us: Ints
    left_us: Ints


def or_else(times_us: Ints, otherwise: Ints | int) -> Ints:
    """Return the times, and `otherwise` where it has not come to that."""
    return np.where(times_us == NOT_YET, otherwise, times_us)


@once
def visits_by_station(record: RunRecord) -> Grouped:
    """Return all visits by station."""
    found = Grouped.by(record.station_of_visit, len(record.network.stations))
    return Grouped(found.rows.astype(np.int32), found.edges)


@once
def held_visits(record: RunRecord) -> Ints:
    """Return the visits that were served, or released from a park, and did not leave at once, in order."""
    trace = record.trace
    stays = (trace.left_us > trace.finished_us) | (trace.left_us == NOT_YET)
    return np.flatnonzero(record.reached & (trace.finished_us != NOT_YET) & stays)


def queue_ends_us(record: RunRecord) -> Ints:
    """Return when each visit's wait for service ended: it began, the vehicle went, or the run was over."""
    return or_else(record.trace.started_us, or_else(record.trace.left_us, record.to_us))


@once
def is_park(network: Network) -> Bools:
    """Return which stations hold vehicles until they are called, shape (stations,)."""
    return np.array([node.holds for node in network.stations], dtype=bool)


@once
def yard_of_stage(network: Network) -> Numbers:
    """Return the yard of each stage, NONE where it lies in none, shape (stages,)."""
    return np.array([stage.yard for stage in network.stages], dtype=np.int32)


def yards_of(record: RunRecord, rows: Ints | Numbers) -> Numbers:
    """Return the yards of some visits, NONE where the stage lies in none."""
    return yard_of_stage(record.network)[record.draws.visits.stage[rows]]


def is_first_visit(record: RunRecord, rows: Ints | Numbers) -> Bools:
    """Return which of some visits are the first of their vehicle."""
    return np.asarray(rows == record.first_visit[record.vehicle_of_visit[rows]])


@once
def asks_of(record: RunRecord) -> Asks:
    """Return who asked for places in yards."""
    trace = record.trace
    asked = np.flatnonzero(trace.yard_asked_us != NOT_YET)
    visits = Grouped.by(yards_of(record, asked), len(record.network.yards), asked)
    rows = visits.rows
    stands = np.where(is_first_visit(record, rows), rows, rows - 1)
    gone = or_else(trace.left_us[stands], record.to_us)
    return Asks(visits, stands, trace.yard_asked_us[rows], or_else(trace.yard_entered_us[rows], gone))


@once
def stays_of(record: RunRecord) -> Stays:
    """Return who held places in yards."""
    entered = np.flatnonzero(record.trace.yard_entered_us != NOT_YET)
    visits = Grouped.by(yards_of(record, entered), len(record.network.yards), entered)
    left = or_else(yard_left_us(record, visits.rows), record.to_us)
    return Stays(visits, record.trace.yard_entered_us[visits.rows], left)


def had_place(record: RunRecord) -> Bools:
    """Return the vehicles that were inside at the start and not before their first yard or queue."""
    firsts = np.array([group.stages[0] for group in record.network.groups], dtype=np.int64)
    has = record.first_visit != NONE
    stage = np.full(len(has), NONE, dtype=np.int64)
    stage[has] = record.draws.visits.stage[record.first_visit[has]]
    inside = record.draws.inside
    has_passed = (inside == 1) & (stage != firsts[record.draws.group])
    return np.asarray((inside == 2) | has_passed)


@once
def services(record: RunRecord) -> Services:
    """Return what of each service fell into the measured days, and what of it was work."""
    trace, planned = record.trace, record.draws.visits.service_us
    has_begun = record.reached & (trace.started_us != NOT_YET)
    begins = np.where(has_begun, np.maximum(trace.started_us, record.network.clock.begin_us), record.to_us)
    ends = np.where(has_begun, or_else(trace.finished_us, record.to_us), record.to_us)
    at_work = overlap_us(begins, ends, record.from_us, record.to_us)
    unfinished = has_begun & (trace.finished_us == NOT_YET)
    rows = np.flatnonzero(unfinished | (has_begun & (ends - begins > planned)))
    rows = rows[~is_park(record.network)[record.station_of_visit[rows]]]
    stops = _stops(record, rows, begins[rows], ends[rows], at_work[rows])
    at_work[rows] -= sum(stops)
    was_stopped = np.any(stops, axis=0)
    return Services(
        visits_by_station(record).total(at_work[visits_by_station(record).rows]),
        _before_clearance(record, at_work),
        rows[was_stopped],
        *(us[was_stopped] for us in stops),
    )


def _stops(record: RunRecord, rows: Ints, begins: Ints, ends: Ints, within: Ints) -> tuple[Ints, Ints, Ints]:
    """Return for services how long they were stopped by a shut station, a broken one, and for want of a server [us]."""
    hours, stations = hours_of(record), record.station_of_visit[rows]
    unfinished = record.trace.finished_us[rows] == NOT_YET
    reasons = hours.state == BROKEN, ~hours.is_open
    by_broken, by_shut = (hours.lines.within_us(reason, stations, begins, ends) for reason in reasons)
    whole = ends - begins
    known = whole - record.draws.visits.service_us[rows]
    stops_at_closing = np.array([node.closing_rule in _STOPS_AT_CLOSING for node in record.network.stations])
    by_shut = np.where(unfinished & ~stops_at_closing[stations], 0, by_shut)
    excess = np.where(unfinished, np.maximum(known, by_broken + by_shut), known)
    from_broken = np.minimum(excess, by_broken)
    from_shut = np.minimum(excess - from_broken, by_shut)
    measured = stations, np.maximum(begins, record.from_us), np.minimum(ends, record.to_us)
    in_broken, in_shut = (hours.lines.within_us(reason, *measured) for reason in reasons)
    return (
        _part(from_shut, in_shut, by_shut),
        _part(from_broken, in_broken, by_broken),
        _part(excess - from_broken - from_shut, within, whole),
    )


def _before_clearance(record: RunRecord, amounts: Ints) -> Ints:
    """Return the sums of each vehicle's visits up to the clearance, shape (vehicles,)."""
    start, clear = record.draws.visits.start, record.draws.clear_visit
    before = np.concatenate([[0], np.cumsum(amounts)])
    ends = np.minimum(clear + 1, start[1:])
    return np.where(clear == NONE, 0, before[ends] - before[start[:-1]])


def _part(amount: Ints, within: Ints, whole: Ints) -> Ints:
    """Return `amount` times `within` over `whole`, exact where all of it lies within."""
    share = np.divide(within, whole, out=np.zeros(len(whole)), where=whole > 0)
    return np.where(within == whole, amount, np.rint(amount * share).astype(np.int64))
