"""Everything random of one replication, drawn before the run: vehicles, itineraries, breakdowns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.errors import one_fault
from gatewatch.config.units import US_PER_S
from gatewatch.simulator.demand import between_dates, draw_arrivals
from gatewatch.simulator.initial_state import InsideCohort, Standing, inside_cohorts, standing_cohort
from gatewatch.simulator.itineraries import Attributes, Visits, draw_attributes, draw_visits
from gatewatch.simulator.network import CHANNELS, NONE, Network
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.service_factors import with_factors
from gatewatch.simulator.streams import Counts, Streams

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Draws:
    """
    The vehicles of one replication, numbered by arrival, and the breakdowns of its stations.

    Vehicles inside at the start come first, then those that arrive, then the stand-ins: a vehicle that a diversion
    rule may send to another gate has a stand-in there, with an itinerary of its own, that appears only if the rule
    acts. All arrays have shape (vehicles,) unless said otherwise; times are simulated [us].
    """

    arrival_us: Ints  # when they join; for those inside, when they joined; for stand-ins the driving time
    group: Ints
    classes: Ints
    channels: Ints
    laden_return: Bools
    preregistered: Bools
    patience_us: Ints  # NONE: never turns back
    follows: Floats
    heeds: Floats
    # At the start: 0 arrives later, 1 waits inside, 2 is in service, 3 waits for its first stage, not yet let in.
    inside: Ints
    served_us: Ints  # for those in service at the start, how long already; else 0
    stand_in_for: Ints  # number of the vehicle it stands in for, NONE for all others
    visits: Visits
    # Position in `visits` of the stage whose end is the clearance; NONE if it lies before the start, and the position
    # behind the last visit of a vehicle that takes a way out before it.
    clear_visit: Ints
    stand_ins: Ints  # shape (diversions, vehicles): number of the stand-in, NONE without one
    breakdowns: tuple[tuple[tuple[int, int], ...], ...]  # by station: start and end of each [us]


@dataclass(frozen=True, slots=True)
class Cohort:
    """Vehicles that were drawn together, in the order in which they were drawn."""

    arrival_us: Ints
    group: int
    who: Attributes
    visits: Visits
    kept: Bools | None = None  # which of them come in the run; None: all
    inside: Ints | None = None
    served_us: Ints | None = None
    stand_in_for: Ints | None = None


def draw(network: Network, plan: Plan, replication: int, standing: Sequence[Standing] = ()) -> Draws:
    """
    Return the draws of a replication; the same seed and replication give the same draws on every machine.

    Args:
        network: The border.
        plan: What is run.
        replication: Number of the replication.
        standing: Vehicles inside at the start besides those of the plan, one by one.
    """
    streams = Streams(plan.seed, replication)
    inside = [*inside_at_start(network, plan, streams), *_standing(network, standing, streams)]
    arriving = _arriving(network, plan, streams)
    vehicles = one_after_the_other([by_joining(cohorts) for cohorts in (inside, arriving) if cohorts])
    stand_ins, cohorts = stand_ins_of(network, vehicles, streams)
    everyone = one_after_the_other([vehicles, *(together([cohort]) for cohort in cohorts)])
    return _finished(network, everyone, stand_ins, streams)


def inside_at_start(network: Network, plan: Plan, streams: Streams) -> list[Cohort]:
    """Return the vehicles inside at the start."""
    return [_cohort_of(cohort) for cohort in inside_cohorts(network, plan.initial, streams)]


def _standing(network: Network, standing: Sequence[Standing], streams: Streams) -> list[Cohort]:
    found = []
    for vehicles in standing:
        group = network.groups[vehicles.group]
        found.append(
            _cohort_of(standing_cohort(network, vehicles, streams, f"standing/{group.gate}/{group.direction}"))
        )
    return found


def _cohort_of(inside: InsideCohort) -> Cohort:
    return Cohort(
        inside.joined_us, inside.group, inside.who, inside.visits, inside=inside.state, served_us=inside.served_us
    )


def _arriving(network: Network, plan: Plan, streams: Streams) -> list[Cohort]:
    cohorts = []
    clock = network.clock
    for name, flow in network.border.demand[plan.scenario.demand].flows.items():
        group_number = network.group_number(flow.gate, flow.direction)
        group = network.groups[group_number]
        arrivals = draw_arrivals(network, name, flow, streams)
        who = draw_attributes(network, group, flow.mix, arrivals.classes, arrivals.counts, streams, name)
        visits = draw_visits(network, group, who, arrivals.counts, streams, name)
        visits = with_factors(network, group, who, visits, arrivals.times_us)
        is_in_run = (arrivals.times_us >= clock.begin_us) & (arrivals.times_us < clock.end_us)
        kept = is_in_run & between_dates(clock, flow, arrivals.times_us)
        refuse_without_stage(network, name, who, visits, kept)
        cohorts.append(Cohort(arrivals.times_us, group_number, who, visits, None if kept.all() else kept))
    return cohorts


def refuse_without_stage(network: Network, name: str, who: Attributes, visits: Visits, kept: Bools) -> None:
    """Refuse a flow with vehicles that pass by every stage: they would vanish from every count."""
    nowhere = np.flatnonzero((np.diff(visits.start) == 0) & kept)
    if len(nowhere):
        vehicle_class, channel = network.classes[who.classes[nowhere[0]]], CHANNELS[who.channels[nowhere[0]]]
        n = f"{len(nowhere)} vehicle{'s' if len(nowhere) > 1 else ''}"
        found = f"{n} of class {vehicle_class}, channel {channel}, stops at no stage"
        raise one_fault(
            "demand", f"flows.{name}", found, "give the route a stage for them, or take them out of the mix"
        )


def by_joining(cohorts: Sequence[Cohort]) -> Draws:
    """Return cohorts as one, ordered by time of joining; ties stay in the order of the flows."""
    joining_us = np.concatenate([c.arrival_us for c in cohorts])
    come = [np.ones(len(c.arrival_us), dtype=bool) if c.kept is None else c.kept for c in cohorts]
    kept = np.flatnonzero(np.concatenate(come))
    order = np.argsort(joining_us[kept])
    if (np.diff(joining_us[kept[order]]) == 0).any():
        order = np.argsort(joining_us[kept], kind="stable")  # several times as slow
    return together(cohorts, kept[order])


def together(cohorts: Sequence[Cohort], rows: Ints | None = None) -> Draws:
    """Return cohorts as one: the vehicles of these rows of all of them, in this order, or all vehicles."""
    edges = np.cumsum([0, *(len(c.arrival_us) for c in cohorts)])
    n = int(edges[-1]) if rows is None else len(rows)
    numbers = np.full(edges[-1], NONE, dtype=np.int64)  # the number that each vehicle gets
    numbers[slice(None) if rows is None else rows] = np.arange(n)
    parts = [(c, numbers[begin:end]) for c, begin, end in zip(cohorts, edges[:-1], edges[1:], strict=True)]
    columns: dict[str, Any] = {
        "arrival_us": np.empty(n, dtype=np.int64), "group": np.empty(n, dtype=np.int64),
        "inside": np.zeros(n, dtype=np.int64), "served_us": np.zeros(n, dtype=np.int64),
        "stand_in_for": np.full(n, NONE, dtype=np.int64),
        **{name: np.empty(n, dtype=getattr(cohorts[0].who, name).dtype) for name in _OF_ATTRIBUTES},
    }  # fmt: skip
    for cohort, number in parts:
        come = slice(None) if cohort.kept is None else cohort.kept
        to = number[come]
        columns["group"][to] = cohort.group
        for name in ("arrival_us", "inside", "served_us", "stand_in_for"):
            if getattr(cohort, name) is not None:
                columns[name][to] = getattr(cohort, name)[come]
        for name in _OF_ATTRIBUTES:
            columns[name][to] = getattr(cohort.who, name)[come]
    return Draws(
        **columns, visits=_visits_of(parts, n), clear_visit=np.empty(0, dtype=np.int64),
        stand_ins=np.empty((0, n), dtype=np.int64), breakdowns=(),
    )  # fmt: skip


def _visits_of(parts: Sequence[tuple[Cohort, Ints]], n: int) -> Visits:
    """Return the itineraries of cohorts whose vehicles get these numbers."""
    start = np.zeros(n + 1, dtype=np.int64)
    for cohort, number in parts:
        come = slice(None) if cohort.kept is None else cohort.kept
        start[1 + number[come]] = np.diff(cohort.visits.start)[come]
    np.cumsum(start, out=start)
    columns = {name: np.empty(start[-1], dtype=np.int64) for name in ("stage", "service_us")}
    columns["number"] = np.ones(start[-1], dtype=np.int64)
    columns["goes_out"] = np.zeros(start[-1], dtype=np.int64)
    for cohort, number in parts:
        visits = cohort.visits
        lengths = np.diff(visits.start)
        to = np.repeat(start[number] - visits.start[:-1], lengths)
        to += np.arange(len(to))
        come = slice(None) if cohort.kept is None else np.repeat(cohort.kept, lengths)
        for name, usual in _PER_VISIT.items():
            column = getattr(visits, name)
            if usual is None or (column != usual).any():
                columns[name][to[come]] = column[come]
    return Visits(start, **columns)


_PER_VISIT = {"stage": None, "service_us": None, "number": 1, "goes_out": 0}  # and what nearly all visits have
_OF_ATTRIBUTES = tuple(f.name for f in fields(Attributes))
_PER_VEHICLE = tuple(
    f.name for f in fields(Draws) if f.name not in ("visits", "clear_visit", "stand_ins", "breakdowns")
)


def one_after_the_other(parts: Sequence[Draws]) -> Draws:
    """Return several as one, in this order; what is known only of all of them is that of the first."""
    if len(parts) == 1:
        return parts[0]
    columns: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _PER_VEHICLE}
    lengths = np.concatenate([np.diff(part.visits.start) for part in parts])
    columns["visits"] = Visits(
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        *(np.concatenate([getattr(part.visits, name) for part in parts]) for name in _PER_VISIT),
    )
    return replace(parts[0], **columns)


def stand_ins_of(
    network: Network, vehicles: Draws, streams: Streams, before: Sequence[int] | None = None
) -> tuple[Ints, list[Cohort]]:
    """Return the numbers of stand-ins and their cohorts; `before` tells how many each rule has had already."""
    before = before or [0] * len(network.diversions)
    n = len(vehicles.group)
    table = np.full((len(network.diversions), n), NONE, dtype=np.int64)
    cohorts: list[Cohort] = []
    first = n
    for row, rule in enumerate(network.diversions):
        mine = np.flatnonzero(
            (vehicles.group == rule.source)
            & np.isin(vehicles.classes, list(rule.classes))
            & (vehicles.follows < rule.compliance)
        )
        if not len(mine):
            continue
        name, counts = f"diversion/{rule.name}", Counts([len(mine)], [before[row]])
        group = network.groups[rule.target]
        who = draw_attributes(network, group, {}, vehicles.classes[mine], counts, streams, name)
        travel = rule.travel.quantile_s(streams.uniforms(counts, name, "travel")) * US_PER_S
        visits = draw_visits(network, group, who, counts, streams, name)
        table[row, mine] = np.arange(first, first + len(mine))
        first += len(mine)
        visits = with_factors(network, group, who, visits, vehicles.arrival_us[mine])
        cohorts.append(Cohort(np.rint(travel).astype(np.int64), rule.target, who, visits, stand_in_for=mine))
    return table, cohorts


def _finished(network: Network, draws: Draws, stand_ins: Ints, streams: Streams) -> Draws:
    n = len(draws.group)
    table = np.full((len(network.diversions), n), NONE, dtype=np.int64)
    table[:, : stand_ins.shape[1]] = stand_ins
    return replace(
        draws,
        clear_visit=clear_visits(network, draws),
        stand_ins=table,
        breakdowns=breakdowns_of(network, streams),
    )


def clear_visits(network: Network, draws: Draws) -> Ints:
    """
    Return where each vehicle is cleared: its first stage that clears, else the last one on the way out.

    One that takes a way `out` before that is never cleared: its place is behind its last visit.
    """
    visits = draws.visits
    clears = np.array([stage.clears for stage in network.stages], dtype=bool)
    result = np.full(len(draws.group), NONE, dtype=np.int64)
    vehicle = np.repeat(np.arange(len(draws.group)), np.diff(visits.start))
    cleared = np.flatnonzero(clears[visits.stage])[::-1]
    result[vehicle[cleared]] = cleared  # the first one wins
    left = np.flatnonzero((result == NONE)[vehicle])
    if len(left):
        back = np.array([stage.is_back for stage in network.stages], dtype=bool)
        outward = left[~back[visits.stage[left]]]
        result[vehicle[outward]] = outward  # the last one wins
        gone = left[visits.goes_out[left] > 0]
        result[vehicle[gone]] = visits.start[vehicle[gone] + 1]
    if draws.inside.any():
        result[(draws.inside > 0) & _past_clearing(network, draws, clears)] = NONE
    return result


def _past_clearing(network: Network, draws: Draws, clears: Bools) -> Bools:
    """Return which vehicles begin behind the stage that clears their route."""
    place = np.zeros(len(network.stages), dtype=np.int64)
    clearing_place = np.full(len(network.groups), np.iinfo(np.int64).max)
    for number, group in enumerate(network.groups):
        for n, stage in enumerate(group.stages):
            place[stage] = n
            if clears[stage]:
                clearing_place[number] = n
    has_any = np.diff(draws.visits.start) > 0
    first = np.zeros(len(draws.group), dtype=np.int64)
    first[has_any] = place[draws.visits.stage[draws.visits.start[:-1][has_any]]]
    return np.asarray(first > clearing_place[draws.group])


def breakdowns_of(network: Network, streams: Streams) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return the start and the end [us] of each breakdown, by station."""
    return tuple(_breakdowns(network, number, streams) for number in range(len(network.stations)))


def _breakdowns(network: Network, number: int, streams: Streams) -> tuple[tuple[int, int], ...]:
    node, clock = network.stations[number], network.clock
    if node.breakdown is None:
        return ()
    up, down = node.breakdown
    generator = streams.generator("breakdown", node.gate, node.name)
    found: list[tuple[int, int]] = []
    now = clock.begin_us
    while True:
        luck = generator.random(2)
        begins = now + round(float(up.quantile_s(luck[:1])[0]) * US_PER_S)
        ends = begins + max(1, round(float(down.quantile_s(luck[1:])[0]) * US_PER_S))
        if begins >= clock.end_us:
            return tuple(found)
        found.append((begins, ends))
        now = ends
