"""
More vehicles come than are cleared, over three days: the backlog will grow whatever it is now.

Three whole days, because a day has more arrivals in the morning than clearances on any day. The surplus must also be
more than chance makes of two independent counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from pydantic import Field

from gatewatch.config.thresholds import Placed, Rising
from gatewatch.config.units import Factor
from gatewatch.monitor.detectors.finding import Finding, Level, at, find
from gatewatch.monitor.detectors.history import RATIO_DAYS, History
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.snapshot import Snapshot

ABOUT: Final = "congestion"
UNIT: Final = "ratio"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "ratio": Sentence(
        "{place}: ba ngày qua xe lên {arrived}, thông quan {cleared}, gấp {value} lần; ngưỡng {threshold} lần.",
        "{place}: {arrived} vehicles came in three days and {cleared} were cleared, {value} times; "
        "the threshold is {threshold}.",
    ),
    "unknown": Sentence(
        "{place}: chưa so sánh được xe lên với xe thông quan trong ba ngày qua, thiếu dữ liệu.",
        "{place}: arrivals and clearances of three days cannot be compared; data are missing.",
    ),
}


class Settings(Rising):
    """Thresholds of arrivals over clearances [ratio]."""

    sigmas: Factor = Field(
        default=4.0,
        description="The surplus counts from this many standard errors on.",
        json_schema_extra={"unit": "standard errors"},
    )


def inspect(snapshot: Snapshot, settings: Placed[Settings], now: datetime, history: History) -> list[Finding]:
    """Return arrivals over clearances of each gate and direction."""
    found = []
    for flow in snapshot.flows:
        past, rule = history.flow(flow.gate, flow.direction), settings.at(flow.gate, flow.direction)
        arrived, cleared = past.arrived, past.cleared
        ratio = None if arrived is None or cleared is None else _ratio(arrived, cleared)
        is_chance = ratio is not None and (arrived or 0) - (cleared or 0) < rule.sigmas * math.sqrt(
            (arrived or 0) + (cleared or 0)
        )
        finding = find(
            "arrivals_over_clearances",
            (flow.gate, flow.direction),
            rule,
            ratio,
            UNIT,
            "ratio",
            {"arrived": arrived, "cleared": cleared},
            at(now, flow.arrival_rate_60, now - timedelta(days=RATIO_DAYS)),
            level=Level.CLEAR if is_chance else None,
        )
        found.append(finding)
    return found


def _ratio(arrived: float, cleared: float) -> float:
    """Return arrivals over clearances; where nothing was cleared, over one vehicle."""
    return arrived / max(cleared, 1.0)
