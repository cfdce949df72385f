"""
What stands inside now will not be cleared before today's closing: the work that is left then, in hours of work.

While a forecast of the last ninety minutes is there, it is by its chances: the work of which so much or more is left
with the chance that the settings name. Without one it is a fluid estimate: the backlog less the capacity shown until
the last closing of the local day, without new arrivals.

While the gate is shut nothing is judged: an alert that fires at closing stays as it was, for two days at most, and the
first look after the opening, by the new day's closing, says whether it still holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import Field

from gatewatch.config.thresholds import Placed, Rising
from gatewatch.config.units import Share
from gatewatch.monitor.detectors.finding import Finding, at, find
from gatewatch.monitor.detectors.history import History
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.snapshot import FlowState, Snapshot

ABOUT: Final = "congestion"
IS_LEARNT: Final = True
STAYS_WHILE_SHUT: Final = True
UNIT: Final = "open h"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "left": Sentence(
        "{place}: dự kiến đến lúc đóng cửa {closes_at} còn {left} xe, bằng {value} giờ thông quan; "
        "ngưỡng {threshold} giờ.",
        "{place}: about {left} vehicles will be left at the closing at {closes_at}, {value} open hours of work; "
        "the threshold is {threshold}.",
    ),
    "foretold": Sentence(
        "{place}: theo dự báo lúc {forecast_at}, xác suất {percent} % đến lúc đóng cửa {closes_at} vẫn còn từ {left} "
        "xe, bằng {value} giờ thông quan; ngưỡng {threshold} giờ.",
        "{place}: by the forecast of {forecast_at}, {left} vehicles or more are left at the closing at {closes_at} "
        "with a chance of {percent} %, {value} open hours of work; the threshold is {threshold}.",
    ),
    "unknown": Sentence(
        "{place}: chưa rõ hôm nay có giải phóng hết xe không, thiếu số tồn hoặc năng lực thông quan.",
        "{place}: whether today's vehicles will be cleared is not known; backlog or capacity is missing.",
    ),
}


class Settings(Rising):
    """Thresholds of the work left at closing [open h]."""

    chance: Share = Field(default=0.5, description="By a forecast, so much work is left with this chance.")


def inspect(snapshot: Snapshot, settings: Placed[Settings], now: datetime, history: History) -> list[Finding]:
    """Return the work left at today's closing of each gate and direction that is open."""
    found = []
    for flow in snapshot.flows:
        if not flow.opening.is_open(now):
            continue
        rule = settings.at(flow.gate, flow.direction)
        closes_at = _last_closing(flow, now, history.zone)
        value, left, said = None, None, "left"
        outlook = history.outlook(flow.gate, flow.direction, now)
        if outlook is not None and outlook.is_today and flow.capacity.value:
            closes_at, said = outlook.closes_at, "foretold"
            left = outlook.left_at(1 - rule.chance)
            value = left / flow.capacity.value
        elif flow.backlog.value is not None and flow.capacity.value and closes_at is not None:
            can_clear = flow.capacity.value * flow.opening.open_s(now, closes_at) / 3600
            left = max(0.0, flow.backlog.value - can_clear)
            value = left / flow.capacity.value
        found.append(
            find(
                "unfinished_today",
                (flow.gate, flow.direction),
                rule,
                value,
                UNIT,
                said,
                {
                    "left": left,
                    "closes_at": closes_at,
                    "forecast_at": None if outlook is None else outlook.at,
                    "percent": round(100 * rule.chance),
                },
                at(now, flow.backlog),
            )
        )
    return found


def _last_closing(flow: FlowState, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when both sides have been open for the last time on the local day of `now`; None when always open."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    today = [
        min(w.ends, midnight.astimezone(now.tzinfo)) for w in flow.opening.both if w.ends > now and w.begins < midnight
    ]
    return max(today, default=None)
