"""
Each vehicle's whole story that does not depend on what others do: class, channel, route, work at every stage.

Drawn before the run, in compressed rows: visits of vehicle v are `visit_start[v]` to `visit_start[v + 1]`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.units import US_PER_S
from gatewatch.simulator.network import CHANNELS, NONE, Group, Network, StageNode
from gatewatch.simulator.streams import Streams
from gatewatch.simulator.variates import Variate

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST_VISITS = 10_000
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Attributes:
    """What is drawn once for each vehicle of a group, each of shape (n,)."""

    classes: Ints
    channels: Ints
    laden_return: Bools
    preregistered: Bools
    patience_us: Ints  # NONE: never turns back
    follows: Floats  # a diversion is followed when this is below its compliance
    heeds: Floats  # a halt is heeded when this is below its compliance


@dataclass(frozen=True, slots=True)
class Visits:
    """Ragged itineraries: `start` has shape (n + 1,), the others one entry a visit."""

    start: Ints
    stage: Ints
    service_us: Ints
    number: Ints  # 1 for the first visit to a stage, 2 for the second
    goes_out: Ints  # 1 where a way `out` leads past stages of the way out that the vehicle would have stopped at


def draw_attributes(
    network: Network, group: Group, mix: Mapping[str, float], given: Ints | None, counts: Sequence[int],
    streams: Streams, name: str,
) -> Attributes:  # fmt: skip
    """
    Return the attributes of the vehicles of a flow.

    Args:
        network: The border.
        group: Gate and direction.
        mix: Weights of the classes; empty means all `general`, or the only class there is.
        given: Classes that the flow itself states, NONE where it does not.
        counts: Vehicles of each day, for the places of the draws.
        streams: Streams of the replication.
        name: Name of the flow, the address of its streams.
    """
    data, n = group.data, sum(counts)
    weights = np.array([mix.get(c, 0.0) for c in network.classes])
    if not mix:
        weights[network.classes.index("general") if "general" in network.classes else 0] = 1.0
    classes = _pick(weights[None, :], np.zeros(n, dtype=np.int64), streams.uniforms(counts, name, "class"))
    if given is not None:
        classes = np.where(given == NONE, classes, given)
    shares = np.array([_channel_shares(data.selectivity, c) for c in network.classes])
    patience = np.full(n, NONE, dtype=np.int64)
    if data.patience:
        luck = streams.uniforms(counts, name, "patience")
        for c, law in _by_class(data.patience, network.classes):
            mine = classes == c
            patience[mine] = _us(Variate(law, network.root).quantile_s(luck[mine]))
    registered = np.array([_of_class(data.preregistered, c, 1.0) for c in network.classes])
    return Attributes(
        classes=classes,
        channels=_pick(shares, classes, streams.uniforms(counts, name, "channel")),
        laden_return=streams.uniforms(counts, name, "laden_return") < data.laden_return,
        preregistered=streams.uniforms(counts, name, "preregistered") < registered[classes],
        patience_us=patience,
        follows=streams.uniforms(counts, name, "follows"),
        heeds=streams.uniforms(counts, name, "heeds"),
    )


def _pick(weights: Floats, rows: Ints, luck: Floats) -> Ints:
    """Return for each draw the column it falls into, by the weights of its row."""
    edges = np.cumsum(weights, axis=1)
    edges /= edges[:, -1:]
    column = (luck[:, None] >= edges[rows]).sum(axis=1)
    return np.asarray(np.minimum(column, weights.shape[1] - 1), dtype=np.int64)


def _channel_shares(selectivity: Mapping[str, object], name: str) -> list[float]:
    shares = selectivity.get(name, selectivity.get("*"))
    return [1.0, 0.0, 0.0] if shares is None else [float(getattr(shares, c)) for c in CHANNELS]


def _of_class(values: Mapping[str, float], name: str, otherwise: float) -> float:
    return values.get(name, values.get("*", otherwise))


def _by_class(values: Mapping[str, _T], classes: Sequence[str]) -> list[tuple[int, _T]]:
    found = [(n, values.get(c, values.get("*"))) for n, c in enumerate(classes)]
    return [(n, value) for n, value in found if value is not None]


def _us(seconds: Floats) -> Ints:
    return np.rint(seconds * US_PER_S).astype(np.int64)


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
    n = len(who.classes)
    stages = [network.stages[number] for number in group.stages]
    stops = _stops(network, stages, who)
    length = len(stages)
    here = _next_stop(stops, np.zeros(n, dtype=np.int64) if first is None else first)
    active = np.flatnonzero(here < length)
    been = np.zeros((n, length), dtype=np.int16)
    rows: list[tuple[Ints, Ints, Ints, Ints, Ints]] = []
    outward = stops[:, :-1] & ~np.array([stage.is_back for stage in stages], dtype=bool)
    for _ in range(MOST_VISITS):
        if not len(active):
            break
        after = np.empty(len(active), dtype=np.int64)
        service, numbers = np.empty(len(active), dtype=np.int64), np.empty(len(active), dtype=np.int64)
        out = np.zeros(len(active), dtype=np.int64)
        for place in np.unique(here[active]):
            at = np.flatnonzero(here[active] == place)
            mine = active[at]
            been[mine, place] += 1
            numbers[at] = been[mine, place]
            for visit in np.unique(been[mine, place]):
                sub = at[been[active[at], place] == visit]
                address = (name, stages[place].name, str(visit))
                service[sub] = _service_us(network, stages[place], who, active[sub], counts, streams, address)
                after[sub] = _way_on(stages, int(place), active[sub], counts, streams, address)
                if any(branch.to == "out" for branch in stages[place].branches):
                    ahead = outward[active[sub], place + 1 :].any(axis=1)
                    out[sub] = (after[sub] == length) & ahead
        rows.append((active, here[active].copy(), service, numbers, out))
        here[active] = after
        here[active] = _next_stop(stops[active], after)
        active = active[here[active] < length]
    else:
        raise RuntimeError(f"a vehicle of {group.gate} {group.direction} visits over {MOST_VISITS} stages")
    return _compressed(n, rows, np.array(group.stages, dtype=np.int64))


def first_stops(network: Network, group: Group, who: Attributes) -> Ints:
    """Return the place in the route at which each vehicle would stop first."""
    stages = [network.stages[number] for number in group.stages]
    return _next_stop(_stops(network, stages, who), np.zeros(len(who.classes), dtype=np.int64))


def _stops(network: Network, stages: Sequence[StageNode], who: Attributes) -> Bools:
    """Return whether each vehicle stops at each stage of the route, shape (n, stages + 1); the end always stops."""
    result = np.ones((len(who.classes), len(stages) + 1), dtype=bool)
    for place, stage in enumerate(stages):
        if stage.classes is not None:
            result[:, place] &= np.isin(who.classes, [network.classes.index(c) for c in stage.classes])
        if stage.channels is not None:
            result[:, place] &= np.isin(who.channels, [CHANNELS.index(c) for c in stage.channels])
    return result


def _next_stop(stops: Bools, place: Ints) -> Ints:
    """Return the first place from `place` on at which each vehicle stops."""
    later = np.arange(stops.shape[1])[None, :] >= place[:, None]
    return np.asarray(np.argmax(stops & later, axis=1), dtype=np.int64)


def _service_us(
    network: Network, stage: StageNode, who: Attributes, mine: Ints, counts: Sequence[int], streams: Streams,
    address: tuple[str, str, str],
) -> Ints:  # fmt: skip
    if not stage.rules:
        return np.zeros(len(mine), dtype=np.int64)
    if len(stage.rules) == 1 and stage.rules[0][0] is None:
        return _us(stage.rules[0][1].quantile_s(streams.uniforms(counts, "service", *address)[mine]))
    luck = streams.uniforms(counts, "service", *address)[mine]
    result, left = np.zeros(len(mine), dtype=np.int64), np.ones(len(mine), dtype=bool)
    for number in range(len(stage.rules)):
        fits = left & rule_fits(network, stage, number, who, mine)
        result[fits] = _us(stage.rules[number][1].quantile_s(luck[fits]))
        left &= ~fits
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
    stages: Sequence[StageNode], place: int, mine: Ints, counts: Sequence[int], streams: Streams,
    address: tuple[str, str, str],
) -> Ints:  # fmt: skip
    """Return the place in the route that each vehicle goes to next; the length of the route is the way out."""
    branches = stages[place].branches
    if not branches:
        return np.full(len(mine), place + 1, dtype=np.int64)
    names = [stage.name for stage in stages]
    targets = [len(stages) if b.to == "out" else names.index(b.to) for b in branches] + [place + 1]
    edges = np.cumsum([b.share for b in branches])
    luck = streams.uniforms(counts, "way", *address)[mine]
    return np.array(targets)[np.searchsorted(edges, luck, side="right")]


def _compressed(n: int, rows: list[tuple[Ints, Ints, Ints, Ints, Ints]], stage_numbers: Ints) -> Visits:
    if not rows:
        empty = np.empty(0, dtype=np.int64)
        return Visits(np.zeros(n + 1, dtype=np.int64), empty, empty, empty, empty)
    vehicle, place, service, number, out = (np.concatenate(column) for column in zip(*rows, strict=True))
    order = np.argsort(vehicle, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(vehicle, minlength=n))])
    return Visits(start.astype(np.int64), stage_numbers[place[order]], service[order], number[order], out[order])
