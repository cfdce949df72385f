"""Faults of rules that act during a run: later closing, servers that change sides, factors by date."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import WEEKDAYS, Calendar, DirectionName, Weekday
from gatewatch.config.checks_gates import most_servers
from gatewatch.config.checks_names import unknown, unknown_classes
from gatewatch.config.errors import Fault
from gatewatch.config.faults import fault_at, shown
from gatewatch.config.later_close import moved_stations, moved_yards
from gatewatch.config.opening_hours import DAY_MIN
from gatewatch.config.origins import Document, Path
from gatewatch.config.records import Dated
from gatewatch.config.responses import ResponsiveHours, ReversibleServers
from gatewatch.config.routes import DIRECTIONS, all_directions
from gatewatch.config.schema import Border, Gate
from gatewatch.config.units import clock_text


def _responsive(border: Border) -> Iterator[tuple[str, ResponsiveHours, Gate | None, Path]]:
    for name, rule in border.responsive_hours.items():
        yield name, rule, border.gates.get(rule.gate), ("responsive_hours", name)


def _reversible(border: Border) -> Iterator[tuple[ReversibleServers, Gate | None, Path]]:
    for name, rule in border.reversible_servers.items():
        yield rule, border.gates.get(rule.gate), ("reversible_servers", name)


def response_gates(border: Border, document: Document) -> Iterator[Fault]:
    """A rule names a gate that exists, and a direction that it has."""
    for _, rule, gate, at in _responsive(border):
        yield from unknown(document, (*at, "gate"), "gate", rule.gate, border.gates)
        if gate is not None and rule.direction is not None and gate.direction(rule.direction) is None:
            expected = f"{rule.gate} has no {rule.direction}s; describe them, or name another direction"
            yield fault_at(document, (*at, "direction"), shown(rule.direction), expected)
        elif gate is not None and gate.export is None and gate.import_ is None:
            expected = "nobody crosses this gate; give it exports or imports, or name another"
            yield fault_at(document, (*at, "gate"), shown(rule.gate), expected)
    for other, _, at in _reversible(border):
        yield from unknown(document, (*at, "gate"), "gate", other.gate, border.gates)


def closes_that_move(border: Border, document: Document) -> Iterator[Fault]:
    """A rule moves a close that comes after its decision, and not beyond midnight."""
    for _, rule, gate, at in _responsive(border):
        sides: tuple[DirectionName, ...] = DIRECTIONS if rule.direction is None else (rule.direction,)
        if gate is None or all(gate.direction(side) is None for side in sides):
            continue
        names = [gate.calendar, gate.counterpart.calendar if rule.with_counterpart else None]
        calendars = {name: border.calendars[name] for name in names if name in border.calendars}
        if not calendars or not (moved_stations(gate, rule) or moved_yards(gate, rule)):
            expected = "nothing that this rule moves ever closes; give the gate a calendar, or leave the rule out"
            yield fault_at(document, (*at, "gate"), shown(rule.gate), expected)
            continue
        closes = {name: sorted(_closes(calendar, rule)) for name, calendar in calendars.items()}
        yield from _beyond_midnight(document, at, rule, closes)
        decided = {name: _decided_min(border, calendar, rule) for name, calendar in calendars.items()}
        if all(close < decided[name] for name, found in closes.items() for close in found):
            latest = clock_text(max((close for found in closes.values() for close in found), default=0))
            expected = f"all has closed by {latest} on every day of the rule; decide earlier"
            yield fault_at(document, (*at, "decides_at"), shown(clock_text(rule.decides_at)), expected)


def _beyond_midnight(
    document: Document, at: Path, rule: ResponsiveHours, closes: dict[str, list[int]]
) -> Iterator[Fault]:
    for name, found in closes.items():
        latest = max((close for close in found if close < DAY_MIN), default=0)
        for n, step in enumerate(rule.steps):
            if latest + round(step.later * 60) > DAY_MIN:
                expected = f"{name} closes at {clock_text(latest)}; at most {(DAY_MIN - latest) / 60:.4g} h are left"
                yield fault_at(document, (*at, "steps", n, "later"), f"{step.later:.4g}", expected)
                return


def _closes(calendar: Calendar, rule: ResponsiveHours) -> Iterator[int]:
    """Yield the last close [minute of the day] of each kind of day on which the rule can act."""
    for hours in calendar.hours:
        known = rule.direction in (None, hours.direction) or hours.direction is None
        if known and hours.open and _meet(hours, rule) and set(hours.days) & set(rule.days or WEEKDAYS):
            yield max(span.to_min for span in hours.open)
    for special in calendar.days:
        if special.open and special.state != "shut" and _meet(special, rule):
            yield max(span.to_min for span in special.open)


def _decided_min(border: Border, calendar: Calendar, rule: ResponsiveHours) -> int:
    """Return the decision as a minute of the calendar's day."""
    wall = datetime.combine(rule.first or date(2025, 1, 1), time()) + timedelta(minutes=rule.decides_at)
    at = wall.replace(tzinfo=ZoneInfo(border.border.timezone)).astimezone(UTC)
    local = at.astimezone(ZoneInfo(calendar.timezone))
    return local.hour * 60 + local.minute


def _meet(a: Dated, b: Dated) -> bool:
    """Return whether there is a day on which both hold."""
    return (a.first or date.min) <= (b.last or date.max) and (b.first or date.min) <= (a.last or date.max)


def _share_days(a: Sequence[Weekday] | None, b: Sequence[Weekday] | None) -> bool:
    return bool(set(a or WEEKDAYS) & set(b or WEEKDAYS))


def closes_moved_twice(border: Border, document: Document) -> Iterator[Fault]:
    """On any one day a station or yard follows one rule only."""
    before: list[tuple[str, ResponsiveHours, set[tuple[str, str]]]] = []
    for name, rule, gate, at in _responsive(border):
        if gate is None:
            continue
        moved = {("station", station) for station in moved_stations(gate, rule)}
        moved |= {("yard", yard) for yard in moved_yards(gate, rule)}
        for other_name, other, others in before:
            both = moved & others if other.gate == rule.gate else set()
            if both and _meet(rule, other) and _share_days(rule.days, other.days):
                kind, what = min(both)
                expected = f'"{other_name}" moves it on the same days; let their days or directions differ'
                yield fault_at(document, (*at, "gate"), f"{kind} {what} a second time", expected)
                break
        before.append((name, rule, moved))


def reversible_stations(border: Border, document: Document) -> Iterator[Fault]:
    """Servers change between two different stations of the gate that have a limited number of them."""
    for rule, gate, at in _reversible(border):
        for n, name in enumerate(rule.between if gate is not None else []):
            assert gate is not None
            path = (*at, "between", n)
            yield from unknown(document, path, "station of the gate", name, gate.stations)
            if name in gate.stations and (gate.stations[name].holds or most_servers(gate.stations[name]) is None):
                expected = "name a station with a limited number of servers: here are none to count"
                yield fault_at(document, path, shown(name), expected)
        if rule.between[0] == rule.between[1]:
            yield fault_at(document, (*at, "between", 1), f"{shown(rule.between[1])} again", "name two stations")


def reversible_twice(border: Border, document: Document) -> Iterator[Fault]:
    """A station shares its servers by one rule only."""
    taken: dict[tuple[str, str], str] = {}
    for name, rule in border.reversible_servers.items():
        for n, station in enumerate(dict.fromkeys(rule.between)):
            first = taken.setdefault((rule.gate, station), name)
            if first != name:
                path: Path = ("reversible_servers", name, "between", n)
                expected = f'"{first}" moves its servers already; put the station into one rule'
                yield fault_at(document, path, shown(station), expected)
                break


def reversible_keep(border: Border, document: Document) -> Iterator[Fault]:
    """What is kept lies below the servers of a station, or none could ever go."""
    for rule, gate, at in _reversible(border):
        found = [gate.stations[name] for name in rule.between if name in gate.stations] if gate is not None else []
        most = [n for station in found if not station.holds and (n := most_servers(station)) is not None]
        if len(most) == 2 and rule.keep >= max(most):
            names = " nor ".join(rule.between)
            expected = f"neither {names} ever has more than {max(most)}, so that none could go; keep fewer"
            yield fault_at(document, (*at, "keep"), str(rule.keep), expected)


def service_factors(border: Border, document: Document) -> Iterator[Fault]:
    """Factors by date are for stages with a service, and name classes that exist."""
    for _, _, direction, at in all_directions(border):
        for name, stage in direction.stages.items():
            path = (*at, "stages", name, "dates")
            if stage.dates and stage.service is None:
                yield fault_at(document, path, "given", "leave it out: this stage has no service")
            for n, factor in enumerate(stage.dates):
                yield from unknown_classes(border, document, (*path, n, "classes"), factor.classes)


CHECKS: tuple[Callable[[Border, Document], Iterator[Fault]], ...] = (
    response_gates,
    closes_that_move,
    closes_moved_twice,
    reversible_stations,
    reversible_twice,
    reversible_keep,
    service_factors,
)
