"""The backlog of a gate and direction stands above a threshold for some time: more than its places were made for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gatewatch.config.thresholds import Placed, Rising
from gatewatch.monitor.detectors.finding import Finding, at, find
from gatewatch.monitor.detectors.history import History
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.snapshot import Snapshot

ABOUT: Final = "congestion"
IS_LEARNT: Final = True
UNIT: Final = "veh"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "backlog": Sentence(
        "{place}: tồn {value} xe (từ {low} đến {high}); ngưỡng {threshold} xe.",
        "{place}: {value} vehicles inside (between {low} and {high}); the threshold is {threshold}.",
    ),
    "unknown": Sentence(
        "{place}: chưa rõ số xe tồn, thiếu dữ liệu.",
        "{place}: how many vehicles are inside is not known; data are missing.",
    ),
}


class Settings(Rising):
    """Thresholds of the backlog [veh]."""


def inspect(snapshot: Snapshot, settings: Placed[Settings], now: datetime, _history: History) -> list[Finding]:
    """Return the backlog of each gate and direction against its thresholds."""
    return [
        find(
            "backlog_sustained",
            (flow.gate, flow.direction),
            settings.at(flow.gate, flow.direction),
            flow.backlog.value,
            UNIT,
            "backlog",
            {"low": flow.backlog.low, "high": flow.backlog.high},
            at(now, flow.backlog),
        )
        for flow in snapshot.flows
    ]
