"""What went wrong, as problem+json (RFC 9457): a title, what was found, and what to do."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gatewatch.monitor.access import LockedOutError, NotKnownError, RefusedError
from gatewatch.monitor.observations.fields import without_unprintable
from gatewatch.monitor.simulations.catalogue import NotKnownYetError
from gatewatch.monitor.simulations.pool import FullError
from gatewatch.monitor.store import BusyError, StoreError

MEDIA_TYPE: Final = "application/problem+json"
TITLES: Final[Mapping[int, str]] = {
    401: "Not signed in",
    403: "Not allowed",
    404: "Not here",
    405: "Not that way",
    409: "In conflict",
    413: "Too large",
    415: "Not this kind of content",
    422: "Not understood",
    429: "Too many requests",
    500: "Our fault",
    503: "Not now",
}
_BUSY_S: Final = 2
_UNAVAILABLE_S: Final = 10
_MOST_REASONS: Final = 20


class ProblemError(HTTPException):
    """A request that is refused: status, a sentence with the remedy, and headers."""

    def __init__(
        self, status: int, detail: str, reasons: Sequence[str] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.reasons = list(reasons)


def wait_headers(wait_s: float) -> dict[str, str]:
    """Return the header that says when to try again [s]."""
    return {"Retry-After": str(max(1, math.ceil(wait_s)))}


def answer(status: int, detail: str, reasons: Sequence[str] = (), headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem as a response."""
    content: dict[str, Any] = {
        "type": f"/docs#problem-{status}",
        "title": TITLES.get(status, "Refused"),
        "status": status,
        "detail": without_unprintable(detail),
    }
    if reasons:
        content["reasons"] = [without_unprintable(reason) for reason in reasons[:_MOST_REASONS]]
    return Response(json.dumps(content).encode(), status, headers, MEDIA_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Have every refusal of an application told as a problem."""
    app.exception_handler(ProblemError)(_problem)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(StoreError)(_store)
    app.exception_handler(LockedOutError)(_locked_out)
    app.exception_handler(NotKnownError)(_not_known)
    app.exception_handler(RefusedError)(_refused)
    app.exception_handler(FullError)(_full)
    app.exception_handler(NotKnownYetError)(_not_yet)


async def _problem(_request: Request, error: ProblemError) -> Response:
    return answer(error.status_code, error.detail, error.reasons, error.headers)


async def _http(request: Request, error: HTTPException) -> Response:
    if error.status_code == 400:  # the framework could not read the body
        return answer(422, "the body cannot be read; send it whole, in the content type that its header names.")
    details = {
        404: f"there is nothing at {request.url.path[:200]}; /docs lists what there is.",
        405: f"{request.method} is not possible here; the header Allow says what is.",
    }
    return answer(error.status_code, details.get(error.status_code, str(error.detail)), headers=error.headers)


async def _invalid(_request: Request, error: RequestValidationError) -> Response:
    reasons = list(dict.fromkeys(_reason(detail) for detail in error.errors()))
    return answer(422, "the request is not understood; see reasons.", reasons)


def _reason(detail: Mapping[str, Any]) -> str:
    """Return a sentence for a mistake: where, and what is expected; what was sent is not told, it may be a secret."""
    place = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "json_invalid":
        return "the body is no JSON; send one JSON value."
    expected = str(detail.get("ctx", {}).get("error", detail["msg"]))
    return f"{place[:200]}: {expected[:1].lower()}{expected[1:400]}."


async def _store(_request: Request, error: StoreError) -> Response:
    wait_s = _BUSY_S if isinstance(error, BusyError) else _UNAVAILABLE_S
    return answer(503, str(error), headers=wait_headers(wait_s))


async def _locked_out(_request: Request, error: LockedOutError) -> Response:
    return answer(429, str(error), headers=wait_headers(error.wait_s))


async def _not_known(_request: Request, error: NotKnownError) -> Response:
    return answer(404, str(error))


async def _refused(_request: Request, error: RefusedError) -> Response:
    return answer(409, str(error))


async def _full(_request: Request, error: FullError) -> Response:
    return answer(429, str(error), headers=wait_headers(_UNAVAILABLE_S))


async def _not_yet(_request: Request, error: NotKnownYetError) -> Response:
    return answer(503, str(error), headers=wait_headers(_BUSY_S))
