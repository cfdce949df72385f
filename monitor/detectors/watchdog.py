"""
Always found: who waits for it and does not get it knows that detectors, alerts or delivery have stopped.

Meant for the sentinel on another machine, not for people.
"""

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
UNIT: Final = "signals"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "alive": Sentence(
        "Hệ thống cảnh báo đang hoạt động, đến bản ghi {rev}.",
        "Alerting is alive, up to entry {rev}.",
    ),
}


class Settings(Rising):
    """A threshold that is always reached."""


def inspect(snapshot: Snapshot, settings: Placed[Settings], now: datetime, _history: History) -> list[Finding]:
    """Return one finding, whatever is observed."""
    rule = settings.at()
    level = max(step.level for step in steps_of(rule))
    values = {"rev": snapshot.rev}
    return [find("watchdog", (None, None), rule, 1.0, UNIT, "alive", values, at(now), level=level)]
