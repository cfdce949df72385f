"""
How bad it will get by the fluid estimate: vehicles flow at the rates of the last hour while both sides are open.

A forecast by simulation tells more where there is one; this one needs nothing but live state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gatewatch.monitor.live.snapshot import FlowState

HORIZON = timedelta(hours=24)
_STEP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Outlook:
    """
    What becomes of a gate and direction.

    Args:
        full_at: When its yards are full; None when they are not within a day, or nobody can say.
        closes_at: When both sides have been open for the last time before they shut; None when they are shut, or
            shut at no time within a day.
        left: Vehicles inside at that time; None when nobody can say.
    """

    full_at: datetime | None = None
    closes_at: datetime | None = None
    left: float | None = None


def look_ahead(flow: FlowState, now: datetime) -> Outlook:
    """
    Return what becomes of a flow when arrivals and clearances go on as they did in the last hour.

    What the gate has shown that it can clear stands in for the clearances while it was shut.

    Args:
        flow: Live state.
        now: Aware UTC.
    """
    arriving = flow.arrival_rate_60.value
    clearing = flow.rate_60.value if flow.opening.is_open(now) else None
    if not clearing:
        clearing = flow.capacity.value if clearing is None else clearing
    if arriving is None or clearing is None:
        return Outlook(closes_at=_closes_at(flow, now))
    closes_at = _closes_at(flow, now)
    left = None
    if closes_at is not None and flow.backlog.value is not None:
        hours = (closes_at - now).total_seconds() / 3_600
        left = max(0.0, flow.backlog.value + (arriving - clearing) * hours)
    return Outlook(_full_at(flow, now, arriving, clearing), closes_at, left)


def _closes_at(flow: FlowState, now: datetime) -> datetime | None:
    for window in flow.opening.both:
        if window.begins <= now < window.ends:
            return window.ends if window.ends - now < HORIZON else None
    return None


def _full_at(flow: FlowState, now: datetime, arriving: float, clearing: float) -> datetime | None:
    """Return when the yards that are counted and have limited places are full, all of them together."""
    inside, places = 0.0, 0
    for yard in flow.yards:
        if yard.places and yard.inside.value is not None:
            inside += yard.inside.value
            places += yard.places
    if not places or inside >= places:  # it is full already: the finding says so
        return None
    at, hours = now, _STEP.total_seconds() / 3_600
    while at < now + HORIZON:
        at += _STEP
        share = flow.opening.open_s(at - _STEP, at) / _STEP.total_seconds()
        inside = max(0.0, inside + (arriving - clearing * share) * hours)
        if inside >= places:
            return at
    return None
