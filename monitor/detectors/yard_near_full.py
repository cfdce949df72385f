"""
A yard has hardly any places left: what comes next stands outside.

While a forecast of the last ninety minutes is there, a yard that will be full before the closing with the chance that
the settings name is congested at the least, however full it is now.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import Field

from gatewatch.config.thresholds import Placed, Rising
from gatewatch.config.units import Share
from gatewatch.monitor.detectors.finding import Finding, Level, Value, at, find, graded_by, steps_of
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
    "foretold": Sentence(
        "{place}: theo dự báo lúc {forecast_at}, {yard} ({places} chỗ) sẽ đầy trước {closes_at} với xác suất "
        "{chance} %; hiện có {inside} xe ({percent} %).",
        "{place}: by the forecast of {forecast_at}, {yard} with its {places} places will be full before {closes_at} "
        "with a chance of {chance} %; {inside} vehicles stand in it now ({percent} %).",
    ),
    "unknown": Sentence(
        "{place}: chưa rõ số xe trong {yard}, thiếu dữ liệu hoặc chưa đếm lần nào.",
        "{place}: how many vehicles are in {yard} is not known; data are missing, or nobody has counted them yet.",
    ),
}


class Settings(Rising):
    """Thresholds of vehicles over places [share]."""

    chance: Share = Field(default=0.5, description="A forecast that it will be full counts from this chance on.")


def inspect(snapshot: Snapshot, settings: Placed[Settings], now: datetime, history: History) -> list[Finding]:
    """Return how full each yard is whose places are limited."""
    found = []
    for flow in snapshot.flows:
        outlook = history.outlook(flow.gate, flow.direction, now)
        for yard in flow.yards:
            if not yard.places:
                continue  # no limit, or not in use today
            inside = yard.inside.value
            share = None if inside is None else inside / yard.places
            percent = None if share is None else round(share * 100)
            values: dict[str, Value] = {"yard": yard.yard, "inside": inside, "places": yard.places, "percent": percent}
            rule, place = settings.at(flow.gate, flow.direction), (flow.gate, flow.direction)
            evidence, said, level = at(now, yard.inside), "fill", None
            chance = None if outlook is None else outlook.p_full.get(yard.yard)
            if outlook is not None and chance is not None and share is not None and chance >= rule.chance:
                by_now = graded_by(share, steps_of(rule))
                if by_now < Level.CONGESTED:
                    said, level = "foretold", Level.CONGESTED
                    values |= {
                        "forecast_at": outlook.at, "closes_at": outlook.closes_at, "chance": round(100 * chance),
                    }  # fmt: skip
            found.append(
                find("yard_near_full", place, rule, share, UNIT, said, values, evidence, level=level, subject=yard.yard)
            )
    return found
