"""
A vehicle that joins now would stand for long while both sides are open.

Counted are open hours only: a night on the way makes every late arrival wait for many hours and is no congestion.
While the gate is shut nothing is judged: an alert that fires at closing stays as it was, for two days at most, and the
first look after the opening says whether it still holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gatewatch.config.thresholds import Placed, Rising
from gatewatch.monitor.detectors.finding import Finding, at, find
from gatewatch.monitor.detectors.history import History
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.opening import AHEAD
from gatewatch.monitor.live.snapshot import FlowState, Snapshot

ABOUT: Final = "congestion"
IS_LEARNT: Final = True
STAYS_WHILE_SHUT: Final = True
UNIT: Final = "open h"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "wait": Sentence(
        "{place}: xe đến lúc này phải chờ khoảng {value} giờ mở cửa, dự kiến qua lúc {crosses_at}; "
        "ngưỡng {threshold} giờ.",
        "{place}: a vehicle that joins now waits about {value} open hours and crosses at about {crosses_at}; "
        "the threshold is {threshold}.",
    ),
    "beyond": Sentence(
        "{place}: xe đến lúc này không qua được trong 14 ngày tới; ngưỡng {threshold} giờ mở cửa.",
        "{place}: a vehicle that joins now does not cross within 14 days; the threshold is {threshold} open hours.",
    ),
    "unknown": Sentence(
        "{place}: chưa rõ thời gian chờ, thiếu số tồn hoặc năng lực thông quan.",
        "{place}: the expected wait is not known; backlog or capacity is missing.",
    ),
}


class Settings(Rising):
    """Thresholds of the expected wait [open h]."""


def inspect(snapshot: Snapshot, settings: Placed[Settings], now: datetime, _history: History) -> list[Finding]:
    """Return the expected wait of each gate and direction that is open."""
    return [
        find(
            "expected_wait",
            (flow.gate, flow.direction),
            settings.at(flow.gate, flow.direction),
            _open_hours(flow, now),
            UNIT,
            "wait" if flow.expected.crosses_at else "beyond",
            {"crosses_at": flow.expected.crosses_at},
            at(now, flow.backlog),
        )
        for flow in snapshot.flows
        if flow.opening.is_open(now)
    ]


def _open_hours(flow: FlowState, now: datetime) -> float | None:
    """Return the open hours until a vehicle that joins now is cleared; those of 14 days where that is not enough."""
    if flow.expected.crosses_at is not None:
        return flow.opening.open_s(now, flow.expected.crosses_at) / 3600
    return flow.opening.open_s(now, now + AHEAD) / 3600 if flow.expected.is_today is False else None
