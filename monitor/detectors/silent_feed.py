"""
A feed is silent although it must be heard now; `critical` where no other feed counts the same place.

The threshold is the feed's own, its period and its grace, times what is set here. Feeds that need not be heard now
have no finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import MINYEAR, datetime, timedelta
from typing import Final

from gatewatch.config.feeds import Feed
from gatewatch.config.thresholds import Placed, Rising
from gatewatch.monitor.detectors.finding import Evidence, Finding, Level, Step, find
from gatewatch.monitor.detectors.history import History
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.snapshot import Snapshot
from gatewatch.monitor.live.sources import SourceState

ABOUT: Final = "data"
UNIT: Final = "min"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "silent": Sentence(
        "{place}: {source} không có tín hiệu {value} phút (cho phép {allowed} phút); nguồn khác vẫn đếm.",
        "{place}: {source} has been silent for {value} min ({allowed} are allowed); other feeds still count.",
    ),
    "alone": Sentence(
        "{place}: {source} không có tín hiệu {value} phút (cho phép {allowed} phút); không có nguồn nào thay thế.",
        "{place}: {source} has been silent for {value} min ({allowed} are allowed); nothing else counts there.",
    ),
    "never": Sentence("{place}: {source} chưa từng có tín hiệu.", "{place}: {source} has never been heard."),
    "heard": Sentence("{place}: {source} có tín hiệu.", "{place}: {source} is heard."),
}


class Settings(Rising):
    """Thresholds of the time in silence over the time that is allowed [ratio]; 1 is the feed's own limit."""


def inspect(snapshot: Snapshot, settings: Placed[Settings], now: datetime, history: History) -> list[Finding]:
    """Return every feed that must be heard now."""
    heard = {s.source for s in snapshot.sources if s.last_heard is not None and s.silent_since is None}
    found = []
    for state in snapshot.sources:
        feed = history.feeds.get(state.source)
        if feed is None or feed.period is None or not state.is_expected:
            continue
        allowed = feed.period + feed.grace
        rule = settings.at(feed.gate)
        steps = tuple(Step(Level(name), x * allowed, x * allowed * rule.leave) for name, x in rule.steps())
        silent = _silent_min(state, now)
        is_alone = _is_alone(state.source, feed, history.feeds, heard)
        level = Level.CLEAR
        if state.silent_since is not None:
            level = Level.CRITICAL if is_alone else steps[0].level
        said = "heard" if silent == 0 else "alone" if is_alone else "silent"
        found.append(
            find(
                "silent_feed",
                (feed.gate, None),
                rule,
                silent,
                UNIT,
                "never" if silent is None else said,
                {"allowed": allowed},
                Evidence(state.last_heard, now, (state.source,)),
                level=level,
                steps=steps,
                source=state.source,
                since=None if silent is None else state.silent_since,
            )
        )
    return found


def _silent_min(state: SourceState, now: datetime) -> float | None:
    """Return for how long it has been silent [min]; None for a feed that was never heard since it is declared."""
    if state.silent_since is None:
        return 0.0
    if state.silent_since.year == MINYEAR:
        return None
    return (now - state.silent_since) / timedelta(minutes=1)


def _is_alone(source: str, feed: Feed, feeds: Mapping[str, Feed], heard: set[str]) -> bool:
    """Return whether a place that the feed counts is counted by no other feed that is heard."""
    others = [f for name, f in feeds.items() if name != source and name in heard and f.gate == feed.gate]
    return any(all(point not in other.reports for other in others) for point in feed.reports)
