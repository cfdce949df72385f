"""The calendars of a gate's two sides, changed for this gate alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import Calendar
from gatewatch.config.schema import Border, Gate

Side = Literal["gate", "counterpart"]
SIDES: tuple[Side, ...] = ("gate", "counterpart")
_ANY_DAY = date(2025, 1, 1)


def calendar_of(border: Border, gate_id: str, side: Side) -> Calendar | None:
    """Return the calendar of a side, or None when it is always open."""
    name = _name(border.gates[gate_id], side)
    return None if name is None else border.calendars[name]


def with_calendar(border: Border, gate_id: str, side: Side, change: Callable[[Calendar], Calendar]) -> Border:
    """Return the border with the calendar of one side changed; one that others follow is copied first."""
    gate = border.gates[gate_id]
    name = _name(gate, side)
    if name is None:
        return border
    changed = change(border.calendars[name])
    if changed == border.calendars[name]:
        return border
    if sum(_name(other, which) == name for other in border.gates.values() for which in SIDES) > 1:
        name = f"{name}_of_{gate_id}"
        border = with_calendar_name(border, gate_id, side, name)
    return border.model_copy(update={"calendars": {**border.calendars, name: changed}})


def with_calendar_name(border: Border, gate_id: str, side: Side, name: str) -> Border:
    """Return the border with a side of a gate following another calendar."""
    gate = border.gates[gate_id]
    if side == "gate":
        gate = gate.model_copy(update={"calendar": name})
    else:
        gate = gate.model_copy(update={"counterpart": gate.counterpart.model_copy(update={"calendar": name})})
    return border.model_copy(update={"gates": {**border.gates, gate_id: gate}})


def minutes_ahead(timezone: str, calendar: Calendar, on: date | None) -> int:
    """Return by how much the clock of a calendar is ahead of the border's on a day [min]."""
    at = datetime.combine(on or _ANY_DAY, time(12), UTC)
    here, there = (at.astimezone(ZoneInfo(zone)) for zone in (timezone, calendar.timezone))
    return round((there.replace(tzinfo=None) - here.replace(tzinfo=None)).total_seconds() / 60)


def _name(gate: Gate, side: Side) -> str | None:
    return gate.calendar if side == "gate" else gate.counterpart.calendar
