"""What a gate and direction did from one instant to another: what stood there, what came, what was cleared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import DirectionName
from gatewatch.config.feeds import Feed
from gatewatch.config.schema import Border
from gatewatch.monitor.live.backlog import Stock, Stocktaking
from gatewatch.monitor.live.counted import Counted
from gatewatch.monitor.live.opening import opening
from gatewatch.monitor.projection.projecting import Projection


@dataclass(frozen=True, slots=True)
class FlowOver:
    """
    One direction of one gate over a time.

    Args:
        gate: Gate.
        direction: Direction.
        before: Vehicles inside at its beginning [veh].
        after: Vehicles inside at its end [veh].
        cleared: Cleared meanwhile [veh].
        arrived: Arrived meanwhile [veh].
    """

    gate: str
    direction: DirectionName
    before: Stock
    after: Stock
    cleared: Counted
    arrived: Counted


def flow_over(
    border: Border, feeds: Mapping[str, Feed], projection: Projection, gate: str, direction: DirectionName,
    begins: datetime, ends: datetime,
) -> FlowOver:  # fmt: skip
    """Return what a gate and direction did within [begins, ends), as it is known now."""
    first = _stocktaking(border, feeds, projection, gate, direction, begins)
    last = _stocktaking(border, feeds, projection, gate, direction, ends)
    return FlowOver(
        gate=gate,
        direction=direction,
        before=first.backlog(),
        after=last.backlog(),
        cleared=last.counting("gate_out").within(begins, ends),
        arrived=last.counting("arrived").within(begins, ends),
    )


def stock_at(
    border: Border, feeds: Mapping[str, Feed], projection: Projection, gate: str, direction: DirectionName, at: datetime
) -> Stock:
    """Return the vehicles inside a gate and direction at an instant, as it is known now [veh]."""
    return _stocktaking(border, feeds, projection, gate, direction, at).backlog()


def flows_of(border: Border) -> list[tuple[str, DirectionName]]:
    """Return each direction of each gate that is not dormant, in the border's order."""
    return [
        (gate_id, direction)
        for gate_id, gate in border.gates.items()
        if not gate.dormant
        for direction in get_args(DirectionName)
        if gate.direction(direction) is not None
    ]


def _stocktaking(
    border: Border, feeds: Mapping[str, Feed], projection: Projection, gate: str, direction: DirectionName, at: datetime
) -> Stocktaking:
    hours = opening(border, projection, gate, direction, at)
    return Stocktaking(projection, feeds, gate, direction, at, hours, ZoneInfo(border.border.timezone))
