"""The hours of both sides over days: by the calendars, as they really were or will be, and where only one is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gatewatch.config.calendars import DirectionName
from gatewatch.config.opening_hours import Window, both_open, windows, without
from gatewatch.config.schema import Border
from gatewatch.monitor.live.opening import BEFORE, SIDES, Side, side_windows
from gatewatch.monitor.projection.projecting import Projection

_Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class SideHours:
    """
    When one side is open.

    Args:
        by_calendar: By its calendar alone.
        actual: With what was agreed and reported.
        alone: Of `actual`, when the other side is shut.
    """

    by_calendar: tuple[Window, ...]
    actual: tuple[Window, ...]
    alone: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class FlowHours:
    """Hours of both sides for one direction, and when both are open."""

    own: SideHours
    counterpart: SideHours
    both: tuple[Window, ...]


def flow_hours(
    border: Border, projection: Projection, gate: str, direction: DirectionName, span: _Span, now: datetime
) -> FlowHours:
    """
    Return the hours of a gate and direction within a span, by what is known at `now`.

    Args:
        border: The border.
        projection: What was observed.
        gate: Gate.
        direction: Direction.
        span: Begin and end, aware UTC.
        now: Aware UTC.
    """
    # A report of long ago may still hold: it is followed from well before the span.
    whole = (min(span[0], now) - BEFORE, span[1])
    actual = {
        side: _within(side_windows(border, projection, gate, side, direction, now, whole)[1], span) for side in SIDES
    }
    own, counterpart = (
        SideHours(
            tuple(_by_calendar(border, gate, side, direction, span)),
            tuple(actual[side]),
            tuple(without(actual[side], actual[other])),
        )
        for side, other in (SIDES, SIDES[::-1])
    )
    return FlowHours(own, counterpart, tuple(both_open(actual["own"], actual["counterpart"])))


def _by_calendar(border: Border, gate: str, side: Side, direction: DirectionName, span: _Span) -> list[Window]:
    data = border.gates[gate]
    name = data.calendar if side == "own" else data.counterpart.calendar
    return [Window(*span)] if name is None else windows(border.calendars[name], *span, direction)


def _within(found: list[Window], span: _Span) -> list[Window]:
    cut = (Window(max(w.begins, span[0]), min(w.ends, span[1]), w.preregistered_only) for w in found)
    return [window for window in cut if window.begins < window.ends]
