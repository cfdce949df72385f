"""What congestion costs: hours of vehicles and perishable loads, overtime, and money by the prices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import numpy as np

from gatewatch.config.calendars import DirectionName
from gatewatch.config.opening_hours import day_rule, hours_rule, instant
from gatewatch.config.units import US_PER_H
from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.folding import summed
from gatewatch.simulator.kept import once
from gatewatch.simulator.measures.base import Floats, Value, measure
from gatewatch.simulator.measures.hours import duty_of, hours_of
from gatewatch.simulator.measures.spans import Spans, overlap_us
from gatewatch.simulator.measures.visits import or_else, services, visits_by_station
from gatewatch.simulator.network import NONE, Network
from gatewatch.simulator.record import Bools, Ints, RunRecord


@measure("perishable_hours_per_day", "veh h/day", "lower")
def perishable_hours_per_day(record: RunRecord) -> Iterator[Value]:
    """Hours that perishable vehicles are inside, from arrival until cleared or gone, a measured day."""
    yield from _hours_per_day(record, _inside_us, _perishable)


@measure("vehicle_hours_per_day", "veh h/day", "lower")
def vehicle_hours_per_day(record: RunRecord) -> Iterator[Value]:
    """
    Hours that vehicles wait, a measured day: inside and not being served, from arrival until cleared or gone.

    Queues, parks, places kept for want of the next one, and services that are stopped. At free flow it is
    nought.
    """
    yield from _hours_per_day(record, _waited_us, _present)


@measure("overtime_server_hours_per_day", "server h/day", "lower")
def overtime_server_hours_per_day(record: RunRecord) -> Iterator[Value]:
    """
    Hours of servers beyond regular hours, a measured day, by station, by gate and in all.

    Servers on duty at the open station during the `overtime` of the calendar that the station follows (the
    gate's own where it follows both; none where it never closes) and in the hours that a decision of
    `responsive_hours` added, and work done after closing to finish a vehicle.
    """
    by_station = _overtime_us(record) / US_PER_H / record.days
    gates = np.array([node.gate for node in record.network.stations])
    if not by_station.any():
        return
    yield Value(None, None, None, None, float(by_station.sum()))
    for gate in dict.fromkeys(gates.tolist()):
        if by_station[gates == gate].any():
            yield Value(gate, None, None, None, float(by_station[gates == gate].sum()))
    for number in np.flatnonzero(by_station):
        node = record.network.stations[number]
        yield Value(node.gate, None, None, node.name, float(by_station[number]))


@measure("cost_per_day", "VND/day", "lower")
def cost_per_day(record: RunRecord) -> Iterator[Value]:
    """
    Cost a measured day, by gate and in all: `waiting`, `overtime`, `spoilage`, and their `total`.

    Waiting: `vehicle_hours_per_day` at the price of a vehicle hour. Overtime: `overtime_server_hours_per_day`
    at the price of a server hour, whichever side pays. Spoilage: what perishable loads lose in value while
    they are inside, from arrival until cleared or gone, within the measured days; a load is worth load value
    times exp(-time since arrival / shelf life). What becomes of vehicles that are still inside at the end, or left
    without crossing, is not counted from then on. The prices are data with their sources (`prices`, `classes`); a
    part without a price is left out.
    """
    network, prices = record.network, record.network.border.prices
    overtime, of_gate = _overtime_us(record) / US_PER_H, np.array([node.gate for node in network.stations])
    waited = record.places.fold(_spent_us(record, _waited_us, _present)) / US_PER_H
    came, spoilt = _count(record, _present), _spoilt(record)
    has_spoilage = any(c.perishable and c.shelf_life and c.load_value for c in network.class_data)
    for part, hours in zip(record.places, waited, strict=True):
        leaves = [leaf for first, last in part.runs for leaf in range(first, last)]
        if part.direction is not None or not came[leaves].any():
            continue
        stations = np.ones(len(of_gate), dtype=bool) if part.gate is None else of_gate == part.gate
        costs = {}
        if prices.vehicle_hour:
            costs["waiting"] = prices.vehicle_hour * hours
        if prices.overtime_server_hour:
            costs["overtime"] = prices.overtime_server_hour * overtime[stations].sum()
        if has_spoilage:
            costs["spoilage"] = spoilt[leaves].sum()
        if costs:
            costs["total"] = sum(costs.values())
        for what, cost in costs.items():
            yield Value(part.gate, None, None, what, float(cost / record.days))


def _hours_per_day(
    record: RunRecord, spent_us: Callable[[RunRecord], Ints], chosen: Callable[[RunRecord], Bools]
) -> Iterator[Value]:
    """Yield the hours a day that chosen vehicles spent, by slice."""
    came, spent = (record.slices.fold(x) for x in (_count(record, chosen), _spent_us(record, spent_us, chosen)))
    for part, n, us in zip(record.slices, came, spent, strict=True):
        if n:
            yield Value(part.gate, part.direction, part.class_, None, float(us / US_PER_H / record.days))


@summed
def _count(record: RunRecord, chosen: Callable[[RunRecord], Bools]) -> Ints:
    return record.leaves.count(chosen(record))


@summed
def _spent_us(record: RunRecord, spent_us: Callable[[RunRecord], Ints], chosen: Callable[[RunRecord], Bools]) -> Ints:
    return record.leaves.total(np.where(chosen(record), spent_us(record), 0))


def _present(record: RunRecord) -> Bools:
    return record.is_present


def _perishable(record: RunRecord) -> Bools:
    perishable = np.array([c.perishable for c in record.network.class_data], dtype=bool)
    return perishable[record.draws.classes] & record.is_present


@once
def _inside_us(record: RunRecord) -> Ints:
    """Return how long each vehicle was inside and not yet cleared, within the measured days [us]."""
    counted = record.is_present & (record.draws.clear_visit != NONE)
    ends = or_else(record.gone_us, record.to_us)
    return np.where(counted, overlap_us(record.arrived_us, ends, record.from_us, record.to_us), 0)


@once
def _waited_us(record: RunRecord) -> Ints:
    """Return how much of that each vehicle was not served [us]."""
    return _inside_us(record) - services(record).of_vehicles_us


@summed
def _spoilt(record: RunRecord) -> Floats:
    """
    Return what loads lost in value while they were inside within the measured days, by leaf [VND].

    As they stand there, not as they are cleared: else clearing those that have waited long would cost, and letting
    them stand until the end would not.
    """
    data = record.network.class_data
    value = np.array([c.load_value if c.perishable and c.shelf_life else 0.0 for c in data])
    shelf_life_us = np.array([(c.shelf_life or 1.0) * US_PER_H for c in data])
    rows = np.flatnonzero((value > 0)[record.draws.classes] & (_inside_us(record) > 0))
    classes, stood_us = record.draws.classes[rows], _inside_us(record)[rows]
    age_us = np.maximum(record.from_us - record.arrived_us[rows], 0)
    lost = np.exp(-age_us / shelf_life_us[classes]) * -np.expm1(-stood_us / shelf_life_us[classes])
    return np.bincount(record.leaves.leaf[rows], value[classes] * lost, record.leaves.n).astype(np.float64)


@once
def _overtime_us(record: RunRecord) -> Floats:
    """Return the overtime of each station [server us], shape (stations,)."""
    while_open = _paid_on_duty_us(record.network, record.from_us)
    return np.where(_pays(record.network), while_open, 0) + _after_closing_us(record)


@once
def _pays(network: Network) -> Bools:
    return np.array([not (node.is_unlimited or node.holds) for node in network.stations], dtype=bool)


@once
def _paid_on_duty_us(network: Network, from_us: int) -> Ints:
    """Return the overtime of servers on duty while their station is open, from a time on, shape (stations,)."""
    result = np.zeros(len(network.stations), dtype=np.int64)
    for number, node in enumerate(network.stations):
        if not node.is_unlimited:
            duty, paid = duty_of(network, number), overtime_spans(network, number)
            lengths = paid.covered_us(np.maximum(duty.begins_us, from_us), duty.ends_us)
            result[number] = (duty.servers * lengths).sum()
    return result


@summed
def _after_closing_us(record: RunRecord) -> Floats:
    """Return the work done after closing [server us], shape (stations,)."""
    trace, hours, found = record.trace, hours_of(record), services(record)
    visits = visits_by_station(record).keep(record.reached & (trace.started_us != NOT_YET))
    is_mine = _pays(record.network)[visits.group]
    rows, stations = np.compress(is_mine, visits.rows), np.compress(is_mine, visits.group)
    begins = np.maximum(trace.started_us[rows], record.from_us)
    ends = or_else(trace.finished_us[rows], record.to_us)
    # Few go on beyond the piece of the timetable in which they began: the others need no second look.
    piece = hours.lines.at(stations, begins)
    few = np.flatnonzero((ends > hours.lines.ends_us[piece]) | ~hours.is_open[piece])
    rows, stations = rows[few], stations[few]
    late = hours.lines.within_us(~hours.is_open, stations, begins[few], ends[few])
    stopped = np.zeros(len(record.reached), dtype=np.int64)
    stopped[found.stopped] = found.shut_us
    return np.bincount(stations, np.maximum(late - stopped[rows], 0), len(record.network.stations)).astype(np.float64)


def overtime_spans(network: Network, number: int) -> Spans:
    """Return the overtime of the calendar that a station follows, and the hours that a decision added."""
    node = network.stations[number]
    gate = network.border.gates[node.gate]
    station = gate.stations[node.name]
    name = gate.counterpart.calendar if station.opens_with == "counterpart" else gate.calendar
    if station.opens_with == "always" or name is None:
        return Spans.of([])
    usual = _paid_as_overtime(network, name, station.hours_of)
    return Spans.of([*usual.pairs(), *node.added_us]) if node.added_us else usual


@once
def _paid_as_overtime(network: Network, calendar_name: str, direction: DirectionName | None) -> Spans:
    calendar, clock, found = network.border.calendars[calendar_name], network.clock, []
    for number_of_day in range(-1, clock.days + 1):
        day = clock.first_day + timedelta(days=number_of_day)
        special, ordinary = day_rule(calendar, day), hours_rule(calendar, day, direction)
        has_own_hours = special is not None and special.open is not None
        paid = [] if ordinary is None or has_own_hours else ordinary.overtime_spans
        found += [(instant(calendar, day, hours.from_min), instant(calendar, day, hours.to_min)) for hours in paid]
    return Spans.of((clock.us(begins), clock.us(ends)) for begins, ends in found)
