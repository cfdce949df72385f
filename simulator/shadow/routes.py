"""What vehicles of a gate and direction ask of each stage on average: shares, visits, service times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.laws import Exponential, Law
from gatewatch.simulator.network import CHANNELS, Group, Network, StageNode
from gatewatch.simulator.variates import Variate

Floats = NDArray[np.float64]

AGES = 64
"""Ages at which patience is tabulated."""

QUANTILES = 4_000
"""Equal shares of draws whose middles stand for a law."""


@dataclass(frozen=True, slots=True)
class Averages:
    """
    A group's vehicles as one stream; arrays of shape (stages,) in route order.

    Args:
        entry: Share of the vehicles that begin at a stage.
        ways: Share of those leaving a stage that go on to another, the last column leaves, (stages, stages + 1).
        visits: Expected visits of a vehicle.
        mean_s: Mean service [s].
        factors: Factor on it by day of the run, shape (stages, days).
        scv: Squared coefficient of variation of the service.
        clears: Share of those leaving a stage whose clearance this is.
        leaves: Share of those leaving the route after a stage that were not cleared.
        first_served: Share of the starts at a stage that end the wait of a vehicle.
        is_before: Whether the stage lies on the way out, up to the clearance.
        may_leave: Whether a vehicle that waits at a stage may turn back.
        patience_s: Ages in a queue [s], shape (ages,).
        impatience: Cumulated hazard of turning back until such an age, shape (ages,).
        laden: Share of the vehicles that carry goods.
        served: Share of the vehicles that are served before the clearance by a limited station.
        registered: Share of the vehicles registered before.
        is_exponential: Whether every service at a stage is exponential with one mean.
    """

    entry: Floats
    ways: Floats
    visits: Floats
    mean_s: Floats
    factors: Floats
    scv: Floats
    clears: Floats
    leaves: Floats
    first_served: Floats
    is_before: NDArray[np.bool_]
    may_leave: NDArray[np.bool_]
    patience_s: Floats
    impatience: Floats
    laden: float
    served: float
    registered: float
    is_exponential: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Kind:
    """Vehicles that take the same way: a class, a customs channel, laden or not on the way back."""

    share: float
    class_number: int
    channel: str
    laden_return: bool


def averages(network: Network, group: Group, mix: Mapping[str, float]) -> Averages:
    """
    Return what the vehicles of a group ask on average.

    Args:
        network: The border.
        group: Gate and direction.
        mix: Vehicles of each class over the run, any scale.
    """
    stages = [network.stages[number] for number in group.stages]
    n = len(stages)
    flows, entry, visits = np.zeros((n, n + 1)), np.zeros(n), np.zeros(n)
    first_moment, second_moment = np.zeros(n), np.zeros(n)
    clears, leaves, first_served = np.zeros(n), np.zeros(n), np.zeros(n)
    is_before = np.zeros(n, dtype=bool)
    served = 0.0
    for kind in _kinds(network, group, mix):
        ways, begins = _ways(network, stages, kind)
        seen = np.linalg.solve(np.eye(n) - ways[:, :n].T, np.eye(n)[begins])
        entry[begins] += kind.share
        flows += kind.share * seen[:, None] * ways
        visits += kind.share * seen
        stops = np.flatnonzero(seen > 0)
        for place in stops:
            mean, second = _moments(network, stages[place], kind)
            first_moment[place] += kind.share * seen[place] * mean
            second_moment[place] += kind.share * seen[place] * second
        clearing = _clearing_place(stages, stops)
        if clearing is None:
            continue
        clears[clearing] += kind.share * min(1.0, seen[clearing])
        leaves[:clearing] += kind.share * (seen * ways[:, n])[:clearing]
        is_before[: clearing + 1] = True
        limited = [p for p in stops if p <= clearing and _is_limited(network, stages[p])]
        if limited:
            first_served[limited[0]] += kind.share
            served += kind.share
    is_before &= ~np.array([stage.is_back for stage in stages])
    registered, laden = _by_class(network, group, mix)
    ages, impatience = _impatience(network, group, mix)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_s = np.where(visits > 0, first_moment / visits, 0.0)
        scv = np.where(mean_s > 0, second_moment / visits / mean_s**2 - 1, 0.0)
        return Averages(
            entry=entry,
            ways=np.nan_to_num(flows / flows.sum(axis=1, keepdims=True)),
            visits=visits,
            mean_s=mean_s,
            factors=np.array([_factors(network, group, stage, mix) for stage in stages]),
            scv=np.maximum(np.nan_to_num(scv), 0.0),
            clears=np.where(visits > 0, clears / visits, 0.0),
            leaves=np.where(flows[:, n] > 0, np.nan_to_num(leaves / flows[:, n]), 0.0),
            first_served=np.where(visits > 0, first_served / visits, 0.0),
            is_before=is_before,
            may_leave=np.array([stage.may_turn_back for stage in stages]) & (impatience[-1] > 0),
            patience_s=ages,
            impatience=impatience,
            laden=laden,
            served=served,
            registered=registered,
            is_exponential=np.array([_is_exponential(stage) for stage in stages]),
        )


def _kinds(network: Network, group: Group, mix: Mapping[str, float]) -> Iterator[_Kind]:
    total, back = sum(mix.values()), group.data.laden_return
    for number, name in enumerate(network.classes):
        weight = mix.get(name, 0.0) / total
        selectivity = group.data.selectivity.get(name, group.data.selectivity.get("*"))
        for channel in CHANNELS:
            of_channel = float(channel == "green") if selectivity is None else float(getattr(selectivity, channel))
            for is_laden, share in ((True, back), (False, 1 - back)):
                if weight * of_channel * share > 0:
                    yield _Kind(weight * of_channel * share, number, channel, is_laden)


def _ways(network: Network, stages: list[StageNode], kind: _Kind) -> tuple[Floats, int]:
    """Return the shares of each way on between the stages that this kind stops at, and where it begins."""
    n, name = len(stages), network.classes[kind.class_number]
    stops = [
        (s.classes is None or name in s.classes) and (s.channels is None or kind.channel in s.channels) for s in stages
    ]
    following = np.full(n + 1, n)
    for place in reversed(range(n)):
        following[place] = place if stops[place] else following[place + 1]
    names = [stage.name for stage in stages]
    ways = np.zeros((n, n + 1))
    for place, stage in enumerate(stages):
        rest = 1.0
        for branch in stage.branches:
            to = n if branch.to == "out" else following[names.index(branch.to)]
            ways[place, to] += branch.share
            rest -= branch.share
        ways[place, following[place + 1]] += rest
    return ways, int(min(following[0], n - 1))


def _factors(network: Network, group: Group, stage: StageNode, mix: Mapping[str, float]) -> Floats:
    """Return the mean factor on the services of a stage by day, shape (days,); the day stands for the arrival."""
    clock = network.clock
    result = np.ones(clock.days)
    for dated in group.data.stages[stage.name].dates:
        share = 0.0
        for kind in _kinds(network, group, mix):
            of_class = dated.classes is None or network.classes[kind.class_number] in dated.classes
            share += kind.share * (of_class and (dated.channels is None or kind.channel in dated.channels))
        for day in range(clock.days):
            if dated.covers(clock.first_day + timedelta(days=day)):
                result[day] *= 1 + share * (dated.factor - 1)
    return result


def _clearing_place(stages: list[StageNode], stops: NDArray[np.intp]) -> int | None:
    """Return the place of the clearance: the first stop that clears, else the last on the way out."""
    outward = [int(p) for p in stops if not stages[p].is_back]
    clearing = [p for p in outward if stages[p].clears]
    return clearing[0] if clearing else outward[-1] if outward else None


def _is_limited(network: Network, stage: StageNode) -> bool:
    node = network.stations[stage.station]
    return not (node.is_unlimited or node.holds)


def _moments(network: Network, stage: StageNode, kind: _Kind) -> tuple[float, float]:
    """Return mean [s] and mean square [s²] of the service of a kind of vehicle."""
    name = network.classes[kind.class_number]
    laden = kind.laden_return if stage.is_back else network.class_data[kind.class_number].laden
    for rule, variate in stage.rules:
        fits = rule is None or (
            (rule.classes is None or name in rule.classes)
            and (rule.channels is None or kind.channel in rule.channels)
            and (rule.laden is None or rule.laden == laden)
        )
        if fits:
            return law_moments(variate.law, network.root)
    return 0.0, 0.0


def law_moments(law: Law, root: Path) -> tuple[float, float]:
    """Return mean [s] and mean square [s²] of a law."""
    return _kept_moments(type(law), law.model_dump_json(), root)


@lru_cache(maxsize=4_096)
def _kept_moments(kind: type[Law], text: str, root: Path) -> tuple[float, float]:
    variate = Variate(kind.model_validate_json(text), root)
    values = variate.quantile_s((np.arange(QUANTILES) + 0.5) / QUANTILES)
    mean = float(values.mean()) if variate.law.at_most is not None else variate.mean_s()
    square = 2 * mean**2 if _is_plain_exponential(variate.law) else float((values**2).mean())
    return mean, square


def _is_plain_exponential(law: Law) -> bool:
    return isinstance(law, Exponential) and law.at_most is None


def _is_exponential(stage: StageNode) -> bool:
    return len(stage.rules) == 1 and stage.rules[0][0] is None and _is_plain_exponential(stage.rules[0][1].law)


def _by_class(network: Network, group: Group, mix: Mapping[str, float]) -> tuple[float, float]:
    """Return the shares registered before and laden, over the classes of a mix."""
    total, data = sum(mix.values()), group.data
    registered = laden = 0.0
    for number, name in enumerate(network.classes):
        share = mix.get(name, 0.0) / total
        registered += share * data.preregistered.get(name, data.preregistered.get("*", 1.0))
        laden += share * network.class_data[number].laden
    return registered, laden


def _impatience(network: Network, group: Group, mix: Mapping[str, float]) -> tuple[Floats, Floats]:
    """Return ages [s] and the cumulated hazard of turning back until them, over the classes of a mix."""
    total, data = sum(mix.values()), group.data
    ages = np.concatenate([[0.0], np.geomspace(600.0, 400 * 86_400.0, AGES - 1)])
    left, shares = np.zeros(AGES), (np.arange(QUANTILES) + 0.5) / QUANTILES
    for name in network.classes:
        law, share = data.patience.get(name, data.patience.get("*")), mix.get(name, 0.0) / total
        if law is None or not share:
            left += share
        else:
            left += share * (1 - np.interp(ages, Variate(law, network.root).quantile_s(shares), shares, left=0.0))
    return ages, np.where(left < 1 - 1e-9, -np.log(np.maximum(left, 1e-9)), 0.0)
