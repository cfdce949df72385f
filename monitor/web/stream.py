"""`/v1/stream`: live state and alerts as server-sent events."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated

from fastapi import Header
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gatewatch.monitor.web.auth import caller_at_door, new_router
from gatewatch.monitor.web.problems import ProblemError, wait_headers
from gatewatch.monitor.web.services import Calling, Services, Serving
from gatewatch.monitor.web.stream_hub import Client, Hub, TooManyClientsError

router = new_router("live state")

_RETRY: bytes = b"retry: 3000\n\n"


class StreamResponse(Response):
    """
    Sends a client what the hub has for him, until he goes, does not read in time, or the hub ends.

    Args:
        hub: Where he listens.
        client: He.
    """

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, client: Client) -> None:
        super().__init__(headers={"x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._hub, self._client = hub, client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI asks
        """Serve the stream."""
        gone = asyncio.create_task(_until_gone(receive))
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await self._hub.greet(self._client)
            await self._pump(send, gone)
        finally:
            self._hub.leave(self._client)
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone

    async def _pump(self, send: Send, gone: asyncio.Task[None]) -> None:
        pace, chunk = self._hub.pace, _RETRY
        while True:
            try:
                message = {"type": "http.response.body", "body": chunk, "more_body": True}
                async with asyncio.timeout(pace.patience_s):
                    await send(message)
            except (TimeoutError, OSError):
                return  # he does not read: the server closes the connection
            following = asyncio.create_task(self._client.next(pace.beat_s))
            await asyncio.wait({following, gone}, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                following.cancel()
                return
            found = await following
            if found is None:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            chunk = found


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@router.get(
    "/v1/stream",
    response_class=Response,
    summary="Follow live state",
    responses={
        200: {
            "description": "Events `live`, each with `id: <rev>` and the JSON of GET /v1/live in one line, `alerts` "
            "with the JSON of GET /v1/alerts, and `beat`.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def get_stream(
    request: Request,
    services: Serving,
    caller: Calling,
    last_event_id: Annotated[
        str | None, Header(alias="Last-Event-ID", description="The last revision seen; browsers send it by themselves.")
    ] = None,
) -> Response:
    """
    Follow live state: whole snapshots, at most one a second and at least one every 15 s, events `beat` between them.

    Alerts come whole as well, at the beginning, after each evaluation and after each deed of a person. After a lost
    connection the present snapshot is sent at once, unless it is the one seen last. A client that does not read in
    time is dropped and may come again.
    """
    last_rev = int(last_event_id) if last_event_id and last_event_id.isdecimal() and len(last_event_id) < 17 else None
    client = Client(caller.gates, lambda: _may_stay(request, services), last_rev)
    try:
        services.hub.join(client)
    except TooManyClientsError:
        raise ProblemError(503, "too many follow the stream; try again later.", headers=wait_headers(10)) from None
    return StreamResponse(services.hub, client)


@router.get("/wall/stream", response_class=Response, include_in_schema=False)
async def get_wall_stream(request: Request, services: Serving, caller: Calling) -> Response:
    """Follow live state on a wall; the key of a wall opens this and nothing else."""
    return await get_stream(request, services, caller, None)


def _may_stay(request: Request, services: Services) -> bool:
    """Return whether the key or session that the stream was opened with still opens it."""
    return caller_at_door(request, services) is not None
