"""When each side of a gate is open: its calendar, with what was reported about the day put over it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import Any, Literal
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import Calendar, DirectionName
from gatewatch.config.opening_hours import Window, both_open, join_windows, window_at, windows
from gatewatch.config.schema import Border
from gatewatch.config.units import parse_clock
from gatewatch.monitor.observations import from_us, parse_instant, to_us
from gatewatch.monitor.projection.projecting import Projection, Subject
from gatewatch.monitor.projection.timelines import Statement

Side = Literal["own", "counterpart"]
SIDES: tuple[Side, Side] = ("own", "counterpart")
BEFORE = timedelta(days=36)  # what the counts of four weeks are read against
AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class SideState:
    """
    One side of a gate and direction at one instant.

    Args:
        state: `open`, `preregistered` or `shut`.
        next_change: When it changes next, by what is known now; None when not within 14 days.
        is_reported: Whether a report overrules the calendar.
        is_unplanned: Shut although the calendar says open.
        reason: Why, where the report says.
    """

    state: str
    next_change: datetime | None
    is_reported: bool
    is_unplanned: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Opening:
    """
    Both sides of a gate and direction around one instant.

    Args:
        own: The Vietnamese side.
        counterpart: The Chinese side.
        both: Windows in which both are open, from 36 days before to 14 days ahead.
    """

    own: SideState
    counterpart: SideState
    both: tuple[Window, ...]

    def since(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Return when both sides first opened on the local day of `now`; None before that."""
        midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
        begun = [max(w.begins, midnight) for w in self.both if w.ends > midnight and w.begins <= now]
        return begun[0] if begun else None

    def is_open(self, now: datetime) -> bool:
        """Return whether both sides are open."""
        return window_at(list(self.both), now) is not None

    def open_s(self, begins: datetime, ends: datetime) -> float:
        """Return for how long both are open within [begins, ends) [s]."""
        first = bisect_right(self.both, begins, key=lambda w: w.ends)
        meeting = takewhile(lambda w: w.begins < ends, islice(self.both, first, None))
        pieces = ((max(w.begins, begins), min(w.ends, ends)) for w in meeting)
        return sum((b - a).total_seconds() for a, b in pieces if a < b)

    def after_open_s(self, begins: datetime, open_s: float) -> datetime | None:
        """Return the instant by which both have been open for `open_s` since `begins`; None beyond 14 days."""
        left = open_s
        for window in self.both:
            start = max(window.begins, begins)
            length = (window.ends - start).total_seconds()
            if length <= 0:
                continue
            if length >= left:
                return start + timedelta(seconds=left)
            left -= length
        return None


def opening(border: Border, projection: Projection, gate: str, direction: DirectionName, now: datetime) -> Opening:
    """Return the opening of a gate and direction around `now`, by calendars and reports."""
    found = {side: side_windows(border, projection, gate, side, direction, now) for side in SIDES}
    states = {
        side: _state(projection, gate, side, direction, now, planned, actual)
        for side, (planned, actual) in found.items()
    }
    both = both_open(found["own"][1], found["counterpart"][1])
    return Opening(states["own"], states["counterpart"], tuple(both))


def side_windows(
    border: Border, projection: Projection, gate: str, side: Side, direction: DirectionName, now: datetime,
    span: tuple[datetime, datetime] | None = None,
) -> tuple[list[Window], list[Window]]:  # fmt: skip
    """
    Return the windows of a side by its calendar with the hours agreed for single days, and by what was reported.

    Args:
        border: The border.
        projection: What was observed.
        gate: Gate.
        side: Side.
        direction: Direction.
        now: Aware UTC; what was said for later is not known yet.
        span: Begin and end; without it, what is needed around `now`.
    """
    data, (begins, ends) = border.gates[gate], span or (now - BEFORE, now + AHEAD)
    name = data.calendar if side == "own" else data.counterpart.calendar
    if name is None:
        planned = [Window(begins, ends)]
    else:
        calendar = border.calendars[name]
        planned = windows(calendar, begins, ends, direction)
        planned = _with_changed_hours(calendar, planned, projection, (gate, side, direction), now)
    actual = planned
    for statement in _reports(projection, gate, side, direction, begins, now):
        actual = _overruled(actual, planned, statement, ends)
    return planned, actual


def _with_changed_hours(
    calendar: Calendar, planned: list[Window], projection: Projection, place: tuple[str, Side, str], now: datetime
) -> list[Window]:
    """Return the windows with the first opening or last closing of single days moved."""
    gate, side, direction = place
    zone = ZoneInfo(calendar.timezone)
    for subject in projection.stated.by_subject:
        if subject[:3] != ("hours", gate, side) or subject[3] not in ("", direction):
            continue
        said = projection.stated.last(subject, to_us(now))
        if said is None:
            continue
        day = date.fromisoformat(subject[4])
        mine = [w for w in planned if w.begins.astimezone(zone).date() == day]
        others = [w for w in planned if w not in mine]
        planned = join_windows([*others, *_moved(mine, day, zone, said.said)])
    return planned


def _moved(mine: list[Window], day: date, zone: ZoneInfo, said: dict[str, Any]) -> list[Window]:
    def at(text: str, shift: timedelta = timedelta()) -> datetime:
        wall = datetime.combine(day, time()) + timedelta(minutes=parse_clock(text)) + shift
        return wall.replace(tzinfo=zone).astimezone(UTC)

    if not mine:
        if "opens" not in said or "closes" not in said:
            return []
        mine = [Window(at(said["opens"]), at(said["opens"]))]
    first, last = mine[0], mine[-1]
    begins = at(said["opens"]) if "opens" in said else first.begins
    closes = last.ends
    if "closes" in said:
        closes = at(said["closes"])
        closes = closes if closes > begins else at(said["closes"], timedelta(days=1))
    kept = [w for w in mine if w.ends > begins and w.begins < closes]
    if not kept:
        return [Window(begins, closes)]
    kept[0] = replace(kept[0], begins=begins)
    kept[-1] = replace(kept[-1], ends=closes)
    return kept


def _subjects(gate: str, side: Side, direction: str) -> tuple[Subject, Subject]:
    return ("gate", gate, side, ""), ("gate", gate, side, direction)


def _reports(
    projection: Projection, gate: str, side: Side, direction: str, begins: datetime, now: datetime
) -> Iterator[tuple[Statement, int | None]]:
    """Yield the reported states from `begins` to `now`, each with when the next one replaced it, in order of time."""
    until_us, from_us_ = to_us(now), to_us(begins)
    found: list[Statement] = []
    for subject in _subjects(gate, side, direction):
        before = projection.stated.last(subject, from_us_)
        found += [before] if before is not None else []
        found += [s for s in projection.stated.since(subject, from_us_ + 1) if s.at_us <= until_us]
    found.sort(key=lambda s: (s.at_us, s.ref))
    for n, statement in enumerate(found):
        yield statement, found[n + 1].at_us if n + 1 < len(found) else None


def _overruled(
    actual: list[Window], planned: list[Window], report: tuple[Statement, int | None], horizon: datetime
) -> list[Window]:
    """
    Return the windows with a report put over them.

    It holds until the time it gives, until the next report, or else: a closure until somebody says that it is over,
    an opening until the calendar would close next (nobody reports every evening that a gate has shut).
    """
    statement, replaced_us = report
    begins, state = from_us(statement.at_us), statement.said["state"]
    if "until" in statement.said:
        ends = parse_instant(statement.said["until"])
    elif state == "shut":
        ends = horizon
    else:
        ends = next((w.ends for w in planned if w.ends > begins), horizon)
    if replaced_us is not None:
        ends = min(ends, from_us(replaced_us))
    if ends <= begins:
        return actual
    outside = [
        piece
        for w in actual
        for piece in (replace(w, ends=min(w.ends, begins)), replace(w, begins=max(w.begins, ends)))
        if piece.begins < piece.ends
    ]
    if state == "shut":
        return join_windows(outside)
    return join_windows([*outside, Window(begins, ends, state == "preregistered")])


def _state(
    projection: Projection, gate: str, side: Side, direction: str, now: datetime,
    planned: list[Window], actual: list[Window],
) -> SideState:  # fmt: skip
    here, there = window_at(actual, now), window_at(planned, now)
    edges = sorted({edge for w in actual for edge in (w.begins, w.ends)})
    change = next((edge for edge in edges if now < edge < now + AHEAD), None)
    is_reported = _word(here) != _word(there)
    last = [s for s in (projection.stated.last(x, to_us(now)) for x in _subjects(gate, side, direction)) if s]
    reason = max(last, key=lambda s: (s.at_us, s.ref)).said.get("reason", "") if last and is_reported else ""
    return SideState(_word(here), change, is_reported, here is None and there is not None, reason)


def _word(window: Window | None) -> str:
    return "shut" if window is None else "preregistered" if window.preregistered_only else "open"
