"""S7, the shift log: who is on duty, what the log drafts by itself, what is noted and handed over."""

from __future__ import annotations

from typing import Any

from gatewatch.monitor.access import Caller
from gatewatch.monitor.store import Shift
from gatewatch.monitor.web.auth import reach
from gatewatch.monitor.web.page import OPERATORS, PEOPLE, Asked, Page
from gatewatch.monitor.web.pages.telling import Telling
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.shift_draft import DraftModel
from gatewatch.monitor.web.shifts import MOST_WORDS, ShiftDetail, shift_detail

PAGE = Page(
    "/shift", "Shift log", "shift.html", PEOPLE, place=40, scripts=("pages/shift.js",), styles=("pages/desk.css",)
)
_LOOKED_AT = 200  # of the last shifts of all places
_LISTED = 15


def content(asked: Asked) -> dict[str, Any]:
    """Return the shift that is open at a place, or the one that is asked for, with the earlier ones."""
    core, who = asked.services.core, asked.who
    gate = asked.request.query_params.get("gate") or None
    number = asked.request.query_params.get("id", "")
    detail = None
    if number:
        if not number.isascii() or not number.isdigit() or len(number) > 15:
            raise ProblemError(404, f'there is no shift "{number[:40]}".')
        detail = shift_detail(asked.services, who, int(number))
        gate = detail.shift.gate
    if gate is not None:
        if gate not in core.border.gates:
            raise ProblemError(404, f'there is no gate "{gate[:100]}".')
        reach(who, gate)
    here = [shift for shift in core.shifts.latest(_LOOKED_AT) if shift.begun.gate == gate]
    is_open = bool(here) and here[0].signed is None
    if detail is None and is_open:
        detail = shift_detail(asked.services, who, here[0].begun.number)
    telling = Telling(asked)
    return {
        "tell": telling,
        "gate": gate,
        "places": [None, *_gates(asked)],
        "detail": detail,
        "draft": None if detail is None else _draft(telling, detail),
        "before": _before(here, detail),
        "is_open_here": is_open,
        "earlier": [shift for shift in here if shift.signed is not None][:_LISTED],
        "may_write": who.role in OPERATORS and _may_write(who, gate),
        "most": MOST_WORDS,
    }


def _gates(asked: Asked) -> list[str]:
    border = asked.services.core.border
    return [gate for gate, data in border.gates.items() if not data.dormant and asked.who.may_reach(gate)]


def _may_write(who: Caller, gate: str | None) -> bool:
    return who.gates is None if gate is None else who.may_reach(gate)


def _before(here: list[Shift], detail: ShiftDetail | None) -> Shift | None:
    """Return the shift whose hand-over is to be read: the one taken over, or the last one that was signed."""
    if detail is not None:
        return next((shift for shift in here if shift.begun.number == detail.shift.takes_over), None)
    return here[0] if here else None


def _draft(telling: Telling, detail: ShiftDetail) -> dict[str, Any]:
    draft: DraftModel = detail.draft
    return {
        "ends": draft.ends,
        "flows": [
            {
                "place": f"{telling.gate(flow.gate)} · {telling.direction(flow.direction)}",
                "before": telling.number(flow.before.value),
                "after": telling.number(flow.after.value),
                "band": telling.band(flow.after.low, flow.after.high),
                "cleared": telling.number(flow.cleared.value),
                "arrived": telling.number(flow.arrived.value),
                "is_partly": min(flow.cleared.coverage, flow.arrived.coverage) < 1,
            }
            for flow in draft.flows
        ],
        "happenings": [
            {
                "at": telling.moment(happening.at),
                "text": telling.happening(happening.kind, happening.said),
                "who": telling.who(happening.who),
            }
            for happening in draft.happenings
        ],
        "decisions": [
            {
                "at": telling.moment(decision.at),
                "text": telling.decision(decision.title.model_dump(), decision.consent, is_nothing=decision.is_nothing),
                "note": decision.note,
                "who": telling.who(decision.who),
            }
            for decision in draft.decisions
        ],
        "alerts": [
            {
                "id": alert.id,
                "level": alert.level,
                "text": telling.asked.words.pick(alert.sentence.model_dump()),
                "begins": telling.moment(alert.fired_at),
                "ends": None if alert.resolved_at is None else telling.moment(alert.resolved_at),
            }
            for alert in draft.alerts
        ],
        "silent": [{"source": feed.source, "since": feed.since} for feed in draft.silent],
    }
