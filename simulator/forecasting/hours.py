"""Which opening hours an alternative changes: what has to be reported when it is decided for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, get_args

from gatewatch.config.calendars import Calendar, DirectionName
from gatewatch.config.opening_hours import instant, open_spans
from gatewatch.config.schema import Border, Gate
from gatewatch.config.units import Span, clock_text
from gatewatch.simulator.scenario import Plan


def changed_hours(name: str, before: Plan, after: Plan, at: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    """
    Yield the days of each side on which an alternative has other hours than doing nothing, as far as a forecast looks.

    `opens` and `closes` are None where they stay; `is_simple` says whether they tell all that changes (a changed break
    within the day is not told by them).

    Args:
        name: Of the alternative.
        before: The plan of doing nothing.
        after: That of the alternative.
        at: Now, aware.
        until: How far the forecast looks: a change that begins later is not told.
    """
    first, last = before.dates
    for gate_id, gate in after.loaded.border.gates.items():
        old = before.loaded.border.gates.get(gate_id)
        if old is None or old.dormant or gate.dormant:
            continue
        for side in ("own", "counterpart"):
            usual = _calendar(before.loaded.border, old, side)
            moved = _calendar(after.loaded.border, gate, side)
            if usual is None or moved is None or usual == moved:
                continue
            for direction in get_args(DirectionName):
                if gate.direction(direction) is None:
                    continue
                for n in range((last - first).days + 1):
                    row = _changed(usual, moved, first + timedelta(days=n), direction, at, until)
                    if row is not None:
                        yield {"alternative": name, "gate": gate_id, "side": side, "direction": direction, **row}


def _calendar(border: Border, gate: Gate, side: str) -> Calendar | None:
    name = gate.calendar if side == "own" else gate.counterpart.calendar
    return None if name is None else border.calendars[name]


def _changed(
    usual: Calendar, moved: Calendar, day: date, direction: DirectionName, at: datetime, until: datetime
) -> dict[str, Any] | None:
    old, new = (sorted(open_spans(c, day, direction), key=lambda span: span.from_min) for c in (usual, moved))
    # An edge that both have is no change: an afternoon that ends later begins as before.
    before, after = ({edge for span in spans for edge in (span.from_min, span.to_min)} for spans in (old, new))
    changes = [instant(moved, day, minute) for minute in before ^ after]
    if not changes or max(changes) <= at or min(changes) >= until:
        return None
    if not new or not old:
        return {
            "day": day.isoformat(),
            "opens": clock_text(new[0].from_min) if new else None,
            "closes": _closing(new[-1]) if new else None,
            "is_simple": bool(new) and len(new) == 1,
        }
    edges = [Span(max(new[0].from_min, s.from_min), min(new[-1].to_min, s.to_min)) for s in old]
    edges = [span for span in edges if span.from_min < span.to_min]
    told = [Span(s.from_min, s.to_min) for s in edges]
    if told:
        told[0] = Span(new[0].from_min, told[0].to_min)
        told[-1] = Span(told[-1].from_min, new[-1].to_min)
    return {
        "day": day.isoformat(),
        "opens": clock_text(new[0].from_min) if new[0].from_min != old[0].from_min else None,
        "closes": _closing(new[-1]) if new[-1].to_min != old[-1].to_min else None,
        "is_simple": told == new,
    }


def _closing(span: Span) -> str:
    """Return a closing as a time of day; one past midnight is on the next."""
    return clock_text(span.to_min if span.to_min <= 1_440 else span.to_min - 1_440)
