"""The ingest over HTTP, seen from a feed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, get_args

import httpx

from gatewatch.config.errors import one_fault
from gatewatch.monitor.feeds.delivery import Event, NotNowError, RefusedError, TooLargeError
from gatewatch.monitor.observations import instant_text
from gatewatch.monitor.store import Receipt
from gatewatch.monitor.store.journal import Status

DEFAULT_URL: Final = "http://127.0.0.1:8000"
_TIMEOUT_S: Final = 30.0
_LONGEST_ASKED_S: Final = 3_600.0
_REMEDIES: Final[Mapping[int, str]] = {
    HTTPStatus.UNAUTHORIZED: "Give the API key of this feed with --key-file.",
    HTTPStatus.FORBIDDEN: "The key may not report for this source or gate; ask for one that may.",
    HTTPStatus.NOT_FOUND: "Give the address of the service itself with --url, without a path.",
}


class IngestClient:
    """
    Posts events to a service.

    Args:
        url: Address of the service, without a path.
        key: API key; without it none is sent.
        now: The clock of the feed, told with every batch so that the service sees when it goes wrong.
        transport: What carries requests; without it, the network.

    Raises:
        ConfigError: The address is none.
    """

    def __init__(
        self,
        url: str,
        key: str | None,
        now: Callable[[], datetime],
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url, self._now = _checked(url), now
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(base_url=self.url, headers=headers, timeout=_TIMEOUT_S, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._client.close()

    def post(self, events: Sequence[Event]) -> list[Receipt]:
        """
        Return a receipt for each event, in order, when they are durable; `Sink.post` over HTTP.

        Raises:
            NotNowError: No connection, 429 or a fault of the server; post the same again.
            RefusedError: Any other answer.
        """
        headers = {
            "Content-Type": "application/cloudevents-batch+json",
            "X-Sent-At": instant_text(self._now().astimezone(UTC)),
        }
        try:
            body = json.dumps(list(events), separators=(",", ":"))
            answer = self._client.post("/v1/events", content=body, headers=headers)
        except httpx.TransportError as error:
            raise NotNowError(f"{self.url} does not answer ({_said(error)}).") from None
        if answer.status_code == HTTPStatus.OK:
            return self._receipts(answer, len(events))
        told = f"{self.url} answers {answer.status_code}: {_detail(answer)}"
        if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or answer.is_server_error:
            raise NotNowError(told, self._after_s(answer))
        if answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise TooLargeError(told)
        if answer.is_redirect:
            raise RefusedError(f"{told} It moved to {answer.headers.get('location', 'nowhere')}; give that with --url.")
        raise RefusedError(f"{told} {_REMEDIES.get(answer.status_code, '')}".strip())

    def _receipts(self, answer: httpx.Response, n: int) -> list[Receipt]:
        try:
            items = answer.json()["items"]
            receipts = [_receipt(item) for item in items]
        except (ValueError, KeyError, TypeError):
            receipts = []
        if len(receipts) != n:
            raise RefusedError(f"{self.url} answers what no ingest of Gatewatch answers; give its address with --url.")
        return receipts

    def _after_s(self, answer: httpx.Response) -> float | None:
        """Return what Retry-After asks for, in seconds or as a date [s]."""
        text = answer.headers.get("retry-after", "")
        try:
            seconds = float(text)
        except ValueError:
            try:
                seconds = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
            except (ValueError, TypeError):
                return None
        return min(max(seconds, 0.0), _LONGEST_ASKED_S) if seconds == seconds else None  # noqa: PLR0124 - not a number


def read_key(path: Path | None) -> str | None:
    """
    Return the API key in a file; None without a file.

    Raises:
        ConfigError: The file cannot be read or holds no key.
    """
    if path is None:
        return None
    try:
        key = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise one_fault("--key-file", "", f'"{path}"', f"not readable: {error.strerror}") from None
    except UnicodeDecodeError:
        key = ""
    if not key or not key.isprintable() or " " in key:
        raise one_fault("--key-file", "", f'"{path}"', "write the API key into it, on one line and nothing else")
    return key


def _checked(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise one_fault("--url", "", f'"{url}"', f"write an address such as {DEFAULT_URL}")
    return url.rstrip("/")


def _receipt(item: Mapping[str, Any]) -> Receipt:
    if item["status"] not in get_args(Status):
        raise ValueError(item["status"])
    seq = item.get("seq")
    reasons = tuple(str(reason) for reason in item.get("reasons") or ())
    return Receipt(item["status"], seq if isinstance(seq, int) else None, reasons)


def _detail(answer: httpx.Response) -> str:
    """Return what a problem document says, or the name of the status."""
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    said = problem.get("detail") or problem.get("title") if isinstance(problem, dict) else None
    text = str(said or answer.reason_phrase or "no reason given").strip()
    return text if text.endswith(".") else f"{text}."


def _said(error: httpx.TransportError) -> str:
    return str(error).strip().removesuffix(".") or type(error).__name__
