"""Where a gate and direction is small enough: the chain of its bottleneck station in place of the fluid's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.units import US_PER_H, US_PER_S
from gatewatch.simulator.network import NONE, Network
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.shadow.chain import Pieces, solve_chain
from gatewatch.simulator.shadow.fluid import Course, Fluid
from gatewatch.simulator.shadow.layout import availability, effective_segments
from gatewatch.simulator.shadow.loads import Demanded

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ExactAnswer:
    """
    What the chain says of a group.

    Args:
        backlog: At full hours from the start, shape (hours + 1,) [veh, laden or not].
        quantiles: 10 % and 90 % point of the vehicles at the station, shape (2, hours + 1) [veh].
        wait_s: Mean wait for the station over the measured days [s].
        mean_queue: Vehicles that wait there over the measured days [veh].
        model: What was solved, in words.
        is_whole: Whether the chain is the whole gate and direction, and not its bottleneck alone.
    """

    backlog: Floats
    quantiles: Floats
    wait_s: float
    mean_queue: float
    model: str
    is_whole: bool


def exact_answer(
    network: Network, plan: Plan, fluid: Fluid, course: Course, resources: list[Demanded]
) -> ExactAnswer | str:
    """Return what the chain of the group's bottleneck says, or in words why there is none."""
    number, group = course.number, network.groups[course.number]
    mine = [r for r in resources if number in r.users]
    ahead = [r for r in mine if r.station != NONE and r.is_before[number]]
    days = slice(plan.warmup_days, None)
    if not ahead:
        return "no station with servers before the clearance"
    bottleneck = max(ahead, key=lambda r: r.load(days))
    others = [r for r in mine if r is not bottleneck and r.load(days) >= max(0.95, bottleneck.load(days))]
    if others:
        return f"{others[0].name} binds too: no single station"
    if course.asks.may_leave.any():
        return "vehicles turn back"
    if any(number in (rule.source, rule.target) for rule in network.diversions):
        return "vehicles are diverted"
    node = network.stations[bottleneck.station]
    if node.queue_places != NONE:
        return f"the queue of {node.name} is limited"
    places = [p for p, s in enumerate(group.stages) if network.stages[s].station == bottleneck.station]
    if course.asks.first_served[places].max() < 0.5:
        return f"{node.name} is not the first station: what comes to it is no Poisson stream"
    own = course.joined[places].sum(axis=0)
    every, work = _of_station(network, fluid, bottleneck.station)
    if every.sum() <= 0:
        return "nobody comes"
    mean_s = float(work.sum() / every.sum())
    if mean_s <= 0:
        return "services take no time"
    pieces = _pieces(network, plan, bottleneck.station, every, mean_s)
    start = sum(
        float(c.present[p, 0])
        for c in fluid.courses
        for p, s in enumerate(network.groups[c.number].stages)
        if network.stages[s].station == bottleneck.station
    )
    chain = solve_chain(
        pieces, 3_600 / mean_s, day_cv=course.inflow.day_cv, initial=round(start),
        freezes=node.closing_rule in ("freeze", "hand_back"),
    )  # fmt: skip
    if chain is None:
        return f"the chain of {node.name} is too large"
    share = np.append(_safe_share(own, every), 0.0)
    share[-1] = share[-2] if len(share) > 1 else 1.0
    mean = np.concatenate([[start], chain.mean])
    at_hours = np.append(_full_hours(plan), fluid.edges_us[-1])[: len(mean) - 1]
    hours = np.concatenate([[plan.clock.begin_us], at_hours])
    of_share = np.interp(hours, plan.clock.begin_us + US_PER_H * np.arange(len(share)), share)
    fluid_here = np.interp(
        hours, plan.clock.begin_us + US_PER_H * np.arange(course.present.shape[1]), course.present[places].sum(axis=0)
    )
    limited = [r for r in mine if r.is_before[number]]
    is_whole = (
        len(limited) == 1
        and own.sum() == every.sum()
        and bool(course.asks.is_exponential[places].all())
        and course.inflow.is_poisson
        and _comes_straight(network, course, places)
        and node.closing_rule != "last_start"
        and node.breakdown is None
    )
    servers = sorted(set(pieces.servers[pieces.servers > 0].tolist()))
    words = f"M(t)/M/{'/'.join(map(str, servers)) or 0} at {node.name}"
    return ExactAnswer(
        backlog=fluid.at(course.backlog, hours) - fluid_here + of_share * mean,
        quantiles=np.concatenate([[[start], [start]], chain.quantiles], axis=1),
        wait_s=chain.mean_wait_h * 3_600,
        mean_queue=chain.mean_queue,
        model=words if is_whole else f"{words} alone, the other stages as a fluid",
        is_whole=is_whole,
    )


def _comes_straight(network: Network, course: Course, places: list[int]) -> bool:
    """Return whether vehicles come to the station at once, and only once."""
    stages = network.groups[course.number].stages
    plain = all(network.stages[s].yard == NONE and not network.stages[s].branches for s in stages)
    return plain and len(places) == 1 and course.asks.entry[places[0]] == course.asks.visits[places[0]] == 1


def _of_station(network: Network, fluid: Fluid, station: int) -> tuple[Floats, Floats]:
    """Return the vehicles that join a station in each hour, and the work they bring, shape (hours,) [veh], [s]."""
    every = work = np.zeros(fluid.courses[0].joined.shape[1])
    for course in fluid.courses:
        for place, stage in enumerate(network.groups[course.number].stages):
            if network.stages[stage].station == station:
                every = every + course.joined[place]
                work = work + course.joined[place] * course.asks.mean_s[place]
    return every, work


def _safe_share(part: Floats, whole: Floats) -> Floats:
    total = part.sum() / whole.sum()
    return np.where(whole > 1e-9, part / np.maximum(whole, 1e-9), total)


def _full_hours(plan: Plan) -> NDArray[np.int64]:
    first = -(-plan.clock.begin_us // US_PER_H)
    hours = np.arange(first, plan.clock.end_us // US_PER_H + 1, dtype=np.int64) * US_PER_H
    return hours[hours > plan.clock.begin_us]


def _pieces(network: Network, plan: Plan, station: int, joined: Floats, mean_s: float) -> Pieces:
    """Cut the run wherever hours, days or the station's servers change."""
    clock, node = plan.clock, network.stations[station]
    segments = effective_segments(node, round(mean_s * US_PER_S))
    days = np.array(clock.day_starts_us())
    hours = _full_hours(plan)
    joined_edges = clock.begin_us + US_PER_H * np.arange(len(joined) + 1)
    edges = np.unique(
        np.concatenate([[clock.begin_us, clock.end_us], hours, days, [s.begins_us for s in segments], joined_edges])
    )
    edges = edges[(edges >= clock.begin_us) & (edges <= clock.end_us)]
    starts = edges[:-1]
    which = np.searchsorted([s.begins_us for s in segments], starts, side="right") - 1
    servers = np.array([segments[n].servers if segments[n].is_open else 0 for n in which])
    up = availability(network, node)
    return Pieces(
        hours=np.diff(edges) / US_PER_H,
        rate=joined[np.minimum((starts - clock.begin_us) // US_PER_H, len(joined) - 1)],
        servers=np.rint(servers * up).astype(np.int64),
        day=np.searchsorted(days, starts, side="right").astype(np.int64) - 1,
        is_full_hour=np.isin(edges[1:], hours),
        is_measured=starts >= plan.measured_from_us,
    )
