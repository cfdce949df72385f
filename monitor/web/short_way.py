"""A short way for requests that come by the hundred: past the framework, through the same door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gatewatch.monitor.web.auth import guarded

Handle = Callable[[Request], Awaitable[Response]]


class ShortWay:
    """
    Answers some routes without looking for them among all others, and without reading their parameters.

    Who may do what, how much and how often is decided as for every other route; the route itself stays where the
    documentation finds it.

    Args:
        app: What answers everything else.
        of: The application, for the answers to its errors.
        handles: What answers, by method and path.
    """

    def __init__(self, app: ASGIApp, of: FastAPI, handles: Mapping[tuple[str, str], Handle]) -> None:
        self._app, self._of = app, of
        self._handles: Final = {(method, path): guarded(handle, path) for (method, path), handle in handles.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        handle = self._handles.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if handle is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive, send)
        try:
            response = await handle(request)
        except Exception as error:
            answers = self._of.exception_handlers
            answer = next((answers[kind] for kind in type(error).__mro__ if kind in answers), None)
            if answer is None:
                raise
            told = answer(request, error)
            response = told if isinstance(told, Response) else await told
        await response(scope, receive, send)
