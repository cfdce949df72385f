"""A site to ask: an application over a core of its own, on a clock that stands still until it is moved."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI

from gatewatch.monitor.access import Passwords, Role
from gatewatch.monitor.app import create_app
from gatewatch.monitor.core import Core
from gatewatch.monitor.web.stream_hub import Pace
from tests.monitor.stories import BORDER, clock

SOON_S = 20.0
EASY = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))  # fast, for tests only
TWO_GATES = BORDER.model_copy(update={"gates": {**BORDER.gates, "south": BORDER.gates["north"]}})


class Site:
    """An application and those who ask it; one request at a time, on one event loop."""

    def __init__(self, core: Core, pace: Pace | None = None) -> None:
        self.core = core
        self.now = clock("10:00")
        self.app: FastAPI = create_app(core, lambda: self.now, pace)
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self.run(self._stack.enter_async_context(self.app.router.lifespan_context(self.app)))

    def run(self, work: Any) -> Any:
        """Return what a coroutine gives."""
        return self._runner.run(work)

    def close(self) -> None:
        """End the application."""
        self.run(self._stack.aclose())
        self._runner.close()

    def visitor(self, key: str | None = None, address: str = "10.0.0.1") -> Visitor:
        """Return somebody who comes with a key, or with nothing."""
        return Visitor(self, key, address)

    def holder(
        self, role: Role, gates: list[str] | None = None, sources: list[str] | None = None, address: str = "10.0.0.1"
    ) -> Visitor:
        """Return somebody who comes with a key just made for him."""
        text, _ = self.core.register.make_key(role, role, gates, sources, None, "test", self.now)
        return self.visitor(text, address)

    def pass_by(self, **length: float) -> None:
        """Let time go by."""
        self.now += timedelta(**length)

    def follow(self, seq: int) -> None:
        """Wait until live state knows an entry."""
        assert self.core.projector.wait_for(seq, SOON_S)


class Visitor:
    """Somebody who asks, with his key and his cookies."""

    def __init__(self, site: Site, key: str | None, address: str) -> None:
        self.site = site
        transport = httpx.ASGITransport(app=site.app, client=(address, 40_000))
        headers = {"authorization": f"Bearer {key}"} if key is not None else {}
        self.client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=headers)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Return the answer to a request."""
        response: httpx.Response = self.site.run(self.client.request(method, path, **more))
        return response

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Return the answer to GET."""
        return self.ask("GET", path, **more)

    def post(self, path: str, content: Any = None, **more: Any) -> httpx.Response:
        """Return the answer to POST, by default of JSON."""
        return self.ask("POST", path, **({"json": content} if content is not None else {}), **more)


def passage(number: object = 1, source: str = "camera/out", at: datetime | None = None, **data: Any) -> dict[str, Any]:
    """Return a clearance at the gate `north`."""
    return {
        "specversion": "1.0",
        "id": str(number),
        "source": source,
        "type": "vehicle.gate_out",
        "time": (at or clock("9:30")).isoformat(),
        "data": {"gate": "north", "direction": "export", **data},
    }
