"""When a station works, with how many servers: its calendars and its roster laid out in simulated time."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import WEEKDAYS, Calendar, DirectionName
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
        wall = datetime.combine(self.first_day + timedelta(days=day), time())
        return wall.replace(tzinfo=ZoneInfo(timezone or self.timezone)).astimezone(UTC)

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


def open_windows(
    border: Border, gate: Gate, side: OpensWith, clock: Clock, direction: DirectionName | None = None
) -> list[Window] | None:
    """Return the open windows of a side of a gate over the run, or None when it never closes."""
    ours = _side_windows(border, gate.calendar, clock, direction) if side in ("gate", "both") else None
    theirs = (
        _side_windows(border, gate.counterpart.calendar, clock, direction) if side in ("counterpart", "both") else None
    )
    if ours is None or theirs is None:
        return ours if theirs is None else theirs
    return both_open(ours, theirs)


def _side_windows(
    border: Border, calendar_id: str | None, clock: Clock, direction: DirectionName | None
) -> list[Window] | None:
    if calendar_id is None:
        return None
    calendar: Calendar = border.calendars[calendar_id]
    begins, ends = clock.instant(0), clock.midnight(clock.days) + timedelta(days=30)
    return windows(calendar, begins, ends, direction)


def segments(border: Border, gate: Gate, station: Station, clock: Clock) -> list[Segment]:
    """Return the segments of a station from the start of the run on, each different from the one before."""
    found = open_windows(border, gate, station.opens_with, clock, station.hours_of)
    spans = None if found is None else [(clock.us(w.begins), clock.us(w.ends), w.preregistered_only) for w in found]
    edges = {clock.begin_us}
    if spans is not None:
        edges.update(edge for begins, ends, _ in spans for edge in (begins, ends))
    roster = station.servers if isinstance(station.servers, list) else None
    if roster is not None:
        edges.update(_roster_edges(roster, clock))
    result: list[Segment] = []
    starts = [begins for begins, _, _ in spans or []]
    for at in sorted(edge for edge in edges if clock.begin_us <= edge < clock.end_us):
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


def _roster_edges(roster: list[RosterRule], clock: Clock) -> set[int]:
    minutes = {0}
    for rule in roster:
        if rule.hours is not None:
            minutes.update((rule.hours.from_min, rule.hours.to_min))
    return {_wall_us(clock, day, minute) for day in range(-1, clock.days + 1) for minute in minutes}


def _wall_us(clock: Clock, day: int, minute: int) -> int:
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


def with_breakdowns(base: list[Segment], breakdowns: list[tuple[int, int]], end_us: int) -> list[Segment]:
    """
    Return the segments with the breakdowns laid over them.

    Args:
        base: Segments without breakdowns.
        breakdowns: Start and end of each, in order, not overlapping [us].
        end_us: End of the run.
    """
    if not breakdowns:
        return base
    edges = sorted({s.begins_us for s in base} | {e for down in breakdowns for e in down if e < end_us})
    starts, downs = [s.begins_us for s in base], [begins for begins, _ in breakdowns]
    result: list[Segment] = []
    for at in edges:
        if at < starts[0]:
            continue
        s = base[bisect_right(starts, at) - 1]
        n = bisect_right(downs, at) - 1
        broken = n >= 0 and at < breakdowns[n][1]
        result.append(Segment(at, s.servers, s.is_open, s.preregistered_only, s.closes_us, broken))
    return result
