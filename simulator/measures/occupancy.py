"""How full it is: queues, yards, the road before them, the backlog, and the passes that lanes see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gatewatch.config.calendars import DirectionName
from gatewatch.simulator.engines.trace import Outcome
from gatewatch.simulator.grouping import Grouped
from gatewatch.simulator.hourly import backlog_at, minutes_us
from gatewatch.simulator.kept import once
from gatewatch.simulator.measures.base import Sample, Value, measure
from gatewatch.simulator.measures.hours import gate_hours
from gatewatch.simulator.measures.spans import Spans, most_at_once, overlap_us
from gatewatch.simulator.measures.visits import (
    asks_of,
    had_place,
    is_park,
    or_else,
    queue_ends_us,
    stays_of,
    yard_of_stage,
)
from gatewatch.simulator.network import NONE, Network
from gatewatch.simulator.record import Bools, Ints, RunRecord

_BULLETIN_CUT_MIN = 20 * 60


@measure("queue", "veh", "lower")
def queue(record: RunRecord) -> Iterator[Value]:
    """
    Vehicles waiting for a station, none in service: the average over the measured time, nights included.

    In a park, all that are held. The queue of the first stage of a route includes the road before its yard. A
    vehicle whose service was stopped is not counted again.
    """
    waited = overlap_us(record.trace.joined_us, queue_ends_us(record), record.from_us, record.to_us)
    waited[~record.reached] = 0
    nodes = record.network.stations
    total = np.bincount(record.station_of_visit, waited, len(nodes))
    used = np.bincount(record.station_of_visit[record.reached], minlength=len(nodes)) > 0
    for number in np.flatnonzero(used):
        node = nodes[number]
        yield Value(node.gate, None, None, node.name, total[number] / (record.to_us - record.from_us))


@measure("yard_fill", "veh", "neither")
def yard_fill(record: RunRecord) -> Iterator[Value]:
    """
    Vehicles that hold a place in a yard, on average over the measured time.

    A place is held from the moment it is given, so vehicles called forward and still on their way count.
    """
    stays, span_us = stays_of(record), record.to_us - record.from_us
    held = stays.visits.total(overlap_us(stays.entered_us, stays.left_us, record.from_us, record.to_us))
    for number in np.flatnonzero(stays.visits.sizes):
        node = record.network.yards[number]
        yield Value(node.gate, None, None, node.name, float(held[number] / span_us))


@measure("yard_peak", "veh", "lower")
def yard_peak(record: RunRecord) -> Iterator[Value]:
    """Vehicles that hold a place in a yard at once, the most in the measured time."""
    for number, begins, ends in _stays(record):
        most = most_at_once(begins, ends, record.from_us, record.to_us)
        node = record.network.yards[number]
        yield Value(node.gate, None, None, node.name, float(most))


@measure("yard_overflow_chance", "share", "lower")
def yard_overflow_chance(record: RunRecord) -> Iterator[Value]:
    """
    Share of the measured days on which a yard was full at some instant while a vehicle asked for a place.

    Yards with a limited number of places; the vehicle may wait on the road, in a park or at the stage before.
    """
    asks, edges = asks_of(record), _day_edges(record.network, record.from_us)
    asked, until = asks.visits.split(asks.asked_us), asks.visits.split(asks.until_us)
    for number, begins, ends in _stays(record):
        node = record.network.yards[number]
        if not node.places_by_date.exists:
            continue
        is_over = np.zeros(len(edges) - 1, dtype=bool)
        for since, to, places in node.places_by_date.pieces(record.from_us, record.to_us):
            if places != NONE:
                full = Spans.of([(since, to)])
                if places:
                    full = Spans.covering(np.maximum(begins, since), np.minimum(ends, to), at_once=places)
                if len(full.begins_us):
                    is_over |= _has_any(full & Spans.covering(asked[number], until[number]), edges)
        yield Value(node.gate, None, None, node.name, float(is_over.mean()))


@measure("road_queue", "veh", "lower")
def road_queue(record: RunRecord) -> Iterator[Value]:
    """
    Vehicles on the road: they wait for the first yard of their route, and are in no park meanwhile.

    Average over the measured time, before the clearance. They have asked for a place and hold none; a queue
    for servers outside any yard is `queue`.
    """
    road, span_us = _on_road(record), record.to_us - record.from_us
    waited = road.vehicles.total(overlap_us(road.asked_us, road.until_us, record.from_us, record.to_us))
    asked, waited = record.places.fold(road.vehicles.sizes), record.places.fold(waited)
    for part, n, us in zip(record.places, asked, waited, strict=True):
        if n:
            yield Value(part.gate, part.direction, part.class_, None, float(us / span_us))


@measure("road_length", "m", "lower")
def road_length(record: RunRecord) -> Iterator[Value]:
    """The longest `road_queue` at any instant, times the road that a vehicle takes (`vehicle_spacing`)."""
    spacing = record.network.border.border.vehicle_spacing
    road = _on_road(record)
    for part in record.places:
        asked, until = part.of(road.vehicles, road.asked_us), part.of(road.vehicles, road.until_us)
        if len(asked):
            most = most_at_once(asked, until, record.from_us, record.to_us)
            yield Value(part.gate, part.direction, part.class_, None, float(most * spacing))


@measure("backlog", "veh", "lower")
def backlog(record: RunRecord) -> Iterator[Value]:
    """Laden vehicles that have arrived and are neither cleared nor gone, average over the measured time."""
    ends = or_else(record.gone_us, record.to_us)
    inside = np.where(_laden(record), overlap_us(record.arrived_us, ends, record.from_us, record.to_us), 0)
    came = record.slices.fold(record.leaves.count(_laden(record)))
    total = record.slices.fold(record.leaves.total(inside))
    for part, n, us in zip(record.slices, came, total, strict=True):
        if n:
            yield Value(part.gate, part.direction, part.class_, None, float(us / (record.to_us - record.from_us)))


@measure("backlog_at_close", "veh", "lower")
def backlog_at_close(record: RunRecord) -> Iterator[Value]:
    """
    Backlog of laden vehicles at the last closing of each measured day, by the gate's own calendar.

    Those in service then are counted, also where they are still finished. Days without a closing, and gates
    that never close, have none.
    """
    came = record.leaves.pick(_laden(record))
    arrived_us, gone_us = record.arrived_us[came.rows], or_else(record.gone_us[came.rows], record.to_us + 1)
    for part in record.places:
        if part.gate is None or part.direction is None:
            continue
        closes = _last_closings(record.network, record.from_us, part.gate, part.direction)
        arrived, gone = np.sort(part.of(came, arrived_us)), np.sort(part.of(came, gone_us))
        if len(closes) and len(arrived):
            inside = np.searchsorted(arrived, closes, "right") - np.searchsorted(gone, closes, "right")
            yield Value(part.gate, part.direction, None, None, Sample(inside.astype(np.float64)))


@measure("backlog_at_2000", "veh", "lower")
def backlog_at_2000(record: RunRecord) -> Iterator[Value]:
    """Backlog of laden vehicles at 20:00 of each measured day, local time: when bulletins are cut."""
    times = minutes_us(record.network, record.plan.warmup_days, _BULLETIN_CUT_MIN)
    times = times[(times >= record.from_us) & (times <= record.to_us)]
    came = record.places.fold(record.leaves.count(_laden(record)))
    inside = record.places.fold(backlog_at(record, _laden(record), times)).astype(np.float64)
    for part, n, values in zip(record.places, came, inside, strict=True):
        if n and len(times):
            yield Value(part.gate, part.direction, None, None, Sample(values))


@measure("passes_per_day", "pass/day", "higher")
def passes_per_day(record: RunRecord) -> Iterator[Value]:
    """
    Vehicles through the line, each time they go, laden or empty: clearances plus return passes.

    About two for each counted vehicle. A return pass ends at a last stage on the way back that has servers; a
    vehicle that ends in a park stays in the country.
    """
    network, trace = record.network, record.trace
    returns = np.array(
        [
            s.is_back and not (network.stations[s.station].is_unlimited or network.stations[s.station].holds)
            for s in network.stages
        ],
        dtype=bool,
    )
    outcomes = np.isin(np.arange(len(Outcome)), (Outcome.CLEARED, Outcome.RETURNED))
    rows = np.flatnonzero(outcomes[trace.outcome] & (trace.left_us >= record.from_us))
    passed = (trace.outcome[rows] == Outcome.CLEARED) | returns[record.draws.visits.stage[rows]]
    leaf = record.leaves.leaf[record.vehicle_of_visit[rows[passed]]]
    came = record.places.fold(record.leaves.count(record.is_present))
    passes = record.places.fold(np.bincount(leaf, minlength=record.leaves.n))
    for part, has_come, n in zip(record.places, came, passes, strict=True):
        if part.direction is None and has_come:
            yield Value(part.gate, None, None, None, float(n / record.days))


@once
def _laden(record: RunRecord) -> Bools:
    return np.asarray(record.is_present & record.is_laden & (record.draws.clear_visit != NONE))


def _stays(record: RunRecord) -> Iterator[tuple[int, Ints, Ints]]:
    """Yield each yard that was used, with when places were taken and given up."""
    stays = stays_of(record)
    entered, left = stays.visits.split(stays.entered_us), stays.visits.split(stays.left_us)
    for number in np.flatnonzero(stays.visits.sizes).tolist():
        yield number, entered[number], left[number]


@dataclass(frozen=True, slots=True)
class _Road:
    """Vehicles that asked for a first yard, by leaf, with when they began and ceased to stand before it."""

    vehicles: Grouped
    asked_us: Ints
    until_us: Ints


@once
def _on_road(record: RunRecord) -> _Road:
    asks, starts = asks_of(record), record.draws.visits.start
    rows, stands = asks.visits.rows, asks.stands
    vehicles = record.vehicle_of_visit[rows]
    in_yards = np.cumsum((yard_of_stage(record.network) != NONE)[record.draws.visits.stage], dtype=np.int32)
    before = np.where(starts[vehicles] > 0, in_yards[starts[vehicles] - 1], 0)
    on_road = (in_yards[rows] == before + 1) & ~had_place(record)[vehicles]
    on_road &= rows <= record.draws.clear_visit[vehicles]
    on_road &= (stands == rows) | ~is_park(record.network)[record.station_of_visit[stands]]
    chosen = np.flatnonzero(on_road)
    order = chosen[np.argsort(vehicles[chosen])]
    road = Grouped.by(record.leaves.leaf[vehicles[order]], record.leaves.n, order)
    return _Road(road, asks.asked_us[road.rows], asks.until_us[road.rows])


@once
def _last_closings(network: Network, from_us: int, gate: str, direction: DirectionName) -> Ints:
    """Return the last closing of each day from a time on, by a gate's own calendar; none where it never closes [us]."""
    hours, edges = gate_hours(network, gate, direction), _day_edges(network, from_us)
    if hours is None:
        return np.empty(0, dtype=np.int64)
    found = np.searchsorted(hours.ends_us, edges[1:], side="right") - 1
    last = hours.ends_us[np.unique(found[found >= 0])]
    return last[(last > from_us) & (last <= network.clock.end_us)]


def _has_any(spans: Spans, edges: Ints) -> Bools:
    """Return which of some days, shape (days,), given by their starts and the end of the last, spans touch."""
    first = np.searchsorted(edges, spans.begins_us, side="right") - 1
    last = np.searchsorted(edges, spans.ends_us, side="left") - 1
    change = np.bincount(first, minlength=len(edges)) - np.bincount(last + 1, minlength=len(edges))
    return np.cumsum(change)[:-1] > 0


@once
def _day_edges(network: Network, from_us: int) -> Ints:
    """Return the start of each day from a time on, a shortened one included, and the end of the last [us]."""
    return np.array([from_us, *(at for at in network.clock.day_starts_us() if at > from_us)], dtype=np.int64)
