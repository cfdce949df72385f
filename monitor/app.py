"""The composition root of the HTTP side: the one place that connects routes, core and clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI

from gatewatch.monitor.access import Buckets
from gatewatch.monitor.core import Core
from gatewatch.monitor.job_state import JobState
from gatewatch.monitor.web import (
    alert_deeds,
    alerts,
    assets,
    audits,
    bulletins,
    calendars,
    counts,
    curves,
    demo,
    docs,
    events,
    forecast_table,
    forecasts,
    hand_reports,
    health,
    history,
    keys,
    live,
    outbox,
    outlooks,
    plans,
    playback,
    preferences,
    quarantine,
    rule_settings,
    rule_suggestions,
    runs,
    sessions,
    shifts,
    silences,
    stream,
    upkeep,
    users,
    walls,
)
from gatewatch.monitor.web.bulletin_upload import Uploads
from gatewatch.monitor.web.description import describe
from gatewatch.monitor.web.handover import Handover
from gatewatch.monitor.web.headers import Headers
from gatewatch.monitor.web.live import LiveTexts
from gatewatch.monitor.web.metrics import Metrics
from gatewatch.monitor.web.page import Screens
from gatewatch.monitor.web.pages import list_pages, page_routers
from gatewatch.monitor.web.problems import add_handlers
from gatewatch.monitor.web.services import Clock, Services
from gatewatch.monitor.web.short_way import ShortWay
from gatewatch.monitor.web.stream_hub import Hub, Pace
from gatewatch.monitor.web.tail import Tail

ROUTERS = (
    events.router,
    counts.router,
    bulletins.router,
    *hand_reports.ROUTERS,
    live.router,
    curves.router,
    stream.router,
    alerts.router,
    alert_deeds.router,
    silences.router,
    history.router,
    quarantine.router,
    runs.router,
    rule_settings.router,
    rule_suggestions.router,
    plans.router,
    playback.router,
    forecasts.router,
    forecast_table.router,
    outlooks.router,
    calendars.router,
    shifts.router,
    outbox.router,
    sessions.router,
    users.router,
    keys.router,
    audits.router,
    demo.router,
    upkeep.router,
    health.router,
    docs.router,
    assets.router,
    preferences.router,
    walls.router,
)


def utc_now() -> datetime:
    """Return the time, aware UTC."""
    return datetime.now(UTC)


def create_app(
    core: Core, clock: Clock = utc_now, pace: Pace | None = None, delivery_clock: Clock | None = None
) -> FastAPI:  # fmt: skip
    """
    Return the application of a started core.

    Args:
        core: Store, writer, projector, register; the caller stops it after the server.
        clock: Says the time, aware UTC.
        pace: How often the stream's clients hear something.
        delivery_clock: Of leases and tries of messages, which no demonstration makes faster; without it, `clock`.
    """
    texts = LiveTexts(core)
    hub = Hub(
        lambda: texts.take(clock()),
        pace or Pace(),
        lambda: alerts.alerts_text(core, clock()),
    )
    core.projector.listen(hub.tell)
    core.watch.listen(hub.tell_alerts)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        hub.start()
        yield
        await hub.stop()

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    screens = Screens(assets.Assets(), tuple(page for page, _ in list_pages()))
    metrics = Metrics(core, lambda: hub.n_clients, clock)
    app.state.services = Services(
        core, clock, Buckets(core.settings.requests_per_minute), hub, metrics, screens, Tail(clock()),
        Handover(core.writer),
    )  # fmt: skip
    app.state.jobs = list[JobState]  # none, until somebody does them
    app.state.uploads = Uploads()
    app.state.delivery_clock = delivery_clock or clock
    for router in (*ROUTERS, *page_routers()):
        app.include_router(router)
    add_handlers(app)
    app.add_middleware(ShortWay, of=app, handles=events.SHORT_WAY)
    is_behind_tls = core.settings.is_behind_tls
    app.add_middleware(Headers, is_behind_tls=is_behind_tls)
    app.openapi = _once(app, is_behind_tls=is_behind_tls)  # type: ignore[method-assign] # as FastAPI tells to
    return app


def _once(app: FastAPI, *, is_behind_tls: bool) -> Any:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app, is_behind_tls=is_behind_tls)
        return app.openapi_schema

    return openapi
