"""
Each vehicle's whole way that does not depend on what others do: its stages and the work at each.

Drawn before the run, in compressed rows: visits of vehicle v are `visit_start[v]` to `visit_start[v + 1]`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.units import US_PER_S
from gatewatch.simulator.attributes import Attributes, draw_attributes
from gatewatch.simulator.kept import once
from gatewatch.simulator.network import CHANNELS, NONE, Group, Network, StageNode
from gatewatch.simulator.streams import Streams

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST_VISITS = 10_000


@dataclass(frozen=True, slots=True)
class Visits:
    """Ragged itineraries: `start` has shape (n + 1,), the others one entry a visit."""

    start: Ints
    stage: Ints
    service_us: Ints
    number: Ints  # 1 for the first visit to a stage, 2 for the second
    goes_out: Ints  # 1 where a way `out` leads past stages of the way out that the vehicle would have stopped at


def _us(seconds: Floats) -> Ints:
    us = seconds * US_PER_S
    return np.rint(us, out=us).astype(np.int64)


def draw_visits(
    network: Network, group: Group, who: Attributes, counts: Sequence[int], streams: Streams, name: str,
    first: Ints | None = None,
) -> Visits:  # fmt: skip
    """
    Return the itineraries of the vehicles of a flow.

    Args:
        network: The border.
        group: Gate and direction.
        who: Attributes of the vehicles.
        counts: Vehicles of each day, for the places of the draws.
        streams: Streams of the replication.
        name: Name of the flow, the address of its streams.
        first: Place in the route at which each vehicle begins; without it, at its first stage.

    Raises:
        RuntimeError: A vehicle goes round for ever (the checks of a border refuse such routes).
    """
    ways = _ways(network, group.gate, group.direction)
    n, end = len(who.classes), len(ways.stages)
    kind = who.classes * len(CHANNELS) + who.channels
    here = ways.stop[kind, 0 if first is None else first]
    n_visits = np.zeros(n, dtype=np.int64)
    been = np.zeros((end, n), dtype=np.int16) if ways.may_come_again else None
    steps: list[_Step] = []
    while n_visits.max(initial=0) <= MOST_VISITS:
        n_steps = len(steps)
        for place in range(end):  # forward along the route; whoever goes back is met again in the next sweep
            mine = np.flatnonzero(here == place)
            if not len(mine):
                continue
            for visit, some in _by_visit(been, place, mine):
                address = (name, ways.stages[place].name, str(visit))
                after = _way_on(ways, place, some, counts, streams, address)
                out = None if after is None or not ways.goes_out[place] else _goes_out(ways, place, kind[some], after)
                service = _service_us(ways, place, who, kind, some, counts, streams, address)
                steps.append(_Step(some, n_visits[some], place, service, visit, out))
                here[some] = ways.stop[kind[some], place + 1 if after is None else after]
            n_visits[mine] += 1
        if len(steps) == n_steps:
            return _compressed(n_visits, steps, np.array(group.stages, dtype=np.int64))
    raise RuntimeError(f"a vehicle of {group.gate} {group.direction} visits over {MOST_VISITS} stages")


@dataclass(frozen=True, slots=True)
class _Step:
    """The visits of some vehicles to one stage."""

    vehicles: Ints
    order: Ints  # how many visits each has made before
    place: int
    service_us: Ints
    visit: int
    goes_out: Bools | None


@dataclass(frozen=True, slots=True)
class _Ways:
    """A route by kind of vehicle: class times the number of channels, plus channel."""

    stages: tuple[StageNode, ...]
    stop: Ints  # shape (kinds, stages + 1): first place from this one on at which they stop
    is_ahead: Bools  # shape (kinds, stages): whether they would stop on the way out after this place
    goes_out: tuple[bool, ...]  # by place: whether a branch leads out
    may_come_again: bool
    rules: tuple[Ints | None, ...]  # by place: number of the service rule, shape (kinds, 2), the second if back laden


_NOT_ASKED_FOR = (np.zeros(0, dtype=bool), np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))


@once
def _ways(network: Network, gate: str, direction: str) -> _Ways:
    group = network.groups[network.group_number(gate, direction)]
    stages = tuple(network.stages[number] for number in group.stages)
    classes, channels = np.divmod(np.arange(len(network.classes) * len(CHANNELS)), len(CHANNELS))
    kinds = [Attributes(classes, channels, np.full(len(classes), laden), *_NOT_ASKED_FOR) for laden in (False, True)]
    stops = _stops(network, stages, kinds[0])
    places = np.where(stops, np.arange(len(stages) + 1), len(stages))
    outward = stops[:, :-1] & ~np.array([stage.is_back for stage in stages], dtype=bool)
    names = [stage.name for stage in stages]
    return _Ways(
        stages=stages,
        stop=np.minimum.accumulate(places[:, ::-1], axis=1)[:, ::-1].copy(),
        is_ahead=np.stack([outward[:, place + 1 :].any(axis=1) for place in range(len(stages))], axis=1),
        goes_out=tuple(any(branch.to == "out" for branch in stage.branches) for stage in stages),
        may_come_again=any(
            branch.to != "out" and names.index(branch.to) <= place
            for place, stage in enumerate(stages)
            for branch in stage.branches
        ),
        rules=tuple(_rule_numbers(network, stage, kinds) for stage in stages),
    )


def _rule_numbers(network: Network, stage: StageNode, kinds: Sequence[Attributes]) -> Ints | None:
    """Return the first rule that fits each kind, NONE without one; None for a stage with one law for all."""
    if len(stage.rules) == 1 and stage.rules[0][0] is None:
        return None
    everyone = np.arange(len(kinds[0].classes))
    result = np.full((len(everyone), len(kinds)), NONE, dtype=np.int64)
    for column, who in enumerate(kinds):
        for number in reversed(range(len(stage.rules))):
            result[rule_fits(network, stage, number, who, everyone), column] = number
    return result


def _by_visit(been: NDArray[np.int16] | None, place: int, mine: Ints) -> Iterator[tuple[int, Ints]]:
    """Yield how often they have come to a place now, and who."""
    if been is None:
        yield 1, mine
        return
    been[place, mine] += 1
    times = been[place, mine]
    fewest, most = int(times.min()), int(times.max())
    for visit in range(fewest, most + 1):
        some = mine if fewest == most else mine[times == visit]
        if len(some):
            yield visit, some


def first_stops(network: Network, group: Group, who: Attributes) -> Ints:
    """Return the place in the route at which each vehicle would stop first."""
    kind = who.classes * len(CHANNELS) + who.channels
    return np.asarray(_ways(network, group.gate, group.direction).stop[kind, 0])


def _stops(network: Network, stages: Sequence[StageNode], who: Attributes) -> Bools:
    """Return whether each vehicle stops at each stage of the route, shape (n, stages + 1); the end always stops."""
    result = np.ones((len(who.classes), len(stages) + 1), dtype=bool)
    for place, stage in enumerate(stages):
        if stage.classes is not None:
            result[:, place] &= np.isin(who.classes, [network.classes.index(c) for c in stage.classes])
        if stage.channels is not None:
            result[:, place] &= np.isin(who.channels, [CHANNELS.index(c) for c in stage.channels])
    return result


def _service_us(
    ways: _Ways, place: int, who: Attributes, kind: Ints, mine: Ints, counts: Sequence[int], streams: Streams,
    address: tuple[str, str, str],
) -> Ints:  # fmt: skip
    stage, numbers = ways.stages[place], ways.rules[place]
    if not stage.rules:
        return np.zeros(len(mine), dtype=np.int64)
    luck = streams.uniforms(counts, "service", *address)
    luck = luck if len(mine) == len(luck) else luck[mine]
    if numbers is None:
        return _us(stage.rules[0][1].quantile_s(luck))
    rule = numbers[kind[mine], who.laden_return[mine].astype(np.int64)]
    result = np.zeros(len(mine), dtype=np.int64)
    for number, (_, variate) in enumerate(stage.rules):
        fits = np.flatnonzero(rule == number)
        if len(fits):
            result[fits] = _us(variate.quantile_s(luck[fits]))
    return result


def rule_fits(network: Network, stage: StageNode, number: int, who: Attributes, mine: Ints) -> Bools:
    """Return whether a service rule of a stage fits each of these vehicles."""
    rule = stage.rules[number][0]
    fits = np.ones(len(mine), dtype=bool)
    if rule is None:
        return fits
    if rule.classes is not None:
        fits &= np.isin(who.classes[mine], [network.classes.index(c) for c in rule.classes])
    if rule.channels is not None:
        fits &= np.isin(who.channels[mine], [CHANNELS.index(c) for c in rule.channels])
    if rule.laden is not None:
        fits &= is_laden(network, stage, who, mine) == rule.laden
    return fits


def is_laden(network: Network, stage: StageNode, who: Attributes, mine: Ints) -> Bools:
    """Return whether each of these vehicles carries goods at a stage."""
    if stage.is_back:
        return who.laden_return[mine]
    return np.array([c.laden for c in network.class_data])[who.classes[mine]]


def _way_on(
    ways: _Ways, place: int, mine: Ints, counts: Sequence[int], streams: Streams, address: tuple[str, str, str]
) -> Ints | None:
    """Return the place that each vehicle goes to next, the end of the route for the way out; None: straight on."""
    branches = ways.stages[place].branches
    if not branches:
        return None
    names = [stage.name for stage in ways.stages]
    targets = [len(names) if b.to == "out" else names.index(b.to) for b in branches] + [place + 1]
    edges = np.cumsum([b.share for b in branches])
    luck = streams.uniforms(counts, "way", *address)[mine]
    return np.array(targets)[np.searchsorted(edges, luck, side="right")]


def _goes_out(ways: _Ways, place: int, kind: Ints, after: Ints) -> Bools:
    return np.asarray((after == len(ways.stages)) & ways.is_ahead[kind, place])


def _compressed(n_visits: Ints, steps: Sequence[_Step], stage_numbers: Ints) -> Visits:
    start = np.concatenate([[0], np.cumsum(n_visits)]).astype(np.int64)
    stage, service, number = (np.empty(start[-1], dtype=np.int64) for _ in range(3))
    out = np.zeros(start[-1], dtype=np.int64)
    for step in steps:
        rows = start[step.vehicles] + step.order
        stage[rows], service[rows], number[rows] = stage_numbers[step.place], step.service_us, step.visit
        if step.goes_out is not None:
            out[rows] = step.goes_out
    return Visits(start, stage, service, number, out)


__all__ = ["Attributes", "Visits", "draw_attributes", "draw_visits", "first_stops", "is_laden", "rule_fits"]
