"""A yard has hardly any places left: what comes next stands outside."""

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
UNIT: Final = "share"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "fill": Sentence(
        "{place}: {yard} có {inside} xe trên {places} chỗ ({percent} %).",
        "{place}: {inside} vehicles stand in {yard}, which has {places} places ({percent} %).",
    ),
    "unknown": Sentence(
        "{place}: chưa rõ số xe trong {yard}, thiếu dữ liệu hoặc chưa đếm lần nào.",
        "{place}: how many vehicles are in {yard} is not known; data are missing, or nobody has counted them yet.",
    ),
}


class Settings(Rising):
    """Thresholds of vehicles over places [share]."""


def inspect(snapshot: Snapshot, settings: Placed[Settings], now: datetime, _history: History) -> list[Finding]:
    """Return how full each yard is whose places are limited."""
    found = []
    for flow in snapshot.flows:
        for yard in flow.yards:
            if not yard.places:
                continue  # no limit, or not in use today
            inside = yard.inside.value
            share = None if inside is None else inside / yard.places
            percent = None if share is None else round(share * 100)
            values = {"yard": yard.yard, "inside": inside, "places": yard.places, "percent": percent}
            rule, place = settings.at(flow.gate, flow.direction), (flow.gate, flow.direction)
            evidence = at(now, yard.inside)
            found.append(find("yard_near_full", place, rule, share, UNIT, "fill", values, evidence, subject=yard.yard))
    return found
