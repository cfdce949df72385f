"""The stream: revisions, resuming, comments, and clients that do not read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from gatewatch.monitor.web.stream_hub import Client, Hub, Pace, Picture
from tests.monitor.web.sites import SOON_S, Site, Visitor, passage

QUICK = Pace(least_s=0.0, most_s=60.0, beat_s=60.0, patience_s=60.0)


@dataclass
class Listener:
    """A client of the application, by ASGI itself: no client library hands on a response that does not end."""

    site: Site
    headers: dict[str, str]
    status: int = 0
    got: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    reading: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        """Ask for the stream, and read it as long as one wants to."""
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/v1/stream",
            "raw_path": b"/v1/stream",
            "query_string": b"",
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in self.headers.items()],
            "client": ("10.0.0.2", 1),
            "server": ("127.0.0.1", 8000),
        }
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if not asked:
                asked = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await self.gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                return
            await self.reading.wait()
            self.got.put_nowait(message["body"])

        await self.site.app(scope, receive, send)

    async def live(self) -> tuple[int, dict[str, Any]]:
        """Return revision and content of the next snapshot."""
        while True:
            chunk = await self.next()
            if b"event: live" in chunk:
                lines = dict(line.split(": ", 1) for line in chunk.decode().strip().splitlines())
                return int(lines["id"]), json.loads(lines["data"])

    async def alerts(self) -> dict[str, Any]:
        """Return the content of the next word about alerts."""
        while True:
            chunk = await self.next()
            if chunk.startswith(b"event: alerts"):
                found: dict[str, Any] = json.loads(chunk.decode().split("data: ", 1)[1])
                return found

    async def next(self) -> bytes:
        """Return what comes next."""
        async with asyncio.timeout(SOON_S):
            return await self.got.get()


@asynccontextmanager
async def listening(site: Site, visitor: Visitor, **more: str) -> AsyncIterator[Listener]:
    """Listen to the stream; one is gone afterwards."""
    headers = {"authorization": visitor.client.headers["authorization"]}
    listener = Listener(site, {**headers, **{name.replace("_", "-"): value for name, value in more.items()}})
    listener.reading.set()
    task = asyncio.create_task(listener.listen())
    yield listener
    listener.gone.set()
    async with asyncio.timeout(SOON_S):
        await task


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """A site whose stream tells at once."""
    return make_site(QUICK)


def test_one_is_told_the_present_state_and_then_every_change(site: Site) -> None:
    """A snapshot at once, with its revision as id; the next one when something has come."""
    device, viewer = site.holder("device", sources=["camera/out"]), site.holder("viewer")

    async def story() -> list[Any]:
        async with listening(site, viewer) as listener:
            first = await listener.next(), await listener.live()
            await device.client.post("/v1/events", json=passage())
            return [*first, await listener.live()]

    retry, before, after = site.run(story())

    assert retry == b"retry: 3000\n\n"
    assert (before[0], after[0]) == (0, 1)
    assert [flow["gate"] for flow in after[1]["flows"]] == ["north", "south"]
    assert after[1]["flows"][0]["cleared_today"]["value"] == 1
    assert site.app.state.services.hub.n_clients == 0


def test_after_a_lost_connection_one_goes_on_from_the_revision_seen(site: Site) -> None:
    """Who has seen the present revision is sent the next one; who has seen an older one is sent the present."""
    device, viewer = site.holder("device", sources=["camera/out"]), site.holder("viewer")
    device.post("/v1/events", passage(1))
    site.follow(1)

    async def story() -> tuple[int, int, int]:
        async with listening(site, viewer, last_event_id="0") as behind:
            present, _ = await behind.live()
        async with listening(site, viewer, last_event_id="1") as abreast, listening(site, viewer) as other:
            await other.live()
            retry = await abreast.next()
            greeting = await abreast.next()  # of the alerts alone
            waiting = abreast.got.qsize()
            assert retry.startswith(b"retry")
            assert greeting.startswith(b"event: alerts")
            await device.client.post("/v1/events", json=passage(2))
            return present, waiting, (await abreast.live())[0]

    assert site.run(story()) == (1, 0, 2)


def test_one_sees_the_gates_of_his_scope(site: Site) -> None:
    """One snapshot is taken for all, and each is sent his part."""
    viewer = site.holder("viewer", gates=["south"])

    async def story() -> Any:
        async with listening(site, viewer) as listener:
            return (await listener.live())[1]

    assert {flow["gate"] for flow in site.run(story())["flows"]} == {"south"}


def test_a_key_that_is_revoked_hears_nothing_more(site: Site) -> None:
    """The stream ends with the right to it."""
    device, viewer = site.holder("device", sources=["camera/out"]), site.holder("viewer")
    (key_id,) = (key.id for key in site.core.register.api_keys() if key.role == "viewer")

    async def story() -> bytes:
        async with listening(site, viewer) as listener:
            await listener.alerts()
            await asyncio.to_thread(site.core.register.revoke_key, key_id, "test", site.now)
            await device.client.post("/v1/events", json=passage())
            return await listener.next()

    assert site.run(story()) == b""


def test_a_client_that_does_not_read_is_dropped_and_the_others_are_served(make_site: Callable[..., Site]) -> None:
    """His connection ends; nobody waits for him."""
    site = make_site(Pace(least_s=0.0, most_s=60.0, beat_s=60.0, patience_s=0.02))
    device, viewer = site.holder("device", sources=["camera/out"]), site.holder("viewer")

    async def story() -> tuple[bool, int]:
        slow = Listener(site, {"authorization": viewer.client.headers["authorization"]})
        task = asyncio.create_task(slow.listen())
        async with listening(site, viewer) as listener:
            await listener.live()
            await device.client.post("/v1/events", json=passage())
            rev, _ = await listener.live()
            async with asyncio.timeout(SOON_S):
                await task
        return slow.got.empty(), rev

    assert site.run(story()) == (True, 1)


def test_silence_is_filled_with_comments(make_site: Callable[..., Site]) -> None:
    """A proxy that sees nothing would close the connection."""
    site = make_site(Pace(least_s=0.0, most_s=60.0, beat_s=0.01, patience_s=60.0))
    viewer = site.holder("viewer")

    async def story() -> list[bytes]:
        async with listening(site, viewer) as listener:
            await listener.alerts()
            return [await listener.next() for _ in range(2)]

    assert site.run(story()) == [b"event: beat\ndata: {}\n\n"] * 2
    assert Pace().beat_s <= 5


def test_a_snapshot_comes_now_and_then_though_nothing_has_happened(make_site: Callable[..., Site]) -> None:
    """Ages grow, gates open: the same revision is sent again."""
    site = make_site(Pace(least_s=0.0, most_s=0.01, beat_s=60.0, patience_s=60.0))
    viewer = site.holder("viewer")

    async def story() -> list[int]:
        async with listening(site, viewer) as listener:
            return [(await listener.live())[0] for _ in range(3)]

    assert site.run(story()) == [0, 0, 0]
    assert (Pace().least_s, Pace().most_s) == (1.0, 15.0)


@dataclass(frozen=True)
class Numbered:
    """A snapshot that only has a number."""

    rev: int

    def text(self, _gates: frozenset[str] | None) -> bytes:
        """Return it as JSON."""
        return b"{}"


@dataclass
class Written:
    """One that counts how often it is written out."""

    rev: int
    n_written: int = 0

    def text(self, _gates: frozenset[str] | None) -> bytes:
        """Return it as JSON."""
        self.n_written += 1
        return b'{"large": true}'


def test_a_picture_is_written_once_for_all_who_see_the_same() -> None:
    """Two hundred screens share one text, byte for byte the same object; another scope has its own."""
    update, north = Written(7), frozenset({"north"})

    async def story() -> list[bytes | None]:
        hub = Hub(lambda: update, QUICK, lambda: Numbered(1))
        clients = [Client(gates, lambda: True, None) for gates in (*[None] * 200, north)]
        for client in clients:
            hub.join(client)
        hub.start()
        hub.tell(7)
        found = [await client.next(SOON_S) for client in clients]
        await hub.stop()
        return found

    *first, other = asyncio.run(story())

    assert first[0] == b'id: 7\nevent: live\ndata: {"large": true}\n\n'
    assert all(event is first[0] for event in first)
    assert other == first[0]
    assert update.n_written == 2


def test_what_only_goes_on_with_the_clock_keeps_no_news_waiting() -> None:
    """A tick or an evaluation just before a post would put its picture off by the whole pace: here, an hour."""
    rev = 1

    async def story() -> list[bytes | None]:
        nonlocal rev
        hub = Hub(lambda: Numbered(rev), Pace(3_600.0, 7_200.0, 7_200.0, 60.0), lambda: Numbered(9))
        client = Client(None, lambda: True, None)
        hub.join(client)
        await hub.greet(client)
        greeting = [await client.next(SOON_S) for _ in range(2)]
        hub.start()
        hub.tell(1)
        tick = await client.next(SOON_S)
        hub.tell_alerts(9)
        evaluation = await client.next(SOON_S)
        rev = 2
        hub.tell(2)
        news = await client.next(SOON_S)
        await hub.stop()
        return [*greeting, tick, evaluation, news]

    live, alerts = b"id: %d\nevent: live\ndata: {}\n\n", b"event: alerts\ndata: {}\n\n"

    assert asyncio.run(story()) == [live % 1, alerts, live % 1, alerts, live % 2]


def test_a_picture_that_cannot_be_taken_ends_no_stream() -> None:
    """The next news are sent, and with them the alerts that the failed picture was to tell of."""
    tries: list[int] = []

    def take() -> Numbered:
        tries.append(len(tries))
        if len(tries) == 1:
            raise RuntimeError("no state")
        return Numbered(8)

    async def story() -> list[bytes | None]:
        hub = Hub(take, QUICK, lambda: Numbered(3))
        client = Client(None, lambda: True, None)
        hub.join(client)
        hub.start()
        hub.tell(7)
        hub.tell_alerts(3)
        async with asyncio.timeout(SOON_S):
            while not tries:
                await asyncio.sleep(0)
        hub.tell(8)
        found = [await client.next(SOON_S) for _ in range(2)]
        await hub.stop()
        return found

    assert asyncio.run(story()) == [b"id: 8\nevent: live\ndata: {}\n\n", b"event: alerts\ndata: {}\n\n"]


def test_a_full_queue_ends_a_client() -> None:
    """Eight messages may wait for a client; with the ninth he is dropped."""

    async def story() -> tuple[list[bool], bytes | None]:
        hub = Hub(lambda: Numbered(1), QUICK, lambda: Numbered(1))
        client = Client(None, lambda: True, None)
        hub.join(client)
        taken = [client.offer(Picture(Numbered(rev), is_live=True)) for rev in range(1, 10)]
        hub.leave(client)
        return taken, await client.next(SOON_S)

    assert asyncio.run(story()) == ([True] * 8 + [False], None)


def test_ending_the_service_ends_every_stream(site: Site) -> None:
    """Otherwise the server would wait for them for ever."""
    viewer = site.holder("viewer")

    async def story() -> bytes:
        async with listening(site, viewer) as listener:
            await listener.alerts()
            await site.app.state.services.hub.stop()
            return await listener.next()

    assert site.run(story()) == b""
