"""The last backup that was read back is old, or there is none: what a lost disk takes along."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gatewatch.config.thresholds import Placed, Rising
from gatewatch.monitor.detectors.finding import Finding, at, find, steps_of
from gatewatch.monitor.detectors.history import History
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.snapshot import Snapshot

ABOUT: Final = "service"
UNIT: Final = "h"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "old": Sentence(
        "Bản sao lưu gần nhất đã {value} giờ; ngưỡng {threshold} giờ.",
        "The last backup is {value} h old; the threshold is {threshold} h.",
    ),
    "none": Sentence("Chưa có bản sao lưu nào.", "There is no backup at all."),
    "unknown": Sentence(
        "Không đọc được tuổi của bản sao lưu gần nhất.",
        "How old the last backup is cannot be read.",
    ),
}


class Settings(Rising):
    """Thresholds of the age of the last backup [h]."""


def inspect(_snapshot: Snapshot, settings: Placed[Settings], now: datetime, history: History) -> list[Finding]:
    """Return how old the last backup is."""
    own, rule = history.own, settings.at()
    if own.n_backups == 0:
        worst = max(step.level for step in steps_of(rule))
        return [find("backup_old", (None, None), rule, None, UNIT, "none", {}, at(now), level=worst)]
    value = None if own.backup_age_s is None else own.backup_age_s / 3600
    return [find("backup_old", (None, None), rule, value, UNIT, "old", {}, at(now))]
