"""
When a side of a gate is open: pure functions of a calendar and a day or an instant.

A service day is a local date of the calendar. Hours that run past midnight belong to the day they began on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import WEEKDAYS, Calendar, DayRule, DirectionName, HoursRule
from gatewatch.config.units import Span

DAY_MIN = 1_440
LOOK_AHEAD = timedelta(days=60)


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
    """Return the hours of a service day, lunch taken out, closures not yet; none when the day is shut."""
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
    """Return the spans without lunch, which is a time of day: spans past midnight meet it again."""
    pieces = list(spans)
    for shift in (-DAY_MIN, 0, DAY_MIN):
        begins, ends = lunch.from_min + shift, lunch.to_min + shift
        pieces = [
            Span(start, end)
            for piece in pieces
            for start, end in (
                (piece.from_min, min(piece.to_min, begins)),
                (max(piece.from_min, ends), piece.to_min),
            )
            if start < end
        ]
    return pieces


def instant(calendar: Calendar, day: date, minute: int) -> datetime:
    """Return the aware UTC instant of a minute of a local day (1,440 and more lie on the next day)."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return wall.replace(tzinfo=ZoneInfo(calendar.timezone)).astimezone(UTC)


def windows(
    calendar: Calendar, begins: datetime, ends: datetime, direction: DirectionName | None = None
) -> list[Window]:
    """
    Return the open windows within [begins, ends), in order, joined where they meet, closures taken out.

    A window that is open at either end is cut there: that it ends at `ends` need not mean a closing.

    Args:
        calendar: One side's calendar.
        begins: Aware instant.
        ends: Aware instant after `begins`.
        direction: For rules that hold for one direction only.
    """
    zone = ZoneInfo(calendar.timezone)
    # Hours past midnight reach into the day after theirs.
    first, last = begins.astimezone(zone).date() - timedelta(days=1), ends.astimezone(zone).date()
    whole = _of_days(_One(calendar), first, last, direction)
    met = (replace(w, begins=max(w.begins, begins), ends=min(w.ends, ends)) for w in whole)
    return [window for window in met if window.begins < window.ends]


class _One:
    """A calendar as this very object: its rules are lists, which have no hash."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar

    def __hash__(self) -> int:
        return id(self.calendar)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _One) and other.calendar is self.calendar


@lru_cache(maxsize=256)
def _of_days(of: _One, day: date, last: date, direction: DirectionName | None) -> tuple[Window, ...]:
    """Return the windows of whole service days; kept, since a monitor asks for the same weeks at every look."""
    calendar, zone, found = of.calendar, ZoneInfo(of.calendar.timezone), list[Window]()
    while day <= last:
        special = day_rule(calendar, day)
        only = special is not None and special.state == "preregistered"
        found.extend(
            Window(instant(calendar, day, span.from_min), instant(calendar, day, span.to_min), only)
            for span in open_spans(calendar, day, direction)
        )
        day += timedelta(days=1)
    for closure in calendar.closures:
        shut_from, shut_to = _utc(closure.begins, zone), _utc(closure.ends, zone)
        found = [piece for window in found for piece in _cut(window, shut_from, shut_to)]
    return tuple(join_windows(found))


def _utc(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _cut(window: Window, shut_from: datetime, shut_to: datetime) -> list[Window]:
    """Return what is left of a window outside [shut_from, shut_to)."""
    left = Window(window.begins, min(window.ends, shut_from), window.preregistered_only)
    right = Window(max(window.begins, shut_to), window.ends, window.preregistered_only)
    return [piece for piece in (left, right) if piece.begins < piece.ends]


def join_windows(found: list[Window]) -> list[Window]:
    """Return windows in order, overlapping or touching ones of the same state joined; an open one wins."""
    fully = _union([window for window in found if not window.preregistered_only])
    partly = _union([window for window in found if window.preregistered_only])
    for window in fully:
        partly = [piece for part in partly for piece in _cut(part, window.begins, window.ends)]
    return sorted([*fully, *partly])


def _union(found: list[Window]) -> list[Window]:
    joined: list[Window] = []
    for window in sorted(window for window in found if window.begins < window.ends):
        if joined and window.begins <= joined[-1].ends:
            joined[-1] = replace(joined[-1], ends=max(joined[-1].ends, window.ends))
        else:
            joined.append(window)
    return joined


def both_open(ours: list[Window], theirs: list[Window]) -> list[Window]:
    """
    Return the windows in which both sides are open; the stricter state of the two holds.

    Args:
        ours: Windows of one side, in order and apart, as `windows` gives them.
        theirs: Windows of the other side, likewise.
    """
    pieces: list[Window] = []
    n = 0
    for a in ours:
        while n < len(theirs) and theirs[n].ends <= a.begins:
            n += 1
        for b in theirs[n:]:
            if b.begins >= a.ends:
                break
            only = a.preregistered_only or b.preregistered_only
            pieces.append(Window(max(a.begins, b.begins), min(a.ends, b.ends), only))
    return join_windows(pieces)


def without(ours: list[Window], theirs: list[Window]) -> list[Window]:
    """
    Return the windows in which only the first side is open.

    Args:
        ours: Windows of one side.
        theirs: Windows of the other side.
    """
    pieces = list(ours)
    for window in theirs:
        pieces = [left for piece in pieces for left in _cut(piece, window.begins, window.ends)]
    return join_windows(pieces)


def window_at(found: list[Window], now: datetime) -> Window | None:
    """Return the window that holds `now`, or None when it is shut."""
    return next((window for window in found if window.begins <= now < window.ends), None)


def next_change(calendar: Calendar, now: datetime, direction: DirectionName | None = None) -> datetime | None:
    """Return the next instant at which the calendar opens, closes or changes state; None within 60 days."""
    horizon = now + LOOK_AHEAD
    found = windows(calendar, now, horizon, direction)
    edges = sorted({edge for window in found for edge in (window.begins, window.ends)})
    return next((edge for edge in edges if now < edge < horizon), None)


def service_day(calendar: Calendar, now: datetime) -> date:
    """Return the local date of an instant."""
    return now.astimezone(ZoneInfo(calendar.timezone)).date()
