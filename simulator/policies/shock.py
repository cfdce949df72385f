"""
Something breaks down: stages take longer, fewer servers work, or the other side lets in fewer, from day to day.

Not a policy but what planners test policies against. A factor holds for vehicles that arrived on these days; a limit on
servers holds at these hours, whoever stands there; a limit on acceptance holds for the other side's yard.
"""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from gatewatch.config.schema import Border, Gate, ServiceFactor, Yard
from gatewatch.config.units import Factor, ServerCount, VehiclesPerDay
from gatewatch.simulator.policies.fields import Between, DirectionOf, GateNames, HoursOfDay, StageNames
from gatewatch.simulator.policies.kinds import refused
from gatewatch.simulator.policies.limits import with_acceptance
from gatewatch.simulator.policies.places import (
    directions_of,
    gates_of,
    known_in_any,
    last_counterpart_yard,
    with_direction,
    with_gates,
    with_yard,
)
from gatewatch.simulator.policies.when import When, restated_servers

NEUTRAL = {"stages": ["quarantine"], "factor": 1}


class Settings(Between):
    """What breaks down, where and when."""

    gate: GateNames | None = Field(default=None, description="Gate or gates; without it, all in use.")
    direction: DirectionOf | None = Field(default=None, description="Only this direction; without it, both.")
    stages: StageNames | None = Field(default=None, description="Stage or stages that are slowed or short of servers.")
    factor: Factor = Field(default=1.0, description="Times the service time.")
    servers_at_most: ServerCount | None = Field(
        default=None, description="No more servers than this at the stages' stations; 0 stops them."
    )
    hours: HoursOfDay | None = Field(
        default=None, description="Hours of the day for `servers_at_most`, local time of the border; without it, all."
    )
    accepts_at_most: VehiclesPerDay | None = Field(
        default=None, description="No more vehicles than this a day let into the other side's yard."
    )

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.stages is None and (self.factor != 1 or self.servers_at_most is not None):
            raise ValueError("say which stages are slowed or short of servers: give stages")
        if self.stages is None and self.accepts_at_most is None:
            raise ValueError("give stages with factor or servers_at_most, or accepts_at_most")
        return self


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with the shock."""
    gates = gates_of(border, settings.gate, direction=settings.direction)
    known_in_any(gates, settings.direction, settings.stages or [])
    changed = {}
    for gate_id, gate in gates.items():
        for direction, side in directions_of(gate_id, gate, settings.direction).items():
            names = [name for name in settings.stages or [] if name in side.stages]
            stages = {name: side.stages[name] for name in names if side.stages[name].service is not None}
            if settings.factor != 1:
                factor = ServiceFactor(first=settings.first, last=settings.last, factor=settings.factor)
                slow = {
                    name: stage.model_copy(update={"dates": [*stage.dates, factor]}) for name, stage in stages.items()
                }
                slowed = side.model_copy(update={"stages": {**side.stages, **slow}})
                gate = with_direction(gate, direction, slowed)  # noqa: PLW2901
            gate = _short_of_servers(gate, [side.stages[name].station or name for name in names], settings)  # noqa: PLW2901
            yard = last_counterpart_yard(gate, side)
            if settings.accepts_at_most is not None and yard is not None:
                gate = with_yard(gate, yard, _capped(gate, yard, settings))  # noqa: PLW2901
        changed[gate_id] = gate
    return with_gates(border, changed)


def _short_of_servers(gate: Gate, names: list[str], settings: Settings) -> Gate:
    most = settings.servers_at_most
    if most is None:
        return gate
    when = When(settings.first, settings.last, None, settings.hours)
    stations = dict(gate.stations)
    for name in names:
        servers = stations[name].servers
        if isinstance(servers, str):
            expected = f"nobody serves there, so nobody can be missing; name other stages than those of {name}"
            raise refused("servers_at_most", str(most), expected)
        few = restated_servers(servers, when, lambda servers: min(servers, most))
        stations[name] = stations[name].model_copy(update={"servers": few})
    return gate.model_copy(update={"stations": stations})


def _capped(gate: Gate, yard: str, settings: Settings) -> Yard:
    most = settings.accepts_at_most
    assert most is not None
    return with_acceptance(
        gate.yards[yard], settings.first, settings.last, lambda now: most if now is None else min(now, most)
    )
