"""
Some days are open, shut, or for vehicles registered before: weekends, Tet, a gate shut for a while.

Without weekdays the days get a state of their own, as at Tet, which comes before ordinary hours. With weekdays their
ordinary hours are changed and holidays stay as they are; hours added that way count as overtime.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gatewatch.config.calendars import WEEKDAYS, Calendar, DayRule, DayState
from gatewatch.config.schema import Border
from gatewatch.config.units import Share
from gatewatch.simulator.policies.fields import Between, GateNames, HoursList, Weekdays, unit
from gatewatch.simulator.policies.open_hours import shifted, with_open
from gatewatch.simulator.policies.places import directions_of, gates_of, with_direction, with_gates
from gatewatch.simulator.policies.sides import Side, minutes_ahead, with_calendar
from gatewatch.simulator.policies.when import When, restated_hours

NEUTRAL = {"gate": "huu_nghi", "state": "open"}
_SIDES: dict[str, tuple[Side, ...]] = {
    "both": ("gate", "counterpart"),
    "gate": ("gate",),
    "counterpart": ("counterpart",),
}


class Settings(Between):
    """Which days get which state."""

    gate: GateNames | None = Field(default=None, description="Gate or gates; without it, all in use.")
    state: Annotated[DayState, Field(json_schema_extra=unit("state"))] = Field(
        description="`open`, `shut`, or `preregistered`: only vehicles registered before are served."
    )
    hours: HoursList | None = Field(
        default=None, description="Open hours of these days, local time of the border; without it, the ordinary ones."
    )
    weekdays: Weekdays | None = Field(default=None, description="Only on these weekdays; without it, all.")
    side: Annotated[Literal["both", "gate", "counterpart"], Field(json_schema_extra=unit("side"))] = Field(
        default="both", description="Whose days: of both sides, of the gate, or of the counterpart."
    )
    preregistered: Share | None = Field(
        default=None, description="Share of the vehicles registered before; without it, as the gate says."
    )

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.state == "shut" and self.hours:
            raise ValueError("a day that is shut has no hours; leave hours out")
        if self.weekdays and self.state == "open" and not self.hours:
            raise ValueError("say at which hours these weekdays are open: give hours")
        if self.weekdays and self.state == "preregistered" and (self.first is None or self.last is None):
            raise ValueError("weekdays for registered vehicles need a first and a last day: give from and to")
        return self


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with other days."""
    for gate_id in gates_of(border, settings.gate):
        for side in _SIDES[settings.side]:
            border = with_calendar(border, gate_id, side, partial(_changed, settings, border.border.timezone))
        if settings.preregistered is not None:
            gate = border.gates[gate_id]
            for name, direction in directions_of(gate_id, gate, None).items():
                registered = {"*": settings.preregistered}
                gate = with_direction(gate, name, direction.model_copy(update={"preregistered": registered}))
            border = with_gates(border, {gate_id: gate})
    return border


def _changed(settings: Settings, timezone: str, calendar: Calendar) -> Calendar:
    ahead = minutes_ahead(timezone, calendar, settings.first)
    hours = None if settings.hours is None else shifted(settings.hours, ahead)
    if settings.weekdays and settings.state != "preregistered":
        when = When(settings.first, settings.last, tuple(settings.weekdays))
        rules = restated_hours(calendar.hours, when, None, lambda rule: with_open(rule, hours or []))
        return calendar.model_copy(update={"hours": rules})
    days = [
        DayRule(first=first, last=last, state=settings.state, open=hours)
        for first, last in (_single_days(settings) if settings.weekdays else [(settings.first, settings.last)])
    ]
    return calendar.model_copy(update={"days": [*calendar.days, *days]})


def _single_days(settings: Settings) -> Iterator[tuple[date, date]]:
    assert settings.first is not None
    assert settings.last is not None
    assert settings.weekdays is not None
    for n in range((settings.last - settings.first).days + 1):
        day = settings.first + timedelta(days=n)
        if WEEKDAYS[day.weekday()] in settings.weekdays:
            yield day, day
