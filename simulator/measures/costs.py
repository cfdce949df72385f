"""What congestion costs: hours of vehicles and perishable loads, overtime, and money by the prices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from gatewatch.config.opening_hours import day_rule, hours_rule, instant
from gatewatch.config.units import US_PER_H
from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.measures.base import Floats, Value, measure
from gatewatch.simulator.measures.spans import Spans, overlap_us
from gatewatch.simulator.measures.visits import idle, or_else, rows_by, services
from gatewatch.simulator.network import NONE
from gatewatch.simulator.record import Ints, RunRecord


@measure("perishable_hours_per_day", "veh h/day", "lower")
def perishable_hours_per_day(record: RunRecord) -> Iterator[Value]:
    """Hours that perishable vehicles are inside, from arrival until cleared or gone, a measured day."""
    perishable = np.array([c.perishable for c in record.network.class_data], dtype=bool)[record.draws.classes]
    inside = _inside_us(record)
    for part in record.slices():
        mine = part.vehicles & perishable & record.is_present
        if mine.any():
            hours = inside[mine].sum() / US_PER_H
            yield Value(part.gate, part.direction, part.class_, None, float(hours / record.days))


@measure("vehicle_hours_per_day", "veh h/day", "lower")
def vehicle_hours_per_day(record: RunRecord) -> Iterator[Value]:
    """
    Hours that vehicles wait, a measured day: inside and not being served, from arrival until cleared or gone.

    Queues, parks, places kept for want of the next one, and services that are stopped. At free flow it is
    nought.
    """
    waited = _waited_us(record)
    for part in record.slices():
        mine = part.vehicles & record.is_present
        if mine.any():
            hours = waited[mine].sum() / US_PER_H
            yield Value(part.gate, part.direction, part.class_, None, float(hours / record.days))


@measure("overtime_server_hours_per_day", "server h/day", "lower")
def overtime_server_hours_per_day(record: RunRecord) -> Iterator[Value]:
    """
    Hours of servers beyond regular hours, a measured day, by station, by gate and in all.

    Servers on duty at the open station during the `overtime` of the calendar that the station follows (the
    gate's own where it follows both; none where it never closes), and work done after closing to finish a
    vehicle.
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
    at the price of a server hour, whichever side pays. Spoilage: load value times 1 - exp(-crossing time /
    shelf life), of perishable vehicles cleared in the measured days; what leaves without crossing is not
    counted. The prices are data with their sources (`prices`, `classes`); a part without a price is left out.
    """
    network, prices = record.network, record.network.border.prices
    waited, spoilt, overtime = _waited_us(record) / US_PER_H, _spoilt(record), _overtime_us(record) / US_PER_H
    of_gate = np.array([node.gate for node in network.stations])
    has_spoilage = any(c.perishable and c.shelf_life and c.load_value for c in network.class_data)
    for part in record.slices(by_class=False):
        if part.direction is not None or not (part.vehicles & record.is_present).any():
            continue
        stations = np.ones(len(of_gate), dtype=bool) if part.gate is None else of_gate == part.gate
        costs = {}
        if prices.vehicle_hour:
            costs["waiting"] = prices.vehicle_hour * waited[part.vehicles].sum()
        if prices.overtime_server_hour:
            costs["overtime"] = prices.overtime_server_hour * overtime[stations].sum()
        if has_spoilage:
            costs["spoilage"] = spoilt[part.vehicles].sum()
        if costs:
            costs["total"] = sum(costs.values())
        for what, cost in costs.items():
            yield Value(part.gate, None, None, what, float(cost / record.days))


def _inside_us(record: RunRecord) -> Ints:
    """Return how long each vehicle was inside and not yet cleared, within the measured days [us]."""
    counted = record.is_present & (record.draws.clear_visit != NONE)
    ends = or_else(record.gone_us, record.to_us)
    return np.where(counted, overlap_us(record.arrived_us, ends, record.from_us, record.to_us), 0)


def _waited_us(record: RunRecord) -> Ints:
    """Return how much of that each vehicle was not served [us]."""
    rows = np.flatnonzero(np.arange(len(record.reached)) <= record.draws.clear_visit[record.vehicle_of_visit])
    at_work = services(record).at_work_us[rows]
    vehicles = record.vehicle_of_visit[rows]
    served = np.bincount(vehicles, at_work, len(record.draws.group)).astype(np.int64)
    return _inside_us(record) - served


def _spoilt(record: RunRecord) -> Floats:
    """Return what the load of each vehicle cleared in the measured days lost in value [VND]."""
    data = record.network.class_data
    value = np.array([c.load_value if c.perishable and c.shelf_life else 0.0 for c in data])
    shelf_life_us = np.array([(c.shelf_life or 1.0) * US_PER_H for c in data])
    cleared = (record.cleared_us != NOT_YET) & (record.cleared_us >= record.from_us)
    taken = np.where(cleared, record.cleared_us - record.arrived_us, 0)
    lost = -np.expm1(-taken / shelf_life_us[record.draws.classes])
    return np.asarray(value[record.draws.classes] * lost)


def _overtime_us(record: RunRecord) -> Floats:
    """Return the overtime of each station [server us], shape (stations,)."""
    network, trace = record.network, record.trace
    at_work = services(record)
    has_begun = record.reached & (trace.started_us != NOT_YET)
    begins = np.maximum(trace.started_us, record.from_us)
    ends = np.minimum(or_else(trace.finished_us, record.to_us), record.to_us)
    result = np.zeros(len(network.stations))
    served = rows_by(record.station_of_visit, len(network.stations), has_begun & (begins < ends))
    for number, node in enumerate(network.stations):
        if node.is_unlimited or node.holds:
            continue
        overtime = _overtime_spans(record, number)
        until = [*(s.begins_us for s in node.segments[1:]), network.clock.end_us]
        from_us = np.array([s.begins_us for s in node.segments], dtype=np.int64)
        servers = np.array([s.capacity for s in node.segments], dtype=np.int64)
        on_duty = overtime.covered_us(np.maximum(from_us, record.from_us), np.array(until, dtype=np.int64))
        result[number] = (servers * on_duty).sum()
        rows = served[number]
        if len(rows):
            late = idle(record, number).shut.covered_us(begins[rows], ends[rows]) - at_work.shut_us[rows]
            result[number] += np.maximum(late, 0).sum()
    return result


def _overtime_spans(record: RunRecord, number: int) -> Spans:
    """Return the overtime of the calendar that a station follows."""
    network, clock = record.network, record.network.clock
    gate = network.border.gates[network.stations[number].gate]
    station = gate.stations[network.stations[number].name]
    name = gate.counterpart.calendar if station.opens_with == "counterpart" else gate.calendar
    if station.opens_with == "always" or name is None:
        return Spans.of([])
    calendar, found = network.border.calendars[name], []
    for number_of_day in range(-1, clock.days + 1):
        day = clock.first_day + timedelta(days=number_of_day)
        special, ordinary = day_rule(calendar, day), hours_rule(calendar, day, station.hours_of)
        has_own_hours = special is not None and special.open is not None
        if ordinary is not None and ordinary.overtime is not None and not has_own_hours:
            hours = ordinary.overtime
            found.append((instant(calendar, day, hours.from_min), instant(calendar, day, hours.to_min)))
    return Spans.of((clock.us(begins), clock.us(ends)) for begins, ends in found)
