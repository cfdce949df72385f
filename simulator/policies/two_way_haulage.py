"""
Lorries that deliver come back laden rather than empty.

A laden return takes longer at the booths than an empty one, and longer in the other side's yard; but each stands in for
a lorry that would have come the other way, with its own empty return. What comes back laden is not among the clearances
of the other direction.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gatewatch.config.calendars import DirectionName
from gatewatch.config.demand import Flow
from gatewatch.config.faults import shown
from gatewatch.config.records import Record
from gatewatch.config.routes import route_of
from gatewatch.config.schema import Border, Direction, ServiceFactor
from gatewatch.config.units import Share
from gatewatch.simulator.policies.fields import DirectionOf, GateNames, unit
from gatewatch.simulator.policies.flows import by_level, flows_at, reweighted, with_flows
from gatewatch.simulator.policies.kinds import refused
from gatewatch.simulator.policies.places import directions_of, gates_of, with_direction, with_gates

NEUTRAL = {"gate": "huu_nghi", "share": 0}
_OTHER: dict[DirectionName, DirectionName] = {"export": "import", "import": "export"}


class Settings(Record):
    """How many come back laden, and what that saves."""

    gate: GateNames | None = Field(default=None, description="Gate or gates; without it, all in use.")
    direction: DirectionOf = Field(default="export", description="Whose lorries come back laden.")
    share: Share = Field(description="Share of them that come back laden.")
    stay: Annotated[float, Field(ge=0, le=10, json_schema_extra=unit("factor"))] = Field(
        default=1.0, description="Times the stay in the other side's yard of those that load there."
    )
    replaces: Share = Field(
        default=1.0, description="Share of the laden returns that stand in for a lorry of the other direction."
    )


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with laden returns."""
    if settings.share == 0:
        return border
    changed = {}
    for gate_id, gate in gates_of(border, settings.gate, direction=settings.direction).items():
        side = directions_of(gate_id, gate, settings.direction)[settings.direction]
        own = side.model_copy(update={"laden_return": settings.share})
        changed[gate_id] = with_direction(gate, settings.direction, _staying(own, settings))
    for set_name in border.demand:
        for gate_id in changed:
            border = with_flows(border, set_name, _replaced(border, set_name, gate_id, settings))
    return with_gates(border, changed)


def _staying(side: Direction, settings: Settings) -> Direction:
    """Return a direction whose last stage on the way out, the other side's yard, takes longer on average."""
    last = [name for name in route_of(side) if side.stages[name].leg == "out"][-1]
    if settings.stay == 1:
        return side
    factor = ServiceFactor(factor=1 + settings.share * (settings.stay - 1))
    stage = side.stages[last].model_copy(update={"dates": [*side.stages[last].dates, factor]})
    return side.model_copy(update={"stages": {**side.stages, last: stage}})


def _replaced(border: Border, set_name: str, gate_id: str, settings: Settings) -> dict[str, Flow]:
    """Return the flows of the other direction without the lorries that the laden returns stand in for."""

    def level(direction: DirectionName) -> float:
        own = [flow for name, _, flow in flows_at(border, {gate_id: None}, direction) if name == set_name]
        return sum(by_level(gate_id, flow, "gate").per_day for flow in own)

    if settings.replaces == 0:
        return {}
    other = _OTHER[settings.direction]
    saved, there = settings.share * settings.replaces * level(settings.direction), level(other)
    if saved > there:
        expected = f"{gate_id} has {there:g} {other}s a day to stand in for; lower share or replaces"
        raise refused("share", shown(settings.share), expected)
    return {
        name: reweighted(border, name, flow, lambda _: 1 - saved / there, "gate")
        for in_set, name, flow in flows_at(border, {gate_id: None}, other)
        if in_set == set_name and saved
    }
