"""`/v1/quarantine`: observations that do not count, kept for people to judge."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field

from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.schemas import Answer, Utc
from gatewatch.monitor.web.services import Calling, Serving

router = new_router("observations")


class QuarantinedModel(Answer):
    """An observation that does not count."""

    number: int
    cause: Literal["conflict", "refused"]
    reason: str
    source: str
    id: str
    received_at: Utc = Field(description="The first time it came.")
    event: dict[str, Any]


class QuarantineModel(Answer):
    """What is kept apart, in the order it came."""

    items: list[QuarantinedModel]
    next_after: int | None = Field(description="Ask for what follows with this as `after`; null at the end.")


@router.get("/v1/quarantine", response_model=QuarantineModel, summary="Read what does not count")
def get_quarantine(
    services: Serving,
    caller: Calling,
    after: Annotated[int, Query(ge=0, le=2**53 - 1, description="Only what follows this number.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000, description="At most so many.")] = 100,
    order: Annotated[
        Literal["came", "newest"], Query(description="As it came, or from the newest back; then there is no next page.")
    ] = "came",
) -> QuarantineModel:
    """Return conflicts (another content under a known id) and refusals (a time in the future), with the reason."""
    found = services.core.journal.quarantined(after, limit, newest_first=order == "newest")
    items = [
        QuarantinedModel(
            number=kept.number, cause=kept.cause, reason=kept.reason, source=kept.source, id=kept.id,
            received_at=kept.received_at, event=event,
        )
        for kept in found
        if caller.may_reach((event := json.loads(kept.body))["data"].get("gate"))
    ]  # fmt: skip
    has_more = len(found) == limit and order == "came"
    return QuarantineModel(items=items, next_after=found[-1].number if has_more else None)
