"""`/v1/alerts`: what is wrong now, and what was."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import Path, Query
from starlette.responses import Response

from gatewatch.monitor.access import Caller
from gatewatch.monitor.core import Core
from gatewatch.monitor.store.alert_book import KeptAlert
from gatewatch.monitor.store.outbox import Outbox
from gatewatch.monitor.watch.board import RECENT
from gatewatch.monitor.watch.quality import judge_quality
from gatewatch.monitor.web import alert_views as views
from gatewatch.monitor.web.alert_schemas import AlertDetail, AlertsModel, QualityModel
from gatewatch.monitor.web.auth import new_router, reach
from gatewatch.monitor.web.services import Calling, Services, Serving

router = new_router("alerts")

_MOST: int = 500

AlertId = Annotated[str, Path(alias="id", max_length=100, description="Alert.")]


@router.get("/v1/alerts", response_model=AlertsModel, summary="List alerts")
def get_alerts(
    services: Serving,
    caller: Calling,
    state: Annotated[
        Literal["active", "recent"],
        Query(description="active: what waits, fires or recovers; recent: what ended within seven days, 500 at most."),
    ] = "active",
) -> Response:
    """
    Return the alerts of the gates that the caller may see, with those of the province and of the service.

    What cannot be judged at present stands under `doubts`: a list without alerts and with doubts is no good news.
    """
    watch, now = services.core.watch, services.clock()
    board = watch.board
    if state == "active":
        return Response(alerts_text(services.core, now).text(caller.gates), media_type="application/json")
    found = watch.book.resolved(now - RECENT, _MOST)
    counts = Outbox(services.core.store).counts([kept.id for kept in found])
    text = views.listed(board, found, counts, caller.gates, now).model_dump_json().encode()
    return Response(text, media_type="application/json")


@router.get("/v1/alerts/quality", response_model=QualityModel, summary="Read how good the alarms are")
def get_quality(
    services: Serving,
    caller: Calling,
    days: Annotated[int, Query(ge=1, le=366, description="Length of the period up to now [days].")] = 7,
) -> QualityModel:
    """
    Return the figures of EEMUA 191 and ISA-18.2 for the alarms of the last days, of the gates the caller may see.

    Few: alerts per operator hour and floods. Lasting: what chatters, what stands for days. Looked after: how many were
    acknowledged, and how soon. And useful: what people said of the alerts of each rule.
    """
    watch, ends = services.core.watch, services.clock()
    begins = ends - timedelta(days=days)
    found = [kept for kept in watch.book.of_period(begins, ends) if views.may_see(kept.gate, caller.gates)]
    acknowledged, useful = watch.book.first_acknowledged(begins), watch.book.found_useful(begins)
    judged = judge_quality(found, acknowledged, begins, ends, useful)
    counts = Outbox(services.core.store).counts([kept.id for kept in judged.stale])
    return views.quality(judged, watch.board, counts, caller.gates, ends)


@router.get("/v1/alerts/{id}", response_model=AlertDetail, summary="Read an alert")
def get_alert(services: Serving, caller: Calling, alert_id: AlertId) -> AlertDetail:
    """Return an alert with its timeline, also one that has ended."""
    kept = services.core.watch.find(alert_id)
    see(caller, kept)
    return detail_of(services, kept)


def see(caller: Caller, kept: KeptAlert) -> None:
    """
    Let a caller see an alert.

    Raises:
        ProblemError: Its gate is outside his scope.
    """
    if kept.gate is not None:
        reach(caller, kept.gate)


def detail_of(services: Services, kept: KeptAlert) -> AlertDetail:
    """Return an alert with its timeline."""
    watch = services.core.watch
    messages = Outbox(services.core.store).of_alert(kept.id)
    return views.detail(watch.board, kept, watch.book.timeline(kept.id), messages, services.clock())


def alerts_text(core: Core, now: datetime) -> views.AlertsText:
    """Return the active alerts as they are sent."""
    board = core.watch.board
    return views.AlertsText(board, Outbox(core.store).counts(board.alerts), now)
