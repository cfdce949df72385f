"""Hours of a week in Vietnam: when a contact sleeps, who is on duty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import WEEKDAYS, Weekday
from gatewatch.config.units import Span

VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """
    A span on some weekdays, from one date to another.

    A span past midnight belongs to the day it begins on: Friday 22:00-06:00 ends on Saturday.

    Args:
        span: Hours of the day, local; the end is excluded.
        days: Weekdays on which it begins.
        first: First date; None for always before.
        last: Last date, included; None for no end.
    """

    span: Span
    days: tuple[Weekday, ...] = WEEKDAYS
    first: date | None = None
    last: date | None = None

    def covers(self, at: datetime) -> bool:
        """Return whether an aware instant lies within."""
        local = at.astimezone(VIETNAM)
        minute = local.hour * 60 + local.minute
        return self._begins_on(local.date(), minute) or self._begins_on(
            local.date() - timedelta(days=1), minute + 1_440
        )

    def _begins_on(self, day: date, minute: int) -> bool:
        return (
            self.span.from_min <= minute < self.span.to_min
            and WEEKDAYS[day.weekday()] in self.days
            and (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
        )


@dataclass(frozen=True, slots=True)
class Shift:
    """A destination and the hours in which it is on duty."""

    destination: str
    hours: tuple[WeeklyHours, ...]


@dataclass(frozen=True, slots=True)
class Duty:
    """
    A name that stands for whoever is on duty.

    Args:
        name: Stands where a destination may stand.
        shifts: Who has it when; several may have it at once.
        otherwise: Who has it in hours that no shift covers, so that nothing goes to nobody.
    """

    name: str
    shifts: tuple[Shift, ...]
    otherwise: str

    def on_duty(self, at: datetime) -> tuple[str, ...]:
        """Return the destinations that have it at an instant, at least one."""
        found = tuple(s.destination for s in self.shifts if any(hours.covers(at) for hours in s.hours))
        return found or (self.otherwise,)
