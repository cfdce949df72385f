"""A line of the log is one JSON object, and says which request it belongs to; what may hold a plate is left out."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import structlog
import uvicorn.config
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gatewatch.monitor.logs import RequestLog, set_up_logs


def answer(request: Request) -> PlainTextResponse:
    """Log something and answer; some requests fail."""
    structlog.get_logger("ours").info("working")
    if request.url.path == "/fails":
        raise ValueError("broken")
    return PlainTextResponse("fine", headers={"X-Request-Id": "not this one"})


Ask = Callable[..., httpx.Response]


@pytest.fixture
def stream() -> io.StringIO:
    """Where the log goes; no terminal."""
    return io.StringIO()


@pytest.fixture
def ask(stream: io.StringIO) -> Iterator[Ask]:
    """Ask an application behind the log, with logs as the service sets them up; they are put back afterwards."""
    root, before = logging.getLogger(), (logging.getLogger().handlers[:], logging.getLogger().level)
    logging.config.dictConfig(uvicorn.config.LOGGING_CONFIG)
    set_up_logs(stream)
    app = RequestLog(Starlette(routes=[Route(path, answer) for path in ("/v1/users", "/healthz", "/fails")]))

    async def get(path: str, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://gatewatch") as client:
            return await client.get(path, headers=headers)

    yield lambda path, request_id=None: asyncio.run(get(path, {"X-Request-Id": request_id} if request_id else {}))
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """Return what was logged, each line read as JSON."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_everything_logged_in_a_request_carries_its_id(ask: Ask, stream: io.StringIO) -> None:
    """So does the answer: who reports a fault can be found in the log."""
    given = ask("/v1/users?plate=12A-34567", "board-17")
    made = [ask("/v1/users").headers["x-request-id"] for _ in range(2)]
    logged = lines(stream)

    assert given.headers["x-request-id"] == "board-17"
    assert [line["request_id"] for line in logged] == ["board-17"] * 2 + [made[0]] * 2 + [made[1]] * 2
    assert made[0] != made[1]
    assert {key: logged[1][key] for key in ("event", "method", "path", "status", "level")} == {
        "event": "request", "method": "GET", "path": "/v1/users", "status": 200, "level": "info",
    }  # fmt: skip
    assert "12A-34567" not in json.dumps(logged)


def test_an_id_that_is_no_plain_word_is_replaced(ask: Ask, stream: io.StringIO) -> None:
    """A caller can neither write lines of his own into the log nor fill it."""
    for given in ('x" , "level": "fatal', "a" * 65):
        found = ask("/v1/users", given).headers["x-request-id"]

        assert found != given
        assert len(found) == 16
    assert len(lines(stream)) == 4


def test_what_is_asked_every_few_seconds_is_not_logged(ask: Ask, stream: io.StringIO) -> None:
    """Health is asked by machines; only a bad answer is news."""
    ask("/healthz")

    assert [line["event"] for line in lines(stream)] == ["working"]


def test_a_request_that_fails_is_logged_with_its_status(ask: Ask, stream: io.StringIO) -> None:
    """The answer says 500, and so does the log."""
    ask("/fails")

    assert [(line["path"], line["status"]) for line in lines(stream) if line["event"] == "request"] == [("/fails", 500)]


@pytest.mark.usefixtures("ask")
def test_libraries_log_in_the_same_form(stream: io.StringIO) -> None:
    """A line of uvicorn or SQLAlchemy is JSON too, also after it was set up to go another way."""
    logging.getLogger("uvicorn.error").error("Exception in %s", "app")
    logging.getLogger("uvicorn.error").info("Started server process")
    (line,) = lines(stream)

    assert (line["event"], line["level"], line["logger"]) == ("Exception in app", "error", "uvicorn.error")


@pytest.mark.usefixtures("ask")
def test_a_fault_is_logged_without_the_values_of_variables(stream: io.StringIO) -> None:
    """A password may be among them."""
    password = "correct horse"
    try:
        int(password)
    except ValueError:
        structlog.get_logger("ours").exception("job failed")
    (line,) = lines(stream)

    assert line["exception"][0]["exc_type"] == "ValueError"
    assert "locals" not in line["exception"][0]["frames"][0]
