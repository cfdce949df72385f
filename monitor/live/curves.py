"""A day of one gate and direction in quarter-hours: what came, what went, what was inside, and what waits were seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import DirectionName
from gatewatch.config.feeds import Feed
from gatewatch.config.schema import Border
from gatewatch.monitor.live.backlog import Stocktaking
from gatewatch.monitor.live.opening import opening, side_windows
from gatewatch.monitor.live.waits import measured_times
from gatewatch.monitor.observations import from_us, to_us
from gatewatch.monitor.projection.projecting import Projection

QUARTER: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Quarter:
    """
    A quarter of an hour; the last one is cut where the day ends so far.

    Args:
        begins: Its start.
        ends: Its end.
        arrived: Arrivals in it [veh]; None where no feed was heard.
        cleared: Clearances in it [veh]; None where no feed was heard.
        backlog: Vehicles inside at its end [veh]; None while that is not known.
        low: Lower end of its band.
        high: Upper end.
    """

    begins: datetime
    ends: datetime
    arrived: float | None
    cleared: float | None
    backlog: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A count of everything inside, made within the day."""

    at: datetime
    value: int
    half_width: float
    source: str


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait that was measured: until when, and how long [s]."""

    at: datetime
    wait_s: float


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch in which a side is open, by what is known now."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane, by the last report about it."""

    lane: str
    is_open: bool
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Curves:
    """
    A day of one gate and direction.

    Args:
        begins: From when.
        ends: Until when.
        quarters: Quarter-hours, oldest first.
        anchors: Counts of everything inside.
        waits: Waits measured from arrival to start of service.
        own: When the Vietnamese side is open, to the end of the local day.
        counterpart: The same of the Chinese side.
        lanes: Lanes that were reported, by name.
    """

    begins: datetime
    ends: datetime
    quarters: tuple[Quarter, ...]
    anchors: tuple[Seen, ...]
    waits: tuple[Wait, ...]
    own: tuple[Span, ...]
    counterpart: tuple[Span, ...]
    lanes: tuple[Lane, ...]


def curves(
    border: Border, feeds: Mapping[str, Feed], projection: Projection, gate: str, direction: DirectionName,
    begins: datetime, ends: datetime,
) -> Curves:  # fmt: skip
    """
    Return the curves of a gate and direction over [begins, ends).

    Args:
        border: The border watched.
        feeds: Feeds declared, by source.
        projection: What was observed.
        gate: A gate of it.
        direction: A direction of it.
        begins: Aware UTC, on a quarter of an hour.
        ends: Aware UTC; the present or before.
    """
    zone = ZoneInfo(border.border.timezone)
    hours = opening(border, projection, gate, direction, ends)
    now = Stocktaking(projection, feeds, gate, direction, ends, hours, zone)
    arrived, cleared = now.counting("arrived"), now.counting("gate_out")
    quarters = []
    at = begins
    while at < ends:
        until = min(at + QUARTER, ends)
        stock = Stocktaking(projection, feeds, gate, direction, until, hours, zone).backlog()
        came, went = arrived.within(at, until).estimate, cleared.within(at, until).estimate
        quarters.append(Quarter(at, until, came, went, stock.value, stock.low, stock.high))
        at = until
    evening = (ends - timedelta(microseconds=1)).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    last = evening + timedelta(days=1)
    return Curves(
        begins=begins,
        ends=ends,
        quarters=tuple(quarters),
        anchors=tuple(
            Seen(anchor.at, anchor.value, anchor.half_width, anchor.source)
            for anchor in now.anchors()
            if begins <= anchor.at <= ends
        ),
        waits=tuple(
            Wait(from_us(at_us), seconds)
            for at_us, seconds in measured_times(projection, gate, direction, "check_started", begins, ends)
        ),
        own=_spans(border, projection, gate, direction, ends, (begins, last), "own"),
        counterpart=_spans(border, projection, gate, direction, ends, (begins, last), "counterpart"),
        lanes=tuple(lanes(projection, gate, direction, ends)),
    )  # fmt: skip


def lanes(projection: Projection, gate: str, direction: str, now: datetime) -> Sequence[Lane]:
    """Return the lanes of a gate and direction that were ever reported, as they stand."""
    found = []
    for subject, statements in projection.stated.by_subject.items():
        if subject[:2] != ("lane", gate):
            continue
        known = [s for s in statements if s.at_us <= to_us(now) and s.said.get("direction") in (None, direction)]
        if known:
            last = known[-1]
            is_open = last.said["state"] == "open"
            found.append(Lane(subject[2], is_open, from_us(last.at_us), last.said.get("reason", "")))
    return sorted(found, key=lambda lane: lane.lane)


def _spans(
    border: Border, projection: Projection, gate: str, direction: DirectionName, now: datetime,
    within: tuple[datetime, datetime], side: str,
) -> tuple[Span, ...]:  # fmt: skip
    begins, ends = within
    _, found = side_windows(border, projection, gate, "own" if side == "own" else "counterpart", direction, now)
    return tuple(Span(max(w.begins, begins), min(w.ends, ends)) for w in found if w.begins < ends and w.ends > begins)
