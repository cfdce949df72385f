"""
The evening's backlog in days of work, the figure that officials quote when they act, and whether it grows day by day.

Judged at 20:00 as the bulletins are, because the stock at noon is higher on any day. Bands of 1.2, 1.5 and 3 days were
fitted to what was done at which stock from 2022 to 2026. A backlog that rose on three days running is `busy` below
them, as in August 2025, if it rose enough to be no chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Final

from pydantic import Field

from gatewatch.config.thresholds import Placed, Rising
from gatewatch.config.units import Factor, Share
from gatewatch.monitor.detectors.finding import Finding, Level, at, find
from gatewatch.monitor.detectors.history import EVENINGS, History
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.snapshot import FlowState, Snapshot

ABOUT: Final = "congestion"
IS_LEARNT: Final = True
UNIT: Final = "days"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "days": Sentence(
        "{place}: tồn {stock} xe lúc 20:00, tương đương {value} ngày thông quan; ngưỡng {threshold} ngày.",
        "{place}: {stock} vehicles remained at 20:00, {value} days of work; the threshold is {threshold}.",
    ),
    "rising": Sentence(
        "{place}: tồn tăng ba ngày liền, từ {before} lên {stock} xe, tương đương {value} ngày thông quan.",
        "{place}: the backlog rose three days running, from {before} to {stock} vehicles, {value} days of work.",
    ),
    "unknown": Sentence(
        "{place}: chưa rõ số ngày thông quan, thiếu số tồn lúc 20:00 hoặc số thông quan.",
        "{place}: days of work are not known; the backlog at 20:00 or the clearances are missing.",
    ),
}


class Settings(Rising):
    """Bands, and what counts as rising."""

    rising_share: Share = Field(default=0.25, description="A rise over three days counts from this growth on.")
    rising_from: Factor = Field(
        default=0.8, description="A rise counts from this many days of work on.", json_schema_extra={"unit": "days"}
    )


def inspect(snapshot: Snapshot, settings: Placed[Settings], now: datetime, history: History) -> list[Finding]:
    """Return the days of work that last evening left at each gate and direction."""
    found = []
    for flow in snapshot.flows:
        evenings = history.flow(flow.gate, flow.direction).evenings
        rule, value = settings.at(flow.gate, flow.direction), _days(flow, evenings)
        is_rising = value is not None and value >= rule.rising_from and _rises(evenings, rule.rising_share)
        known = [n for n in evenings if n is not None]
        finding = find(
            "days_of_work",
            (flow.gate, flow.direction),
            rule,
            value,
            UNIT,
            "days",
            {"stock": evenings[0] if evenings else None, "before": known[-1] if known else None},
            at(now),
        )
        if is_rising and finding.level is Level.CLEAR:
            finding = replace(finding, level=Level.BUSY, said="rising")
        found.append(finding)
    return found


def _days(flow: FlowState, evenings: tuple[float | None, ...]) -> float | None:
    """Return the last evening's stock in the clearances a day that the snapshot reckons with."""
    stock, days = flow.backlog.value, flow.days_of_work.value
    if not evenings or evenings[0] is None:
        return None
    if stock and days:
        return evenings[0] * days / stock
    return 0.0 if evenings[0] == 0 else None


def _rises(evenings: tuple[float | None, ...], least: float) -> bool:
    known = [n for n in evenings[:EVENINGS] if n is not None]
    if len(known) < EVENINGS or known[-1] <= 0:
        return False
    return all(later > earlier for later, earlier in pairwise(known)) and known[0] >= known[-1] * (1 + least)
