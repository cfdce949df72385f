"""`/v1/silences`: alerts that are kept quiet, for a reason and until an instant."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from gatewatch.monitor.access import Caller
from gatewatch.monitor.alerting import Matcher, parse_matcher
from gatewatch.monitor.store.alert_book import KeptSilence
from gatewatch.monitor.watch import By
from gatewatch.monitor.watch.board import RECENT
from gatewatch.monitor.web import alert_views as views
from gatewatch.monitor.web.alert_schemas import NewSilence, SilenceModel, SilencesModel
from gatewatch.monitor.web.auth import new_router, reach
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.services import Address, Calling, Serving

router = new_router("alerts")

SilenceId = Annotated[str, Path(alias="id", max_length=64, description="Silence.")]
_LABELS = frozenset({"alertname", "about", "gate", "direction", "source", "subject"})


@router.get("/v1/silences", response_model=SilencesModel, summary="List silences")
def get_silences(services: Serving, caller: Calling) -> SilencesModel:
    """Return the silences that are in force or ended within seven days, as far as they may concern the caller."""
    now = services.clock()
    found = services.core.watch.book.silences(now - RECENT)
    return SilencesModel(
        silences=[views.silence(kept, now) for kept in found if _concerns(kept.silence.matchers, caller)]
    )


@router.post("/v1/silences", response_model=SilenceModel, status_code=201, summary="Keep alerts quiet")
def post_silence(body: NewSilence, services: Serving, caller: Calling, address: Address) -> SilenceModel:
    """
    Keep the alerts that match quiet: they show on the screens and are told to nobody.

    It always ends by itself. One who is bound to gates names one of them: `gate="…"`.
    """
    matchers = _parsed(body.matchers)
    _check_scope(matchers, caller)
    now = services.clock()
    made = services.core.watch.silence(matchers, body.reason.strip(), body.until, By(caller.id, address), now)
    return views.silence(KeptSilence(made), now)


@router.delete("/v1/silences/{id}", response_model=SilenceModel, summary="End a silence")
def delete_silence(silence_id: SilenceId, services: Serving, caller: Calling, address: Address) -> SilenceModel:
    """End a silence before its time."""
    watch, now = services.core.watch, services.clock()
    _check_scope(watch.find_silence(silence_id).matchers, caller)
    ended = watch.end_silence(silence_id, By(caller.id, address), now)
    return views.silence(KeptSilence(ended, caller.id), now)


def _parsed(texts: list[str]) -> list[Matcher]:
    found, reasons = [], []
    for n, text in enumerate(texts):
        try:
            matcher = parse_matcher(text)
        except ValueError as error:
            reasons.append(f"body.matchers.{n}: {error}.")
            continue
        found.append(matcher)
        if matcher.name not in _LABELS:
            known = ", ".join(sorted(_LABELS))
            reasons.append(f'body.matchers.{n}: no alert has a label "{matcher.name}"; labels are {known}.')
    if reasons:
        raise ProblemError(422, "the matchers are not understood; see reasons.", reasons)
    return found


def _gates(matchers: tuple[Matcher, ...] | list[Matcher]) -> set[str]:
    """Return the gates that a silence is bound to; none when it may concern any."""
    return {one.value for one in matchers if one.name == "gate" and one.operator == "=" and one.value}


def _check_scope(matchers: tuple[Matcher, ...] | list[Matcher], caller: Caller) -> None:
    """
    Look whether a caller may keep quiet what matches.

    Raises:
        ProblemError: It is, or may be, outside his scope.
    """
    if caller.gates is None:
        return
    gates = _gates(matchers)
    if not gates:
        mine = ", ".join(sorted(caller.gates)) or "none"
        raise ProblemError(403, f'{caller.id} is bound to gates: add the matcher gate="…" with one of {mine}.')
    for gate in sorted(gates):
        reach(caller, gate)


def _concerns(matchers: tuple[Matcher, ...], caller: Caller) -> bool:
    gates = _gates(matchers)
    return caller.gates is None or not gates or bool(gates & caller.gates)
