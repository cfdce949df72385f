"""When a station works, with how many servers: its calendars and its roster laid out in simulated time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import WEEKDAYS, Calendar, DirectionName
from gatewatch.config.later_close import with_later_close
from gatewatch.config.opening_hours import Window, both_open, windows
from gatewatch.config.schema import Border, Gate, OpensWith, RosterRule, Station

UNLIMITED = 1 << 40
NEVER_US = 1 << 62


@dataclass(frozen=True, slots=True)
class Clock:
    """
    Translates between instants and simulated microseconds.

    Args:
        timezone: Zone of the border.
        first_day: Day whose local midnight is time 0.
        days: Whole days of the run.
        begin_us: Time at which the run begins [us].
    """

    timezone: str
    first_day: date
    days: int
    begin_us: int = 0

    def midnight(self, day: int, timezone: str | None = None) -> datetime:
        """Return the instant of local midnight of day `day` (0 is the first), aware UTC."""
        return _midnight(self.first_day, day, timezone or self.timezone)

    def us(self, instant: datetime) -> int:
        """Return the simulated time [us] of an aware instant."""
        return (instant - self.midnight(0)) // timedelta(microseconds=1)

    def instant(self, us: int) -> datetime:
        """Return the aware UTC instant of a simulated time [us]."""
        return self.midnight(0) + timedelta(microseconds=us)

    def day_starts_us(self) -> list[int]:
        """Return the simulated time [us] of each local midnight, the one after the last day included."""
        return [self.us(self.midnight(day)) for day in range(self.days + 1)]

    @property
    def end_us(self) -> int:
        """Return the time at which the run ends [us]."""
        return self.us(self.midnight(self.days))


@lru_cache(maxsize=4_096)
def _midnight(first_day: date, day: int, timezone: str) -> datetime:
    wall = datetime.combine(first_day + timedelta(days=day), time())
    return wall.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch in which nothing about a station changes."""

    begins_us: int
    servers: int
    is_open: bool
    preregistered_only: bool
    closes_us: int
    is_broken: bool = False

    @property
    def capacity(self) -> int:
        """Return the servers that can work now."""
        return self.servers if self.is_open and not self.is_broken else 0


@dataclass(frozen=True, slots=True)
class Moved:
    """
    A close that a decision moves.

    Args:
        at: Aware instant of the decision.
        minutes: How much later it closes.
        with_counterpart: Whether the counterpart closes later too.
    """

    at: datetime
    minutes: int
    with_counterpart: bool


@dataclass(frozen=True, slots=True)
class Detour:
    """
    A part of a timetable that takes the place of the usual one when a decision is taken.

    Args:
        segments: From the decision on; the last one goes back to the usual timetable.
        until_us: Where the last one begins; what begins later is as usual [us].
        added_us: When the station is open that would be shut.
    """

    segments: tuple[Segment, ...]
    until_us: int
    added_us: tuple[tuple[int, int], ...]


def open_windows(
    border: Border, gate: Gate, side: OpensWith, clock: Clock, direction: DirectionName | None = None
) -> list[Window] | None:
    """Return the open windows of a side of a gate over the run, or None when it never closes."""
    begins, ends = clock.instant(0), clock.midnight(clock.days) + timedelta(days=30)
    ours, theirs = _calendars(border, gate, side)
    return _both(*(None if c is None else windows(c, begins, ends, direction) for c in (ours, theirs)))


def later_windows(
    border: Border, gate: Gate, side: OpensWith, direction: DirectionName | None, moved: Moved
) -> tuple[list[Window], datetime] | None:
    """
    Return the open windows of a side around a decision that moves its close, and when it then closes at the latest.

    None when nothing moves.
    """
    begins, ends = moved.at - timedelta(days=1), moved.at + timedelta(days=2)
    found: list[list[Window] | None] = []
    closes: list[datetime] = []
    for usual, moves in zip(_calendars(border, gate, side), (True, moved.with_counterpart), strict=True):
        later = None if usual is None or not moves else with_later_close(usual, moved.at, moved.minutes, direction)
        calendar = usual if later is None else later[0]
        closes += [] if later is None else [later[1]]
        found.append(None if calendar is None else windows(calendar, begins, ends, direction))
    both = _both(*found)
    return (both, max(closes)) if closes and both is not None else None


def _calendars(border: Border, gate: Gate, side: OpensWith) -> tuple[Calendar | None, Calendar | None]:
    """Return the calendars of this side and of the counterpart that `side` follows."""
    ours = gate.calendar if side in ("gate", "both") else None
    theirs = gate.counterpart.calendar if side in ("counterpart", "both") else None
    return border.calendars[ours] if ours else None, border.calendars[theirs] if theirs else None


def _both(ours: list[Window] | None, theirs: list[Window] | None) -> list[Window] | None:
    if ours is None or theirs is None:
        return ours if theirs is None else theirs
    return both_open(ours, theirs)


def spans_us(found: Iterable[Window], clock: Clock) -> list[tuple[int, int, bool]]:
    """Return begin, end [us] and "registered only" of windows."""
    return [(clock.us(w.begins), clock.us(w.ends), w.preregistered_only) for w in found]


def segments(border: Border, gate: Gate, station: Station, clock: Clock) -> list[Segment]:
    """Return the segments of a station from the start of the run on, each different from the one before."""
    found = open_windows(border, gate, station.opens_with, clock, station.hours_of)
    spans = None if found is None else spans_us(found, clock)
    return _laid_out(station, spans, clock, clock.begin_us, clock.end_us, range(-1, clock.days + 1))


def _laid_out(
    station: Station,
    spans: list[tuple[int, int, bool]] | None,
    clock: Clock,
    begin_us: int,
    end_us: int,
    days: range,
) -> list[Segment]:
    """Return the segments of a station that begin in [begin_us, end_us), its roster laid out over some days."""
    edges = {begin_us}
    if spans is not None:
        edges.update(edge for begins, ends, _ in spans for edge in (begins, ends))
    roster = station.servers if isinstance(station.servers, list) else None
    if roster is not None:
        edges.update(_roster_edges(roster, clock, days))
    result: list[Segment] = []
    starts = [begins for begins, _, _ in spans or []]
    for at in sorted(edge for edge in edges if begin_us <= edge < end_us):
        n = bisect_right(starts, at) - 1
        span = spans[n] if spans is not None and n >= 0 and at < spans[n][1] else None
        segment = Segment(
            begins_us=at,
            servers=_servers_at(station, roster, at, clock),
            is_open=spans is None or span is not None,
            preregistered_only=span is not None and span[2],
            closes_us=NEVER_US if spans is None else _closes_at(spans, n) if span is not None else at,
        )
        if not result or _differs(result[-1], segment):
            result.append(segment)
    return result


def segment_at(found: Sequence[Segment], us: int) -> Segment:
    """Return the segment that holds at a time [us], of segments in order."""
    return found[bisect_right(found, us, key=lambda segment: segment.begins_us) - 1]


def detour(
    base: Sequence[Segment], station: Station, later: tuple[list[Window], datetime], at_us: int, clock: Clock
) -> Detour | None:
    """
    Return the segments of a station from a decision to its moved close; None when nothing changes for it.

    In the added hours the roster holds; where it has nobody then, those on duty at the close stay.

    Args:
        base: The usual segments of the station.
        station: Its data.
        later: Open windows with the moved close, and that close, as `later_windows` gives them.
        at_us: Time of the decision [us].
        clock: The clock of the run.
    """
    until_us = clock.us(later[1])
    within_us = min(until_us, clock.end_us)
    day = (clock.instant(at_us) - clock.midnight(0)) // timedelta(days=1)
    laid_out = _laid_out(station, spans_us(later[0], clock), clock, at_us, within_us, range(day - 1, day + 3))
    edges = sorted({s.begins_us for s in (*base, *laid_out) if at_us <= s.begins_us < within_us})
    found: list[Segment] = []
    added: list[tuple[int, int]] = []
    for begins_us, ends_us in zip(edges, [*edges[1:], within_us], strict=True):
        new = replace(segment_at(laid_out, begins_us), begins_us=begins_us)
        if new.is_open and not segment_at(base, begins_us).is_open:
            added.append((begins_us, ends_us))
            if new.servers == 0:
                open_before = [s for s in base if s.begins_us < begins_us and s.is_open]
                new = replace(new, servers=open_before[-1].servers if open_before else 0)
        if not found or _differs(found[-1], new):
            found.append(new)
    if not added:
        return None
    found.append(replace(segment_at(base, until_us), begins_us=until_us))
    return Detour(tuple(s for s in found if s.begins_us < clock.end_us), until_us, tuple(added))


def _differs(a: Segment, b: Segment) -> bool:
    return (a.servers, a.is_open, a.preregistered_only, a.closes_us) != (
        b.servers,
        b.is_open,
        b.preregistered_only,
        b.closes_us if b.is_open else a.closes_us,
    )


def _closes_at(spans: list[tuple[int, int, bool]], n: int) -> int:
    """Return the end of the opening that span n belongs to, touching spans taken as one."""
    ends = spans[n][1]
    while n + 1 < len(spans) and spans[n + 1][0] == ends:
        n += 1
        ends = spans[n][1]
    return ends


def _roster_edges(roster: list[RosterRule], clock: Clock, days: range) -> set[int]:
    minutes = {0}
    for rule in roster:
        if rule.hours is not None:
            minutes.update((rule.hours.from_min, rule.hours.to_min))
    return {wall_us(clock, day, minute) for day in days for minute in minutes}


def wall_us(clock: Clock, day: int, minute: int) -> int:
    """Return the simulated time [us] of a minute of local day `day` (0 is the first)."""
    wall = datetime.combine(clock.first_day + timedelta(days=day), time()) + timedelta(minutes=minute)
    return clock.us(wall.replace(tzinfo=ZoneInfo(clock.timezone)).astimezone(UTC))


def _servers_at(station: Station, roster: list[RosterRule] | None, at: int, clock: Clock) -> int:
    if roster is None:
        return UNLIMITED if isinstance(station.servers, str) else int(station.servers)  # type: ignore[arg-type]
    local = clock.instant(at).astimezone(ZoneInfo(clock.timezone))
    minute = local.hour * 60 + local.minute
    servers = 0
    for rule in roster:
        if _on_duty(rule, local.date(), minute) or _on_duty(rule, local.date() - timedelta(days=1), minute + 1_440):
            servers = rule.servers
    return servers


def _on_duty(rule: RosterRule, day: date, minute: int) -> bool:
    if not rule.covers(day) or (rule.days is not None and WEEKDAYS[day.weekday()] not in rule.days):
        return False
    if rule.hours is None:
        return minute < 1_440
    return rule.hours.from_min <= minute < rule.hours.to_min


def with_breakdowns(
    base: Sequence[Segment], breakdowns: Sequence[tuple[int, int]], end_us: int, until_us: int = NEVER_US
) -> list[Segment]:
    """
    Return the segments with the breakdowns laid over them.

    Args:
        base: Segments without breakdowns.
        breakdowns: Start and end of each, in order, not overlapping [us].
        end_us: End of the run.
        until_us: Last time at which a segment may begin.
    """
    if not breakdowns:
        return list(base)
    edges = sorted({s.begins_us for s in base} | {e for down in breakdowns for e in down if e < end_us})
    starts, downs = [s.begins_us for s in base], [begins for begins, _ in breakdowns]
    result: list[Segment] = []
    for at in edges:
        if at < starts[0] or at > until_us:
            continue
        s = base[bisect_right(starts, at) - 1]
        n = bisect_right(downs, at) - 1
        broken = n >= 0 and at < breakdowns[n][1]
        result.append(Segment(at, s.servers, s.is_open, s.preregistered_only, s.closes_us, broken))
    return result
