"""The snapshot: everything that is shown or judged at one instant, immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import DirectionName
from gatewatch.config.feeds import Feed
from gatewatch.config.schema import Border
from gatewatch.monitor.live.backlog import Stock, Stocktaking
from gatewatch.monitor.live.counted import Counted
from gatewatch.monitor.live.figure import WHOLE, Figure, graded, is_stale
from gatewatch.monitor.live.flow import Capacity, capacity, cleared_per_day, days_of_work, rate
from gatewatch.monitor.live.opening import Opening, opening
from gatewatch.monitor.live.sources import SourceState, source_states
from gatewatch.monitor.live.waits import ActualTimes, ExpectedWait, actual_times, expected_wait
from gatewatch.monitor.projection.projecting import Projection

# The four colours of the national map by vehicles present in the province (National Single Window, 27 January 2022).
NATIONAL_COLOURS = ((500, "green"), (1_000, "yellow"), (5_000, "orange"))
STALE_AFTER = timedelta(minutes=15)
_QUARTER, _HOUR = timedelta(minutes=15), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class YardState:
    """A yard: vehicles in it, and its places where they are limited."""

    yard: str
    inside: Figure
    places: int | None


@dataclass(frozen=True, slots=True)
class FlowState:
    """
    One direction of one gate.

    Args:
        gate: Gate.
        direction: Direction.
        opening: Both sides' hours.
        backlog: Vehicles inside [veh].
        stock: The reckoning behind it: anchor and drift.
        days_of_work: Backlog over the clearances of a day [days].
        cleared_today: Cleared since both sides first opened today [veh]; before that, since midnight.
        cleared_by_class: The same by class, where feeds tell it.
        arrived_today: Arrived since midnight [veh].
        rate_15: Clearances of the last 15 minutes [veh/h].
        rate_60: Clearances of the last hour [veh/h].
        arrival_rate_60: Arrivals of the last hour [veh/h].
        capacity: What the gate has shown that it can clear [veh/h].
        expected: Expected wait of a vehicle that joins now.
        actual_wait: Arrival to start of service, measured.
        actual_crossing: Arrival to clearance, measured.
        yards: Yards of the gate that this direction's feeds count.
    """

    gate: str
    direction: DirectionName
    opening: Opening
    backlog: Figure
    stock: Stock
    days_of_work: Figure
    cleared_today: Figure
    cleared_by_class: Mapping[str, int]
    arrived_today: Figure
    rate_15: Figure
    rate_60: Figure
    arrival_rate_60: Figure
    capacity: Capacity
    expected: ExpectedWait
    actual_wait: ActualTimes
    actual_crossing: ActualTimes
    yards: tuple[YardState, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """
    Live state at one version.

    Args:
        rev: Number of the last journal entry that it rests on.
        at: The instant it is true for, aware UTC.
        flows: Each direction of each gate that is not dormant.
        sources: Every source.
        present: Vehicles inside, all gates and directions [veh].
        national_colour: The colour the national map would show; None while the number is not known.
    """

    rev: int
    at: datetime
    flows: tuple[FlowState, ...]
    sources: tuple[SourceState, ...]
    present: Figure
    national_colour: str | None

    def flow(self, gate: str, direction: str) -> FlowState:
        """Return a gate and direction; raises KeyError when there is none."""
        for flow in self.flows:
            if (flow.gate, flow.direction) == (gate, direction):
                return flow
        raise KeyError((gate, direction))


def take_snapshot(border: Border, feeds: Mapping[str, Feed], projection: Projection, now: datetime) -> Snapshot:
    """
    Return live state as of `now`.

    Args:
        border: The border watched.
        feeds: Feeds declared, by source.
        projection: What was observed.
        now: Aware UTC.
    """
    zone = ZoneInfo(border.border.timezone)
    flows = tuple(
        _flow(border, feeds, projection, gate_id, direction, now, zone)
        for gate_id, gate in border.gates.items()
        if not gate.dormant
        for direction in get_args(DirectionName)
        if gate.direction(direction) is not None
    )
    present = _present(flows)
    return Snapshot(
        rev=projection.last_seq,
        at=now,
        flows=flows,
        sources=source_states(border, feeds, projection, now),
        present=present,
        national_colour=_colour(present),
    )


def _colour(present: Figure) -> str | None:
    """Return the colour of a figure; one of the worst quality may tell of trouble, and never of its absence."""
    colour = None if present.value is None else national_colour(present.value)
    return None if colour == NATIONAL_COLOURS[0][1] and present.quality == "D" else colour


def national_colour(vehicles: float) -> str:
    """
    Return the colour of the national map for a number of vehicles present.

    >>> [national_colour(n) for n in (499, 500, 1_000, 5_000, 5_001)]
    ['green', 'yellow', 'orange', 'orange', 'red']
    """
    for limit, colour in NATIONAL_COLOURS:
        if vehicles < limit or (colour == "orange" and vehicles <= limit):
            return colour
    return "red"


def _flow(
    border: Border, feeds: Mapping[str, Feed], projection: Projection, gate: str, direction: DirectionName,
    now: datetime, zone: ZoneInfo,
) -> FlowState:  # fmt: skip
    hours = opening(border, projection, gate, direction, now)
    stocktaking = Stocktaking(projection, feeds, gate, direction, now, hours, zone)
    out, arrived = stocktaking.counting("gate_out"), stocktaking.counting("arrived")
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    today = out.within(min(hours.since(now, zone) or midnight, now), now)
    stock, shown = stocktaking.backlog(), capacity(out, now)
    backlog = _of_stock(stock, today.last, now)
    return FlowState(
        gate=gate,
        direction=direction,
        opening=hours,
        backlog=backlog,
        stock=stock,
        days_of_work=_days(backlog, cleared_per_day(out, now, zone)),
        cleared_today=_of_count(today, now, is_open=hours.is_open(now)),
        cleared_by_class=today.by_class,
        arrived_today=_of_count(arrived.within(midnight, now), now, is_open=True),
        rate_15=_of_rate(out.within(now - _QUARTER, now), _QUARTER, now),
        rate_60=_of_rate(out.within(now - _HOUR, now), _HOUR, now),
        arrival_rate_60=_of_rate(arrived.within(now - _HOUR, now), _HOUR, now),
        capacity=shown,
        expected=expected_wait(stock, shown, hours, now, zone),
        actual_wait=actual_times(projection, gate, direction, "check_started", now),
        actual_crossing=actual_times(projection, gate, direction, "gate_out", now),
        yards=tuple(_yards(border, feeds, stocktaking, gate, direction, now, zone)),
    )


def _yards(
    border: Border, feeds: Mapping[str, Feed], stocktaking: Stocktaking, gate: str, direction: str, now: datetime,
    zone: ZoneInfo,
) -> list[YardState]:  # fmt: skip
    counted = {
        point.yard
        for feed in feeds.values()
        for point in feed.reports
        if feed.gate == gate and point.direction == direction and point.yard is not None
    }
    found = []
    for name in sorted(counted):
        last = stocktaking.counting("yard_in", name).within(now - _HOUR, now).last
        places = border.gates[gate].yards[name].places_on(now.astimezone(zone).date())
        found.append(YardState(name, _of_stock(stocktaking.yard(name), last, now), places))
    return found


def _of_stock(stock: Stock, last: datetime | None, now: datetime) -> Figure:
    anchored = stock.anchor.at if stock.anchor else None
    as_of = max((at for at in (anchored, last) if at is not None), default=None)
    half = 0.0 if stock.high is None or stock.value is None else stock.high - stock.value
    value = _no_zero_unseen(stock.value, stock.coverage)
    quality = graded(value, half, stock.coverage, is_stale=is_stale(as_of, now, STALE_AFTER))
    sources = (stock.anchor.source,) if stock.anchor else ()
    method = "reckoned" if stock.value is not None else "not_reckoned" if stock.anchor else "never_counted"
    return Figure(value, "veh", quality, method, stock.low, stock.high, as_of, stock.coverage, sources)


def _no_zero_unseen(value: float | None, coverage: float) -> float | None:
    """Return a value; None for a zero when nobody looked all the time."""
    return None if value == 0 and coverage < WHOLE else value


def _of_count(counted: Counted, now: datetime, *, is_open: bool) -> Figure:
    half = counted.half_width
    stale = is_open and is_stale(counted.last, now, STALE_AFTER)
    value = _no_zero_unseen(None if counted.n is None else float(counted.n), counted.coverage)
    high = None if counted.estimate is None else counted.estimate + half
    quality = graded(value, half, counted.coverage, is_backup=counted.is_backup, is_stale=stale)
    return Figure(value, "veh", quality, "counted", value, high, counted.last, counted.coverage, counted.sources)


def _of_rate(counted: Counted, length: timedelta, now: datetime) -> Figure:
    value, low, high = rate(counted, length)
    half = counted.half_width / (length / _HOUR)
    stale = is_stale(counted.last, now, STALE_AFTER)
    quality = graded(value, half, counted.coverage, is_backup=counted.is_backup, is_stale=stale)
    return Figure(value, "veh/h", quality, "counted", low, high, counted.last, counted.coverage, counted.sources)


def _days(backlog: Figure, per_day: float | None) -> Figure:
    low, value, high = (days_of_work(n, per_day) for n in (backlog.low, backlog.value, backlog.high))
    quality = backlog.quality if value is not None else "D"
    return Figure(
        value, "days", quality, "backlog_over_clearances", low, high, backlog.as_of, backlog.coverage, backlog.sources
    )


def _present(flows: tuple[FlowState, ...]) -> Figure:
    """Return the vehicles inside over all gates and directions; None while one that was ever counted is not known."""
    known = [f.backlog for f in flows if f.stock.anchor is not None]
    values = [figure.value for figure in known]
    if not known or None in values:
        return Figure(None, "veh", "D", "sum")
    worst = max(figure.quality for figure in known)
    as_of = min((figure.as_of for figure in known if figure.as_of is not None), default=None)
    low, value, high = (
        sum(getattr(figure, key) for figure in known if getattr(figure, key) is not None)
        for key in ("low", "value", "high")
    )
    return Figure(value, "veh", worst, "sum", low, high, as_of, min(f.coverage for f in known))
