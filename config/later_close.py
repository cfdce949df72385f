"""What a rule of responsive hours moves: the stations and yards that follow it, and a calendar with a later close."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gatewatch.config.calendars import Calendar, DayRule, DirectionName
from gatewatch.config.opening_hours import DAY_MIN, day_rule, instant, open_spans, service_day
from gatewatch.config.responses import ResponsiveHours
from gatewatch.config.schema import Direction, Gate, OpensWith
from gatewatch.config.units import Span


def moved_stations(gate: Gate, rule: ResponsiveHours) -> list[str]:
    """
    Return the stations of a gate that follow a rule.

    With a direction, those whose `hours_of` names it, and of those without `hours_of` the ones that do a stage of it.
    """
    doing = _stations_of(gate, rule)
    return [
        name
        for name, station in gate.stations.items()
        if _is_moved(station.opens_with, rule)
        and (name in doing if station.hours_of is None else rule.direction in (None, station.hours_of))
    ]


def moved_yards(gate: Gate, rule: ResponsiveHours) -> list[str]:
    """Return the yards of a gate whose entry follows a rule: those with a stage of its direction."""
    used = {stage.yard for direction in _directions(gate, rule.direction) for stage in direction.stages.values()}
    return [name for name, yard in gate.yards.items() if _is_moved(yard.opens_with, rule) and name in used]


def _is_moved(opens_with: OpensWith, rule: ResponsiveHours) -> bool:
    return opens_with != "always" and (rule.with_counterpart or opens_with != "counterpart")


def _stations_of(gate: Gate, rule: ResponsiveHours) -> set[str]:
    return {
        stage.station or name
        for direction in _directions(gate, rule.direction)
        for name, stage in direction.stages.items()
    }


def _directions(gate: Gate, name: DirectionName | None) -> Iterator[Direction]:
    for side in ("export", "import") if name is None else (name,):
        direction = gate.direction(side)
        if direction is not None:
            yield direction


def with_later_close(
    calendar: Calendar, at: datetime, minutes: int, direction: DirectionName | None
) -> tuple[Calendar, datetime] | None:
    """
    Return the calendar with the last close of a day moved, and the moved close as an aware UTC instant.

    None when nothing moves: the day is shut, it closed before `at`, or it closes at midnight or later.

    Args:
        calendar: One side's calendar.
        at: Aware instant of the decision; its local date is the day.
        minutes: How much later it closes.
        direction: For rules that hold for one direction only.
    """
    day = service_day(calendar, at)
    spans = open_spans(calendar, day, direction)
    last = max(spans, key=lambda span: span.to_min, default=None)
    if last is None or last.to_min >= DAY_MIN or instant(calendar, day, last.to_min) < at:
        return None
    special, closes = day_rule(calendar, day), last.to_min + minutes
    moved = [Span(span.from_min, closes) if span is last else span for span in spans]
    state = "open" if special is None else special.state
    rule = DayRule(first=day, last=day, state=state, open=moved)
    return calendar.model_copy(update={"days": [*calendar.days, rule]}), instant(calendar, day, closes)
