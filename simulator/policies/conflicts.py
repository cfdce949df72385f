"""Two policies in conflict: they say the opposite, or in the other order they would give another border."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import combinations
from typing import Any

from gatewatch.config.calendars import Calendar
from gatewatch.config.errors import ConfigError, Fault
from gatewatch.config.faults import key_text
from gatewatch.config.opening_hours import day_rule, hours_rule, open_spans
from gatewatch.config.origins import Path
from gatewatch.config.routes import DIRECTIONS
from gatewatch.config.schema import Border
from gatewatch.simulator.policies.open_hours import joined
from gatewatch.simulator.policies.ready import Policy
from gatewatch.simulator.policies.sides import SIDES, calendar_of
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.timetable import Clock, segments

Apply = Callable[[Border, Policy], Border]
_TOLERANCE = 1e-9
_APART = frozenset({"calendars", "sources", "scenarios"})  # hours are compared by gate; the others change nothing


def conflicts(plan: Plan, policies: Sequence[Policy], apply_one: Apply) -> Iterator[Fault]:
    """Yield a fault for each two policies that are opposed, or whose order would matter, with what they both change."""
    for (n, first), (_, second) in combinations(enumerate(policies), 2):
        against = _against(first, second)
        if against is not None:
            yield Fault(first.place, "", f"in conflict with {second.place}: {against}", "leave one of them out")
            continue
        before = plan.loaded.border
        for earlier in policies[:n]:
            before = apply_one(before, earlier)
        try:
            as_given = apply_one(apply_one(before, first), second)
            turned = apply_one(apply_one(before, second), first)
        except ConfigError:
            continue  # one needs the other, or one that comes between: only the order given makes sense
        difference = first_difference(as_given, turned, plan.clock)
        if difference is not None:
            found = f"in conflict with {second.place}: both change {key_text(difference)}, and their order matters"
            yield Fault(first.place, "", found, "leave one out, or let them differ in gate, dates or hours")


def _against(first: Policy, second: Policy) -> str | None:
    """Return what two policies say against each other by themselves, in whichever order they are applied."""
    if second.ready_name in first.not_with or first.ready_name in second.not_with:
        return "they are the same thing done in two ways"
    if first.kind is not second.kind or first.kind.opposed is None:
        return None
    return first.kind.opposed(first.settings, second.settings)


def first_difference(a: Border, b: Border, clock: Clock) -> Path | None:
    """
    Return where two borders first differ over the days of a run, or None when they mean the same.

    Numbers that differ by rounding agree, and so do hours, rosters and limits that say the same in other rules.
    """
    for path in (*_calendars(a, b, clock), *_paths(_tree(a), _tree(b), ())):
        if not _same_by_date(a, b, path, clock):
            return path
    return None


def _tree(border: Border) -> dict[str, Any]:
    tree = border.model_dump(by_alias=True, exclude=set(_APART))
    for gate in tree["gates"].values():
        gate["calendar"] = gate["counterpart"]["calendar"] = None
    return tree


def _paths(a: Any, b: Any, path: Path) -> Iterator[Path]:
    """Yield the paths at which two trees differ by more than rounding."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in [*a, *(key for key in b if key not in a)]:
            if key in a and key in b:
                yield from _paths(a[key], b[key], (*path, key))
            else:
                yield (*path, key)
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        if path[-1] == "dates":  # factors multiply: their order means nothing
            a, b = sorted(a, key=repr), sorted(b, key=repr)
        for n, (x, y) in enumerate(zip(a, b, strict=True)):
            yield from _paths(x, y, (*path, n))
    elif isinstance(a, float) and isinstance(b, int | float):
        if not math.isclose(a, b, rel_tol=_TOLERANCE):
            yield path
    elif a != b:
        yield path


# --- what depends on the date -----------------------------------------------------------------------


def _calendars(a: Border, b: Border, clock: Clock) -> Iterator[Path]:
    """Yield the calendars of gates that say something else on some day of the run."""
    for gate_id in a.gates.keys() & b.gates.keys():
        for side in SIDES:
            ours, theirs = calendar_of(a, gate_id, side), calendar_of(b, gate_id, side)
            if ours != theirs and _hours(ours, clock) != _hours(theirs, clock):
                yield ("gates", gate_id, *(("counterpart",) if side == "counterpart" else ()), "calendar")


def _hours(calendar: Calendar | None, clock: Clock) -> Any:
    """Return state, hours and overtime of each day and direction, and the closures."""
    if calendar is None:
        return None
    days = []
    for n in range(-1, clock.days + 1):
        day = clock.first_day + timedelta(days=n)
        special = day_rule(calendar, day)
        for direction in (None, *DIRECTIONS):
            ordinary = hours_rule(calendar, day, direction)
            state = "open" if special is None else special.state
            overtime = [] if ordinary is None else ordinary.overtime_spans
            days.append((state, joined(open_spans(calendar, day, direction)), joined(overtime)))
    return days, sorted(map(str, calendar.closures))


def _same_by_date(a: Border, b: Border, path: Path, clock: Clock) -> bool:
    """Return whether what differs at a path is a roster or a limit that says the same on every day of the run."""
    match path:
        case ("gates", str(gate), "stations", str(name), "servers", *_):
            return _on_duty(a, gate, name, clock) == _on_duty(b, gate, name, clock)
        case ("gates", str(gate), "yards", str(name), "places" | "accepts_per_day", *_):
            return _limits(a, gate, name, clock) == _limits(b, gate, name, clock)
    return False


def _on_duty(border: Border, gate_id: str, name: str, clock: Clock) -> list[tuple[int, int]]:
    gate = border.gates[gate_id]
    always = gate.stations[name].model_copy(update={"opens_with": "always"})
    return [(segment.begins_us, segment.servers) for segment in segments(border, gate, always, clock)]


def _limits(border: Border, gate_id: str, name: str, clock: Clock) -> list[tuple[int | None, int | None]]:
    yard = border.gates[gate_id].yards[name]
    days = (clock.first_day + timedelta(days=n) for n in range(-1, clock.days + 1))
    return [(yard.places_on(day), yard.accepts_on(day)) for day in days]
