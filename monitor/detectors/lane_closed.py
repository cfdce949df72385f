"""Lanes of a gate are closed in open hours, by what was last said of them; those never reported do not count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gatewatch.config.thresholds import Placed, Rising
from gatewatch.monitor.detectors.finding import Evidence, Finding, find
from gatewatch.monitor.detectors.history import History
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.snapshot import Snapshot

ABOUT: Final = "closure"
UNIT: Final = "share"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "closed": Sentence(
        "{place}: {n} trên {total} làn đóng ({lanes}).",
        "{place}: {n} of {total} lanes are closed ({lanes}).",
    ),
    "open": Sentence("{place}: cả {total} làn đều mở.", "{place}: all {total} lanes are open."),
}


class Settings(Rising):
    """Thresholds of lanes closed over lanes reported [share]."""


def inspect(snapshot: Snapshot, settings: Placed[Settings], now: datetime, history: History) -> list[Finding]:
    """Return the lanes of each gate and direction that is open and whose lanes are reported."""
    found = []
    for flow in snapshot.flows:
        lanes = [n for n in history.lanes if n.gate == flow.gate and n.direction in (None, flow.direction)]
        if not lanes or not flow.opening.is_open(now):
            continue
        closed = [lane for lane in lanes if not lane.is_open]
        names = ", ".join(f"{n.lane}: {n.reason}" if n.reason else n.lane for n in closed)
        found.append(
            find(
                "lane_closed",
                (flow.gate, flow.direction),
                settings.at(flow.gate, flow.direction),
                len(closed) / len(lanes),
                UNIT,
                "closed" if closed else "open",
                {"n": len(closed), "total": len(lanes), "lanes": names},
                Evidence(None, now, tuple(sorted({lane.source for lane in lanes}))),
                since=max((lane.at for lane in closed), default=None),
            )
        )
    return found
