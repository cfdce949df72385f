"""Rules that act during a run, laid out in simulated time: closes that may move, servers that may change sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import WEEKDAYS
from gatewatch.config.later_close import moved_stations, moved_yards
from gatewatch.config.opening_hours import Window
from gatewatch.config.responses import ResponsiveHours, ReversibleServers
from gatewatch.config.schema import Border, Gate
from gatewatch.config.units import US_PER_MIN
from gatewatch.simulator.timetable import Clock, Detour, Moved, Segment, detour, later_windows, spans_us, wall_us
from gatewatch.simulator.yard_node import Windows, YardDetour, YardNode, cut


@dataclass(frozen=True, slots=True)
class Step:
    """
    What a step of a decision changes, by the numbers of stations and yards.

    `this_side` has the hours that this side adds at stations that need both sides, whatever the counterpart does.
    """

    over: int
    stations: tuple[tuple[int, Detour], ...]
    yards: tuple[tuple[int, YardDetour], ...]
    this_side: tuple[tuple[int, Windows], ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A time at which the backlog decides, and the steps it can decide for, lowest first."""

    at_us: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class HoursNode:
    """A rule of responsive hours: the groups whose backlogs count together, and its decisions in order of time."""

    name: str
    groups: tuple[int, ...]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class ServersNode:
    """A rule of servers that change between two stations; `is_active` has an entry for each check of the run."""

    name: str
    stations: tuple[int, int]
    servers: int
    keep: int
    over: int
    back_below: int
    changeover_us: int
    check_every_us: int
    is_active: tuple[bool, ...]

    def shared(self, segments: tuple[Segment, Segment], before: int, now: int) -> tuple[int, int]:
        """
        Return how many servers the two stations gain by the rule, negative for those they lack.

        Args:
            segments: What holds at the two stations by their timetables.
            before: Servers that went over from the first to the second station before, negative the other way.
            now: The same as wanted now. What differs is changing sides and serves nowhere.
        """
        gained = [0, 0]
        if segments[0].is_open and segments[1].is_open:
            for giver, sign in ((0, 1), (1, -1)):
                most = max(0, segments[giver].servers - self.keep)
                gained[giver] -= min(most, max(0, sign * before, sign * now))
                gained[1 - giver] += min(most, max(0, min(sign * before, sign * now)))
        return gained[0], gained[1]


def hours_nodes(
    border: Border,
    clock: Clock,
    groups: dict[tuple[str, str], int],
    stations: dict[tuple[str, str], tuple[int, tuple[Segment, ...]]],
    yards: dict[tuple[str, str], tuple[int, YardNode]],
) -> Iterator[HoursNode]:
    """
    Yield the rules of responsive hours.

    Args:
        border: The border.
        clock: The clock of the run.
        groups: Number of each gate and direction.
        stations: Number and segments of each gate and station.
        yards: Number and node of each gate and yard.
    """
    for name, rule in border.responsive_hours.items():
        gate = border.gates[rule.gate]
        counted = [groups[rule.gate, side] for side in ("export", "import") if (rule.gate, side) in groups]
        if rule.direction is not None:
            counted = [groups[rule.gate, rule.direction]]
        mine = {station: stations[rule.gate, station] for station in moved_stations(gate, rule)}
        entries = {yard: yards[rule.gate, yard] for yard in moved_yards(gate, rule)}
        decisions = tuple(
            Decision(at_us, tuple(_steps(border, gate, rule, clock, at_us, mine, entries)))
            for at_us in _decision_times(rule, clock)
        )
        yield HoursNode(name, tuple(counted), decisions)


def _decision_times(rule: ResponsiveHours, clock: Clock) -> Iterator[int]:
    for day in range(clock.days):
        on, at_us = clock.first_day + timedelta(days=day), wall_us(clock, day, rule.decides_at)
        is_day = rule.covers(on) and (rule.days is None or WEEKDAYS[on.weekday()] in rule.days)
        if is_day and clock.begin_us <= at_us < clock.end_us:
            yield at_us


def _steps(
    border: Border,
    gate: Gate,
    rule: ResponsiveHours,
    clock: Clock,
    at_us: int,
    stations: dict[str, tuple[int, tuple[Segment, ...]]],
    yards: dict[str, tuple[int, YardNode]],
) -> Iterator[Step]:
    for step in rule.steps:
        moved = Moved(clock.instant(at_us), round(step.later * 60), rule.with_counterpart)
        sides = {(gate.stations[s].opens_with, gate.stations[s].hours_of) for s in stations}
        sides |= {("gate", hours_of) for side, hours_of in sides if side == "both"}
        sides |= {(gate.yards[y].opens_with, None) for y in yards}
        later = {side: later_windows(border, gate, side[0], side[1], moved) for side in sides}
        found, entries, this_side = [], [], []
        for name, (number, segments) in stations.items():
            station = gate.stations[name]
            ours = later["gate", station.hours_of] if station.opens_with == "both" else None
            if ours is not None:
                this_side.append((number, _added(ours, moved, clock)))
            windows = later[station.opens_with, station.hours_of]
            turn = None if windows is None else detour(segments, station, windows, at_us, clock)
            if turn is not None:
                found.append((number, turn))
        for name, (number, node) in yards.items():
            windows = later[gate.yards[name].opens_with, None]
            if windows is not None:
                spans = tuple((begins, ends) for begins, ends, _ in spans_us(windows[0], clock))
                entries.append((number, node.detour(spans, at_us, clock.us(windows[1]), clock.end_us)))
        yield Step(step.over, tuple(found), tuple(entries), tuple(this_side))


def _added(later: tuple[list[Window], datetime], moved: Moved, clock: Clock) -> Windows:
    """Return when one calendar is open between its usual close and the moved one [us]."""
    until_us = clock.us(later[1])
    return cut([(b, e) for b, e, _ in spans_us(later[0], clock)], until_us - moved.minutes * US_PER_MIN, until_us)


def servers_nodes(border: Border, clock: Clock, stations: dict[tuple[str, str], int]) -> Iterator[ServersNode]:
    """Yield the rules of reversible servers; `stations` has the number of each gate and station."""
    for name, rule in border.reversible_servers.items():
        every_us = round(rule.check_every * US_PER_MIN)
        checks = range(clock.begin_us + every_us, clock.end_us, every_us)
        yield ServersNode(
            name=name,
            stations=(stations[rule.gate, rule.between[0]], stations[rule.gate, rule.between[1]]),
            servers=rule.servers,
            keep=rule.keep,
            over=rule.over,
            back_below=rule.over if rule.back_below is None else rule.back_below,
            changeover_us=round(rule.changeover * US_PER_MIN),
            check_every_us=every_us,
            is_active=tuple(_is_active(rule, clock, at_us) for at_us in checks),
        )


def _is_active(rule: ReversibleServers, clock: Clock, at_us: int) -> bool:
    if rule.hours is None and rule.days is None and rule.first is None and rule.last is None:
        return True
    local = clock.instant(at_us).astimezone(ZoneInfo(clock.timezone))
    minute = local.hour * 60 + local.minute
    return _holds(rule, local.date(), minute) or _holds(rule, local.date() - timedelta(days=1), minute + 1_440)


def _holds(rule: ReversibleServers, day: date, minute: int) -> bool:
    if not rule.covers(day) or (rule.days is not None and WEEKDAYS[day.weekday()] not in rule.days):
        return False
    if rule.hours is None:
        return minute < 1_440
    return rule.hours.from_min <= minute < rule.hours.to_min
