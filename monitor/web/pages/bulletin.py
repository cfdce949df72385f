"""S7, the daily bulletin: the authorities' figures in their own order, ours beside them, and our editions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from gatewatch.monitor.live.happenings import happenings
from gatewatch.monitor.observations.instants import parse_day
from gatewatch.monitor.web.bulletin_day import CUT, BulletinModel, LineModel, OwnEditionModel
from gatewatch.monitor.web.bulletins import bulletin_on
from gatewatch.monitor.web.page import PEOPLE, Asked, Page
from gatewatch.monitor.web.pages.telling import Telling
from gatewatch.monitor.web.problems import ProblemError

PAGE = Page(
    "/bulletin", "Daily bulletin", "bulletin.html", PEOPLE, place=45, scripts=("pages/bulletin.js",),
    styles=("pages/desk.css",),
)  # fmt: skip
_PARTS: Final = frozenset({
    "cleared_fruit", "cleared_other", "cleared_cargo", "cleared_new_vehicle", "remaining_fruit", "remaining_other",
})  # fmt: skip
_CHANGES: Final = frozenset({"cleared_change", "remaining_change"})
_TOLD: Final = frozenset({"gate", "hours"})
_EARLIEST, _LATEST = date(2000, 1, 1), date(2200, 1, 1)


def content(asked: Asked) -> dict[str, Any]:
    """Return the bulletin of a day; without one the last day that has ended."""
    telling = Telling(asked)
    today = _today(asked)
    day = _asked_day(asked, today - timedelta(days=1))
    bulletin = bulletin_on(asked.services, day, _edition(asked))
    gates = list(dict.fromkeys(line.gate for line in bulletin.lines))
    return {
        "tell": telling,
        "day": day,
        "last": today,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < today else None,
        "bulletin": bulletin,
        "is_running": asked.now < bulletin.ends,
        "tables": [_table(asked, telling, bulletin, gate) for gate in gates],
        "editions": [_edition_told(asked, telling, own) for own in bulletin.own_editions],
        "findings": [
            asked.words.say(
                "{place}: {line} is printed as {printed}, the other figures give {reckoned}",
                place=telling.gate(finding.gate), line=_title(asked, finding.line, finding.direction),
                printed=telling.number(finding.printed), reckoned=telling.number(finding.reckoned),
            )
            for finding in bulletin.findings
        ],
    }  # fmt: skip


def _today(asked: Asked) -> date:
    """Return the day whose bulletin is under way."""
    local = asked.now.astimezone(asked.services.zone)
    return local.date() + timedelta(days=1) if local.time() >= CUT else local.date()


def _asked_day(asked: Asked, otherwise: date) -> date:
    text = asked.request.query_params.get("date")
    if not text:
        return otherwise
    try:
        day = parse_day(text)
    except ValueError:
        day = None
    if day is None or not _EARLIEST <= day <= _LATEST:
        raise ProblemError(404, f'there is no bulletin of "{text[:40]}"; a day is written 2026-01-15.')
    return day


def _edition(asked: Asked) -> int | None:
    text = asked.request.query_params.get("edition", "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise ProblemError(404, f'there is no edition "{text[:40]}".')
    return int(text)


def _table(asked: Asked, telling: Telling, bulletin: BulletinModel, gate: str | None) -> dict[str, Any]:
    remarks: list[str] = []
    if gate is not None:
        told = asked.services.core.projector.read(lambda p: happenings(p, bulletin.begins, bulletin.ends))
        remarks = [
            f"{telling.moment(h.at)} {telling.happening(h.kind, h.said)}"
            for h in told
            if h.gate == gate and h.kind in _TOLD
        ]
    return {
        "title": telling.gate(gate),
        "rows": [_row(asked, telling, line) for line in bulletin.lines if line.gate == gate],
        "remarks": remarks,
    }


def _row(asked: Asked, telling: Telling, line: LineModel) -> dict[str, Any]:
    is_change = line.line in _CHANGES
    known = line.printed is not None and line.counted is not None
    difference = line.counted - line.printed if known else None  # type: ignore[operator] # both are known
    edition = line.editions[-1].edition if len(line.editions) > 1 else None
    return {
        "title": _title(asked, line.line, line.direction),
        "is_part": line.line in _PARTS,
        "printed": telling.number(line.printed, is_change=is_change),
        "edition": edition,
        "counted": telling.number(line.counted),
        "difference": telling.number(difference, is_change=True),
        "differs": bool(difference),
    }


def _edition_told(asked: Asked, telling: Telling, own: OwnEditionModel) -> dict[str, Any]:
    say = asked.words.say
    total = next(
        (c for c in own.changes if c.gate is None and c.direction is None and c.line == "cleared"), None
    )  # fmt: skip
    by = None if total is None or total.before is None or total.after is None else total.after - total.before
    title = say("Edition {n}", n=own.edition)
    if own.edition > 1:
        title = say("Correction {n}", n=own.edition - 1)
    return {
        "edition": own.edition,
        "title": title,
        "at": telling.instant(own.made_at),
        "sum": "" if by is None else say("{change} vehicles cleared", change=telling.number(by, is_change=True)),
        "changes": [
            say(
                "{place}: {line} {before} → {after}", place=telling.gate(c.gate),
                line=_title(asked, c.line, c.direction), before=telling.number(c.before), after=telling.number(c.after),
            )
            for c in own.changes
            if c.gate is not None and c.direction is not None
        ],
    }  # fmt: skip


def _title(asked: Asked, line: str, direction: str | None) -> str:
    say = asked.words.say
    if line == "cleared":
        titles = {"export": say("Cleared, exports"), "import": say("Cleared, imports")}
        return titles.get(direction or "", say("Cleared, both directions"))
    known = {
        "cleared_fruit": say("of which fruit"),
        "cleared_other": say("of which other goods"),
        "cleared_cargo": say("of which with cargo"),
        "cleared_new_vehicle": say("of which new vehicles"),
        "cleared_change": say("Change of cleared"),
        "arrived": say("Arrived from inland"),
        "turned_back": say("Turned back"),
        "diverted": say("Diverted to another gate"),
        "remaining": say("Remaining at 20:00"),
        "remaining_fruit": say("of which fruit"),
        "remaining_other": say("of which other goods"),
        "remaining_change": say("Change of remaining"),
        "undeclared": say("Outside, goods not declared"),
        "remaining_new_vehicle": say("New vehicles remaining"),
        "rail_wagons": say("Rail wagons"),
    }
    return known.get(line, line)
