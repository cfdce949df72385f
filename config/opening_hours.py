"""
When a side of a gate is open: pure functions of a calendar and a day or an instant.

A service day is a local date of the calendar. Hours that run past midnight belong to the day they began on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import WEEKDAYS, Calendar, DayRule, DirectionName, HoursRule
from gatewatch.config.units import Span


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """An uninterrupted stretch of opening, `begins` included and `ends` excluded, aware UTC."""

    begins: datetime
    ends: datetime
    preregistered_only: bool = False


def day_rule(calendar: Calendar, day: date) -> DayRule | None:
    """Return the rule that gives `day` a state of its own, or None on an ordinary day."""
    matching = [rule for rule in calendar.days if rule.covers(day)]
    return matching[-1] if matching else None


def hours_rule(calendar: Calendar, day: date, direction: DirectionName | None) -> HoursRule | None:
    """Return the ordinary hours in force on `day`, or None when no rule covers it."""
    matching = [
        rule
        for rule in calendar.hours
        if rule.covers(day) and WEEKDAYS[day.weekday()] in rule.days and rule.direction in (None, direction)
    ]
    return matching[-1] if matching else None


def open_spans(calendar: Calendar, day: date, direction: DirectionName | None = None) -> list[Span]:
    """Return the hours of a service day, lunch taken out, closures not yet; empty when the day is shut."""
    special, ordinary = day_rule(calendar, day), hours_rule(calendar, day, direction)
    if special is not None and special.state == "shut":
        return []
    if special is not None and special.open is not None:
        return list(special.open)
    if ordinary is None:
        return []
    if ordinary.lunch is None or calendar.work_through_lunch:
        return list(ordinary.open)
    return _without(ordinary.open, ordinary.lunch)


def _without(spans: list[Span], lunch: Span) -> list[Span]:
    pieces = []
    for span in spans:
        for start, end in (
            (span.from_min, min(span.to_min, lunch.from_min)),
            (max(span.from_min, lunch.to_min), span.to_min),
        ):
            if start < end:
                pieces.append(Span(start, end))
    return pieces


def instant(calendar: Calendar, day: date, minute: int) -> datetime:
    """Return the aware UTC instant of a minute of a local day (1,440 and more lie on the next day)."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return wall.replace(tzinfo=ZoneInfo(calendar.timezone)).astimezone(UTC)


def windows(
    calendar: Calendar, begins: datetime, ends: datetime, direction: DirectionName | None = None
) -> list[Window]:
    """
    Return the open windows that touch [begins, ends), in order, joined where they meet, closures taken out.

    Args:
        calendar: One side's calendar.
        begins: Aware instant.
        ends: Aware instant after `begins`.
        direction: For rules that hold for one direction only.
    """
    zone = ZoneInfo(calendar.timezone)
    day, last = begins.astimezone(zone).date() - timedelta(days=2), ends.astimezone(zone).date()
    found: list[Window] = []
    while day <= last:
        special = day_rule(calendar, day)
        only = special is not None and special.state == "preregistered"
        for span in open_spans(calendar, day, direction):
            found.append(
                Window(instant(calendar, day, span.from_min), instant(calendar, day, span.to_min), only)
            )
        day += timedelta(days=1)
    for closure in calendar.closures:
        shut_from = closure.begins.replace(tzinfo=zone).astimezone(UTC)
        shut_to = closure.ends.replace(tzinfo=zone).astimezone(UTC)
        found = [piece for window in found for piece in _cut(window, shut_from, shut_to)]
    return [w for w in join_windows(found) if w.ends > begins and w.begins < ends]


def _cut(window: Window, shut_from: datetime, shut_to: datetime) -> list[Window]:
    left = Window(window.begins, min(window.ends, shut_from), window.preregistered_only)
    right = Window(max(window.begins, shut_to), window.ends, window.preregistered_only)
    return [piece for piece in (left, right) if piece.begins < piece.ends]


def join_windows(found: list[Window]) -> list[Window]:
    """Return windows in order, overlapping or touching ones of the same state joined; an open one wins."""
    joined: list[Window] = []
    for window in sorted(found):
        previous = joined[-1] if joined else None
        if previous is None or window.begins > previous.ends:
            joined.append(window)
        elif window.preregistered_only == previous.preregistered_only:
            joined[-1] = Window(previous.begins, max(previous.ends, window.ends), previous.preregistered_only)
        elif window.begins == previous.ends:
            joined.append(window)
        elif previous.preregistered_only:
            joined[-1:] = [
                piece for piece in _cut(previous, window.begins, window.ends) if piece.ends <= window.begins
            ]
            joined.append(window)
            if previous.ends > window.ends:
                joined.append(Window(window.ends, previous.ends, True))
        elif window.ends > previous.ends:
            joined.append(Window(previous.ends, window.ends, window.preregistered_only))
    return joined


def both_open(ours: list[Window], theirs: list[Window]) -> list[Window]:
    """Return the windows in which both sides are open; the stricter state of the two holds."""
    pieces = [
        Window(max(a.begins, b.begins), min(a.ends, b.ends), a.preregistered_only or b.preregistered_only)
        for a in ours
        for b in theirs
        if max(a.begins, b.begins) < min(a.ends, b.ends)
    ]
    return sorted(pieces)


def window_at(found: list[Window], now: datetime) -> Window | None:
    """Return the window that holds `now`, or None when it is shut."""
    return next((window for window in found if window.begins <= now < window.ends), None)


def next_change(calendar: Calendar, now: datetime, direction: DirectionName | None = None) -> datetime | None:
    """Return the next instant at which the calendar opens, closes or changes state; None within 60 days."""
    horizon = windows(calendar, now - timedelta(days=1), now + timedelta(days=60), direction)
    edges = sorted({edge for window in horizon for edge in (window.begins, window.ends)})
    return next((edge for edge in edges if edge > now), None)


def service_day(calendar: Calendar, now: datetime) -> date:
    """Return the local date of an instant."""
    return now.astimezone(ZoneInfo(calendar.timezone)).date()
