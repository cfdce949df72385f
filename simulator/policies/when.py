"""On which days and hours a policy holds, and rules restated for just these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from gatewatch.config.calendars import WEEKDAYS, DirectionName, HoursRule, Weekday
from gatewatch.config.opening_hours import DAY_MIN
from gatewatch.config.records import Dated
from gatewatch.config.schema import RosterRule
from gatewatch.config.units import Span

_WHOLE_DAY = Span(0, DAY_MIN)


@dataclass(frozen=True, slots=True)
class When:
    """
    Days and hours.

    Args:
        first: First day; None for always before.
        last: Last day, included; None for no end.
        days: Weekdays; None for all.
        hours: Hours of the day, local time of the border; None for all.
    """

    first: date | None = None
    last: date | None = None
    days: tuple[Weekday, ...] | None = None
    hours: Span | None = None


def is_always(dates: Dated) -> bool:
    """Return whether something holds on all days."""
    return dates.first is None and dates.last is None


def both(a: Dated, first: date | None, last: date | None) -> tuple[date | None, date | None] | None:
    """Return the first and the last day that lie in both stretches of days, or None when they are apart."""
    begins = max((day for day in (a.first, first) if day is not None), default=None)
    ends = min((day for day in (a.last, last) if day is not None), default=None)
    return None if begins is not None and ends is not None and ends < begins else (begins, ends)


def restated_hours(
    rules: list[HoursRule], when: When, direction: DirectionName | None, change: Callable[[HoursRule], HoursRule]
) -> list[HoursRule]:
    """
    Return opening hours with a change on some days and in one direction or both.

    A changed rule stands right after the one it restates: what held over the old one holds over the new one.
    """
    result: list[HoursRule] = []
    for rule in rules:
        dates = both(rule, when.first, when.last)
        days = [day for day in rule.days if when.days is None or day in when.days]
        if dates is None or not days or (direction is not None and rule.direction not in (None, direction)):
            result.append(rule)
            continue
        changed = change(rule)
        if changed == rule:
            result.append(rule)
            continue
        own = {"first": dates[0], "last": dates[1], "days": days, "direction": direction or rule.direction}
        is_whole = all(getattr(rule, key) == value for key, value in own.items())
        result += [changed] if is_whole else [rule, changed.model_copy(update=own)]
    return result


def restated_servers(
    servers: int | list[RosterRule], when: When, change: Callable[[int], int]
) -> int | list[RosterRule]:
    """Return the servers on duty with a change at some days and hours."""
    rules = [RosterRule(servers=servers)] if isinstance(servers, int) else servers
    result: list[RosterRule] = []
    for rule in rules:
        pieces = [] if change(rule.servers) == rule.servers else _pieces(rule, when)
        changed = [piece.model_copy(update={"servers": change(rule.servers)}) for piece in pieces]
        result += changed if pieces == [rule] else [rule, *changed]
    if len(result) == 1 and result[0].model_copy(update={"servers": 0}) == RosterRule(servers=0):
        return result[0].servers
    return result


def _pieces(rule: RosterRule, when: When) -> list[RosterRule]:
    """Return the parts of a roster rule that lie within days and hours; either may run past midnight."""
    duty, wanted = rule.hours or _WHOLE_DAY, when.hours or _WHOLE_DAY
    found = []
    for shift in (-1, 0, 1):  # the wanted hours began on the day before, on this day, or begin on the next
        begins = max(duty.from_min, wanted.from_min + shift * DAY_MIN)
        ends = min(duty.to_min, wanted.to_min + shift * DAY_MIN)
        dates = both(rule, _shifted(when.first, -shift), _shifted(when.last, -shift))
        days = [
            day
            for n, day in enumerate(WEEKDAYS)
            if (rule.days is None or day in rule.days) and (when.days is None or WEEKDAYS[(n + shift) % 7] in when.days)
        ]
        if begins >= ends or dates is None or not days:
            continue
        late = begins // DAY_MIN  # 1 when all of it lies after midnight: then it is the next day's
        hours = Span(begins - late * DAY_MIN, ends - late * DAY_MIN)
        on = [WEEKDAYS[(WEEKDAYS.index(day) + late) % 7] for day in days]
        found.append(
            rule.model_copy(
                update={
                    "first": _shifted(dates[0], late),
                    "last": _shifted(dates[1], late),
                    "days": rule.days if rule.days == on or len(on) == len(WEEKDAYS) else on,
                    "hours": rule.hours if hours == duty else hours,
                }
            )
        )
    return found


def _shifted(day: date | None, days: int) -> date | None:
    return None if day is None else day + timedelta(days=days)
