"""What every response carries, and what is answered when we are at fault ourselves."""

from __future__ import annotations

from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gatewatch.monitor.web.problems import answer

_log: Final = structlog.get_logger(__name__)

CONTENT_POLICY: Final = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_UNLESS_TOLD: Final = {"cache-control": "no-store"}
_HTTPS_ONLY: Final = "max-age=31536000"


class Headers:
    """
    Puts the security headers on every response, and answers 500 for what nobody caught.

    Args:
        app: What is wrapped.
        is_behind_tls: Browsers are told to come by https only.
    """

    def __init__(self, app: ASGIApp, *, is_behind_tls: bool = False) -> None:
        self._app = app
        headers = {**HEADERS, **({"strict-transport-security": _HTTPS_ONLY} if is_behind_tls else {}), **_UNLESS_TOLD}
        self._headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_begun = False

        async def send_with(message: Message) -> None:
            nonlocal is_begun
            if message["type"] == "http.response.start":
                is_begun = True
                told = message.setdefault("headers", [])
                names = {name for name, _ in told}
                message["headers"] = [*told, *(pair for pair in self._headers if pair[0] not in names)]
            await send(message)

        try:
            await self._app(scope, receive, send_with)
        except Exception:
            _log.exception("a request failed", method=scope["method"], path=scope["path"])
            if is_begun:
                raise
            response = answer(500, "something is wrong with the service itself; its log says what. Tell an admin.")
            await response(scope, receive, send_with)
