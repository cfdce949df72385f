"""Logs: one JSON object a line, or words and colours at a terminal; every request under an id of its own."""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import Processor

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

REQUEST_ID: Final = "x-request-id"
_ID_GIVEN: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
# We tell of the start, the end, each request and each failed job ourselves.
_TALKATIVE: Final = ("uvicorn", "uvicorn.error", "uvicorn.access", "httpx", "httpcore", "apscheduler", "alembic")
# Asked every few seconds, or kept in the journal and counted in /metrics: only what fails is news.
_QUIET_PATHS: Final = frozenset(
    {"/healthz", "/readyz", "/metrics", "/v1/events", "/v1/counts", "/v1/live", "/v1/stream", "/v1/outbox/lease"}
)
# Without the values of variables: a password may be among them.
_TRACEBACKS: Final = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))

_log: Final = structlog.get_logger(__name__)


def set_up_logs(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """
    Send all logs, also those of libraries, to a stream: for people at a terminal, else one JSON object a line.

    Args:
        stream: Where to; without it, the error stream.
        level: The least that is shown.
    """
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if stream.isatty()
        else [_TRACEBACKS, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        library = logging.getLogger(name)
        library.setLevel(logging.WARNING)
        # One that was given its own way out (uvicorn does that unless told otherwise) would be seen twice or elsewhere.
        library.handlers[:], library.propagate = [], True
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )


class RequestLog:
    """
    An ASGI application that logs each request of another one, under an id that its answer carries.

    The id is the caller's `X-Request-Id` when that is a plain word, else a new one; whatever is logged meanwhile
    carries it. The query is left out: it may hold what does not belong into a log.

    Args:
        app: The application.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        started, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [pair for pair in message.get("headers", []) if pair[0].lower() != REQUEST_ID.encode()]
                message["headers"] = [*headers, (REQUEST_ID.encode(), request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, sending)
            finally:
                is_quiet = scope["path"] in _QUIET_PATHS and 200 <= status < 400
                tell = _log.debug if is_quiet else _log.info
                took_ms = round(1_000 * (time.perf_counter() - started), 1)
                tell("request", method=scope["method"], path=scope["path"], status=status, took_ms=took_ms)


def _request_id(scope: Message) -> str:
    for name, value in scope.get("headers", ()):
        if name == REQUEST_ID.encode() and _ID_GIVEN.fullmatch(given := str(value, "latin-1")):
            return given
    return secrets.token_hex(8)
