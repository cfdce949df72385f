"""
A gate works through lunch, or keeps its lunch hour again.

Lunch hours that a calendar names are opened on both sides; a calendar that works through lunch already stays as it is.
Officers take turns to eat, so part of the servers may be away meanwhile; at least one stays.
"""

from __future__ import annotations

import math
from functools import partial

from pydantic import Field

from gatewatch.config.calendars import Calendar, HoursRule
from gatewatch.config.schema import Border, Gate, Station
from gatewatch.config.units import Share, Span
from gatewatch.simulator.policies.fields import Between, GateNames, Switch, Weekdays
from gatewatch.simulator.policies.open_hours import overlaps, with_open, with_overtime, without
from gatewatch.simulator.policies.places import gates_of, with_gates
from gatewatch.simulator.policies.sides import Side, calendar_of, with_calendar
from gatewatch.simulator.policies.when import When, restated_hours, restated_servers

NEUTRAL = {"gate": "huu_nghi"}


class Settings(Between):
    """Where and when lunch is worked through, and who is away."""

    gate: GateNames | None = Field(default=None, description="Gate or gates; without it, all in use.")
    works: Switch = Field(default=True, description="True works through lunch, false keeps the lunch hour.")
    servers_away: Share = Field(
        default=0.0, description="Share of the servers at lunch meanwhile, rounded up; at least one stays."
    )
    paid_as_overtime: Switch = Field(default=True, description="Lunch hours worked count as overtime.")
    weekdays: Weekdays | None = Field(default=None, description="Only on these weekdays; without it, all.")
    with_counterpart: Switch = Field(default=True, description="The counterpart does the same; false: this side alone.")


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with other lunch hours."""
    sides: tuple[Side, ...] = ("gate", "counterpart") if settings.with_counterpart else ("gate",)
    when = When(settings.first, settings.last, None if settings.weekdays is None else tuple(settings.weekdays))
    for gate_id in gates_of(border, settings.gate):
        own = calendar_of(border, gate_id, "gate")
        for side in sides:
            border = with_calendar(border, gate_id, side, partial(_changed, settings, when))
        if own is not None and settings.works and settings.servers_away:
            for lunch in dict.fromkeys(rule.lunch for rule in own.hours if rule.lunch is not None):
                staffed = _staffed(border.gates[gate_id], lunch, when, settings.servers_away)
                border = with_gates(border, {gate_id: staffed})
    return border


def opposed(a: Settings, b: Settings) -> str | None:
    """Return that one works through the lunch hours which the other keeps, at some gate, day and weekday."""
    if a.works == b.works:
        return None
    apart = (
        (a.gate and b.gate and not set(a.gate) & set(b.gate))
        or (a.weekdays and b.weekdays and not set(a.weekdays) & set(b.weekdays))
        or (a.last and b.first and a.last < b.first)
        or (b.last and a.first and b.last < a.first)
    )
    return None if apart else "one keeps the lunch hours that the other works through"


def _changed(settings: Settings, when: When, calendar: Calendar) -> Calendar:
    if calendar.work_through_lunch == settings.works:
        return calendar
    change = partial(_worked, settings) if settings.works else _kept
    return calendar.model_copy(update={"hours": restated_hours(calendar.hours, when, None, change)})


def _worked(settings: Settings, rule: HoursRule) -> HoursRule:
    """Return a rule without its lunch hour."""
    if rule.lunch is None:
        return rule
    lunch = overlaps([rule.lunch], rule.open) if settings.paid_as_overtime else []
    return with_overtime(rule.model_copy(update={"lunch": None}), [*rule.overtime_spans, *lunch])


def _kept(rule: HoursRule) -> HoursRule:
    """Return a rule that is shut at lunch, though its calendar works through."""
    return rule if rule.lunch is None else with_open(rule, without(rule.open, [rule.lunch]))


def _staffed(gate: Gate, lunch: Span, when: When, away: float) -> Gate:
    """Return a gate with fewer servers at lunch, where the gate's own side has them."""
    at_lunch = When(when.first, when.last, when.days, lunch)

    def staying(servers: int) -> int:
        return max(servers - math.ceil(servers * away - 1e-9), min(servers, 1))

    def changed(station: Station) -> Station:
        if isinstance(station.servers, str) or station.holds or station.opens_with in ("counterpart", "always"):
            return station
        return station.model_copy(update={"servers": restated_servers(station.servers, at_lunch, staying)})

    return gate.model_copy(update={"stations": {name: changed(station) for name, station in gate.stations.items()}})
