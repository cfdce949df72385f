"""
Vehicles stand on the road before a gate, by the last count that somebody made of them.

Told by observations of a queue that belongs to no stage and no yard. A gate where nobody counts the road has no
finding: that nobody looks is no news. A count that has become old is `unknown`, and after a day it is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import Field

from gatewatch.config.thresholds import Placed, Rising
from gatewatch.monitor.detectors.finding import Evidence, Finding, find
from gatewatch.monitor.detectors.history import History
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.snapshot import Snapshot

FORGOTTEN: Final = timedelta(days=1)
ABOUT: Final = "congestion"
UNIT: Final = "veh"
SENTENCES: Final[Mapping[str, Sentence]] = {
    "road": Sentence(
        "{place}: {value} xe đứng trên đường vào cửa khẩu, đếm lúc {counted_at}; ngưỡng {threshold} xe.",
        "{place}: {value} vehicles stood on the road to the gate at {counted_at}; the threshold is {threshold}.",
    ),
    "unknown": Sentence(
        "{place}: số xe trên đường đếm lần cuối lúc {counted_at} ({last} xe), đã cũ.",
        "{place}: vehicles on the road were last counted at {counted_at} ({last}); that is too old.",
    ),
}


class Settings(Rising):
    """Thresholds of vehicles on the road [veh]."""

    valid_for: Annotated[float, Field(gt=0, allow_inf_nan=False, json_schema_extra={"unit": "min"})] = Field(
        default=120.0, description="How long a count is taken for true."
    )


def inspect(snapshot: Snapshot, settings: Placed[Settings], now: datetime, history: History) -> list[Finding]:
    """Return the vehicles on the road of each gate and direction where they are counted."""
    found = []
    for flow in snapshot.flows:
        reading = history.flow(flow.gate, flow.direction).road
        if reading is None or now - reading.at > FORGOTTEN:
            continue
        rule = settings.at(flow.gate, flow.direction)
        is_valid = now - reading.at <= timedelta(minutes=rule.valid_for)
        found.append(
            find(
                "road_queue",
                (flow.gate, flow.direction),
                rule,
                float(reading.value) if is_valid else None,
                UNIT,
                "road",
                {"counted_at": reading.at, "last": reading.value},
                Evidence(reading.at, now, (reading.source,)),
                since=reading.at,
            )
        )
    return found
