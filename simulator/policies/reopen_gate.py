"""
A gate that is shut for goods opens again, with the servers its file gives it, and takes part of the demand of others.

Both sides keep the same hours. Poor roads and yards are in the gate's own numbers, not in these settings.
"""

from __future__ import annotations

from pydantic import Field

from gatewatch.config.calendars import Calendar, HoursRule
from gatewatch.config.faults import shown
from gatewatch.config.records import Record
from gatewatch.config.schema import Border
from gatewatch.config.units import Share
from gatewatch.simulator.policies.fields import ClassNames, DirectionOf, GateName, GateNames, HoursList
from gatewatch.simulator.policies.flows import flows_at, moved
from gatewatch.simulator.policies.kinds import refused
from gatewatch.simulator.policies.open_hours import shifted
from gatewatch.simulator.policies.places import directions_of, gates_of, known, known_classes, with_gates
from gatewatch.simulator.policies.sides import Side, calendar_of, minutes_ahead, with_calendar_name

NEUTRAL = {"gate": "na_hinh", "share": 0}


class Settings(Record):
    """Which gate opens when, and whom it takes."""

    gate: GateName = Field(description="Gate that opens again.")
    hours: HoursList = Field(
        default=["07:00-17:00"],
        validate_default=True,
        description="Open hours of both sides, local time of the border.",
    )
    takes_from: GateNames | None = Field(
        default=None, description="Gate or gates whose demand it takes part of; without it, all in use."
    )
    share: Share = Field(description="Share of the demand there that comes here instead.")
    direction: DirectionOf | None = Field(default=None, description="Only this direction; without it, both.")
    classes: ClassNames | None = Field(
        default=None, description="Vehicle class or classes; without it, all that both sides let use this gate."
    )


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with the gate open."""
    gate_id = settings.gate
    known(border.gates, "gate", gate_id, "gate")
    if not border.gates[gate_id].dormant:
        raise refused("gate", shown(gate_id), "it is open already; name a gate that is shut for goods")
    sources = gates_of(border, settings.takes_from, "takes_from")
    if gate_id in sources:
        raise refused("takes_from", shown(gate_id), "a gate takes nothing from itself")
    directions_of(gate_id, border.gates[gate_id], settings.direction)
    classes = {c for c in known_classes(border, settings.classes) if border.may_use(c, gate_id)}
    for name in settings.classes or []:
        if name not in classes:
            raise refused("classes", shown(name), f"eligibility does not let this class use {gate_id}")
    border = with_gates(border, {gate_id: border.gates[gate_id].model_copy(update={"dormant": False})})
    sides: tuple[Side, ...] = ("gate", "counterpart")
    for side in sides:
        border = _opened(border, gate_id, side, settings)
    for set_name, name, flow in list(flows_at(border, sources, settings.direction)):
        if border.gates[gate_id].direction(flow.direction) is not None:
            border = moved(border, set_name, name, classes, settings.share, gate_id)
    return border


def _opened(border: Border, gate_id: str, side: Side, settings: Settings) -> Border:
    """Return the border with a calendar of its own for one side of the gate."""
    old = calendar_of(border, gate_id, side)
    timezone = border.border.timezone if old is None else old.timezone
    new = Calendar(timezone=timezone, hours=[HoursRule(open=[])])
    hours = shifted(settings.hours, minutes_ahead(border.border.timezone, new, None))
    calendar = Calendar(timezone=timezone, hours=[HoursRule(open=hours)])
    name = f"{gate_id}_reopened" if side == "gate" else f"{gate_id}_reopened_counterpart"
    border = border.model_copy(update={"calendars": {**border.calendars, name: calendar}})
    return with_calendar_name(border, gate_id, side, name)
