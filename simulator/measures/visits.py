"""What a run says of each visit: queueing, service, interruptions, and when stations could not work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.measures.spans import Spans, overlap_us
from gatewatch.simulator.network import NONE
from gatewatch.simulator.record import Bools, Ints, RunRecord
from gatewatch.simulator.timetable import Segment, open_windows, with_breakdowns

_STOPS_AT_CLOSING = ("freeze", "hand_back")


@dataclass(frozen=True, slots=True)
class Services:
    """
    Service within the measured days, shape (visits,) [us]; 0 for visits without any.

    A service that was stopped and that straddles the edge of the measured days is split in proportion.

    Args:
        at_work_us: A server worked on the vehicle.
        shut_us: The work had stopped because the station was shut.
        broken_us: The work had stopped because the station was broken.
        interrupted_us: The work had stopped for want of a server: the roster fell, or others came first.
    """

    at_work_us: Ints
    shut_us: Ints
    broken_us: Ints
    interrupted_us: Ints


@dataclass(frozen=True, slots=True)
class Idle:
    """
    When a station could not start a service, each instant counted once, the first that fits.

    Args:
        here: This side of the gate was shut.
        counterpart: Only the counterpart was shut.
        broken: The station was open and broken.
        registered_only: It served only vehicles registered before.
    """

    here: Spans
    counterpart: Spans
    broken: Spans
    registered_only: Spans

    @property
    def shut(self) -> Spans:
        """When the calendars kept the station shut."""
        return self.here | self.counterpart


def or_else(times_us: Ints, otherwise: Ints | int) -> Ints:
    """Return the times, and `otherwise` where it has not come to that."""
    return np.where(times_us == NOT_YET, otherwise, times_us)


def rows_by(numbers: Ints, n: int, kept: Bools) -> list[Ints]:
    """Return for each number below `n` the rows that carry it, of those kept."""
    rows = np.flatnonzero(kept)
    order = rows[np.argsort(numbers[rows], kind="stable")]
    edges = np.searchsorted(numbers[order], np.arange(n + 1))
    return [order[begins:ends] for begins, ends in pairwise(edges.tolist())]


def queue_ends_us(record: RunRecord) -> Ints:
    """Return when each visit's wait for service ended: it began, the vehicle went, or the run was over."""
    return or_else(record.trace.started_us, or_else(record.trace.left_us, record.to_us))


def yard_of_visit(record: RunRecord) -> Ints:
    """Return the yard of each visit, NONE where the stage lies in none."""
    return np.array([stage.yard for stage in record.network.stages], dtype=np.int64)[record.draws.visits.stage]


def stood_at(record: RunRecord) -> Ints:
    """Return for each visit the one at which its vehicle stands while it asks: the one before, if any."""
    rows = np.arange(len(record.reached))
    return np.where(rows == record.first_visit[record.vehicle_of_visit], rows, rows - 1)


def asks_us(record: RunRecord) -> tuple[Ints, Ints]:
    """Return for each visit when a place in its yard was asked for, and when given or no longer wanted."""
    trace = record.trace
    gone = or_else(trace.left_us[stood_at(record)], record.to_us)
    return trace.yard_asked_us, or_else(trace.yard_entered_us, gone)


def had_place(record: RunRecord) -> Bools:
    """Return the vehicles that were inside at the start and not before their first yard or queue."""
    firsts = np.array([group.stages[0] for group in record.network.groups], dtype=np.int64)
    has = record.first_visit != NONE
    stage = np.full(len(has), NONE, dtype=np.int64)
    stage[has] = record.draws.visits.stage[record.first_visit[has]]
    inside = record.draws.inside
    has_passed = (inside == 1) & (stage != firsts[record.draws.group])
    return np.asarray((inside == 2) | has_passed)


def stretches(record: RunRecord, number: int) -> list[tuple[Segment, int]]:
    """Return the segments of a station, breakdowns included, each with its end [us]."""
    node, end = record.network.stations[number], record.network.clock.end_us
    found = with_breakdowns(list(node.segments), list(record.draws.breakdowns[number]), end)
    return [(s, after.begins_us) for s, after in pairwise(found)] + [(found[-1], end)]


def idle(record: RunRecord, number: int) -> Idle:
    """Return when a station could not start a service."""
    found, clock = stretches(record, number), record.network.clock

    def where(chosen: Iterable[tuple[Segment, int]]) -> Spans:
        return Spans.of((segment.begins_us, ends) for segment, ends in chosen)

    shut = where((s, ends) for s, ends in found if not s.is_open)
    node = record.network.stations[number]
    gate = record.network.border.gates[node.gate]
    station = gate.stations[node.name]
    here, counterpart = (Spans.of([]), shut) if station.opens_with == "counterpart" else (shut, Spans.of([]))
    if station.opens_with == "both":
        windows = open_windows(record.network.border, gate, "gate", clock, station.hours_of)
        if windows is None:
            here, counterpart = counterpart, shut
        else:
            ours = Spans.of((clock.us(w.begins), clock.us(w.ends)) for w in windows)
            here = ours.gaps(clock.begin_us, clock.end_us)
            counterpart = (here | shut.gaps(clock.begin_us, clock.end_us)).gaps(clock.begin_us, clock.end_us)
    return Idle(
        here=here,
        counterpart=counterpart,
        broken=where((s, ends) for s, ends in found if s.is_open and s.is_broken),
        registered_only=where((s, ends) for s, ends in found if s.is_open and not s.is_broken and s.preregistered_only),
    )


def services(record: RunRecord) -> Services:
    """Return what of each service fell into the measured days, and what of it was work."""
    trace, planned = record.trace, record.draws.visits.service_us
    has_begun = record.reached & (trace.started_us != NOT_YET)
    begins = np.where(has_begun, np.maximum(trace.started_us, record.network.clock.begin_us), record.to_us)
    ends = np.where(has_begun, or_else(trace.finished_us, record.to_us), record.to_us)
    at_work = overlap_us(begins, ends, record.from_us, record.to_us)
    shut, broken, interrupted = (np.zeros(len(planned), dtype=np.int64) for _ in range(3))
    unfinished = has_begun & (trace.finished_us == NOT_YET)
    may_have_stopped = unfinished | (has_begun & (ends - begins > planned))
    for number, rows in enumerate(rows_by(record.station_of_visit, len(record.network.stations), may_have_stopped)):
        if not len(rows) or record.network.stations[number].holds:
            continue
        when, rule = idle(record, number), record.network.stations[number].closing_rule
        spans = (when.broken, when.shut)
        by_broken, by_shut = (s.covered_us(begins[rows], ends[rows]) for s in spans)
        whole = ends[rows] - begins[rows]
        known = whole - planned[rows]
        if rule not in _STOPS_AT_CLOSING:
            by_shut = np.where(unfinished[rows], 0, by_shut)
        excess = np.where(unfinished[rows], np.maximum(known, by_broken + by_shut), known)
        from_broken = np.minimum(excess, by_broken)
        from_shut = np.minimum(excess - from_broken, by_shut)
        within = (np.maximum(begins[rows], record.from_us), np.minimum(ends[rows], record.to_us))
        broken[rows] = _part(from_broken, spans[0].covered_us(*within), by_broken)
        shut[rows] = _part(from_shut, spans[1].covered_us(*within), by_shut)
        interrupted[rows] = _part(excess - from_broken - from_shut, at_work[rows], whole)
    return Services(at_work - shut - broken - interrupted, shut, broken, interrupted)


def _part(amount: Ints, within: Ints, whole: Ints) -> Ints:
    """Return `amount` times `within` over `whole`, exact where all of it lies within."""
    share = np.divide(within, whole, out=np.zeros(len(whole)), where=whole > 0)
    return np.where(within == whole, amount, np.rint(amount * share).astype(np.int64))
