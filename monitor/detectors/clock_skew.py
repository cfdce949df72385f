"""
What a device sends comes long after, or before, the time at which it says that it was sent: its clock is wrong.

The median of its last twenty batches decides. Devices that never say when they sent have no finding.
"""

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
UNIT: Final = "s"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "late": Sentence(
        "{place}: đồng hồ của {source} chậm khoảng {value} giây, hoặc đường truyền chậm; ngưỡng {threshold} giây.",
        "{place}: the clock of {source} is about {value} s slow, or its way is; the threshold is {threshold} s.",
    ),
    "early": Sentence(
        "{place}: đồng hồ của {source} nhanh khoảng {value} giây; ngưỡng {threshold} giây.",
        "{place}: the clock of {source} is about {value} s fast; the threshold is {threshold} s.",
    ),
}


class Settings(Rising):
    """Thresholds of the distance from our clock, in either sense [s]."""


def inspect(snapshot: Snapshot, settings: Placed[Settings], now: datetime, history: History) -> list[Finding]:
    """Return how far the clock of each source that tells its time is from ours."""
    found = []
    for state in snapshot.sources:
        if state.skew_s is None:
            continue
        feed = history.feeds.get(state.source)
        gate = None if feed is None else feed.gate
        evidence = Evidence(None, now, (state.source,))
        said, off = "late" if state.skew_s >= 0 else "early", abs(state.skew_s)
        found.append(
            find("clock_skew", (gate, None), settings.at(gate), off, UNIT, said, {}, evidence, source=state.source)
        )
    return found
