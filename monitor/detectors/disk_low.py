"""The disk that holds the store is nearly full: the service would have to refuse what is reported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gatewatch.config.thresholds import Falling, Placed
from gatewatch.monitor.detectors.finding import Finding, at, find
from gatewatch.monitor.detectors.history import History
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.snapshot import Snapshot

ABOUT: Final = "service"
UNIT: Final = "share"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "free": Sentence(
        "Ổ đĩa lưu dữ liệu còn trống {percent} %.",
        "{percent} % of the store's disk are free.",
    ),
    "unknown": Sentence(
        "Không đọc được dung lượng ổ đĩa.",
        "How much of the disk is free is not known.",
    ),
}


class Settings(Falling):
    """Thresholds of the free share of the disk [share]."""


def inspect(_snapshot: Snapshot, settings: Placed[Settings], now: datetime, history: History) -> list[Finding]:
    """Return what the service knows of it."""
    value = history.own.disk_free
    values = {"percent": None if value is None else round(value * 100)}
    return [find("disk_low", (None, None), settings.at(), value, UNIT, "free", values, at(now))]
