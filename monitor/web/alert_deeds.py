"""`/v1/alerts/{id}/…`: what people do about an alert: take it on, give it back, note, assign, say what it was worth."""

from __future__ import annotations

from datetime import timedelta

from gatewatch.monitor.access import Caller
from gatewatch.monitor.store.alert_book import KeptAlert
from gatewatch.monitor.watch import By
from gatewatch.monitor.web.alert_schemas import Acknowledging, AlertDetail, Assigning, CapModel, Noting, Usefulness
from gatewatch.monitor.web.alerts import AlertId, detail_of, see
from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.cap import to_cap
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.services import Address, Calling, Services, Serving

router = new_router("alerts")


@router.post("/v1/alerts/{id}/acknowledge", response_model=AlertDetail, summary="Take an alert on")
def post_acknowledge(
    alert_id: AlertId, body: Acknowledging, services: Serving, caller: Calling, address: Address
) -> AlertDetail:
    """
    Note that the caller has the alert for some minutes: it is not repeated and escalates no further meanwhile.

    Afterwards, or when it gets worse, it is nobody's again. Only an alert that fires can be taken on.
    """
    _may_act(services, caller, alert_id)
    lasting, now = timedelta(minutes=body.minutes), services.clock()
    kept = services.core.watch.acknowledge(alert_id, lasting, body.note.strip(), By(caller.id, address), now)
    return detail_of(services, kept)


@router.delete("/v1/alerts/{id}/acknowledge", response_model=AlertDetail, summary="Give an alert back")
def delete_acknowledge(alert_id: AlertId, services: Serving, caller: Calling, address: Address) -> AlertDetail:
    """Note that nobody has the alert any more: its escalation begins anew."""
    _may_act(services, caller, alert_id)
    return detail_of(services, services.core.watch.give_back(alert_id, By(caller.id, address), services.clock()))


@router.post("/v1/alerts/{id}/notes", response_model=AlertDetail, status_code=201, summary="Note something")
def post_note(alert_id: AlertId, body: Noting, services: Serving, caller: Calling, address: Address) -> AlertDetail:
    """Put a note into the alert's timeline, also of one that has ended."""
    _may_act(services, caller, alert_id)
    kept = services.core.watch.note(alert_id, body.text.strip(), By(caller.id, address), services.clock())
    return detail_of(services, kept)


@router.post("/v1/alerts/{id}/assign", response_model=AlertDetail, summary="Give an alert to somebody")
def post_assign(
    alert_id: AlertId, body: Assigning, services: Serving, caller: Calling, address: Address
) -> AlertDetail:  # fmt: skip
    """Name the account that is to look after the alert, or nobody."""
    kept = _may_act(services, caller, alert_id)
    if body.user is not None:
        _check_account(services, body.user, kept.gate)
    done = services.core.watch.assign(alert_id, body.user, By(caller.id, address), services.clock())
    return detail_of(services, done)


@router.post("/v1/alerts/{id}/usefulness", response_model=AlertDetail, summary="Say whether an alert was useful")
def post_usefulness(
    alert_id: AlertId, body: Usefulness, services: Serving, caller: Calling, address: Address
) -> AlertDetail:  # fmt: skip
    """
    Note whether the alert was of use, also of one that has ended; null takes back what was said. The last word counts.

    `GET /v1/alerts/quality` counts it by rule: thresholds of a rule that is seldom of use are worth another look.
    """
    _may_act(services, caller, alert_id)
    by, now = By(caller.id, address), services.clock()
    kept = services.core.watch.say_useful(alert_id, useful=body.useful, note=body.note.strip(), by=by, now=now)
    return detail_of(services, kept)


@router.get("/v1/alerts/{id}/cap", response_model=CapModel, summary="Export an alert")
def get_cap(alert_id: AlertId, services: Serving, caller: Calling) -> CapModel:
    """Return an alert that has fired in the words of the Common Alerting Protocol 1.2."""
    kept = services.core.watch.find(alert_id)
    see(caller, kept)
    if kept.alert.fired_at is None:
        raise ProblemError(409, f"alert {alert_id} has not fired yet; there is nothing to tell.")
    return to_cap(kept, services.core.border)


def _may_act(services: Services, caller: Caller, alert_id: str) -> KeptAlert:
    """
    Return an alert that a caller may act on.

    Raises:
        ProblemError: Its gate is outside his scope, or it concerns the whole province and he is bound to gates.
    """
    kept = services.core.watch.find(alert_id)
    see(caller, kept)
    if not caller.may_reach(kept.gate):
        raise ProblemError(403, f"alert {alert_id} concerns more than one gate; {caller.id} is bound to some.")
    return kept


def _check_account(services: Services, name: str, gate: str | None) -> None:
    """
    Look whether an account can look after an alert.

    Raises:
        ProblemError: There is none of that name, or it may not see the gate.
    """
    person = next((one for one in services.core.register.accounts() if one.name == name), None)
    if person is None or person.is_disabled:
        raise ProblemError(409, f'there is no account "{name}" that can sign in; GET /v1/users lists them.')
    if gate is not None and person.gates is not None and gate not in person.gates:
        raise ProblemError(409, f'"{name}" has nothing to do with gate "{gate}"; choose somebody who has.')
