"""How hard the servers work, and what the border could sustain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gatewatch.simulator.engines.trace import NOT_YET, Outcome
from gatewatch.simulator.measures.base import Floats, Value, measure
from gatewatch.simulator.measures.spans import Spans
from gatewatch.simulator.measures.visits import or_else, rows_by, services, stretches, yard_of_visit
from gatewatch.simulator.network import NONE
from gatewatch.simulator.record import Ints, RunRecord


@dataclass(frozen=True, slots=True)
class Resource:
    """
    Something that vehicles use up.

    Args:
        gate: Where it is.
        name: Station, `YARD: places` or `YARD: daily acceptance`.
        load: What vehicles ask of it over what it offers.
        users: Whether each group uses it, shape (groups,).
    """

    gate: str
    name: str
    load: float
    users: tuple[bool, ...]


@measure("utilisation", "share", "neither")
def utilisation(record: RunRecord) -> Iterator[Value]:
    """
    Time that servers work over the time that servers are on duty at an open station, in the measured time.

    Stations with a limited number of servers. It may exceed 1 where vehicles are finished after closing. A
    server kept by a vehicle that cannot go on does not work (`blocked_share`); one at a broken station is on
    duty.
    """
    at_work = _per_station(record, services(record).at_work_us)
    for number, on_duty in on_duty_us(record).items():
        node = record.network.stations[number]
        if on_duty:
            yield Value(node.gate, None, None, node.name, float(at_work[number] / on_duty))


@measure("blocked_share", "share", "lower")
def blocked_share(record: RunRecord) -> Iterator[Value]:
    """
    Time that servers are kept by vehicles that cannot go on, over the time that servers are on duty.

    Both while the station is open: a vehicle that is kept over night costs no server.
    """
    trace = record.trace
    served = record.reached & (trace.finished_us != NOT_YET)
    kept = rows_by(record.station_of_visit, len(record.network.stations), served)
    for number, on_duty in on_duty_us(record).items():
        node, rows = record.network.stations[number], kept[number]
        if not on_duty:
            continue
        is_open = Spans.of((s.begins_us, ends) for s, ends in stretches(record, number) if s.is_open)
        begins = np.maximum(trace.finished_us[rows], record.from_us)
        ends = np.minimum(or_else(trace.left_us[rows], record.to_us), record.to_us)
        blocked = is_open.covered_us(begins, ends).sum()
        yield Value(node.gate, None, None, node.name, float(blocked / on_duty))


@measure("load", "share", "neither")
def load(record: RunRecord) -> Iterator[Value]:
    """
    What the vehicles that came ask of a station or yard, over what it offers in the measured time.

    Station: their service times, of all directions and both legs, over server time on duty at an open
    station. `YARD: places`: their service times inside, over places times the measured time; waiting inside
    comes on top. `YARD: daily acceptance`: their entries a day over the vehicles accepted a day. Above 1 it
    cannot be kept up, and the backlog grows. Not given for what offers nothing at all.
    """
    for resource in resources(record):
        if np.isfinite(resource.load):
            yield Value(resource.gate, None, None, resource.name, resource.load)


@measure("capacity_per_day", "veh/day", "higher")
def capacity_per_day(record: RunRecord) -> Iterator[Value]:
    """
    Laden clearances a day that the hours, servers, places and mix of this run could sustain: an upper bound.

    The laden vehicles that came a day over the highest `load` of the stations and yards that vehicles of this
    gate and direction use, as if all directions that share them grew alike. Offered (`offered_per_day`) is
    who came, admitted (`admitted_per_day`) who was let in, capacity what could go through, cleared
    (`cleared_per_day`) what did: four numbers, and a count of clearances is a capacity only on a day that
    leaves a backlog. As assumed as the servers and service times that it is made from.
    """
    came = record.is_measured & record.is_laden & (record.end_kind != Outcome.DIVERTED)
    found = resources(record)
    for number, group in enumerate(record.network.groups):
        highest = max((resource.load for resource in found if resource.users[number]), default=0.0)
        if highest > 0:
            per_day = (came & (record.draws.group == number)).sum() / record.days
            yield Value(group.gate, group.direction, None, None, float(per_day / highest))


def resources(record: RunRecord) -> list[Resource]:
    """Return what vehicles use up and there is not enough of for any number of them, with its load."""
    network, visits = record.network, record.draws.visits
    came = record.is_measured & (record.end_kind != Outcome.DIVERTED)
    rows = np.flatnonzero(came[record.vehicle_of_visit])
    group, n_groups = record.draws.group[record.vehicle_of_visit[rows]], len(network.groups)

    def by_group(numbers: Ints, amounts: Ints, n: int) -> Floats:
        kept = numbers != NONE
        cells = np.bincount(numbers[kept] * n_groups + group[kept], amounts[kept], n * n_groups)
        return cells.reshape(n, n_groups).astype(np.float64)

    station, yard = record.station_of_visit[rows], yard_of_visit(record)
    is_first = rows == record.first_visit[record.vehicle_of_visit[rows]]
    enters = is_first | (yard[rows] != yard[np.maximum(rows - 1, 0)])
    service = visits.service_us[rows]
    work = by_group(station, service, len(network.stations))
    stay = by_group(yard[rows], service, len(network.yards))
    entries = by_group(yard[rows], enters.astype(np.int64), len(network.yards))
    found = []
    for number, on_duty in on_duty_us(record).items():
        node = network.stations[number]
        found.append(_resource(node.gate, node.name, work[number], on_duty))
    for number, place in enumerate(network.yards):
        if place.places != NONE:
            offered = place.places * (record.to_us - record.from_us)
            found.append(_resource(place.gate, f"{place.name}: places", stay[number], offered))
        if place.accepts_per_day != NONE:
            accepted = place.accepts_per_day * record.days
            found.append(_resource(place.gate, f"{place.name}: daily acceptance", entries[number], accepted))
    return [resource for resource in found if any(resource.users)]


def on_duty_us(record: RunRecord) -> dict[int, int]:
    """Return the server time on duty while open, of each station with a limited number of servers."""
    end, result = record.network.clock.end_us, {}
    for number, node in enumerate(record.network.stations):
        if not (node.is_unlimited or node.holds):
            ends = [*(s.begins_us for s in node.segments[1:]), end]
            result[number] = sum(
                s.capacity * max(0, until - max(s.begins_us, record.from_us))
                for s, until in zip(node.segments, ends, strict=True)
            )
    return result


def _resource(gate: str, name: str, asked: Floats, offered: float) -> Resource:
    total = float(asked.sum())
    share = total / offered if offered else float("inf") if total else 0.0
    return Resource(gate, name, share, tuple((asked > 0).tolist()))


def _per_station(record: RunRecord, amounts: Ints) -> Floats:
    return np.bincount(record.station_of_visit, amounts, len(record.network.stations)).astype(np.float64)
