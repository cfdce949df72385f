"""Messages wait to be delivered for too long, or were given up: whoever should know does not."""

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
UNIT: Final = "min"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "stuck": Sentence(
        "Có thông báo chờ gửi đã {value} phút; ngưỡng {threshold} phút.",
        "A message has waited for {value} min to be delivered; the threshold is {threshold} min.",
    ),
    "dead": Sentence(
        "{n} thông báo không gửi được và đã bị bỏ.",
        "{n} messages could not be delivered and were given up.",
    ),
    "unknown": Sentence(
        "Không biết thông báo có được gửi đi không.",
        "Whether messages are delivered is not known.",
    ),
}


class Settings(Rising):
    """Thresholds of the time that a message has waited to be delivered [min]."""


def inspect(_snapshot: Snapshot, settings: Placed[Settings], now: datetime, history: History) -> list[Finding]:
    """Return how long the oldest message waits; one that was given up is as bad as the highest threshold."""
    own, rule = history.own, settings.at()
    value = None if own.undelivered_s is None else own.undelivered_s / 60
    values = {"n": own.n_dead_letters}
    if own.n_dead_letters:
        worst = max(step.level for step in steps_of(rule))
        return [find("notifier_stuck", (None, None), rule, value, UNIT, "dead", values, at(now), level=worst)]
    return [find("notifier_stuck", (None, None), rule, value, UNIT, "stuck", values, at(now))]
