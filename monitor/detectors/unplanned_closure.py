"""
A side of a gate is shut although its calendar says open.

That a side is open is only called `clear` where crossings are heard of: a gate from which nothing at all is heard in
its hours may be shut.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gatewatch.config.thresholds import Placed, Rising
from gatewatch.monitor.detectors.finding import Finding, at, find
from gatewatch.monitor.detectors.history import History
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.opening import SIDES, SideState
from gatewatch.monitor.live.snapshot import Snapshot

ABOUT: Final = "closure"
UNIT: Final = "sides"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "shut": Sentence(
        "{place}: {side} đóng cửa ngoài kế hoạch, dự kiến đến {until}. Lý do: {reason}.",
        "{place}: {side} is shut against its calendar, until {until} as far as known. Reason: {reason}.",
    ),
    "open": Sentence("{place}: {side} mở cửa theo lịch.", "{place}: {side} is open as planned."),
    "unknown": Sentence(
        "{place}: không rõ {side} có mở cửa không; theo lịch là mở, nhưng không có tín hiệu nào.",
        "{place}: whether {side} is open is not known; the calendar says so, but nothing is heard from there.",
    ),
}


class Settings(Rising):
    """A threshold of sides shut: 1 is shut."""


def inspect(snapshot: Snapshot, settings: Placed[Settings], now: datetime, _history: History) -> list[Finding]:
    """Return both sides of each gate and direction, apart from those that are shut as planned."""
    found = []
    for flow in snapshot.flows:
        rule, place = settings.at(flow.gate, flow.direction), (flow.gate, flow.direction)
        for side in SIDES:
            state: SideState = getattr(flow.opening, side)
            if state.state == "shut" and not state.is_unplanned:
                continue
            is_heard = flow.rate_60.value is not None
            value = 1.0 if state.is_unplanned else 0.0 if is_heard else None
            said = "shut" if state.is_unplanned else "open"
            values = {"side": side, "until": state.next_change, "reason": state.reason or None}
            evidence = at(now, flow.rate_60)
            found.append(find("unplanned_closure", place, rule, value, UNIT, said, values, evidence, subject=side))
    return found
