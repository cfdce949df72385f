"""
Pools: vehicles as the days up to now leave them, simulated with the arrivals that were counted.

Those still inside at the end are a pool: each with its class, its stage, how long it has waited and been served. Where
it has far fewer than were counted, a jam from before those days is in the way. The days are then run again with the jam
in the park, or before the first servers, from the start: by now it stands where it is kept up, and has filled the yards
and lanes as far as they go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from gatewatch.simulator.draws import draw
from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.forecasting.arrivals import ages_of
from gatewatch.simulator.forecasting.border_now import Base
from gatewatch.simulator.forecasting.now import FlowNow, Now
from gatewatch.simulator.initial_state import Standing
from gatewatch.simulator.measures.spans import Spans
from gatewatch.simulator.network import NONE, Network, build_network
from gatewatch.simulator.record import Bools, Ints, RunRecord
from gatewatch.simulator.replications import run_record
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.streams import Streams
from gatewatch.simulator.workers import Workers

N_POOLS = 4  # runs of the days before: how differently the same arrivals can end up
_ROUNDS = 3  # runs that find out how large a jam must have been: some of it goes meanwhile
_JAM, _JAM_SHARE = 20, 0.25  # vehicles, and share of the backlog, that are missing where there is a jam

Floats = NDArray[np.float64]
Generator = np.random.Generator
Pools = dict[tuple[str, str], "Pool"]  # by gate and direction


@dataclass(frozen=True, slots=True)
class Pool:
    """
    Vehicles of one gate and direction as the days before leave them; arrays of shape (n,), longest waiting first.

    Args:
        classes: Class numbers.
        channels: Customs channels.
        places: Place in the route.
        waited_s: Since each joined its queue; in service, before that began [s].
        served_s: How long it has been served; NaN: it waits; infinity: served, and cannot go on [s].
    """

    classes: Ints
    channels: Ints
    places: Ints
    waited_s: Floats
    served_s: Floats

    def take(self, rows: Ints) -> Pool:
        """Return some of them."""
        return Pool(*(getattr(self, f.name)[rows] for f in fields(self)))

    def standing(self, group: int) -> Standing:
        """Return them as the initial state of a run."""
        return Standing(group, self.classes, self.channels, self.places, self.waited_s, self.served_s)


_NO_NUMBERS: Ints = np.empty(0, dtype=np.int64)
NOBODY = Pool(_NO_NUMBERS, _NO_NUMBERS, _NO_NUMBERS, np.empty(0), np.empty(0))


def joined(parts: Sequence[Pool]) -> Pool:
    """Return several pools as one, in their order."""
    return Pool(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Pool)))


def find_pools(base: Base, now: Now, engine: str, crew: Workers) -> list[Pools]:
    """Return the pools of each run of the days before, done by a crew; empty where nothing was counted."""
    if base.before is None:
        return [{}]
    plan, network = base.before, build_network(base.before.loaded, base.before)
    now_us = network.clock.us(now.at)
    jam: dict[tuple[str, str], int] = {}
    pools = _inside_at(_run_before(plan, 0, engine, network, now, jam), now_us)
    for _ in range(_ROUNDS):
        missing = _missing(network, now, pools)
        if not missing:
            break
        jam = {place: jam.get(place, 0) + missing.get(place, 0) for place in {**jam, **missing}}
        pools = _inside_at(_run_before(plan, 0, engine, network, now, jam), now_us)

    def pools_of(number: int) -> Pools:
        return _inside_at(_run_before(plan, number, engine, network, now, jam), now_us)

    return [pools, *crew.each(pools_of, [(number,) for number in range(1, N_POOLS)])]


def _missing(network: Network, now: Now, pools: Pools) -> dict[tuple[str, str], int]:
    """Return how many a pool has too few, where a jam must be in the way."""
    found = {}
    for flow in now.flows:
        if flow.backlog is None or flow.vehicles or flow.place not in pools:
            continue
        places = pools[flow.place].places
        ahead = int((places <= clearing_place(network, network.group_number(*flow.place))).sum())
        missing = round(flow.backlog.value) - ahead
        if missing > max(_JAM, _JAM_SHARE * flow.backlog.value):
            found[flow.place] = missing
    return found


def _came_since(flow: FlowNow, begins: datetime) -> float:
    """Return the arrivals counted since a full hour [veh]."""
    if flow.arrived is None:
        return 0.0
    hours = enumerate(flow.arrived.hourly)
    return sum(n or 0.0 for number, n in hours if flow.arrived.first + timedelta(hours=number) >= begins)


def _run_before(
    plan: Plan, number: int, engine: str, network: Network, now: Now, jam: Mapping[tuple[str, str], int]
) -> RunRecord:
    """Return a run of the days before that begins with a jam."""
    streams, standing, begin_us = Streams(plan.seed, number), [], network.clock.begin_us
    for flow in now.flows:
        n = jam.get(flow.place, 0)
        if n:
            generator = streams.generator("jam", flow.gate, flow.direction)
            group = network.group_number(flow.gate, flow.direction)
            unknown, place = np.full(n, NONE, dtype=np.int64), first_queue(network, group)
            ages = ages_of(flow.arrived, now.at, _came_since(flow, network.clock.instant(begin_us)), n, generator)
            standing.append(
                Standing(
                    group, drawn_classes(network, flow, n, generator), unknown, np.full(n, place, dtype=np.int64),
                    np.maximum(ages - (network.clock.us(now.at) - begin_us) / 1e6, 0.0), np.full(n, np.nan),
                )
            )  # fmt: skip
    return run_record(plan, number, engine, network, draw(network, plan, number, standing))


def _inside_at(record: RunRecord, now_us: int) -> Pools:
    """Return who is inside at a time of a run, by gate and direction."""
    trace, draws, network = record.trace, record.draws, record.network
    joined = (trace.joined_us != NOT_YET) & (trace.joined_us < now_us)
    is_here = np.flatnonzero(joined & ((trace.left_us == NOT_YET) | (trace.left_us >= now_us)))
    vehicle, stage = record.vehicle_of_visit[is_here], draws.visits.stage[is_here]
    place_of = np.zeros(len(network.stages), dtype=np.int64)
    for group in network.groups:
        place_of[list(group.stages)] = np.arange(len(group.stages))
    started = trace.started_us[is_here]
    has_begun = (started != NOT_YET) & (started < now_us)
    finished = trace.finished_us[is_here]
    is_over = has_begun & (finished != NOT_YET) & (finished < now_us)
    waited = np.where(has_begun, started, now_us) - trace.joined_us[is_here]
    served = np.full(len(is_here), np.nan)
    worked = _worked_us(
        network, record.station_of_visit[is_here].astype(np.int64), np.where(has_begun, started, now_us), now_us
    )
    served[has_begun] = worked[has_begun] / 1e6
    served[is_over] = np.inf
    found: Pools = {}
    for number, group in enumerate(network.groups):
        mine = np.flatnonzero(draws.group[vehicle] == number)
        mine = mine[np.argsort(trace.joined_us[is_here[mine]], kind="stable")]
        found[group.gate, group.direction] = Pool(
            draws.classes[vehicle[mine]], draws.channels[vehicle[mine]], place_of[stage[mine]],
            waited[mine] / 1e6, served[mine],
        )  # fmt: skip
    return found


def _worked_us(network: Network, stations: Ints, since_us: Ints, now_us: int) -> Ints:
    """Return how long servers worked on vehicles since a time; where a closing stops work, only open hours count."""
    worked = now_us - since_us
    for number in np.unique(stations).tolist():
        node = network.stations[number]
        if node.closing_rule not in ("freeze", "hand_back"):
            continue
        ends = [*(s.begins_us for s in node.segments[1:]), network.clock.end_us]
        open_us = Spans.of([(s.begins_us, end) for s, end in zip(node.segments, ends, strict=True) if s.capacity > 0])
        mine = stations == number
        worked[mine] = open_us.covered_us(since_us[mine], np.full(int(mine.sum()), now_us))
    return np.asarray(worked)


def clearing_place(network: Network, number: int) -> int:
    """Return the place in the route of a gate and direction at which a vehicle is cleared."""
    stages = [network.stages[stage] for stage in network.groups[number].stages]
    clears = [place for place, stage in enumerate(stages) if stage.clears]
    outward = [place for place, stage in enumerate(stages) if not stage.is_back]
    return clears[0] if clears else outward[-1]


def is_delay(network: Network, number: int) -> Bools:
    """Return by place in the route whether nobody waits there: no servers, and no park that holds."""
    stations = [network.stations[network.stages[stage].station] for stage in network.groups[number].stages]
    return np.array([station.is_unlimited and not station.holds for station in stations], dtype=bool)


def first_queue(network: Network, number: int, within: Bools | None = None) -> int:
    """Return the first place in the route at which vehicles wait: a park that holds, or servers; in a yard if given."""
    allowed = ~is_delay(network, number)
    if within is not None and (allowed & within).any():
        allowed = allowed & within
    return int(np.argmax(allowed)) if allowed.any() else 0


def drawn_classes(network: Network, flow: FlowNow, n: int, generator: Generator) -> Ints:
    """Return class numbers of vehicles as the classes of those who arrived are mixed."""
    names = network.classes
    mix = {} if flow.arrived is None else flow.arrived.mix
    weights = np.array([mix.get(name, 0.0) for name in names])
    if not weights.sum():
        weights[names.index("general") if "general" in names else 0] = 1.0
    edges = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(edges, generator.random(n), side="right"), len(names) - 1)
