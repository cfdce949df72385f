"""S12, the calendar of both sides: a day of every gate, a month of one, conflicts, and other hours recorded."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from gatewatch.monitor.observations.instants import parse_day
from gatewatch.monitor.web.auth import reach
from gatewatch.monitor.web.calendars import (
    CalendarDay,
    CalendarFlow,
    CalendarGate,
    ChangeModel,
    SideDay,
    StretchModel,
    calendar_of,
)
from gatewatch.monitor.web.page import COORDINATORS, PEOPLE, Asked, Page
from gatewatch.monitor.web.pages.telling import Telling
from gatewatch.monitor.web.problems import ProblemError

PAGE = Page(
    "/calendar", "Calendar", "calendar.html", PEOPLE, place=50, scripts=("pages/calendar.js",),
    styles=("pages/desk.css", "pages/calendar.css"),
)  # fmt: skip
_EARLIEST, _LATEST = date(2000, 1, 1), date(2199, 12, 31)
_HOURS: Final = (0, 6, 12, 18, 24)
_DAY_MIN: Final = 1_440


def content(asked: Asked) -> dict[str, Any]:
    """Return the strips of a day and of a month."""
    telling = Telling(asked)
    day = _asked_day(asked)
    first = day.replace(day=1)
    n_days = monthrange(day.year, day.month)[1]
    today = calendar_of(asked.services, asked.who, day, 1)
    gates = [gate.gate for gate in today.gates]
    chosen = asked.request.query_params.get("gate") or (gates[0] if gates else None)
    if chosen is not None and chosen not in gates:
        reach(asked.who, chosen)
        raise ProblemError(404, f'there is no gate "{chosen[:100]}".')
    month = None if chosen is None else calendar_of(asked.services, asked.who, first, n_days, chosen).gates[0]
    return {
        "tell": telling,
        "day": day,
        "today": asked.now.astimezone(asked.services.zone).date(),
        "hours": [(hour, (hour + _ahead(asked)) % 24) for hour in _HOURS],
        "gates": gates,
        "chosen": chosen,
        "rows": [_row(asked, telling, gate, flow, flow.days[0]) for gate in today.gates for flow in gate.flows],
        "month": None if month is None else [
            {"direction": flow.direction, "rows": [_row(asked, telling, month, flow, day) for day in flow.days]}
            for flow in month.flows
        ],
        "changes": [] if month is None else [_change(telling, change) for change in month.changes],
        "before": first - timedelta(days=1),
        "after": first + timedelta(days=n_days),
        "may_record": asked.who.role in COORDINATORS,
        "offset": f"{asked.now.astimezone(asked.services.zone):%z}",
        "last": _LATEST,
    }  # fmt: skip


def _asked_day(asked: Asked) -> date:
    text = asked.request.query_params.get("day")
    if not text:
        return asked.now.astimezone(asked.services.zone).date()
    try:
        day = parse_day(text)
    except ValueError:
        day = None
    if day is None or not _EARLIEST <= day <= _LATEST:
        raise ProblemError(404, f'there is no day "{text[:40]}"; a day is written 2026-01-15.')
    return day


def _ahead(asked: Asked) -> int:
    """Return by how many hours Beijing is ahead of the border's own time."""
    offsets = [asked.now.astimezone(zone).utcoffset() for zone in (ZoneInfo("Asia/Shanghai"), asked.services.zone)]
    there, here = (offset or timedelta() for offset in offsets)
    return round((there - here) / timedelta(hours=1))


def _row(asked: Asked, telling: Telling, gate: CalendarGate, flow: CalendarFlow, day: CalendarDay) -> dict[str, Any]:
    say = asked.words.say
    own_zone, other_zone = ZoneInfo(gate.zone), ZoneInfo(gate.counterpart_zone)
    alone = [*day.own.alone, *day.counterpart.alone]
    notes = []
    if alone:
        who = say("only the Vietnamese side is open") if day.own.alone else say("only the Chinese side is open")
        if day.own.alone and day.counterpart.alone:
            who = say("the sides are open at different times")
        notes.append(("conflict", f"{who} {_text(alone, own_zone, say('shut'))}"))
    if not day.both and not alone:
        notes.append(("shut", say("shut all day")))
    if day.own.is_changed or day.counterpart.is_changed:
        notes.append(("changed", say("not as the calendar says")))
    reasons = dict.fromkeys(side.reason for side in (day.own, day.counterpart) if side.reason)
    title = telling.gate(gate.gate)
    if flow.direction is not None:
        title = f"{title} · {telling.direction(flow.direction)}"
    return {
        "gate": gate.gate,
        "title": title,
        "day": day.day,
        "own": _text(day.own.actual, own_zone, say("shut")),
        "counterpart": _text(day.counterpart.actual, other_zone, say("shut")),
        "counterpart_here": _text(day.counterpart.actual, own_zone, ""),
        "both_h": telling.decimal(day.open_hours),
        "notes": notes,
        "reasons": list(reasons),
        "bars": [*_bars(day.own, day, own_zone, 1), *_bars(day.counterpart, day, own_zone, 13)],
    }


def _text(found: list[StretchModel], zone: ZoneInfo, nothing: str) -> str:
    """Return stretches as hours of a zone; midnight at the end of a day is 24:00."""
    parts = []
    for piece in found:
        ends = piece.ends.astimezone(zone)
        last = "24:00" if (ends.hour, ends.minute) == (0, 0) else f"{ends:%H:%M}"
        parts.append(f"{piece.begins.astimezone(zone):%H:%M}–{last}")
    return ", ".join(parts) or nothing


def _bars(side: SideDay, day: CalendarDay, zone: ZoneInfo, top: int) -> list[dict[str, Any]]:
    """Return the bars of a side in minutes of the day, conflicts over what is open."""
    bars = [_bar(piece, day, zone, top, "registered" if piece.preregistered_only else "open") for piece in side.actual]
    return bars + [_bar(piece, day, zone, top, "alone") for piece in side.alone]


def _bar(piece: StretchModel, day: CalendarDay, zone: ZoneInfo, top: int, kind: str) -> dict[str, Any]:
    begins, ends = piece.begins.astimezone(zone), piece.ends.astimezone(zone)
    start = begins.hour * 60 + begins.minute
    end = _DAY_MIN if ends.date() > day.day else ends.hour * 60 + ends.minute
    return {"x": start, "width": max(1, end - start), "y": top, "kind": kind}


def _change(telling: Telling, change: ChangeModel) -> dict[str, Any]:
    said: dict[str, Any] = {
        "gate": None, "side": change.side, "reason": change.reason, "agreed_by": change.agreed_by,
        "direction": change.direction, "opens": change.opens, "closes": change.closes, "state": change.state,
        "date": None if change.day is None else change.day.isoformat(),
        "until": None if change.until is None else change.until.isoformat(),
    }  # fmt: skip
    kept = {key: value for key, value in said.items() if key == "gate" or value}
    text = telling.happening(change.kind, kept)
    return {"at": telling.moment(change.at), "text": text.partition(", ")[2], "who": telling.who(change.who)}
