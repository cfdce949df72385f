"""A small HTTP/1.1 client that costs little beside the service it loads, and streams as a screen reads them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Connection:
    """One connection that is kept open."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Return status and body of the answer to a request."""
        self.writer.write(request)
        await self.writer.drain()
        head = await self.reader.readuntil(b"\r\n\r\n")
        status, headers = int(head[9:12]), head.lower()
        at = headers.index(b"content-length:")
        length = int(headers[at + 15 : headers.index(b"\r", at)])
        return status, await self.reader.readexactly(length)


async def connect(host: str, port: int) -> Connection:
    """Return a connection to a service."""
    return Connection(*await asyncio.open_connection(host, port, limit=1 << 24))


def request_bytes(method: str, path: str, key: str, body: bytes = b"") -> bytes:
    """Return a request as it is sent."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
    kind = "application/cloudevents-batch+json" if body[:1] == b"[" else "application/cloudevents+json"
    told = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{head}{told}\r\n".encode() + body


@dataclass(slots=True)
class Measured:
    """How long each request took from the time at which it was meant to be sent [s], and all of them [s]."""

    waits_s: list[float] = field(default_factory=list)
    seconds: float = 0.0
    n_refused: int = 0

    def ms(self, share: float) -> float:
        """Return the wait that a share of the requests did not exceed [ms]."""
        ordered = sorted(self.waits_s)
        return 1_000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def load(
    host: str,
    port: int,
    requests: list[bytes],
    connections: int,
    per_s: float | None = None,
    stop: asyncio.Event | None = None,
) -> Measured:
    """
    Send requests over a number of connections, and return what was measured.

    Args:
        host: Of the service.
        port: Of the service.
        requests: What is sent, in order.
        connections: How many are under way at most.
        per_s: How many a second are meant to be sent, whatever the answers take; without it, one after the other on
            each connection, as fast as they are answered.
        stop: Ends it before all are sent.
    """
    found, upcoming = Measured(), iter(enumerate(requests))
    open_ones = [await connect(host, port) for _ in range(connections)]
    started = time.perf_counter()

    async def work(connection: Connection) -> None:
        for number, request in upcoming:
            due = time.perf_counter() if per_s is None else started + number / per_s
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            if stop is not None and stop.is_set():
                return
            status, _ = await connection.ask(request)
            found.waits_s.append(time.perf_counter() - due)
            found.n_refused += status != 200

    await asyncio.gather(*(work(connection) for connection in open_ones))
    found.seconds = time.perf_counter() - started
    for connection in open_ones:
        connection.writer.close()
        await connection.writer.wait_closed()
    return found


async def listen(host: str, port: int, key: str, hear: Callable[[int, float], None]) -> None:
    """Read a stream until cancelled, and tell each event's revision with the time at which it was whole."""
    connection = await connect(host, port)
    connection.writer.write(request_bytes("GET", "/v1/stream", key))
    await connection.writer.drain()
    rev = 0
    try:
        while line := await connection.reader.readline():
            if line.startswith(b"id:"):
                rev = int(line[3:])
            elif line.startswith(b"data:"):
                hear(rev, time.perf_counter())
    finally:
        connection.writer.close()
