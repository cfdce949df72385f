"""Everything random of one replication, drawn before the run: vehicles, itineraries, breakdowns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.errors import one_fault
from gatewatch.config.units import US_PER_S
from gatewatch.simulator.demand import between_dates, draw_arrivals
from gatewatch.simulator.initial_state import inside_cohorts
from gatewatch.simulator.itineraries import Attributes, Visits, draw_attributes, draw_visits
from gatewatch.simulator.network import CHANNELS, NONE, Network
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.streams import Streams

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
class _Cohort:
    arrival_us: Ints
    group: int
    who: Attributes
    visits: Visits
    inside: Ints
    served_us: Ints
    stand_in_for: Ints


def draw(network: Network, plan: Plan, replication: int) -> Draws:
    """Return the draws of a replication; the same seed and replication give the same draws on every machine."""
    streams = Streams(plan.seed, replication)
    inside = [
        _Cohort(
            c.joined_us,
            c.group,
            c.who,
            c.visits,
            c.state,
            c.served_us,
            np.full(len(c.state), NONE, dtype=np.int64),
        )
        for c in inside_cohorts(network, plan.initial, streams)
    ]
    arriving = _arriving(network, plan, streams)
    vehicles = _merged([*_by_joining(inside), *_by_joining(arriving)])
    stand_ins, cohorts = _stand_ins(network, vehicles, streams)
    everyone = _merged([vehicles, *cohorts]) if cohorts else vehicles
    return _finished(network, everyone, stand_ins, streams)


def _arriving(network: Network, plan: Plan, streams: Streams) -> list[_Cohort]:
    cohorts = []
    clock = network.clock
    for name, flow in network.border.demand[plan.scenario.demand].flows.items():
        group_number = network.group_number(flow.gate, flow.direction)
        group = network.groups[group_number]
        arrivals = draw_arrivals(network, name, flow, streams)
        who = draw_attributes(network, group, flow.mix, arrivals.classes, arrivals.counts, streams, name)
        visits = draw_visits(network, group, who, arrivals.counts, streams, name)
        is_in_run = (arrivals.times_us >= clock.begin_us) & (arrivals.times_us < clock.end_us)
        kept = np.flatnonzero(is_in_run & between_dates(clock, flow, arrivals.times_us))
        _refuse_without_stage(network, name, take(who, kept), take_visits(visits, kept))
        n = len(kept)
        cohorts.append(
            _Cohort(
                arrivals.times_us[kept],
                group_number,
                take(who, kept),
                take_visits(visits, kept),
                np.zeros(n, dtype=np.int64),
                np.zeros(n, dtype=np.int64),
                np.full(n, NONE, dtype=np.int64),
            )
        )
    return cohorts


def _refuse_without_stage(network: Network, name: str, who: Attributes, visits: Visits) -> None:
    """Refuse a flow with vehicles that pass by every stage: they would vanish from every count."""
    nowhere = np.flatnonzero(np.diff(visits.start) == 0)
    if len(nowhere):
        vehicle_class, channel = network.classes[who.classes[nowhere[0]]], CHANNELS[who.channels[nowhere[0]]]
        n = f"{len(nowhere)} vehicle{'s' if len(nowhere) > 1 else ''}"
        found = f"{n} of class {vehicle_class}, channel {channel}, stops at no stage"
        raise one_fault(
            "demand", f"flows.{name}", found, "give the route a stage for them, or take them out of the mix"
        )


def _by_joining(cohorts: list[_Cohort]) -> list[Draws]:
    """Return the cohorts as one, ordered by time of joining; ties stay in the order of the flows."""
    if not cohorts:
        return []
    merged = _merged([_as_draws(cohort) for cohort in cohorts])
    return [_reordered(merged, np.argsort(merged.arrival_us, kind="stable"))]


def _as_draws(cohort: _Cohort) -> Draws:
    n = len(cohort.arrival_us)
    nothing = np.empty((0, n), dtype=np.int64)
    return Draws(
        arrival_us=cohort.arrival_us,
        group=np.full(n, cohort.group, dtype=np.int64),
        **{f.name: getattr(cohort.who, f.name) for f in fields(Attributes)},
        inside=cohort.inside,
        served_us=cohort.served_us,
        stand_in_for=cohort.stand_in_for,
        visits=cohort.visits,
        clear_visit=np.full(n, NONE, dtype=np.int64),
        stand_ins=nothing,
        breakdowns=(),
    )


_PER_VEHICLE = tuple(
    f.name for f in fields(Draws) if f.name not in ("visits", "clear_visit", "stand_ins", "breakdowns")
)


def _merged(parts: Sequence[Draws]) -> Draws:
    columns = {name: np.concatenate([getattr(p, name) for p in parts]) for name in _PER_VEHICLE}
    lengths = np.concatenate([np.diff(p.visits.start) for p in parts])
    visits = Visits(
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        *(
            np.concatenate([getattr(p.visits, name) for p in parts])
            for name in ("stage", "service_us", "number", "goes_out")
        ),
    )
    n = len(columns["group"])
    return Draws(
        **columns, visits=visits, clear_visit=np.full(n, NONE, dtype=np.int64),
        stand_ins=np.empty((0, n), dtype=np.int64), breakdowns=(),
    )  # fmt: skip


def _reordered(draws: Draws, order: Ints) -> Draws:
    columns = {name: getattr(draws, name)[order] for name in _PER_VEHICLE}
    return Draws(
        **columns, visits=take_visits(draws.visits, order), clear_visit=draws.clear_visit[order],
        stand_ins=draws.stand_ins, breakdowns=(),
    )  # fmt: skip


def take(who: Attributes, kept: Ints) -> Attributes:
    """Return the attributes of some of the vehicles, in this order."""
    return Attributes(*(getattr(who, f.name)[kept] for f in fields(Attributes)))


def take_visits(visits: Visits, kept: Ints) -> Visits:
    """Return the itineraries of some of the vehicles, in this order."""
    lengths = np.diff(visits.start)[kept]
    start = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    within = np.arange(start[-1]) - np.repeat(start[:-1], lengths)
    rows = np.repeat(visits.start[kept], lengths) + within
    return Visits(start, visits.stage[rows], visits.service_us[rows], visits.number[rows], visits.goes_out[rows])


def _stand_ins(network: Network, vehicles: Draws, streams: Streams) -> tuple[Ints, list[Draws]]:
    n = len(vehicles.group)
    table = np.full((len(network.diversions), n), NONE, dtype=np.int64)
    cohorts: list[Draws] = []
    first = n
    for row, rule in enumerate(network.diversions):
        mine = np.flatnonzero(
            (vehicles.group == rule.source)
            & np.isin(vehicles.classes, list(rule.classes))
            & (vehicles.follows < rule.compliance)
        )
        if not len(mine):
            continue
        name, counts = f"diversion/{rule.name}", [len(mine)]
        group = network.groups[rule.target]
        who = draw_attributes(network, group, {}, vehicles.classes[mine], counts, streams, name)
        travel = rule.travel.quantile_s(streams.uniforms(counts, name, "travel")) * US_PER_S
        table[row, mine] = np.arange(first, first + len(mine))
        first += len(mine)
        cohorts.append(
            _as_draws(
                _Cohort(
                    np.rint(travel).astype(np.int64), rule.target, who,
                    draw_visits(network, group, who, counts, streams, name),
                    np.zeros(len(mine), dtype=np.int64), np.zeros(len(mine), dtype=np.int64), mine,
                )
            )
        )  # fmt: skip
    return table, cohorts


def _finished(network: Network, draws: Draws, stand_ins: Ints, streams: Streams) -> Draws:
    n = len(draws.group)
    table = np.full((len(network.diversions), n), NONE, dtype=np.int64)
    table[:, : stand_ins.shape[1]] = stand_ins
    columns = {name: getattr(draws, name) for name in _PER_VEHICLE}
    return Draws(
        **columns, visits=draws.visits, clear_visit=_clear_visits(network, draws), stand_ins=table,
        breakdowns=tuple(_breakdowns(network, number, streams) for number in range(len(network.stations))),
    )  # fmt: skip


def _clear_visits(network: Network, draws: Draws) -> Ints:
    """
    Return where each vehicle is cleared: its first stage that clears, else the last one on the way out.

    One that takes a way `out` before that is never cleared: its place is behind its last visit.
    """
    visits = draws.visits
    clears = np.array([stage.clears for stage in network.stages], dtype=bool)
    back = np.array([stage.is_back for stage in network.stages], dtype=bool)
    result = np.full(len(draws.group), NONE, dtype=np.int64)
    vehicle = np.repeat(np.arange(len(draws.group)), np.diff(visits.start))
    outward = ~back[visits.stage]
    result[vehicle[outward]] = np.flatnonzero(outward)  # the last one wins
    gone = np.flatnonzero(visits.goes_out)
    result[vehicle[gone]] = visits.start[vehicle[gone] + 1]
    cleared = np.flatnonzero(clears[visits.stage])[::-1]
    result[vehicle[cleared]] = cleared  # the first one wins
    late = (draws.inside > 0) & _past_clearing(network, draws, clears)
    result[late] = NONE
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
