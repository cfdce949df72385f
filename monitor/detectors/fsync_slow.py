"""The disk confirms writes slowly: every acknowledgement waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gatewatch.config.thresholds import Placed, Rising
from gatewatch.monitor.detectors.finding import Finding, at, find
from gatewatch.monitor.detectors.history import History
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.snapshot import Snapshot

ABOUT: Final = "service"
UNIT: Final = "ms"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "slow": Sentence(
        "Ổ đĩa xác nhận ghi mất {value} ms; ngưỡng {threshold} ms.",
        "The disk takes {value} ms to confirm a write; the threshold is {threshold} ms.",
    ),
    "unknown": Sentence(
        "Chưa đo được thời gian ghi ổ đĩa.",
        "How fast the disk confirms writes is not known.",
    ),
}


class Settings(Rising):
    """Thresholds of the time that the disk takes to confirm a write [ms]."""


def inspect(_snapshot: Snapshot, settings: Placed[Settings], now: datetime, history: History) -> list[Finding]:
    """Return what the service knows of it."""
    value = None if history.own.fsync_s is None else history.own.fsync_s * 1000
    values: dict[str, float] = {}
    return [find("fsync_slow", (None, None), settings.at(), value, UNIT, "slow", values, at(now))]
