"""How full it is: queues, yards, the road before them, the backlog, and the passes that lanes see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gatewatch.config.calendars import DirectionName
from gatewatch.simulator.engines.trace import Outcome
from gatewatch.simulator.folding import Floats, greatest, summed, swept
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
    total = _queued_us(record)
    for number in np.flatnonzero(_n_visits(record)):
        node = record.network.stations[number]
        yield Value(node.gate, None, None, node.name, total[number] / (record.to_us - record.from_us))


@measure("yard_fill", "veh", "neither")
def yard_fill(record: RunRecord) -> Iterator[Value]:
    """
    Vehicles that hold a place in a yard, on average over the measured time.

    A place is held from the moment it is given, so vehicles called forward and still on their way count.
    """
    held, span_us = _held_us(record), record.to_us - record.from_us
    for number in np.flatnonzero(_n_stays(record)):
        node = record.network.yards[number]
        yield Value(node.gate, None, None, node.name, float(held[number] / span_us))


@measure("yard_peak", "veh", "lower")
def yard_peak(record: RunRecord) -> Iterator[Value]:
    """Vehicles that hold a place in a yard at once, the most in the measured time."""
    most = _most_inside(record)
    for number in np.flatnonzero(_n_stays(record)):
        node = record.network.yards[number]
        yield Value(node.gate, None, None, node.name, float(most[number]))


@measure("yard_overflow_chance", "share", "lower")
def yard_overflow_chance(record: RunRecord) -> Iterator[Value]:
    """
    Share of the measured days on which a yard was full at some instant while a vehicle asked for a place.

    Yards with a limited number of places; the vehicle may wait on the road, in a park or at the stage before.
    """
    is_over = _overflows(record)
    for number in np.flatnonzero(_n_stays(record)):
        node = record.network.yards[number]
        if node.places_by_date.exists:
            yield Value(node.gate, None, None, node.name, float(is_over[number].mean()))


@measure("road_queue", "veh", "lower")
def road_queue(record: RunRecord) -> Iterator[Value]:
    """
    Vehicles on the road: they wait for the first yard of their route, and are in no park meanwhile.

    Average over the measured time, before the clearance. They have asked for a place and hold none; a queue
    for servers outside any yard is `queue`.
    """
    asked, waited = record.places.fold(_n_on_road(record)), record.places.fold(_on_road_us(record))
    span_us = record.to_us - record.from_us
    for part, n, us in zip(record.places, asked, waited, strict=True):
        if n:
            yield Value(part.gate, part.direction, part.class_, None, float(us / span_us))


@measure("road_length", "m", "lower")
def road_length(record: RunRecord) -> Iterator[Value]:
    """The longest `road_queue` at any instant, times the road that a vehicle takes (`vehicle_spacing`)."""
    spacing = record.network.border.border.vehicle_spacing
    asked, most = record.places.fold(_n_on_road(record)), _most_on_road(record)
    for part, n, vehicles in zip(record.places, asked, most.tolist(), strict=True):
        if n:
            yield Value(part.gate, part.direction, part.class_, None, float(vehicles * spacing))


@measure("backlog", "veh", "lower")
def backlog(record: RunRecord) -> Iterator[Value]:
    """Laden vehicles that have arrived and are neither cleared nor gone, average over the measured time."""
    came, total = record.slices.fold(_n_laden(record)), record.slices.fold(_laden_us(record))
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
    came = record.places.fold(_n_laden(record))
    for part, n in zip(record.places, came, strict=True):
        if part.gate is None or part.direction is None:
            continue
        inside = backlog_at(record, _Closings(part.gate, part.direction), _laden)
        inside = inside[slice(*part.runs[0])].sum(axis=0)
        if len(inside) and n:
            yield Value(part.gate, part.direction, None, None, Sample(inside.astype(np.float64)))


@measure("backlog_at_2000", "veh", "lower")
def backlog_at_2000(record: RunRecord) -> Iterator[Value]:
    """Backlog of laden vehicles at 20:00 of each measured day, local time: when bulletins are cut."""
    came = record.places.fold(_n_laden(record))
    inside = record.places.fold(backlog_at(record, _bulletin_cuts, _laden)).astype(np.float64)
    for part, n, values in zip(record.places, came, inside, strict=True):
        if n and len(values):
            yield Value(part.gate, part.direction, None, None, Sample(values))


@measure("passes_per_day", "pass/day", "higher")
def passes_per_day(record: RunRecord) -> Iterator[Value]:
    """
    Vehicles through the line, each time they go, laden or empty: clearances plus return passes.

    About two for each counted vehicle. A return pass ends at a last stage on the way back that has servers; a
    vehicle that ends in a park stays in the country.
    """
    came, passes = record.places.fold(_n_present(record)), record.places.fold(_passes(record))
    for part, has_come, n in zip(record.places, came, passes, strict=True):
        if part.direction is None and has_come:
            yield Value(part.gate, None, None, None, float(n / record.days))


@summed
def _passes(record: RunRecord) -> Ints:
    """Return how often vehicles went through the line in the measured days, by leaf."""
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
    return np.bincount(leaf, minlength=record.leaves.n)


@summed
def _n_present(record: RunRecord) -> Ints:
    return record.leaves.count(record.is_present)


@summed
def _n_visits(record: RunRecord) -> Ints:
    """Return the visits to each station."""
    return np.bincount(record.station_of_visit[record.reached], minlength=len(record.network.stations))


@summed
def _queued_us(record: RunRecord) -> Floats:
    """Return how long vehicles waited for each station [us]."""
    waited = overlap_us(record.trace.joined_us, queue_ends_us(record), record.from_us, record.to_us)
    waited[~record.reached] = 0
    return np.bincount(record.station_of_visit, waited, len(record.network.stations)).astype(np.float64)


@summed
def _n_stays(record: RunRecord) -> Ints:
    """Return how many places in each yard were taken."""
    return stays_of(record).visits.sizes


@summed
def _held_us(record: RunRecord) -> Ints:
    """Return how long places in each yard were taken [us]."""
    stays = stays_of(record)
    return stays.visits.total(overlap_us(stays.entered_us, stays.left_us, record.from_us, record.to_us))


@swept
@greatest
def _most_inside(record: RunRecord) -> Ints:
    """Return the most places in each yard that were taken at once."""
    stays = stays_of(record)
    entered, left = stays.visits.split(stays.entered_us), stays.visits.split(stays.left_us)
    yards, between_us = range(len(record.network.yards)), record.between_us
    return np.array([most_at_once(entered[n], left[n], *between_us) for n in yards], dtype=np.int64)


@swept
@greatest
def _overflows(record: RunRecord) -> Bools:
    """Return on which days each yard was full while a vehicle asked for a place, shape (yards, days)."""
    asks, edges = asks_of(record), _day_edges(record.network, record.from_us)
    asked, until = asks.visits.split(asks.asked_us), asks.visits.split(asks.until_us)
    is_over = np.zeros((len(record.network.yards), len(edges) - 1), dtype=bool)
    stays = stays_of(record)
    entered, left = stays.visits.split(stays.entered_us), stays.visits.split(stays.left_us)
    for number, node in enumerate(record.network.yards):
        begins, ends = entered[number], left[number]
        for since, to, places in node.places_by_date.pieces(*record.between_us):
            if places != NONE:
                full = Spans.of([(since, to)])
                if places:
                    full = Spans.covering(np.maximum(begins, since), np.minimum(ends, to), at_once=places)
                if len(full.begins_us):
                    is_over[number] |= _has_any(full & Spans.covering(asked[number], until[number]), edges)
    return is_over


@summed
def _n_on_road(record: RunRecord) -> Ints:
    return _on_road(record).vehicles.sizes


@summed
def _on_road_us(record: RunRecord) -> Ints:
    road = _on_road(record)
    return road.vehicles.total(overlap_us(road.asked_us, road.until_us, record.from_us, record.to_us))


@swept
@greatest
def _most_on_road(record: RunRecord) -> Ints:
    """Return the most vehicles on the road at once, by place."""
    road = _on_road(record)
    asked, until = ([part.of(road.vehicles, us) for part in record.places] for us in (road.asked_us, road.until_us))
    between_us = record.between_us
    return np.array([most_at_once(a, u, *between_us) for a, u in zip(asked, until, strict=True)], dtype=np.int64)


@summed
def _n_laden(record: RunRecord) -> Ints:
    return record.leaves.count(_laden(record))


@summed
def _laden_us(record: RunRecord) -> Ints:
    """Return how long laden vehicles were backlog, by leaf [us]."""
    ends = or_else(record.gone_us, record.to_us)
    inside = overlap_us(record.arrived_us, ends, record.from_us, record.to_us)
    return record.leaves.total(np.where(_laden(record), inside, 0))


def _bulletin_cuts(record: RunRecord) -> Ints:
    times = minutes_us(record.network, record.plan.warmup_days, _BULLETIN_CUT_MIN)
    return times[(times >= record.from_us) & (times <= record.network.clock.end_us)]


@dataclass(frozen=True, slots=True)
class _Closings:
    """The last closings of the measured days of a gate and direction."""

    gate: str
    direction: DirectionName

    def __call__(self, record: RunRecord) -> Ints:
        return _last_closings(record.network, record.from_us, self.gate, self.direction)


@once
def _laden(record: RunRecord) -> Bools:
    return np.asarray(record.is_present & record.is_laden & (record.draws.clear_visit != NONE))


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
