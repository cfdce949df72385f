"""
Far fewer vehicles are cleared than in the same minutes of other days, although many stand there and the gate is open.

The clearances of half an hour are compared with the median of the same minutes of 28 days. Small gates clear few
vehicles in half an hour: so few must also be unlikely by chance (Poisson), and, since the first hour differs from day
to day, fewer than on nine of ten of those days.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from statistics import median
from typing import Annotated, Final

from pydantic import Field

from gatewatch.config.thresholds import Falling, Placed
from gatewatch.config.units import Share, Vehicles
from gatewatch.monitor.detectors.finding import Evidence, Finding, Level, find
from gatewatch.monitor.detectors.history import STRETCH, FlowHistory, History
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.snapshot import Snapshot

ABOUT: Final = "congestion"
UNIT: Final = "share"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "collapse": Sentence(
        "{place}: 30 phút qua chỉ thông quan {cleared} xe, cùng giờ những ngày trước là {usual} xe ({percent} %); "
        "đang tồn {backlog} xe.",
        "{place}: {cleared} vehicles were cleared in 30 minutes; at this time of other days it was {usual} "
        "({percent} %); {backlog} are inside.",
    ),
    "few": Sentence(
        "{place}: tồn {backlog} xe, ít hơn {least} xe nên chưa xét tốc độ thông quan.",
        "{place}: {backlog} vehicles are inside, fewer than {least}: throughput is not judged.",
    ),
    "unknown": Sentence(
        "{place}: chưa so sánh được tốc độ thông quan với những ngày trước, thiếu dữ liệu.",
        "{place}: throughput cannot be compared with other days; data are missing.",
    ),
}


class Settings(Falling):
    """Thresholds of clearances over the usual ones [share]."""

    least_backlog: Vehicles = Field(default=20, description="With fewer inside, few clearances mean nothing.")
    least_days: Annotated[int, Field(ge=1, le=28, json_schema_extra={"unit": "days"})] = Field(
        default=5, description="Days of the same minutes needed to know what is usual."
    )
    chance: Share = Field(default=0.001, description="So few must be less likely than this by chance.")


def inspect(snapshot: Snapshot, settings: Placed[Settings], now: datetime, history: History) -> list[Finding]:
    """Return the throughput, over its usual one, of each gate and direction that has been open for half an hour."""
    found = []
    for flow in snapshot.flows:
        if not flow.opening.is_open(now) or flow.opening.open_s(now - STRETCH, now) < STRETCH.total_seconds():
            continue
        rule, past = settings.at(flow.gate, flow.direction), history.flow(flow.gate, flow.direction)
        usual, backlog = _usual(past, rule.least_days), flow.backlog.value
        share = past.cleared_stretch / usual if past.cleared_stretch is not None and usual else None
        said, level = "collapse", None
        if backlog is None:
            level = Level.UNKNOWN
        elif backlog <= rule.least_backlog:
            said, level = "few", Level.CLEAR
        elif share is not None and usual and not _is_unusual(past, usual, rule.chance):
            level = Level.CLEAR
        elif usual == 0:
            share, level = 1.0, Level.CLEAR  # nothing is usual at this time, and nothing less can come
        if share is None and level is Level.CLEAR:
            level = Level.UNKNOWN
        values = {
            "cleared": past.cleared_stretch,
            "usual": usual,
            "percent": None if share is None else round(share * 100),
            "backlog": backlog,
            "least": rule.least_backlog,
        }
        quality = max(flow.rate_60.quality, flow.backlog.quality)
        evidence = Evidence(now - STRETCH, now, flow.rate_60.sources, quality)
        place = (flow.gate, flow.direction)
        found.append(find("throughput_collapse", place, rule, share, UNIT, said, values, evidence, level=level))
    return found


def _usual(past: FlowHistory, least_days: int) -> float | None:
    return float(median(past.same_stretch)) if len(past.same_stretch) >= least_days else None


def _is_unusual(past: FlowHistory, usual: float, chance: float) -> bool:
    """Return whether fewer were cleared than on nine days in ten, and than chance makes of the usual."""
    n, days = past.cleared_stretch or 0, sorted(past.same_stretch)
    return n < days[len(days) // 10] and _is_unlikely(n, usual, chance)


def _is_unlikely(n: int, mean: float, chance: float) -> bool:
    """
    Return whether at most `n` are less likely than `chance` where `mean` are usual (Poisson).

    >>> _is_unlikely(1, 3.0, 0.01), _is_unlikely(4, 15.0, 0.01)
    (False, True)
    """
    term = total = math.exp(-mean)
    for k in range(1, n + 1):
        term *= mean / k
        total += term
    return total < chance
