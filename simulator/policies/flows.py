"""Flows of vehicles scaled, or split into those that a policy concerns and the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from gatewatch.config.calendars import DirectionName
from gatewatch.config.demand import Appointments, Convoys, DatedFactor, Flow, Poisson
from gatewatch.config.schema import Border
from gatewatch.simulator.policies.kinds import refused
from gatewatch.simulator.policies.when import both

ByLevel = Poisson | Convoys | Appointments


def flows_at(
    border: Border, gates: Mapping[str, Any], direction: DirectionName | None
) -> Iterator[tuple[str, str, Flow]]:
    """Yield the flows of some gates and one direction or both, with the names of their set and their own."""
    for set_name, demand in border.demand.items():
        for name, flow in demand.flows.items():
            if flow.gate in gates and direction in (None, flow.direction):
                yield set_name, name, flow


def with_flows(border: Border, set_name: str, flows: Mapping[str, Flow]) -> Border:
    """Return the border with some flows of a set replaced or added."""
    demand = border.demand[set_name]
    changed = demand.model_copy(update={"flows": {**demand.flows, **flows}})
    return border.model_copy(update={"demand": {**border.demand, set_name: changed}})


def by_level(name: str, flow: Flow, key: str) -> ByLevel:
    """
    Return the arrivals of a flow that is given by vehicles a day.

    Raises:
        ConfigError: It is recorded or a renewal, which have no level.
    """
    if not isinstance(flow.arrivals, Poisson | Convoys | Appointments):
        expected = "only arrivals given by vehicles a day can be changed; describe them so, or name other gates"
        raise refused(key, f'meant for flow "{name}", whose arrivals are of kind {flow.arrivals.kind}', expected)
    return flow.arrivals


def mix_of(border: Border, flow: Flow) -> dict[str, float]:
    """Return the shares of the classes of a flow, summing to one."""
    names = list(border.vehicle_classes())
    mix = flow.mix or {"general" if "general" in names else names[0]: 1.0}
    total = sum(mix.values())
    return {name: weight / total for name, weight in mix.items()}


def reweighted(border: Border, name: str, flow: Flow, factor_of: Callable[[str], float], key: str) -> Flow:
    """Return a flow with each class's vehicles a day times a factor; one factor for all leaves the mix as it is."""
    old = mix_of(border, flow)
    factors = {vehicle_class: factor_of(vehicle_class) for vehicle_class in old}
    if all(factor == 1 for factor in factors.values()):
        return flow
    arrivals = by_level(name, flow, key)
    total = sum(share * factors[c] for c, share in old.items())
    level = arrivals.model_copy(update={"per_day": arrivals.per_day * total})
    if total == 0 or len(set(factors.values())) == 1:
        return flow.model_copy(update={"arrivals": level})
    mix = {c: share * factors[c] / total for c, share in old.items()}
    return flow.model_copy(update={"arrivals": level, "mix": mix})


def silenced(flow: Flow, arrivals: ByLevel, first: date | None, last: date | None) -> Flow:
    """Return a flow that brings nobody between two days; on the others it brings whom it always brought."""
    none = DatedFactor(first=first, last=last, factor=0.0)
    return flow.model_copy(update={"arrivals": arrivals.model_copy(update={"dates": [*arrivals.dates, none]})})


def is_silent(arrivals: ByLevel, days: tuple[date | None, date | None]) -> bool:
    """Return whether nobody comes between two days: another flow stands in for this one."""
    return any(factor.factor == 0 and both(factor, *days) == days for factor in arrivals.dates)


def moved(border: Border, set_name: str, name: str, classes: set[str], share: float, gate: str) -> Border:
    """Return the border with a share of some classes of a flow going to another gate, in a flow of its own."""
    flow = border.demand[set_name].flows[name]
    concerned = {c for c, part in mix_of(border, flow).items() if part > 0 and c in classes}
    if share == 0 or not concerned:
        return border
    rest = reweighted(border, name, flow, lambda c: 1 - share if c in concerned else 1.0, "gate")
    taken = reweighted(border, name, flow, lambda c: share if c in concerned else 0.0, "gate")
    mix = {c: weight for c, weight in mix_of(border, taken).items() if c in concerned}
    taken = taken.model_copy(update={"gate": gate, "mix": mix})
    return with_flows(border, set_name, {name: rest, f"{name}_to_{gate}": taken})
