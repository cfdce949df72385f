"""What people report by hand: counts, lanes, sides of a gate, hours. Small forms; each is one observation."""

from __future__ import annotations

import hashlib
import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Header
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gatewatch.monitor.access import Caller
from gatewatch.monitor.observations import CalendarChange, Facts, GateState, LaneState, QueueReading, instant_text
from gatewatch.monitor.observations.fields import Name
from gatewatch.monitor.observations.instants import Instant
from gatewatch.monitor.store import Deed
from gatewatch.monitor.web.auth import new_router, reach
from gatewatch.monitor.web.events import OF_ONE, receipts_response
from gatewatch.monitor.web.services import Address, Calling, Services, Serving
from gatewatch.monitor.web.submitting import ReceiptsAnswer, take_in_of_person

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[\x20-\x7e]+$",
        description="The same key again is the same report, whatever happened to the answer.",
    ),
]  # fmt: skip
At = Annotated[Instant | None, Field(description="When; without it, now.")]
ReportId = Annotated[Name | None, Field(description="As the header Idempotency-Key.")]


class HandCount(QueueReading):
    """A count made by a person."""

    at: At = None
    id: ReportId = None


class LaneReport(LaneState):
    """A lane opens or closes."""

    at: At = None
    id: ReportId = None


class GateReport(GateState):
    """A side of a gate opens, shuts, or takes only vehicles registered before."""

    at: At = None
    id: ReportId = None


class HoursReport(CalendarChange):
    """Other hours on one day."""

    at: At = None
    id: ReportId = None


Report = HandCount | LaneReport | GateReport | HoursReport

counts = new_router("reports by hand")
lanes = new_router("reports by hand")
gates = new_router("reports by hand")
ROUTERS: tuple[APIRouter, ...] = (counts, lanes, gates)


@counts.post("/v1/hand-counts", response_model=ReceiptsAnswer, responses=OF_ONE, summary="Report a count made by hand")
async def post_hand_count(
    body: HandCount, services: Serving, caller: Calling, address: Address, key: Key = None
) -> Response:
    """Take in how many vehicles stand at a gate: the reckoning of the backlog starts from it anew."""
    return await _report("queue.observed", body, key, services, caller, address)


@lanes.post("/v1/lanes/state", response_model=ReceiptsAnswer, responses=OF_ONE, summary="Report a lane open or closed")
async def post_lane(
    body: LaneReport, services: Serving, caller: Calling, address: Address, key: Key = None
) -> Response:
    """Take in that a lane opens or closes."""
    return await _report("lane.state", body, key, services, caller, address)


@gates.post("/v1/gates/state", response_model=ReceiptsAnswer, responses=OF_ONE, summary="Report a side open or shut")
async def post_gate(
    body: GateReport, services: Serving, caller: Calling, address: Address, key: Key = None
) -> Response:
    """Take in that a side of a gate opens, shuts, or takes only vehicles registered before."""
    return await _report("gate.state", body, key, services, caller, address)


@gates.post("/v1/gates/hours", response_model=ReceiptsAnswer, responses=OF_ONE, summary="Report other hours on one day")
async def post_hours(
    body: HoursReport, services: Serving, caller: Calling, address: Address, key: Key = None
) -> Response:
    """Take in other hours of a side on one day, such as an extension agreed with the other side."""
    return await _report("calendar.changed", body, key, services, caller, address)


async def _report(
    kind: str, body: Report, key: str | None, services: Services, caller: Caller, address: str
) -> Response:
    reach(caller, body.gate)
    source = f"{body.gate}/person"
    event_id = _id_of(caller, kind, key or body.id)
    at = body.at
    if at is None:
        kept = await run_in_threadpool(services.core.journal.find, source, event_id)
        at = services.clock() if kept is None else kept.occurred_at  # sent again, it is the same report
    facts = _facts(body)
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": kind,
        "time": instant_text(at),
        "data": facts,
    }
    deed = Deed(caller.id, kind, f"{source} {event_id}", facts, address)
    return receipts_response(await take_in_of_person(services, caller, event, deed), is_single=True)


def _facts(body: Facts) -> dict[str, Any]:
    return body.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"at", "id"})


def _id_of(caller: Caller, kind: str, key: str | None) -> str:
    """Return the id of a report: of the caller's key, so that nobody meets another's; it names no person."""
    if key is None:
        return f"hand-{secrets.token_hex(16)}"
    text = "\n".join((caller.id, kind, key))
    return f"hand-{hashlib.sha256(text.encode()).hexdigest()[:32]}"
