"""
The colour of the national map for the vehicles present in the province; a change of level is a change of colour.

Yellow is `busy`, orange `congested`, red `critical`. The map knows no single gate, no hours and no capacity: an
ordinary day of 2026 is yellow.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gatewatch.config.thresholds import Placed, Rising
from gatewatch.monitor.detectors.finding import Finding, at, find
from gatewatch.monitor.detectors.history import History
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.snapshot import Snapshot

ABOUT: Final = "congestion"
UNIT: Final = "veh"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "colour": Sentence(
        "{place}: có {value} xe, bản đồ quốc gia màu {colour}.",
        "{place}: {value} vehicles are present; the national map is {colour}.",
    ),
    "unknown": Sentence(
        "{place}: chưa rõ có bao nhiêu xe, thiếu dữ liệu.",
        "{place}: how many vehicles are present is not known; data are missing.",
    ),
}


class Settings(Rising):
    """Limits of the colours [veh]."""


def inspect(snapshot: Snapshot, settings: Placed[Settings], now: datetime, _history: History) -> list[Finding]:
    """Return the province's colour."""
    present = snapshot.present
    values = {"colour": snapshot.national_colour}
    evidence = at(now, present)
    return [find("national_colour", (None, None), settings.at(), present.value, UNIT, "colour", values, evidence)]
