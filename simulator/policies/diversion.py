"""
Vehicles go to another gate when the queue at theirs is long.

On arrival, or called out of the park. Only classes that both sides let use the other gate go, and of their drivers only
those who comply; papers made out for one gate are often not good for another.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gatewatch.config.demand import Diversion
from gatewatch.config.faults import shown
from gatewatch.config.laws import Constant
from gatewatch.config.records import Record
from gatewatch.config.schema import Border
from gatewatch.config.units import Share, Vehicles
from gatewatch.simulator.policies.fields import ClassNames, DirectionOf, GateName, Minutes, unit
from gatewatch.simulator.policies.kinds import refused
from gatewatch.simulator.policies.names import entry_name
from gatewatch.simulator.policies.places import directions_of, known, known_classes

NEUTRAL = {"gate": "huu_nghi", "to": "tan_thanh", "when_backlog_over": 1_000_000}


class Settings(Record):
    """Who goes where, and when."""

    gate: GateName = Field(description="Gate that sends vehicles away.")
    to: GateName = Field(description="Gate that takes them.")
    direction: DirectionOf = Field(default="export", description="Which direction.")
    classes: ClassNames | None = Field(default=None, description="Vehicle class or classes; without it, all that may.")
    when_backlog_over: Vehicles = Field(description="Backlog of the sending gate above which vehicles go.")
    while_backlog_below: Vehicles | None = Field(
        default=None, description="Only while the backlog of the taking gate is below this; without it, always."
    )
    compliance: Share = Field(default=1.0, description="Share of the drivers who follow.")
    decides: Annotated[Literal["on_arrival", "while_held"], Field(json_schema_extra=unit("moment"))] = Field(
        default="on_arrival", description="`on_arrival`, or `while_held`: those held last in the park are sent."
    )
    check_every: Annotated[float, Field(gt=0, le=1_440, json_schema_extra=unit("min"))] = Field(
        default=60.0, description="Time between checks, for `while_held`."
    )
    travel: Minutes | None = Field(default=None, description="Driving time; without it, that of the road between them.")


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with one more rule of diversion."""
    for key in ("gate", "to"):
        name = getattr(settings, key)
        known(border.gates, "gate", name, key)
        directions_of(name, border.gates[name], settings.direction)
    if settings.to == settings.gate:
        raise refused("to", shown(settings.to), "a diversion leads to another gate")
    if settings.classes is not None:
        known_classes(border, settings.classes)
        for name in settings.classes:
            if not border.may_use(name, settings.to):
                raise refused("classes", shown(name), f"eligibility does not let this class use {settings.to}")
    travel = None if settings.travel is None else Constant(law="constant", value=settings.travel, unit="min")
    rule = Diversion.model_construct(travel=travel, **{
        key: getattr(settings, key) for key in Settings.model_fields if key != "travel"
    })  # fmt: skip
    name = entry_name(settings, settings.gate, "to", settings.to, settings.direction, *(settings.classes or []))
    return border.model_copy(update={"diversions": {**border.diversions, name: rule}})
