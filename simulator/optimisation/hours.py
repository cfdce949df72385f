"""When a gate is open now: what a menu of other hours begins from, and what of a border the days of a run see."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

from gatewatch.config.calendars import WEEKDAYS, DirectionName, Weekday
from gatewatch.config.errors import one_fault
from gatewatch.config.opening_hours import day_rule, hours_rule, open_spans
from gatewatch.config.routes import DIRECTIONS
from gatewatch.simulator.policies.sides import SIDES, calendar_of, minutes_ahead
from gatewatch.simulator.scenario import Plan


@dataclass(frozen=True, slots=True)
class PresentHours:
    """
    A gate's own hours over the measured days.

    Args:
        opens: Usual opening, local time of the border [min after midnight].
        closes: Usual closing, past 1,440 after midnight [min].
        has_lunch_break: Whether it shuts for lunch.
        shut_weekdays: Weekdays on which it never opens.
    """

    opens: int
    closes: int
    has_lunch_break: bool
    shut_weekdays: tuple[Weekday, ...]


def present_hours(plan: Plan, gate: str, direction: DirectionName | None) -> PresentHours:
    """
    Return when a gate is open over the measured days of a plan.

    Raises:
        ConfigError: It never closes or never opens, so that there are no hours to choose.
    """
    border = plan.loaded.border
    calendar = calendar_of(border, gate, "gate")
    if calendar is None:
        expected = "it is open around the clock; try `gatewatch optimise servers`, or name a gate with a calendar"
        raise one_fault("--gate", "", f'"{gate}"', expected)
    first = plan.scenario.start + timedelta(days=plan.warmup_days)
    days = [first + timedelta(days=n) for n in range(plan.days)]
    ahead = minutes_ahead(border.border.timezone, calendar, first)
    found: Counter[tuple[int, int]] = Counter()
    has_break, opened, seen = False, set(), set()
    for day in days:
        if day_rule(calendar, day) is not None:
            continue
        seen.add(WEEKDAYS[day.weekday()])
        spans, rule = open_spans(calendar, day, direction), hours_rule(calendar, day, direction)
        if not spans:
            continue
        opened.add(WEEKDAYS[day.weekday()])
        found[min(s.from_min for s in spans) - ahead, max(s.to_min for s in spans) - ahead] += 1
        has_break |= rule is not None and rule.lunch is not None and not calendar.work_through_lunch
    if not found:
        raise one_fault("--gate", "", f'"{gate}"', "it does not open on any ordinary day of the run; choose other days")
    (opens, closes), _ = min(found.items(), key=lambda item: (-item[1], item[0]))
    return PresentHours(opens, closes, has_break, tuple(day for day in WEEKDAYS if day in seen - opened))


def border_on_the_days(plan: Plan) -> tuple[object, ...]:
    """Return what of a border the days of a run see; two plans in which it is equal give the same runs."""
    border = plan.loaded.border
    found: list[object] = []
    days = [plan.scenario.start + timedelta(days=n) for n in range(-1, plan.warmup_days + plan.days + 1)]
    for gate_id, side in product(border.gates, SIDES):
        calendar = calendar_of(border, gate_id, side)
        if calendar is None:
            found.append(None)
            continue
        rules = [hours_rule(calendar, day, way) for day in days for way in (None, *DIRECTIONS)]
        said = [None if rule is None else (rule.open, rule.lunch, rule.overtime) for rule in rules]
        found.append((calendar.model_copy(update={"hours": []}), said))
    gates = {
        name: gate.model_copy(
            update={"calendar": None, "counterpart": gate.counterpart.model_copy(update={"calendar": None})}
        )
        for name, gate in border.gates.items()
    }
    return border.model_copy(update={"calendars": {}, "gates": gates}), found


def delays_before_service(plan: Plan, gate: str, direction: DirectionName) -> list[str]:
    """Return the stages with a time of their own and no queue that come before the first one with servers."""
    data = plan.loaded.border.gates[gate]
    side = data.direction(direction)
    assert side is not None
    found: list[str] = []
    for name in side.route or list(side.stages):
        stage = side.stages[name]
        station = data.stations[stage.station or name]
        if not station.holds and station.servers != "unlimited":
            break
        if stage.service is not None and station.servers == "unlimited":
            found.append(name)
    return found


def split_stations(plan: Plan, gate: str, direction: DirectionName) -> tuple[list[str], list[str]]:
    """
    Return the stations with opening hours that a direction stops at: those that follow its hours, and the others.

    The others serve both directions, and stay as they are when only one direction's hours change.
    """
    data = plan.loaded.border.gates[gate]
    side = data.direction(direction)
    assert side is not None
    names = dict.fromkeys(stage.station or name for name, stage in side.stages.items())
    timed = [name for name in names if data.stations[name].opens_with != "always" and not data.stations[name].holds]
    follow = [name for name in timed if data.stations[name].hours_of == direction]
    return follow, [name for name in timed if name not in follow]
