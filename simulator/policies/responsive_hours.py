"""
A gate closes later on evenings with a long queue: at a set time its backlog decides by how much.

The rule acts during the run, in both engines alike. It needs someone to decide every day, and the counterpart's consent
on the same afternoon.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from gatewatch.config.responses import LaterClose, ResponsiveHours
from gatewatch.config.schema import Border
from gatewatch.config.units import Vehicles
from gatewatch.simulator.policies.fields import Between, ClockTime, DirectionOf, GateNames, Switch, Weekdays, unit
from gatewatch.simulator.policies.names import entry_name
from gatewatch.simulator.policies.places import directions_of, gates_of

NEUTRAL = {"gate": "huu_nghi", "over": 1_000_000, "later": 2}

Later = Annotated[float, Field(gt=0, le=24, allow_inf_nan=False, json_schema_extra=unit("h"))]


class Settings(Between):
    """When it is decided, and what follows."""

    gate: GateNames | None = Field(default=None, description="Gate or gates; without it, all in use.")
    direction: DirectionOf | None = Field(
        default=None, description="Backlog that counts, and who closes later; without it, both directions."
    )
    decides_at: ClockTime = Field(
        default="17:30", validate_default=True, description="When it is decided, local time of the border."
    )
    over: Vehicles | None = Field(default=None, description="Backlog above which the gate closes later.")
    later: Later | None = Field(default=None, description="By how much it then closes later.")
    steps: Annotated[list[LaterClose], Field(min_length=1, json_schema_extra=unit("veh, h"))] | None = Field(
        default=None, description="Several steps `{ over, later }`, ascending, instead of `over` and `later`."
    )
    weekdays: Weekdays | None = Field(default=None, description="Only on these weekdays; without it, all.")
    with_counterpart: Switch = Field(default=True, description="The counterpart closes later as well.")

    @model_validator(mode="after")
    def _one_way_of_saying_it(self) -> Self:
        single = [value for value in (self.over, self.later) if value is not None]
        if len(single) != (0 if self.steps else 2):
            raise ValueError("give over and later, or steps")
        return self


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with a rule for later closing at each gate."""
    rules = dict(border.responsive_hours)
    steps = settings.steps or []
    if settings.over is not None and settings.later is not None:
        steps = [LaterClose(over=settings.over, later=settings.later)]
    for gate_id, gate in gates_of(border, settings.gate, direction=settings.direction).items():
        directions_of(gate_id, gate, settings.direction)
        rules[entry_name(settings, gate_id, settings.direction)] = ResponsiveHours.model_construct(
            gate=gate_id,
            direction=settings.direction,
            decides_at=settings.decides_at,
            days=settings.weekdays,
            steps=steps,
            with_counterpart=settings.with_counterpart,
            first=settings.first,
            last=settings.last,
        )
    return border.model_copy(update={"responsive_hours": rules})
