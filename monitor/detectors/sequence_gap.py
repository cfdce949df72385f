"""Numbers of a feed's sequence never came: what they carried was lost on the way, or is still to be sent again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gatewatch.config.thresholds import Placed, Rising
from gatewatch.monitor.detectors.finding import Evidence, Finding, find
from gatewatch.monitor.detectors.history import History
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.snapshot import Snapshot

ABOUT: Final = "data"
UNIT: Final = "observations"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "gap": Sentence(
        "{place}: {source} thiếu {value} bản ghi theo số thứ tự; ngưỡng {threshold}.",
        "{place}: {value} observations of {source} are missing by their numbers; the threshold is {threshold}.",
    ),
}


class Settings(Rising):
    """Thresholds of numbers missing [observations]."""


def inspect(snapshot: Snapshot, settings: Placed[Settings], now: datetime, history: History) -> list[Finding]:
    """Return how many numbers of each source that was heard are missing."""
    found = []
    for state in snapshot.sources:
        if state.last_heard is None:
            continue
        feed = history.feeds.get(state.source)
        gate = None if feed is None else feed.gate
        evidence = Evidence(None, now, (state.source,))
        missing = float(state.n_missing)
        found.append(
            find(
                "sequence_gap", (gate, None), settings.at(gate), missing, UNIT, "gap", {}, evidence, source=state.source
            )
        )
    return found
