"""
More vehicles want to cross, or fewer: a factor on demand, by gate, direction, class and dates.

Also for goods that go by rail: what does not come to the gates is demand taken away.
"""

from __future__ import annotations

from pydantic import Field

from gatewatch.config.demand import DatedFactor, Flow
from gatewatch.config.schema import Border
from gatewatch.config.units import Factor
from gatewatch.simulator.policies.fields import Between, ClassNames, DirectionOf, GateNames
from gatewatch.simulator.policies.flows import by_level, flows_at, is_silent, mix_of, reweighted, silenced, with_flows
from gatewatch.simulator.policies.names import entry_name
from gatewatch.simulator.policies.places import gates_of, known_classes
from gatewatch.simulator.policies.when import both

NEUTRAL = {"factor": 1}


class Settings(Between):
    """Whose demand changes by how much."""

    factor: Factor = Field(description="Times the vehicles that come; 1 changes nothing.")
    gate: GateNames | None = Field(default=None, description="Gate or gates; without it, all in use.")
    direction: DirectionOf | None = Field(default=None, description="Only this direction; without it, both.")
    classes: ClassNames | None = Field(default=None, description="Vehicle class or classes; without it, all.")


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with other flows."""
    classes = known_classes(border, settings.classes)
    gates = gates_of(border, settings.gate)
    for set_name, name, flow in list(flows_at(border, gates, settings.direction)):
        changed = _changed(border, name, flow, classes, settings)
        border = with_flows(border, set_name, changed)
    return border


def _changed(border: Border, name: str, flow: Flow, classes: set[str], settings: Settings) -> dict[str, Flow]:
    dates = both(flow, settings.first, settings.last)
    mix = mix_of(border, flow)
    if dates is None or settings.factor == 1 or not classes & {c for c, share in mix.items() if share > 0}:
        return {}
    factor = {c: settings.factor if c in classes else 1.0 for c in mix}
    if dates == (flow.first, flow.last):
        return {name: reweighted(border, name, flow, factor.__getitem__, "factor")}
    arrivals = by_level(name, flow, "factor")
    if is_silent(arrivals, dates):
        return {}
    if len(set(factor.values())) == 1:
        dated = DatedFactor(first=dates[0], last=dates[1], factor=settings.factor)
        return {name: flow.model_copy(update={"arrivals": arrivals.model_copy(
            update={"dates": [*arrivals.dates, dated]}
        )})}  # fmt: skip
    # A mix has no dates: on these days another flow of the same vehicles stands in for this one.
    within = flow.model_copy(update={"first": dates[0], "last": dates[1]})
    return {
        name: silenced(flow, arrivals, dates[0], dates[1]),
        entry_name(settings, name, *sorted(classes)): reweighted(border, name, within, factor.__getitem__, "factor"),
    }
