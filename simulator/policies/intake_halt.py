"""
A class is refused from one moment to another.

Not all comply, and those who had set off before come all the same, so the backlog goes on growing for a while. Notice
given beforehand lets some of these turn round on the road.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Self

from pydantic import Field, model_validator

from gatewatch.config.calendars import DirectionName
from gatewatch.config.demand import IntakeHalt
from gatewatch.config.records import Record
from gatewatch.config.schema import Border
from gatewatch.config.units import HoursLong, Share
from gatewatch.simulator.policies.fields import ClassNames, DirectionOf, GateNames, Moment
from gatewatch.simulator.policies.places import directions_of, gates_of, known_classes

NEUTRAL = {"classes": ["fruit"], "from": date(2025, 7, 1), "to": date(2025, 7, 2), "compliance": 0}


class Settings(Record):
    """Who is refused from when to when, and who comes all the same."""

    gate: GateNames | None = Field(default=None, description="Gate or gates; without it, all in use.")
    direction: DirectionOf = Field(default="export", description="Which direction.")
    classes: ClassNames = Field(description="Vehicle class or classes that are refused.")
    begins: Moment = Field(alias="from", description="Start, local time of the border; a day begins at its midnight.")
    ends: Moment = Field(alias="to", description="End, not included; a day stands for its midnight.")
    compliance: Share = Field(default=1.0, description="Share of the vehicles that the halt keeps away.")
    on_the_road: HoursLong = Field(
        default=0.0, description="Time on the road to the gate: who arrives so soon after the start had set off before."
    )
    notice: HoursLong = Field(default=0.0, description="Notice before the start; who had not set off then stays away.")

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if _instant(self.begins).tzinfo or _instant(self.ends).tzinfo:
            raise ValueError("from and to are local times of the border and carry no zone")
        if _instant(self.ends) <= _instant(self.begins):
            raise ValueError("to must be after from")
        return self


def _instant(at: datetime | date) -> datetime:
    return at if isinstance(at, datetime) else datetime.combine(at, time())


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with one more halt of intake at each gate."""
    classes = sorted(known_classes(border, settings.classes))
    halts = dict(border.intake_halts)
    for gate_id, gate in gates_of(border, settings.gate, direction=settings.direction).items():
        directions_of(gate_id, gate, settings.direction)
        halts[_name(gate_id, settings.direction, classes, settings)] = IntakeHalt(
            gates=[gate_id],
            direction=settings.direction,
            classes=classes,
            begins=settings.begins,
            ends=settings.ends,
            compliance=settings.compliance,
            on_the_road=max(0.0, settings.on_the_road - settings.notice),
        )
    return border.model_copy(update={"intake_halts": halts})


def _name(gate_id: str, direction: DirectionName, classes: list[str], settings: Settings) -> str:
    return "_".join([gate_id, direction, *classes, f"{_instant(settings.begins):%Y%m%dT%H%M}"])
