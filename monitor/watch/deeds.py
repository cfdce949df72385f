"""What people do about alerts, each as a change to the book: take on, give back, note, assign, judge, keep quiet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from gatewatch.monitor.access import RefusedError
from gatewatch.monitor.alerting import Silence, acknowledge, end_silence, find_silence, give_back
from gatewatch.monitor.store import Deed
from gatewatch.monitor.store.alert_book import AlertEvent, Change, KeptAlert, KeptSilence
from gatewatch.monitor.store.usefulness import KINDS
from gatewatch.monitor.watch.board import Board, Decision

LONGEST_ACKNOWLEDGEMENT: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, and where the request came from."""

    who: str
    address: str = ""


def acknowledged(board: Board, kept: KeptAlert, lasting: timedelta, note: str, by: By, now: datetime) -> Decision:
    """
    Return that somebody has taken an alert on, for a time.

    Raises:
        RefusedError: It does not fire, or the time is too long.
    """
    if not timedelta() < lasting <= LONGEST_ACKNOWLEDGEMENT:
        raise RefusedError("an acknowledgement lasts between 1 min and 24 h; take the alert on anew after that.")
    try:
        found = acknowledge(board.alerting.acknowledgements, kept.alert, by.who, now, lasting)
    except ValueError as error:
        raise RefusedError(f"{error}.") from None
    event = AlertEvent(kept.id, now, "acknowledged", by.who, note)
    detail = {"until": (now + lasting).isoformat(), "note": note}
    alerting = replace(board.alerting, acknowledgements=found)
    deed = Deed(by.who, "alert.acknowledged", kept.id, detail, by.address)
    return Decision(Change(board.remembered, alerting, (), (event,), deed=deed), board.alerts)


def given_back(board: Board, kept: KeptAlert, by: By, now: datetime) -> Decision:
    """
    Return that nobody has an alert any more.

    Raises:
        RefusedError: Nobody has it.
    """
    if board.acknowledgement(kept, now) is None:
        raise RefusedError(f"nobody has alert {kept.id} at present; there is nothing to give back.")
    found = give_back(board.alerting.acknowledgements, kept.id, now)
    alerting = replace(board.alerting, acknowledgements=found)
    deed = Deed(by.who, "alert.given_back", kept.id, {}, by.address)
    event = AlertEvent(kept.id, now, "given_back", by.who)
    return Decision(Change(board.remembered, alerting, (), (event,), deed=deed), board.alerts)


def noted(board: Board, kept: KeptAlert, text: str, by: By, now: datetime) -> Decision:
    """
    Return that an alert's timeline has a note more.

    Raises:
        RefusedError: The alert has not fired yet.
    """
    deed = Deed(by.who, "alert.noted", kept.id, {"note": text}, by.address)
    event = AlertEvent(kept.id, now, "note", by.who, text)
    return _recorded(board, replace(kept, n_notes=kept.n_notes + 1), event, deed)


def assigned(board: Board, kept: KeptAlert, to: str | None, by: By, now: datetime) -> Decision:
    """
    Return that somebody is to look after an alert, or nobody.

    Raises:
        RefusedError: The alert has not fired yet.
    """
    deed = Deed(by.who, "alert.assigned", kept.id, {"to": to}, by.address)
    event = AlertEvent(kept.id, now, "assigned", by.who, to or "")
    return _recorded(board, replace(kept, assigned_to=to), event, deed)


def found_useful(
    board: Board, kept: KeptAlert, *, useful: bool | None, note: str, by: By, now: datetime
) -> Decision:  # fmt: skip
    """
    Return that somebody has said whether an alert was of use; None: what was said holds no more.

    Raises:
        RefusedError: The alert has not fired yet.
    """
    deed = Deed(by.who, "alert.found_useful", kept.id, {"useful": useful, "note": note}, by.address)
    return _recorded(board, kept, AlertEvent(kept.id, now, KINDS[useful], by.who, note), deed)


def silenced(board: Board, made: Silence, by: By, now: datetime) -> Decision:
    """Return that a silence is in force."""
    detail = {
        "matchers": [str(one) for one in made.matchers], "reason": made.reason, "until": made.ends.isoformat(),
    }  # fmt: skip
    events = _events_of(board, made, "silenced", by, now, made.reason)
    deed = Deed(by.who, "silence.made", made.id, detail, by.address)
    after = replace(board.alerting, silences=(*board.alerting.silences, made))
    return Decision(Change(board.remembered, after, (), events, (KeptSilence(made),), deed=deed), board.alerts)


def unsilenced(board: Board, old: Silence, by: By, now: datetime) -> Decision:
    """
    Return that a silence has ended before its time.

    Raises:
        RefusedError: It is over.
    """
    if old.ends <= now:
        raise RefusedError(f"silence {old.id} is over already.")
    after = replace(board.alerting, silences=end_silence(board.alerting.silences, old.id, now))
    ended = next(one for one in after.silences if one.id == old.id)
    events = _events_of(board, old, "silence_ended", by, now)
    deed = Deed(by.who, "silence.ended", old.id, {}, by.address)
    change = Change(board.remembered, after, (), events, (KeptSilence(ended, by.who),), deed=deed)
    return Decision(change, board.alerts)


def _recorded(board: Board, after: KeptAlert, event: AlertEvent, deed: Deed) -> Decision:
    """Return that the record of an alert is another one, with a line in its timeline."""
    if after.alert.fired_at is None:
        raise RefusedError(f"alert {after.id} has not fired yet; it may pass by itself.")
    alerts = {**board.alerts, after.id: after} if after.id in board.alerts else board.alerts
    return Decision(Change(board.remembered, board.alerting, (after,), (event,), deed=deed), alerts)


def _events_of(
    board: Board, silence: Silence, kind: str, by: By, now: datetime, text: str = ""
) -> list[AlertEvent]:  # fmt: skip
    """Return a line for each alert that a silence keeps quiet now."""
    return [
        AlertEvent(kept.id, now, kind, by.who, text)
        for kept in board.alerts.values()
        if kept.alert.fired_at is not None and find_silence(kept.alert.key, (silence,), now) is not None
    ]
