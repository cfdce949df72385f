"""
Live state as what a forecast starts from: backlogs with their bands, yards, arrivals, hours, servers, and doubts.

The form is that of `simulator/forecasting/now.py`, written as JSON can hold it: the core never loads the simulator.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import Calendar, DirectionName
from gatewatch.config.feeds import Feed
from gatewatch.config.opening_hours import Window, windows
from gatewatch.config.schema import Border, Gate, RosterRule
from gatewatch.config.units import Span
from gatewatch.monitor.live.backlog import Stocktaking
from gatewatch.monitor.live.figure import Figure
from gatewatch.monitor.live.opening import SIDES, Side, side_windows
from gatewatch.monitor.live.snapshot import FlowState, Snapshot
from gatewatch.monitor.observations import to_us
from gatewatch.monitor.projection.projecting import EMPTY, Projection
from gatewatch.monitor.store.history import WindowRow

HISTORY: Final = timedelta(days=29)
DAYS_BEFORE, DAYS_AHEAD = 4, 8  # whose hours are told where they are not those of the calendar
DECLARED_WITHIN: Final = timedelta(hours=6)  # of being declared a vehicle arrives (assumed)
_HOUR, _QUARTER, _DAY = timedelta(hours=1), timedelta(minutes=15), timedelta(days=1)
_LANES: Final = "border_guard"  # the stage whose servers lanes are


def whole_minute(at: datetime) -> datetime:
    """Return the last whole minute up to an instant."""
    return at.replace(second=0, microsecond=0)


def present(
    border: Border,
    feeds: Mapping[str, Feed],
    projection: Projection,
    snapshot: Snapshot,
    quarters: Sequence[WindowRow],
    week_ago: Mapping[tuple[str, str], Sequence[float | None]],
) -> dict[str, Any]:
    """
    Return what is known of a border at the instant of a snapshot.

    Args:
        border: The border watched.
        feeds: Feeds declared, by source.
        projection: What was observed; held still meanwhile.
        snapshot: Taken from it at a whole minute.
        quarters: Quarter-hours of arrivals and declarations of the last four weeks.
        week_ago: Backlog a week before the snapshot and each hour after it, by gate and direction [veh].
    """
    zone, now = ZoneInfo(border.border.timezone), snapshot.at
    counted = _by_place(quarters)
    return {
        "at": now.isoformat(),
        "rev": snapshot.rev,
        "flows": [
            _flow(feeds, snapshot, flow, counted, zone, list(week_ago.get((flow.gate, flow.direction), ())))
            for flow in snapshot.flows
        ],
        "hours": list(_hours(border, projection, now)),
        "on_duty": list(_on_duty(border, projection, now, zone)),
    }


def backlogs_at(
    feeds: Mapping[str, Feed], projection: Projection, flow: FlowState, instants: Iterable[datetime], zone: ZoneInfo
) -> list[float | None]:
    """
    Return the backlog of a gate and direction at instants that are over, as it is reckoned now [veh]; None: not known.

    Args:
        feeds: Feeds declared, by source.
        projection: What was observed; held still meanwhile.
        flow: Of the present, for its opening hours.
        instants: Aware UTC.
        zone: Of the bulletin.
    """
    found = []
    for at in instants:
        stock = Stocktaking(projection, feeds, flow.gate, flow.direction, at, flow.opening, zone).backlog()
        found.append(stock.value)
    return found


_Counted = dict[tuple[str, str, str], dict[datetime, dict[str, int]]]  # gate, direction, what: quarter: class: vehicles


def _by_place(quarters: Sequence[WindowRow]) -> _Counted:
    found: _Counted = {}
    for row in quarters:
        if row.place == "":
            quarter = found.setdefault((row.gate, row.direction, row.what), {}).setdefault(row.start, {})
            if row.vehicle_class != EMPTY:
                quarter[row.vehicle_class] = quarter.get(row.vehicle_class, 0) + row.n
    return found


def _flow(
    feeds: Mapping[str, Feed], snapshot: Snapshot, flow: FlowState, counted: _Counted, zone: ZoneInfo,
    week_ago: list[float | None],
) -> dict[str, Any]:  # fmt: skip
    now, place = snapshot.at, (flow.gate, flow.direction)
    arrived = counted.get((*place, "arrived"), {})
    return {
        "gate": flow.gate,
        "direction": flow.direction,
        "backlog": _band(flow.backlog),
        "quality": flow.backlog.quality,
        "yards": [
            {"yard": yard.yard, "inside": band} for yard in flow.yards if (band := _band(yard.inside)) is not None
        ],
        "arrived": _arrived(arrived, now, zone, _missed(feeds, flow)) if arrived else None,
        "week_ago": week_ago,
        "declared": _declared(counted.get((*place, "declared"), {}), now),
        "notes": _notes(feeds, snapshot, flow),
    }


def _band(figure: Figure) -> dict[str, float] | None:
    if figure.value is None:
        return None
    low = figure.value if figure.low is None else figure.low
    high = figure.value if figure.high is None else figure.high
    return {"value": figure.value, "low": min(low, figure.value), "high": max(high, figure.value)}


def _missed(feeds: Mapping[str, Feed], flow: FlowState) -> float:
    """Return the share that the first feed of arrivals misses."""
    found = [
        (feed.rank, feed.missed)
        for feed in feeds.values()
        if feed.gate == flow.gate and any(p.what == "arrived" and p.direction == flow.direction for p in feed.reports)
    ]
    return min(found)[1] if found else 0.0


def _arrived(
    quarters: Mapping[datetime, Mapping[str, int]], now: datetime, zone: ZoneInfo, missed: float
) -> dict[str, Any]:
    """Return arrivals by the hour from the first one heard on; an hour heard in part counts by its quarters heard."""
    begins = max(min(quarters), now - HISTORY).astimezone(zone).replace(minute=0, second=0, microsecond=0)
    hourly: list[float | None] = []
    at = begins.astimezone(now.tzinfo)
    while at <= now:
        begun = [at + n * _QUARTER for n in range(4) if at + n * _QUARTER <= now]
        heard = [sum(quarters[q].values()) for q in begun if q in quarters]
        hourly.append(sum(heard) * len(begun) / len(heard) / (1 - missed) if heard else None)
        at += _HOUR
    mix: dict[str, float] = {}
    for by_class in quarters.values():
        for name, n in by_class.items():
            if name:
                mix[name] = mix.get(name, 0.0) + n
    return {"first": begins.isoformat(), "hourly": hourly, "mix": mix}


def _declared(quarters: Mapping[datetime, Mapping[str, int]], now: datetime) -> int | None:
    """Return those declared and not arrived, if each arrives at any time within six hours; None: nobody tells."""
    recent = {start: sum(n.values()) for start, n in quarters.items() if now - DECLARED_WITHIN < start <= now}
    if not recent:
        return None
    return round(sum(n * (1 - (now - start) / DECLARED_WITHIN) for start, n in recent.items()))


def _notes(feeds: Mapping[str, Feed], snapshot: Snapshot, flow: FlowState) -> list[str]:
    """Return why a forecast of a gate and direction is wide: feeds of its counts that are silent."""
    mine = {
        source
        for source, feed in feeds.items()
        if feed.gate == flow.gate and any(point.direction == flow.direction for point in feed.reports)
    }
    return [f"silent {s.source}" for s in snapshot.sources if s.source in mine and s.silent_since is not None]


def _hours(border: Border, projection: Projection, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield the hours of each side on days on which they are not those of its calendar."""
    for gate_id, gate in border.gates.items():
        if gate.dormant:
            continue
        for side in SIDES:
            name = gate.calendar if side == "own" else gate.counterpart.calendar
            if name is None:
                continue
            for direction in get_args(DirectionName):
                if gate.direction(direction) is not None:
                    yield from _of_side(border, projection, gate_id, side, direction, border.calendars[name], now)


def _of_side(
    border: Border, projection: Projection, gate: str, side: Side, direction: DirectionName, calendar: Calendar,
    now: datetime,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    zone = ZoneInfo(calendar.timezone)
    begins, ends = now - (DAYS_BEFORE + 1) * _DAY, now + (DAYS_AHEAD + 1) * _DAY
    planned = windows(calendar, begins, ends, direction)
    _, actual = side_windows(border, projection, gate, side, direction, now, (begins, ends))
    today = now.astimezone(zone).date()
    for n in range(-DAYS_BEFORE, DAYS_AHEAD + 1):
        day = today + n * _DAY
        midnight = datetime.combine(day, time(), zone)
        usual, held = (_spans(found, midnight, zone) for found in (planned, actual))
        if usual != held:
            is_registered = bool(held) and all(registered for _, _, registered in held)
            yield {
                "gate": gate,
                "side": side,
                "direction": direction,
                "day": day.isoformat(),
                "open": [str(Span(begins, ends)) for begins, ends, _ in held],
                "state": "preregistered" if is_registered else "open",
            }


def _spans(found: Sequence[Window], midnight: datetime, zone: ZoneInfo) -> list[tuple[int, int, bool]]:
    """Return the windows that begin on a day, in whole minutes after its midnight; over a day long they are cut."""
    pieces = []
    for window in found:
        if window.begins.astimezone(zone).date() != midnight.date():
            continue
        begins, ends = (int((edge - midnight).total_seconds() // 60) for edge in (window.begins, window.ends))
        if ends > begins:
            pieces.append((begins, min(ends, begins + 1_440), window.preregistered_only))
    return pieces


def _on_duty(border: Border, projection: Projection, now: datetime, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    """Yield the servers of border guards where lanes are closed: a lane is a server of the direction it is in."""
    closed: dict[tuple[str, str], int] = {}
    for subject in projection.stated.by_subject:
        if subject[0] != "lane":
            continue
        last = projection.stated.last(subject, to_us(now))
        if last is not None and last.said["state"] == "closed" and subject[1] in border.gates:
            for direction in get_args(DirectionName):
                if last.said.get("direction") in (None, direction):
                    station = _station_of_lanes(border.gates[subject[1]], direction)
                    if station is not None:
                        closed[subject[1], station] = closed.get((subject[1], station), 0) + 1
    for (gate, station), n in sorted(closed.items()):
        usual = _usual_servers(border.gates[gate].stations[station].servers, now.astimezone(zone))
        if usual is not None:
            yield {"gate": gate, "station": station, "servers": max(0, usual - n)}


def _station_of_lanes(gate: Gate, direction: DirectionName) -> str | None:
    side = gate.direction(direction)
    if side is None or _LANES not in side.stages:
        return None
    return side.stages[_LANES].station or _LANES


def _usual_servers(servers: int | str | list[RosterRule], local: datetime) -> int | None:
    """Return the servers that a roster has on duty at a local time; None without a limit."""
    if isinstance(servers, str):
        return None
    if not isinstance(servers, list):
        return int(servers)
    minute, weekday = local.hour * 60 + local.minute, local.strftime("%a").lower()
    found = 0
    for rule in servers:
        holds = rule.hours is None or rule.hours.from_min <= minute < rule.hours.to_min
        if rule.covers(local.date()) and (rule.days is None or weekday in rule.days) and holds:
            found = rule.servers
    return found
