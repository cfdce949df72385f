"""How full it is: queues, yards, the road before them, the backlog, and the passes that lanes see."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gatewatch.simulator.engines.trace import NOT_YET, Outcome
from gatewatch.simulator.hourly import backlog_at, minute_us
from gatewatch.simulator.measures.base import Sample, Value, measure
from gatewatch.simulator.measures.spans import number_at_once, overlap_us
from gatewatch.simulator.measures.visits import (
    asks_us,
    had_place,
    or_else,
    queue_ends_us,
    rows_by,
    stood_at,
    yard_of_visit,
)
from gatewatch.simulator.network import NONE
from gatewatch.simulator.record import Bools, Ints, RunRecord, Slice
from gatewatch.simulator.timetable import open_windows
from gatewatch.simulator.trace_table import yard_left_us

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
    for number, begins, ends in _stays(record):
        held = overlap_us(begins, ends, record.from_us, record.to_us).sum()
        node = record.network.yards[number]
        yield Value(node.gate, None, None, node.name, float(held / (record.to_us - record.from_us)))


@measure("yard_peak", "veh", "lower")
def yard_peak(record: RunRecord) -> Iterator[Value]:
    """Vehicles that hold a place in a yard at once, the most in the measured time."""
    for number, begins, ends in _stays(record):
        _, inside = number_at_once(begins, ends, record.from_us, record.to_us)
        node = record.network.yards[number]
        yield Value(node.gate, None, None, node.name, float(inside.max()))


@measure("yard_overflow_chance", "share", "lower")
def yard_overflow_chance(record: RunRecord) -> Iterator[Value]:
    """
    Share of the measured days on which a yard was full at some instant while a vehicle asked for a place.

    Yards with a limited number of places; the vehicle may wait on the road, in a park or at the stage before.
    """
    asked, given = asks_us(record)
    askers = rows_by(yard_of_visit(record), len(record.network.yards), asked != NOT_YET)
    edges = _day_edges(record)
    for number, begins, ends in _stays(record):
        node, rows = record.network.yards[number], askers[number]
        if node.places == NONE:
            continue
        full_at, inside = number_at_once(begins, ends, record.from_us, record.to_us)
        asked_at, waiting = number_at_once(asked[rows], given[rows], record.from_us, record.to_us)
        times = np.union1d(full_at, asked_at)
        is_full = inside[np.searchsorted(full_at, times, side="right") - 1] >= node.places
        is_wanted = waiting[np.searchsorted(asked_at, times, side="right") - 1] > 0
        over = np.flatnonzero(is_full & is_wanted)
        until = np.append(times[1:], record.to_us)[over]
        first = np.searchsorted(edges, times[over], side="right") - 1
        last = np.searchsorted(edges, until, side="left") - 1
        change = np.bincount(first, minlength=len(edges)) - np.bincount(last + 1, minlength=len(edges))
        days = np.cumsum(change)[: len(edges) - 1] > 0
        yield Value(node.gate, None, None, node.name, float(days.mean()))


@measure("road_queue", "veh", "lower")
def road_queue(record: RunRecord) -> Iterator[Value]:
    """
    Vehicles on the road: they wait for the first yard of their route, and are in no park meanwhile.

    Average over the measured time, before the clearance. They have asked for a place and hold none; a queue
    for servers outside any yard is `queue`.
    """
    for part, begins, ends in _on_road(record):
        waited = overlap_us(begins, ends, record.from_us, record.to_us).sum()
        value = float(waited / (record.to_us - record.from_us))
        yield Value(part.gate, part.direction, part.class_, None, value)


@measure("road_length", "m", "lower")
def road_length(record: RunRecord) -> Iterator[Value]:
    """The longest `road_queue` at any instant, times the road that a vehicle takes (`vehicle_spacing`)."""
    spacing = record.network.border.border.vehicle_spacing
    for part, begins, ends in _on_road(record):
        _, waiting = number_at_once(begins, ends, record.from_us, record.to_us)
        yield Value(part.gate, part.direction, part.class_, None, float(waiting.max() * spacing))


@measure("backlog", "veh", "lower")
def backlog(record: RunRecord) -> Iterator[Value]:
    """Laden vehicles that have arrived and are neither cleared nor gone, average over the measured time."""
    counted = _laden(record)
    ends = or_else(record.gone_us, record.to_us)
    inside = overlap_us(record.arrived_us, ends, record.from_us, record.to_us)
    for part in record.slices():
        mine = part.vehicles & counted
        if mine.any():
            value = float(inside[mine].sum() / (record.to_us - record.from_us))
            yield Value(part.gate, part.direction, part.class_, None, value)


@measure("backlog_at_close", "veh", "lower")
def backlog_at_close(record: RunRecord) -> Iterator[Value]:
    """
    Backlog of laden vehicles at the last closing of each measured day, by the gate's own calendar.

    Those in service then are counted, also where they are still finished. Days without a closing, and gates
    that never close, have none.
    """
    network, edges = record.network, _day_edges(record)
    for part in record.slices(by_class=False):
        if part.gate is None or part.direction is None:
            continue
        side = network.groups[network.group_number(part.gate, part.direction)].direction
        windows = open_windows(network.border, network.border.gates[part.gate], "gate", network.clock, side)
        mine = part.vehicles & _laden(record)
        if windows is None or not mine.any():
            continue
        opens = {network.clock.us(w.begins) for w in windows}
        closes = np.array([at for w in windows if (at := network.clock.us(w.ends)) not in opens], dtype=np.int64)
        found = np.searchsorted(closes, edges[1:], side="right") - 1
        last = closes[np.unique(found[found >= 0])]
        last = last[(last > record.from_us) & (last <= record.to_us)]
        if len(last):
            values = backlog_at(record, mine, last).astype(np.float64)
            yield Value(part.gate, part.direction, None, None, Sample(values))


@measure("backlog_at_2000", "veh", "lower")
def backlog_at_2000(record: RunRecord) -> Iterator[Value]:
    """Backlog of laden vehicles at 20:00 of each measured day, local time: when bulletins are cut."""
    days = range(record.plan.warmup_days, record.network.clock.days)
    times = np.array([minute_us(record, day, _BULLETIN_CUT_MIN) for day in days], dtype=np.int64)
    times = times[(times >= record.from_us) & (times <= record.to_us)]
    for part in record.slices(by_class=False):
        mine = part.vehicles & _laden(record)
        if mine.any() and len(times):
            values = backlog_at(record, mine, times).astype(np.float64)
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
    back = (trace.outcome == Outcome.RETURNED) & returns[record.draws.visits.stage]
    passed = (back | (trace.outcome == Outcome.CLEARED)) & (trace.left_us >= record.from_us)
    n_passes = np.bincount(record.vehicle_of_visit[passed], minlength=len(record.draws.group))
    for part in record.slices(by_class=False):
        if part.direction is None and (part.vehicles & record.is_present).any():
            yield Value(part.gate, None, None, None, float(n_passes[part.vehicles].sum() / record.days))


def _laden(record: RunRecord) -> Bools:
    return np.asarray(record.is_present & record.is_laden & (record.draws.clear_visit != NONE))


def _stays(record: RunRecord) -> Iterator[tuple[int, Ints, Ints]]:
    """Yield each yard that was used, with when places were taken and given up."""
    entered, left = record.trace.yard_entered_us, or_else(yard_left_us(record), record.to_us)
    for number, rows in enumerate(rows_by(yard_of_visit(record), len(record.network.yards), entered != NOT_YET)):
        if len(rows):
            yield number, entered[rows], left[rows]


def _on_road(record: RunRecord) -> Iterator[tuple[Slice, Ints, Ints]]:
    """Yield each slice whose vehicles asked for a first yard, with when they stood before it."""
    asked, given = asks_us(record)
    holds = np.array([node.holds for node in record.network.stations], dtype=bool)[record.station_of_visit]
    in_yard = np.flatnonzero(yard_of_visit(record) != NONE)
    vehicles, places = np.unique(record.vehicle_of_visit[in_yard], return_index=True)
    rows = in_yard[places]
    stands = stood_at(record)[rows]
    on_road = (asked[rows] != NOT_YET) & ~had_place(record)[vehicles]
    on_road &= (rows <= record.draws.clear_visit[vehicles]) & ((stands == rows) | ~holds[stands])
    for part in record.slices(by_class=False):
        mine = rows[on_road & part.vehicles[vehicles]]
        if len(mine):
            yield part, asked[mine], given[mine]


def _day_edges(record: RunRecord) -> Ints:
    """Return the start of each measured day, a shortened one included, and the end of the last [us]."""
    starts = [at for at in record.network.clock.day_starts_us() if at > record.from_us]
    return np.array([record.from_us, *starts], dtype=np.int64)
