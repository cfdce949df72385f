"""A service that browsers can reach: an application on a port of its own, over the border of `borders`."""

from __future__ import annotations

import socket
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import uvicorn

from gatewatch.monitor.access import Role
from gatewatch.monitor.app import create_app
from gatewatch.monitor.core import Core, start_core
from gatewatch.monitor.serving import listen
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.web.auth import cookie_name
from gatewatch.monitor.web.stream_hub import Pace
from tests.dashboards.borders import NOW, tell
from tests.monitor.web.sites import EASY

SOON_S = 60.0
QUICK = Pace(least_s=0.2, most_s=2.0, beat_s=1.0)
PASSWORD = "four words of nothing"
NAMES: dict[Role, str] = {
    "viewer": "lan", "operator": "minh", "coordinator": "huong", "planner": "tuan", "admin": "binh"
}  # fmt: skip


class LiveSite:
    """
    A core that stays, and a server over it that can be stopped and started again on the same port.

    Args:
        home: Where everything is kept.
        is_told: Whether the morning of `borders` has happened.
        pace: How often the stream's clients hear something; by default faster than in earnest.
        is_running: Whether its clock runs; else it stands still until `pass_by`.
    """

    def __init__(self, home: Path, pace: Pace = QUICK, *, is_told: bool = True, is_running: bool = False) -> None:
        self._pace = pace
        self._began = time.monotonic() if is_running else None
        self._passed = timedelta(0)
        settings = load_settings({}, home=home, requests_per_minute=1_000_000, simulated=True)
        self.core: Core = start_core(settings, NOW, EASY)
        for role, name in NAMES.items():
            self.core.register.add_account(name, role, None, PASSWORD, "test", NOW)
        if is_told:
            tell(self.core)
            for minutes in range(40, -1, -10):  # alerts wait until what they tell of has lasted
                self.core.watch.evaluate(NOW - timedelta(minutes=minutes))
        self.told = self.core.projector.rev
        self._port = 0
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.start()

    @property
    def now(self) -> datetime:
        """What its clock shows."""
        running = timedelta(0) if self._began is None else timedelta(seconds=time.monotonic() - self._began)
        return NOW + self._passed + running

    def pass_by(self, minutes: float) -> None:
        """Let time go by, or back."""
        self._passed += timedelta(minutes=minutes)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._port}"

    def session(self, role: Role) -> dict[str, str]:
        """Return the cookie of a session just begun."""
        begun = self.core.register.sign_in(NAMES[role], PASSWORD, "127.0.0.1", self.now)
        assert begun is not None
        return {cookie_name(is_behind_tls=False): begun.token}

    def start(self) -> None:
        """Serve, on the port that it had before."""
        bound = listen("127.0.0.1", self._port)
        self._port = bound.getsockname()[1]
        app = create_app(self.core, lambda: self.now, self._pace)
        config = uvicorn.Config(app, log_level="error", lifespan="on", ws="none", timeout_graceful_shutdown=15)
        self._server = server = _Server(config, app.state.services.hub.stop)
        self._thread = threading.Thread(target=self._serve, args=(server, bound), daemon=True)
        self._thread.start()
        assert server.is_up.wait(SOON_S)

    @staticmethod
    def _serve(server: _Server, bound: socket.socket) -> None:
        try:
            server.run([bound])
        finally:
            bound.close()

    def stop(self) -> None:
        """Serve nobody; streams end and the port refuses."""
        assert self._server is not None
        assert self._thread is not None
        self._server.should_exit = True
        self._thread.join(SOON_S)
        assert not self._thread.is_alive()
        self._server = self._thread = None

    def close(self) -> None:
        """Have it gone."""
        if self._server is not None:
            self.stop()
        self.core.stop()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, before_end: object) -> None:
        super().__init__(config)
        self.is_up = threading.Event()
        self._before_end = before_end

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._before_end()  # type: ignore[operator]
        await super().shutdown(sockets)

    def install_signal_handlers(self) -> None:
        """Leave signals to the tests."""
