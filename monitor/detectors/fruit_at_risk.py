"""
Fruit stands for too long, or would: goods that spoil have the least time to wait.

How long is reckoned as if vehicles went in the order in which they came: those inside are the last that arrived.
Where fruit goes first the truth is better than that. A vehicle that joins now is judged by when it would cross.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import Field

from gatewatch.config.thresholds import Placed, Rising
from gatewatch.config.units import Vehicles
from gatewatch.monitor.detectors.finding import Finding, Level, at, find
from gatewatch.monitor.detectors.history import History
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.opening import AHEAD
from gatewatch.monitor.live.snapshot import FlowState, Snapshot

ABOUT: Final = "congestion"
IS_LEARNT: Final = True
UNIT: Final = "h"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "waits": Sentence(
        "{place}: khoảng {n} xe {vehicle_class} đang chờ, xe lâu nhất khoảng {value} giờ; ngưỡng {threshold} giờ.",
        "{place}: about {n} vehicles with {vehicle_class} are inside, the first of them for about {value} h; "
        "the threshold is {threshold} h.",
    ),
    "will_wait": Sentence(
        "{place}: khoảng {n} xe {vehicle_class} đang chờ; xe đến lúc này phải chờ khoảng {value} giờ mới qua; "
        "ngưỡng {threshold} giờ.",
        "{place}: about {n} vehicles with {vehicle_class} are inside; one that joins now crosses in about {value} h; "
        "the threshold is {threshold} h.",
    ),
    "few": Sentence(
        "{place}: ít xe {vehicle_class} đang chờ.", "{place}: few vehicles with {vehicle_class} are inside."
    ),
    "unknown": Sentence(
        "{place}: chưa rõ có bao nhiêu xe {vehicle_class} đang chờ và chờ bao lâu, thiếu dữ liệu.",
        "{place}: how many vehicles with {vehicle_class} are inside, and since when, is not known; data are missing.",
    ),
}


class Settings(Rising):
    """Thresholds of the time from arrival to crossing [h]."""

    vehicle_class: str = Field(
        default="fruit", min_length=1, description="Class of the goods that spoil.", json_schema_extra={"unit": ""}
    )
    least: Vehicles = Field(default=5, description="Fewer are not told of.")


def inspect(snapshot: Snapshot, settings: Placed[Settings], now: datetime, history: History) -> list[Finding]:
    """Return how long fruit has stood, or will, at each gate and direction that it uses."""
    found = []
    for flow in snapshot.flows:
        rule, waiting = settings.at(flow.gate, flow.direction), history.flow(flow.gate, flow.direction).waiting
        mine = next((w for w in waiting or () if w.vehicle_class == rule.vehicle_class), None)
        if waiting is not None and mine is None:
            continue  # none inside, or nobody tells the classes here
        stood = None if mine is None else _hours(now, mine.oldest)
        ahead = _ahead(flow)
        times = [hours for hours in (stood, ahead) if hours is not None]
        found.append(
            find(
                "fruit_at_risk",
                (flow.gate, flow.direction),
                rule,
                max(times, default=None) if mine is not None else None,
                UNIT,
                "few" if mine and mine.n < rule.least else "waits" if stood == max(times, default=0) else "will_wait",
                {"vehicle_class": rule.vehicle_class, "n": None if mine is None else round(mine.n)},
                at(now, flow.backlog),
                level=Level.CLEAR if times and mine is not None and mine.n < rule.least else None,
                since=None if mine is None else mine.oldest,
            )
        )
    return found


def _hours(now: datetime, since: datetime | None) -> float | None:
    return None if since is None else (now - since).total_seconds() / 3600


def _ahead(flow: FlowState) -> float | None:
    """Return the hours until a vehicle that joins now crosses; those of 14 days where it does not."""
    if flow.expected.value_s is not None:
        return flow.expected.value_s / 3600
    return AHEAD.total_seconds() / 3600 if flow.expected.is_today is False else None
