"""
A stage takes longer or shorter: shared data, one check for two authorities, faster inspection.

A factor on the service time, or another law. With `share` it holds for declared vehicles only, and of these not for
those whose papers turn out not to be ready. Between dates it holds for vehicles that arrived then.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from gatewatch.config.calendars import DirectionName
from gatewatch.config.faults import shown
from gatewatch.config.schema import Border, Channel, Gate, ServiceFactor, Stage
from gatewatch.config.units import Factor, Share
from gatewatch.simulator.policies.fields import Between, ClassNames, DirectionOf, GateNames, LawOf, StageNames, unit
from gatewatch.simulator.policies.forks import with_fork
from gatewatch.simulator.policies.kinds import refused
from gatewatch.simulator.policies.places import (
    directions_of,
    gates_of,
    known_classes,
    known_in_any,
    with_direction,
    with_gates,
)
from gatewatch.simulator.policies.when import is_always

NEUTRAL = {"gate": "huu_nghi", "stages": ["customs"], "factor": 1}


class Settings(Between):
    """Which stages take how long, and for whom."""

    gate: GateNames | None = Field(default=None, description="Gate or gates; without it, all in use.")
    direction: DirectionOf | None = Field(default=None, description="Only this direction; without it, both.")
    stages: StageNames = Field(description="Stage or stages.")
    factor: Factor | None = Field(default=None, description="Times the service time; below 1 is faster.")
    law: LawOf | None = Field(default=None, description="Another law of the service time, instead of a factor.")
    classes: ClassNames | None = Field(default=None, description="Vehicle class or classes; without it, all.")
    channels: Annotated[list[Channel], Field(min_length=1, json_schema_extra=unit("channels"))] | None = Field(
        default=None, description="Customs channels; without it, all."
    )
    share: Share = Field(default=1.0, description="Share of the vehicles that it is meant for: those declared.")
    not_ready: Share = Field(default=0.0, description="Of these, the share for which it fails.")

    @model_validator(mode="after")
    def _one_way_of_saying_it(self) -> Self:
        if (self.factor is None) == (self.law is None):
            raise ValueError("give either factor or law")
        if self.law is not None and (self.classes or self.channels):
            raise ValueError("a law holds for all classes and channels; leave them out, or give a factor")
        if self.law is not None and not is_always(self):
            raise ValueError("a law has no dates; leave from and to out, or give a factor")
        return self


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with other service times."""
    classes = None if settings.classes is None else sorted(known_classes(border, settings.classes))
    gates = gates_of(border, settings.gate, direction=settings.direction)
    known_in_any(gates, settings.direction, settings.stages)
    changed = {}
    for gate_id, gate in gates.items():
        for direction, side in directions_of(gate_id, gate, settings.direction).items():
            for name in (name for name in settings.stages if name in side.stages):
                gate = _changed(gate, direction, name, classes, settings)  # noqa: PLW2901
        changed[gate_id] = gate
    return with_gates(border, changed)


def _changed(gate: Gate, direction: DirectionName, name: str, classes: list[str] | None, settings: Settings) -> Gate:
    side = gate.direction(direction)
    assert side is not None
    stage = side.stages[name]
    if stage.service is None:
        raise refused("stages", shown(name), "vehicles wait there and are not served; name a stage with a service time")
    share = settings.share * (1 - settings.not_ready)
    other = _other(stage, classes, settings)
    if share == 0 or other == stage:
        return gate
    if share == 1:
        return with_direction(gate, direction, side.model_copy(update={"stages": {**side.stages, name: other}}))
    return with_fork(gate, direction, name, other, share, "declared")


def _other(stage: Stage, classes: list[str] | None, settings: Settings) -> Stage:
    if settings.law is not None:
        return stage.model_copy(update={"service": settings.law, "dates": []})
    if settings.factor is None or settings.factor == 1:
        return stage
    factor = ServiceFactor(
        first=settings.first, last=settings.last, factor=settings.factor, classes=classes, channels=settings.channels
    )
    return stage.model_copy(update={"dates": [*stage.dates, factor]})
