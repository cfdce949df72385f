"""
Figures of the last bulletin do not agree with each other: sums, parts, signs, or the stock with what came and went.

Only what disagrees has a finding. Vehicles that move between gates leave a residual in the stock on most days, so the
threshold is a number of vehicles.
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
UNIT: Final = "veh"
_WHY: Final[Mapping[str, Sentence]] = {
    "identity": Sentence("tồn hôm trước cộng xe lên trừ xe đi cho", "the day before and what came and went give"),
    "change": Sentence("tính ra mức thay đổi là", "the change reckoned is"),
    "sign": Sentence("có thể sai dấu; tính ra là", "the sign may be turned; reckoned is"),
    "sum": Sentence("cộng các cửa khẩu được", "the gates add up to"),
    "parts": Sentence("cộng các loại hàng được", "its parts add up to"),
    "negative": Sentence("số âm; có thể là", "it is negative; meant may be"),
}
SENTENCES: Final[Mapping[str, Sentence]] = {
    kind: Sentence(
        f"{{place}}: bản tin ngày {{day}} ghi {{line}} {{printed}} xe, {why.vi} {{reckoned}} xe.",
        f"{{place}}: the bulletin of {{day}} says {{printed}} for {{line}}; {why.en} {{reckoned}}.",
    )
    for kind, why in _WHY.items()
}


class Settings(Rising):
    """Thresholds of the residual, in either sense [veh]."""


def inspect(_snapshot: Snapshot, settings: Placed[Settings], now: datetime, history: History) -> list[Finding]:
    """Return what does not agree in the last bulletin."""
    return [
        find(
            "bulletin_inconsistency",
            (one.gate, one.direction),
            settings.at(one.gate, one.direction),
            float(abs(one.residual)),
            UNIT,
            one.kind,
            {"day": one.day, "line": one.line, "printed": one.printed, "reckoned": one.reckoned},
            Evidence(None, now),
            subject=f"{one.kind} {one.line}",
        )
        for one in history.inconsistencies
    ]
