"""`/v1/counts`: counters that speak no CloudEvents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.events import receipts_response
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.services import Calling, Serving
from gatewatch.monitor.web.submitting import MOST_ITEMS, ReceiptsAnswer, sent_at_of, take_in

router = new_router("observations")

_KINDS: Final = {"interval": "count.interval", "cumulative": "count.cumulative"}
_NOT_DATA: Final = frozenset({"source", "id", "kind", "time"})
_PLACE: Final = ("kind", "gate", "direction", "what", "stage", "yard", "vehicle_class", "from", "to", "time")
_EXAMPLE: Final[dict[str, Any]] = {
    "source": "huu_nghi/counter/export-out",
    "kind": "interval",
    "gate": "huu_nghi",
    "direction": "export",
    "what": "gate_out",
    "from": "2026-01-15T09:00:00+07:00",
    "to": "2026-01-15T09:15:00+07:00",
    "value": 11,
}


class Counts(BaseModel):
    """Counts to take in."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"items": [_EXAMPLE]}]})

    items: list[Any] = Field(
        json_schema_extra={"maxItems": MOST_ITEMS},
        description="Objects with source, kind (`interval` or `cumulative`), gate, direction, what, value, and from "
        "and to, or time for a reading. An id is made from all but the value where none is given.",
    )


@router.post("/v1/counts", response_model=ReceiptsAnswer, summary="Report counts")
async def post_counts(request: Request, counts: Counts, services: Serving, caller: Calling) -> Response:
    """
    Take in interval counts and readings of cumulative counters, without the envelope.

    The same point and time under another value is a `conflict`: give it an id of its own and correct the first one.
    """
    if len(counts.items) > MOST_ITEMS:
        raise ProblemError(413, f"there are {len(counts.items):,} counts; send at most {MOST_ITEMS:,} at once.")
    return receipts_response(await take_in(services, caller, [_event(c) for c in counts.items], sent_at_of(request)))


def _event(count: object) -> object:
    """Return the CloudEvent of a count; what it lacks is told when that is read."""
    if not isinstance(count, Mapping):
        return count
    kind = count.get("kind")
    at = count.get("time") or (count.get("to") if kind == "interval" else None)
    return {
        "specversion": "1.0",
        "id": count.get("id") or _id_of(count),
        "source": count.get("source"),
        "type": _KINDS.get(kind, f"count.{kind}") if isinstance(kind, str) else None,
        "time": at,
        "data": {key: value for key, value in count.items() if key not in _NOT_DATA},
    }


def _id_of(count: Mapping[str, Any]) -> str:
    """Return an id for a point and time, so that the same count sent again is the same event."""
    text = json.dumps([count.get(key) for key in _PLACE], sort_keys=True)
    return f"count-{hashlib.sha256(text.encode()).hexdigest()[:32]}"
