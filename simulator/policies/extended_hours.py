"""
A gate opens earlier or closes later (or the other way round) than its calendar says.

Every rule of ordinary hours that has open hours is changed; days with hours of their own, shut days and closures
stay. A crossing needs both sides: without the counterpart's consent only the desks on this side stay open longer.
What is added counts as overtime. With one direction named, a station that follows the hours of neither keeps its own.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from gatewatch.config.calendars import Calendar, HoursRule
from gatewatch.config.opening_hours import DAY_MIN
from gatewatch.config.schema import Border
from gatewatch.config.units import HoursLong, Span, clock_text
from gatewatch.simulator.policies.fields import Between, ClockTime, DirectionOf, GateNames, Switch, Weekdays
from gatewatch.simulator.policies.kinds import refused
from gatewatch.simulator.policies.open_hours import check_same_day, with_open
from gatewatch.simulator.policies.places import directions_of, gates_of
from gatewatch.simulator.policies.sides import Side, minutes_ahead, with_calendar
from gatewatch.simulator.policies.when import When, restated_hours

NEUTRAL = {"gate": "huu_nghi", "later": 0}


class Settings(Between):
    """From when to when the gate is open."""

    gate: GateNames | None = Field(default=None, description="Gate or gates; without it, all in use.")
    direction: DirectionOf | None = Field(default=None, description="Only this direction; without it, both.")
    opens: ClockTime | None = Field(default=None, description="New opening, local time of the border.")
    closes: ClockTime | None = Field(default=None, description="New closing, local time of the border.")
    earlier: HoursLong | None = Field(default=None, description="Opens so much earlier, instead of `opens`.")
    later: HoursLong | None = Field(default=None, description="Closes so much later, instead of `closes`.")
    weekdays: Weekdays | None = Field(default=None, description="Only on these weekdays; without it, all.")
    with_counterpart: Switch = Field(
        default=True, description="The counterpart consents and keeps the same hours; false: this side alone."
    )

    @model_validator(mode="after")
    def _one_way_of_saying_it(self) -> Self:
        for clock, change in (("opens", "earlier"), ("closes", "later")):
            if getattr(self, clock) is not None and getattr(self, change) is not None:
                raise ValueError(f"give either {clock} or {change}")
        if all(value is None for value in (self.opens, self.closes, self.earlier, self.later)):
            raise ValueError("give at least one of opens, closes, earlier and later")
        if self.opens is not None and self.closes is not None and self.closes <= self.opens:
            raise ValueError(
                f"closes ({clock_text(self.closes)}) must be after opens ({clock_text(self.opens)}); "
                "for hours past midnight give later instead of closes"
            )
        return self


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with other opening hours."""
    sides: tuple[Side, ...] = ("gate", "counterpart") if settings.with_counterpart else ("gate",)
    for gate_id, gate in gates_of(border, settings.gate, direction=settings.direction).items():
        if settings.direction is not None:
            directions_of(gate_id, gate, settings.direction)
        for side in sides:
            border = with_calendar(border, gate_id, side, partial(_extended, settings, border.border.timezone))
    return border


def _extended(settings: Settings, timezone: str, calendar: Calendar) -> Calendar:
    ahead = minutes_ahead(timezone, calendar, settings.first)
    when = When(settings.first, settings.last, None if settings.weekdays is None else tuple(settings.weekdays))
    rules = restated_hours(calendar.hours, when, settings.direction, lambda rule: _extended_rule(rule, settings, ahead))
    return calendar.model_copy(update={"hours": rules})


def _extended_rule(rule: HoursRule, settings: Settings, ahead: int) -> HoursRule:
    """Return a rule with other hours; what was not open before counts as overtime."""
    if not rule.open:
        return rule
    old = sorted(rule.open, key=lambda span: span.from_min)
    begins = old[0].from_min - round(60 * (settings.earlier or 0))
    ends = old[-1].to_min + round(60 * (settings.later or 0))
    if settings.opens is not None:
        begins = settings.opens + ahead
    if settings.closes is not None:
        ends = settings.closes + ahead
    _check(begins, ends, settings, ahead)
    return with_open(rule, _within(old, begins, ends))


def _check(begins: int, ends: int, settings: Settings, ahead: int) -> None:
    if settings.earlier:
        check_same_day(begins, "earlier", f"{settings.earlier:g} h before an opening")
    else:
        check_same_day(begins, "opens", clock_text(begins - ahead))
    if begins >= ends:
        key = "closes" if settings.closes is not None else "opens"
        if key == "closes":
            found, expected = clock_text(ends - ahead), f"before the opening {clock_text(begins - ahead)}"
        else:
            found, expected = clock_text(begins - ahead), f"after the closing {clock_text(ends - ahead)}"
        raise refused(key, f"{found}, {expected}", "a gate opens before it closes; past midnight give `later`")
    if ends - begins > DAY_MIN:
        raise refused("later", f"{settings.later or 0:g} h", "a gate is open for at most 24 hours of a day")


def _within(old: list[Span], begins: int, ends: int) -> list[Span]:
    """Return the open hours from the new opening to the new closing; breaks between them stay."""
    breaks = [(a.to_min, b.from_min) for a, b in pairwise(old)]
    edges = [begins, *(edge for gap in breaks for edge in gap), ends]
    clipped = [min(max(edge, begins), ends) for edge in edges]
    return [Span(a, b) for a, b in zip(clipped[::2], clipped[1::2], strict=True) if a < b]
