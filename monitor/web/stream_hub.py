"""
The stream's hub: live state and alerts taken once for all clients, each with a short queue.

Who does not keep up is dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

MOST_CLIENTS: Final = 1_000
_MOST_QUEUED: Final = 8
_log: Final = structlog.get_logger(__name__)


class Update(Protocol):
    """Something to be sent: a snapshot of live state, or the alerts."""

    @property
    def rev(self) -> int:
        """Its revision: of live state, the last journal entry that it rests on."""
        ...

    def text(self, gates: frozenset[str] | None) -> bytes:
        """Return it as JSON in one line, for who may see these gates."""
        ...


class Picture:
    """
    An update as it is sent, made once for all who may see the same gates.

    Args:
        update: What is sent.
        is_live: Live state, with its revision as the event's id; else alerts, which carry theirs themselves.
    """

    def __init__(self, update: Update, *, is_live: bool) -> None:
        self.rev = update.rev
        self._update = update
        self._head = b"id: %d\nevent: live\ndata: " % update.rev if is_live else b"event: alerts\ndata: "
        self._events: dict[frozenset[str] | None, bytes] = {}

    def event(self, gates: frozenset[str] | None) -> bytes:
        """Return the event for who may see these gates."""
        known = self._events.get(gates)
        if known is None:
            known = self._events[gates] = b"%s%s\n\n" % (self._head, self._update.text(gates))
        return known


@dataclass(frozen=True, slots=True)
class Pace:
    """
    How often clients hear something.

    Args:
        least_s: From a snapshot that told something new to the next at least [s]; what only goes on with the clock, and
            alerts, keep nobody waiting.
        most_s: Between two snapshots at most [s].
        beat_s: After so long without anything a beat is sent [s]; pages look frozen after ten.
        patience_s: How long a client may take to read one message [s].
    """

    least_s: float = 1.0
    most_s: float = 15.0
    beat_s: float = 4.0
    patience_s: float = 10.0


class TooManyClientsError(Exception):
    """No further client can be served."""


class Client:
    """
    One who listens.

    Args:
        gates: What he may see.
        may_stay: Asked before each snapshot: whether he still may.
        last_rev: What he has seen already, after a lost connection.
    """

    def __init__(self, gates: frozenset[str] | None, may_stay: Callable[[], bool], last_rev: int | None) -> None:
        self.gates, self._may_stay, self._last_rev = gates, may_stay, last_rev
        self.rev: int | None = None  # of what he was offered last
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(_MOST_QUEUED)

    def offer(self, picture: Picture) -> bool:
        """Queue a snapshot; return False for one who does not keep up, or may not stay."""
        last_rev, self._last_rev, self.rev = self._last_rev, None, picture.rev
        if not self._may_stay():
            return False
        if picture.rev == last_rev:
            return True
        return self._put(picture.event(self.gates))

    def offer_alerts(self, picture: Picture) -> bool:
        """Queue the alerts; return False for one who does not keep up."""
        return self._put(picture.event(self.gates))

    def _put(self, message: bytes) -> bool:
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            return False
        return True

    def end(self) -> None:
        """Let him read nothing more."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    async def next(self, beat_s: float) -> bytes | None:
        """Return what to send next, a beat when there was nothing for a while, or None at the end."""
        try:
            async with asyncio.timeout(beat_s):
                return await self._queue.get()
        except TimeoutError:
            return b"event: beat\ndata: {}\n\n"


class Hub:
    """
    Sends snapshots and alerts to all clients.

    Args:
        take: Returns the snapshot of now; called on a worker thread, once for all clients.
        pace: How often.
        take_alerts: Returns the alerts of now, in the same way.
    """

    def __init__(self, take: Callable[[], Update], pace: Pace, take_alerts: Callable[[], Update]) -> None:
        self.pace = pace
        self._take, self._take_alerts = take, take_alerts
        self._is_due = self._has_news_of_alerts = False
        self._rev: int | None = None  # the last that was told
        self._clients: set[Client] = set()
        self._changed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_stopping = False

    @property
    def n_clients(self) -> int:
        """Clients that listen."""
        return len(self._clients)

    @property
    def is_stopping(self) -> bool:
        """Whether streams are to end."""
        return self._is_stopping

    def start(self) -> None:
        """Begin to send, on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End every client's stream."""
        self._is_stopping = True
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        for client in list(self._clients):
            self.leave(client)

    def tell(self, _rev: int) -> None:
        """Hear that there is something new; from any thread."""
        self._is_due = True
        self._wake()

    def tell_alerts(self, _rev: int) -> None:
        """Hear that there is news of alerts; from any thread."""
        self._has_news_of_alerts = True
        self._wake()

    def _wake(self) -> None:
        if self._loop is not None and not self._is_stopping:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                self._loop.call_soon_threadsafe(self._changed.set)

    def join(self, client: Client) -> None:
        """
        Let a client listen; he is sent the present snapshot and the alerts first, unless he has seen the snapshot.

        Raises:
            TooManyClientsError: There are too many already, or the service ends.
        """
        if len(self._clients) >= MOST_CLIENTS or self._is_stopping:
            raise TooManyClientsError
        self._clients.add(client)

    async def greet(self, client: Client) -> None:
        """Send a client that has joined the present snapshot and the alerts."""
        live, alerts = await asyncio.to_thread(self._taken, {client.gates})
        assert live is not None
        assert alerts is not None
        self._rev = live.rev if self._rev is None else self._rev
        if client not in self._clients:
            return
        has_it = client.rev is not None and client.rev >= live.rev  # one for all was faster
        if not ((has_it or client.offer(live)) and client.offer_alerts(alerts)):
            self.leave(client)

    def leave(self, client: Client) -> None:
        """Send a client nothing more."""
        self._clients.discard(client)
        client.end()

    async def _run(self) -> None:
        assert self._loop is not None
        last = self._loop.time()
        news = last - self.pace.least_s  # when a snapshot last told something new
        while not self._is_stopping:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(last + self.pace.most_s):
                    await self._changed.wait()
            await asyncio.sleep(max(0.0, news + self.pace.least_s - self._loop.time()))
            self._changed.clear()
            now = self._loop.time()
            is_due, self._is_due = self._is_due or now >= last + self.pace.most_s, False
            has_news, self._has_news_of_alerts = self._has_news_of_alerts, False
            if is_due:
                last = now
            if self._clients:
                try:
                    sent = await self._send(is_live=is_due, is_alerts=has_news)
                except Exception:  # noqa: BLE001 - whatever it is, the next picture may be had again
                    self._is_due |= is_due
                    self._has_news_of_alerts |= has_news
                    _log.exception("nothing was streamed")
                    continue
                if sent is not None and sent != self._rev:
                    self._rev, news = sent, now

    async def _send(self, *, is_live: bool, is_alerts: bool) -> int | None:
        """Send all clients a snapshot, the alerts, or both, and return the snapshot's revision."""
        present = frozenset(self._clients)  # who comes from here on is greeted, perhaps with the same
        scopes = {client.gates for client in present}
        live, alerts = await asyncio.to_thread(self._taken, scopes, is_live=is_live, is_alerts=is_alerts)
        for client in list(self._clients):
            has_it = live is not None and client not in present and client.rev == live.rev
            is_served = live is None or has_it or client.offer(live)
            if not (is_served and (alerts is None or client.offer_alerts(alerts))):
                self.leave(client)
        return None if live is None else live.rev

    def _taken(
        self, scopes: Iterable[frozenset[str] | None], *, is_live: bool = True, is_alerts: bool = True
    ) -> tuple[Picture | None, Picture | None]:
        """Return the pictures of now, written out for some scopes: that is no work for the loop."""
        live = Picture(self._take(), is_live=True) if is_live else None
        alerts = Picture(self._take_alerts(), is_live=False) if is_alerts else None
        for picture in filter(None, (live, alerts)):
            for gates in scopes:
                picture.event(gates)
        return live, alerts
