"""
Our count of a day and the bulletin's differ: a feed misses vehicles, or counts some twice, or the bulletin is wrong.

Compared is the day of the last bulletin, from 20:00 to 20:00, where our feeds were heard through all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import Field

from gatewatch.config.thresholds import Placed, Rising
from gatewatch.config.units import Vehicles
from gatewatch.monitor.detectors.finding import Evidence, Finding, Level, Value, find
from gatewatch.monitor.detectors.history import History
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.snapshot import Snapshot

ABOUT: Final = "data"
UNIT: Final = "share"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "differs": Sentence(
        "{place}: bản tin ngày {day} ghi {line} {printed} xe, hệ thống đếm {counted} xe (chênh {percent} %).",
        "{place}: the bulletin of {day} says {printed} for {line}, our count is {counted} ({percent} % apart).",
    ),
    "unknown": Sentence(
        "{place}: chưa so được số {line} ngày {day} với bản tin, vì có lúc không nhận được dữ liệu.",
        "{place}: {line} on {day} cannot be compared with the bulletin; parts of the day were not heard.",
    ),
}


class Settings(Rising):
    """Thresholds of the difference over the bulletin's figure [share]."""

    least: Vehicles = Field(default=5, description="A difference of fewer is no finding.")


def inspect(snapshot: Snapshot, settings: Placed[Settings], now: datetime, history: History) -> list[Finding]:
    """Return the figures of the last bulletin beside our counts."""
    found = []
    for flow in snapshot.flows:
        rule = settings.at(flow.gate, flow.direction)
        for one in history.flow(flow.gate, flow.direction).comparisons:
            apart = None if one.counted is None else abs(one.counted - one.printed)
            share = None if apart is None else apart / max(one.printed, 1)
            values: dict[str, Value] = {
                "day": one.day,
                "line": one.line,
                "printed": one.printed,
                "counted": one.counted,
                "percent": None if share is None else round(share * 100),
            }
            finding = find(
                "count_mismatch",
                (flow.gate, flow.direction),
                rule,
                share,
                UNIT,
                "differs",
                values,
                Evidence(None, now, one.sources),
                level=Level.CLEAR if apart is not None and apart < rule.least else None,
                subject=one.line,
            )
            found.append(finding)
    return found
