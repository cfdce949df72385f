"""`/v1/events`: observations as CloudEvents, one or many, and what the journal has of one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from gatewatch.monitor.observations import Envelope, rejection
from gatewatch.monitor.web.auth import new_router, reach
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.schemas import Answer, Utc
from gatewatch.monitor.web.services import Calling, Serving, caller_of, services_of
from gatewatch.monitor.web.submitting import MOST_ITEMS, Receipts, ReceiptsAnswer, sent_at_of, take_in

router = new_router("observations")

_ONE: Final = "application/cloudevents+json"
_MANY: Final = "application/cloudevents-batch+json"
_EITHER: Final = "application/json"
_EXAMPLE: Final = {
    "specversion": "1.0",
    "id": "000123",
    "source": "huu_nghi/camera/export-out",
    "type": "vehicle.gate_out",
    "time": "2026-01-15T09:30:00+07:00",
    "data": {"gate": "huu_nghi", "direction": "export", "vehicle_class": "fruit", "seq": 123},
}
_ONE_SCHEMA: Final = Envelope.model_json_schema()
_MANY_SCHEMA: Final = {
    "type": "array",
    "maxItems": MOST_ITEMS,
    "items": {},
    "description": "Events; each is answered for itself.",
}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            _ONE: {"schema": _ONE_SCHEMA, "example": _EXAMPLE},
            _MANY: {"schema": _MANY_SCHEMA, "example": [_EXAMPLE]},
            _EITHER: {"schema": {"oneOf": [_ONE_SCHEMA, _MANY_SCHEMA]}, "example": _EXAMPLE},
        },
    },
    "parameters": [
        {
            "name": "X-Sent-At",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "format": "date-time"},
            "description": "The device's clock when it sent: shows how far it is out.",
        }
    ],
}

# What became of a single item is also told by the status; the body is the same as of a batch.
OF_ONE: Final[dict[int | str, dict[str, Any]]] = {
    409: {"model": ReceiptsAnswer, "description": "It conflicts with what its id said before."},
    422: {"model": ReceiptsAnswer, "description": "It is rejected, or not understood."},
}


@router.post(
    "/v1/events",
    response_model=ReceiptsAnswer,
    openapi_extra=_BODY,
    summary="Report observations",
    responses=OF_ONE,
)
async def post_events(request: Request, services: Serving, caller: Calling) -> Response:
    """
    Take in one CloudEvent or a batch of up to 1,000.

    Answered after commit and fsync, one line an item, in order. Sent again, an event is a `duplicate` and counts once.
    A single event that is rejected is answered with 422, one that conflicts with 409; a batch with 200.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {_ONE, _MANY, _EITHER}:
        raise ProblemError(415, f"the content is {kind or 'of no type'}; send {_ONE}, {_MANY} or {_EITHER}.")
    content = _parsed(await request.body())
    if not isinstance(content, list):
        if kind == _MANY:
            raise ProblemError(422, f"a batch is a JSON list; send [ … ], or one event as {_ONE}.")
        receipts = await take_in(services, caller, [content], sent_at_of(request))
        return receipts_response(receipts, is_single=True)
    if kind == _ONE:
        raise ProblemError(422, f"one event is a JSON object; send {{ … }}, or a batch as {_MANY}.")
    if len(content) > MOST_ITEMS:
        raise ProblemError(413, f"the batch has {len(content):,} events; send at most {MOST_ITEMS:,} at once.")
    return receipts_response(await take_in(services, caller, content, sent_at_of(request)))


async def _answered(request: Request) -> Response:
    return await post_events(request, services_of(request), caller_of(request))


SHORT_WAY: Final = {("POST", "/v1/events"): _answered}


def receipts_response(receipts: Receipts, *, is_single: bool = False) -> Response:
    """Return receipts as a response; of a single item the status tells what became of it."""
    status = {"conflict": 409, "rejected": 422}.get(receipts.items[0].status, 200) if is_single else 200
    return Response(receipts.text(), status, media_type="application/json")


def _parsed(body: bytes) -> Any:
    """
    Return what was sent; an event in which a key stands twice comes as its rejection.

    Raises:
        ProblemError: It is no JSON.
    """
    has_doubled = False

    def table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal has_doubled
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        has_doubled = True
        names = [name for name, _ in pairs]
        return _Doubled(found, next(name for name in names if names.count(name) > 1))

    try:
        decoder = json.JSONDecoder(object_pairs_hook=table, parse_constant=_no_number)
        content = decoder.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
    except (ValueError, RecursionError):
        raise ProblemError(422, "the body is no JSON in UTF-8; send one JSON value.") from None
    if not has_doubled:
        return content
    return [_single(item) for item in content] if isinstance(content, list) else _single(content)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


class _Doubled(dict[str, Any]):
    """An object in which a key stands twice: readers differ in which value they take."""

    def __init__(self, found: Mapping[str, Any], key: str) -> None:
        super().__init__(found)
        self.key = key


def _single(event: object) -> object:
    """Return an event, or its rejection where a key stands twice."""
    parts = [event]
    while parts:
        part = parts.pop()
        if isinstance(part, _Doubled):
            return rejection(event, f"{part.key[:40]} stands twice in one object; send each key once.")
        parts += part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return event


class KeptEvent(Answer):
    """An observation in the journal."""

    seq: int
    received_at: Utc
    event: dict[str, Any] = Field(description="The CloudEvent as it is kept.")
    judged_by: dict[str, str] | None = Field(
        description="The correction or void that holds, by `type`, `source` and `id`; null: it stands as it is."
    )


@router.get("/v1/events", response_model=KeptEvent, summary="Read one observation")
def get_event(
    services: Serving,
    caller: Calling,
    source: Annotated[str, Query(min_length=1, max_length=200, description="Its source.")],
    event_id: Annotated[str, Query(alias="id", min_length=1, max_length=200, description="Its id.")],
) -> KeptEvent:
    """Return what the journal has under an identity, and whether a correction holds."""
    entry = services.core.journal.find(source, event_id) if "\x00" not in source + event_id else None
    if entry is None:
        raise ProblemError(404, "the journal has nothing under that source and id; see /v1/quarantine.")
    event = json.loads(entry.body)
    if (gate := event["data"].get("gate")) is not None:
        reach(caller, gate)
    verdict = services.core.projector.read(lambda projection: projection.verdicts.get((source, event_id)))
    judged = None
    if verdict is not None:
        judged = {"type": verdict.type, "source": verdict.source, "id": verdict.id}
    return KeptEvent(seq=entry.seq, received_at=entry.received_at, event=event, judged_by=judged)
