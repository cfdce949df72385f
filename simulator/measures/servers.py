"""How hard the servers work, and what the border could sustain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gatewatch.config.units import US_PER_DAY
from gatewatch.simulator.engines.trace import Outcome
from gatewatch.simulator.folding import summed
from gatewatch.simulator.kept import once
from gatewatch.simulator.measures.base import Floats, Value, measure
from gatewatch.simulator.measures.hours import duty_of, hours_of
from gatewatch.simulator.measures.visits import held_visits, or_else, services, yard_of_stage
from gatewatch.simulator.network import NONE
from gatewatch.simulator.record import Ints, Numbers, RunRecord
from gatewatch.simulator.yard_node import Limit


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
    at_work = _at_work_us(record)
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
    blocked = _blocked_us(record)
    for number, on_duty in on_duty_us(record).items():
        if on_duty:
            node = record.network.stations[number]
            yield Value(node.gate, None, None, node.name, float(blocked[number] / on_duty))


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


@measure("capacity_per_day", "veh/day", "neither")
def capacity_per_day(record: RunRecord) -> Iterator[Value]:
    """
    Laden clearances a day that the hours, servers, places and mix of this run could sustain: an upper bound.

    The laden vehicles that came a day over the highest `load` of the stations and yards that vehicles of this
    gate and direction use, as if all directions that share them grew alike. Offered (`offered_per_day`) is
    who came, admitted (`admitted_per_day`) who was let in, capacity what could go through, cleared
    (`cleared_per_day`) what did: four numbers, and a count of clearances is a capacity only on a day that
    leaves a backlog. As assumed as the servers and service times that it is made from.
    """
    per_day = _n_asking(record).reshape(len(record.network.groups), -1).sum(axis=1) / record.days
    found = resources(record)
    for number, group in enumerate(record.network.groups):
        highest = max((resource.load for resource in found if resource.users[number]), default=0.0)
        if highest > 0:
            yield Value(group.gate, group.direction, None, None, float(per_day[number] / highest))


@once
def resources(record: RunRecord) -> list[Resource]:
    """Return what vehicles use up and there is not enough of for any number of them, with its load."""
    network, n_groups = record.network, len(record.network.groups)
    service, entries = _asked(record)
    groups = np.array([stage.group for stage in network.stages], dtype=np.int64)
    stations = np.array([stage.station for stage in network.stages], dtype=np.int64)

    def by_group(numbers: Numbers | Ints, amounts: Floats | Ints, n: int) -> Floats:
        has = numbers != NONE
        cells = np.bincount(numbers[has] * n_groups + groups[has], amounts[has], n * n_groups)
        return cells.reshape(n, n_groups).astype(np.float64)

    work = by_group(stations, service, len(network.stations))
    stay, entered = (by_group(yard_of_stage(network), x, len(network.yards)) for x in (service, entries))
    found = []
    for number, on_duty in on_duty_us(record).items():
        node = network.stations[number]
        found.append(_resource(node.gate, node.name, work[number], on_duty))
    for number, place in enumerate(network.yards):
        places, accepts = _offered(place.places_by_date, record), _offered(place.accepts_by_date, record)
        if places is not None:
            found.append(_resource(place.gate, f"{place.name}: places", stay[number], places))
        if accepts is not None:
            accepted = accepts / US_PER_DAY
            found.append(_resource(place.gate, f"{place.name}: daily acceptance", entered[number], accepted))
    return [resource for resource in found if any(resource.users)]


@summed
def _asked(record: RunRecord) -> Floats:
    """Return the service that the vehicles that came ask of each stage, and their entries, shape (2, stages)."""
    visits, n_stages = record.draws.visits, len(record.network.stages)
    came = (record.is_measured & (record.end_kind != Outcome.DIVERTED))[record.vehicle_of_visit]
    yards = yard_of_stage(record.network)[visits.stage]
    enters = np.concatenate([[True], yards[1:] != yards[:-1]])[: len(yards)]
    enters[record.first_visit[record.first_visit != NONE]] = True
    service = np.bincount(visits.stage, np.where(came, visits.service_us, 0), n_stages)
    entries = np.bincount(np.compress(came & enters, visits.stage), minlength=n_stages)
    return np.stack([service, entries.astype(np.float64)])


@summed
def _n_asking(record: RunRecord) -> Ints:
    """Return the laden vehicles that came and were not sent on, by leaf."""
    return record.leaves.count(record.is_measured & record.is_laden & (record.end_kind != Outcome.DIVERTED))


@summed
def _at_work_us(record: RunRecord) -> Ints:
    return services(record).of_stations_us


@summed
def _blocked_us(record: RunRecord) -> Floats:
    """Return how long servers of each station were kept while it was open [us]."""
    rows, hours = held_visits(record), hours_of(record)
    begins = np.maximum(record.trace.finished_us[rows], record.from_us)
    ends = or_else(record.trace.left_us[rows], record.to_us)
    kept = hours.lines.within_us(hours.is_open, record.station_of_visit[rows], begins, ends)
    return np.bincount(record.station_of_visit[rows], kept, len(record.network.stations)).astype(np.float64)


@once
def on_duty_us(record: RunRecord) -> dict[int, int]:
    """Return the server time on duty while open, of each station with a limited number of servers."""
    result = {}
    for number, node in enumerate(record.network.stations):
        if not (node.is_unlimited or node.holds):
            duty = duty_of(record.network, number)
            lengths = np.maximum(duty.ends_us - np.maximum(duty.begins_us, record.from_us), 0)
            result[number] = int((duty.servers * lengths).sum())
    return result


def _offered(limit: Limit, record: RunRecord) -> int | None:
    """Return a limit times the measured time it holds [us]; None where there is none all the time."""
    pieces = limit.pieces(record.from_us, record.to_us)
    if any(value == NONE for _, _, value in pieces):
        return None
    return sum(value * (ends - begins) for begins, ends, value in pieces)


def _resource(gate: str, name: str, asked: Floats, offered: float) -> Resource:
    total = float(asked.sum())
    share = total / offered if offered else float("inf") if total else 0.0
    return Resource(gate, name, share, tuple((asked > 0).tolist()))
