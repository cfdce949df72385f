"""`/healthz`, `/readyz`, `/metrics`: for those who watch the service itself."""

from __future__ import annotations

from typing import Final, Literal

from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import Field
from starlette.responses import Response

from gatewatch.monitor.store import StoreError, migrations
from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.schemas import Answer
from gatewatch.monitor.web.services import Services, Serving

router = new_router("service")

MOST_BEHIND: Final = 5_000  # entries: some seconds of work


class HealthModel(Answer):
    """The process answers."""

    status: Literal["ok"] = "ok"


class ReadyModel(Answer):
    """Whether observations are taken and shown."""

    is_ready: bool
    writes: bool = Field(description="The last transaction did not fail.")
    leads: bool = Field(description="No other core has taken over.")
    follows: bool = Field(description="Live state is at most some seconds behind the journal.")
    is_migrated: bool = Field(description="The store's tables are those of this program.")


@router.get("/healthz", response_model=HealthModel, summary="Ask whether the process answers")
async def get_health() -> HealthModel:
    """Answer."""
    return HealthModel()


@router.get(
    "/readyz",
    response_model=ReadyModel,
    summary="Ask whether observations are taken and shown",
    responses={503: {"model": ReadyModel, "description": "They are not; each answer that is false says why."}},
)
def get_ready(services: Serving) -> Response:
    """Return whether the store is written, this core leads it, live state follows, and the tables are ours."""
    found = _ready(services)
    return Response(found.model_dump_json().encode(), 200 if found.is_ready else 503, media_type="application/json")


@router.get(
    "/metrics",
    response_class=Response,
    summary="Read the service's own figures",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def get_metrics(services: Serving) -> Response:
    """Return counters and gauges in Prometheus' text format."""
    return Response(services.metrics.text(), media_type=CONTENT_TYPE_LATEST)


def _ready(services: Services) -> ReadyModel:
    core = services.core
    health = core.writer.health()
    try:
        with core.store.reading() as connection:
            is_migrated = migrations.current_revision(connection) == migrations.list_revisions()[-1]
        behind = core.journal.last_seq() - core.projector.rev
    except StoreError:
        is_migrated, behind = False, MOST_BEHIND + 1
    writes, follows = health.is_running and health.failure is None, behind <= MOST_BEHIND
    is_ready = writes and health.is_leader and follows and is_migrated
    return ReadyModel(
        is_ready=is_ready, writes=writes, leads=health.is_leader, follows=follows, is_migrated=is_migrated
    )
