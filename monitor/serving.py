"""
The core's process: it leads the store, serves on one port, does the jobs, and ends in order.

Run as a program, it takes its settings from the environment. `--supervised` has it end when its standard input does;
for demonstrations `--clock TEXT` runs it on a clock of another speed, `--control DIR` on one whose speed may change.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Final

import structlog
import uvicorn

from gatewatch.config.errors import ConfigError
from gatewatch.monitor.app import create_app
from gatewatch.monitor.core import Core, start_core
from gatewatch.monitor.duties import Backups, BulletinFolder, table
from gatewatch.monitor.feeds.client import IngestClient
from gatewatch.monitor.feeds.clock import RunningClock
from gatewatch.monitor.feeds.control import ControlFolder, ControlledClock
from gatewatch.monitor.jobs import Clock, Jobs, leads
from gatewatch.monitor.lent import tell_notifier
from gatewatch.monitor.logs import RequestLog, set_up_logs
from gatewatch.monitor.processes import with_settings
from gatewatch.monitor.readiness import tell_systemd
from gatewatch.monitor.settings import LOOPBACK, Settings, load_settings
from gatewatch.monitor.store import StoreError, StoreUnavailableError
from gatewatch.monitor.supervisor import DONE, REFUSED, UNAVAILABLE, stop_when_left_alone

PASSWORD_FILE: Final = "first-password.txt"
_BACKLOG: Final = 2_048
_TURN_S: Final = 0.001  # how long a thread that reckons may keep those from running who answer requests [s]
_END_S: Final = 10  # for requests under way, once nothing more is accepted [s]

_log: Final = structlog.get_logger("gatewatch.monitor.serving")


class PortTakenError(Exception):
    """The address cannot be listened on; the message says why and what to do."""


class _Server(uvicorn.Server):
    """
    A server that says when it listens, and lets streams end before it waits for connections.

    Args:
        config: Of uvicorn.
        on_start: Called when it listens.
        before_end: Awaited when it is told to end.
    """

    def __init__(
        self, config: uvicorn.Config, on_start: Callable[[], None], before_end: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(config)
        self._on_start, self._before_end = on_start, before_end

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        tell_systemd("STOPPING=1")
        await self._before_end()
        await super().shutdown(sockets)


def listen(host: str, port: int) -> socket.socket:
    """
    Return a socket bound to an address.

    Raises:
        PortTakenError: It cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's algorithm off on what is accepted: else each answer waits 40 ms.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        found.close()
        said = getattr(error, "strerror", None) or str(error)
        raise PortTakenError(
            f"{host}:{port} cannot be listened on: {said[:1].lower()}{said[1:]}. End the program that uses it, or give "
            "another port with --port or GATEWATCH_PORT; 0 takes any that is free."
        ) from None
    return found


def url_of(host: str, port: int) -> str:
    """
    Return the address at which this machine reaches a service that listens on a host.

    >>> url_of("0.0.0.0", 8000), url_of("::1", 8000)
    ('http://127.0.0.1:8000', 'http://[::1]:8000')
    """
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"


def serve(settings: Settings, now: Clock, has_begun: Callable[[], bool] = lambda: True) -> int:
    """
    Serve until told to end, and return the exit status.

    Args:
        settings: How the service runs.
        now: Its clock, aware UTC.
        has_begun: Whether what is watched has begun, so that rules may be judged.
    """
    # From here on a signal is heard, and acted on as soon as there is something to end.
    told: list[int] = []

    def hear(number: int, _frame: FrameType | None) -> None:
        told.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, hear)
    try:
        with ExitStack() as ending:
            bound = ending.enter_context(listen(settings.host, settings.port))
            core = start_core(settings, now(), clock=now)
            ending.callback(lambda: core.stop(now()))
            if not told and not _serve(core, bound, now, ending, has_begun):
                return REFUSED
    except StoreUnavailableError as error:
        return _refused(error, UNAVAILABLE)
    except (ConfigError, PortTakenError, StoreError) as error:
        return _refused(error, REFUSED)
    _log.info("ended", entries=core.projector.rev)
    return DONE


def _serve(core: Core, bound: socket.socket, now: Clock, ending: ExitStack, has_begun: Callable[[], bool]) -> bool:
    """Serve until told to end; return False when another core has taken over."""
    settings, port = core.settings, int(bound.getsockname()[1])
    url = url_of(settings.host, port)
    app = create_app(core, now, delivery_clock=lambda: datetime.now(UTC))
    hub = app.state.services.hub
    notifier_key = core.register.lend_key("notifier", [], now(), "notifier")

    def on_start() -> None:
        jobs.start()
        tell_notifier(settings.home, url, notifier_key)
        tell_systemd("READY=1")
        _tell_start(core, url)

    config = uvicorn.Config(
        RequestLog(app), loop="uvloop", http="h11", ws="none", lifespan="on", log_config=None, access_log=False,
        server_header=False, date_header=True, backlog=_BACKLOG, proxy_headers=settings.is_behind_tls,
        timeout_graceful_shutdown=_END_S,
    )  # fmt: skip
    server = _Server(config, on_start, hub.stop)
    lost = threading.Event()

    def on_lost() -> None:
        _log.error("another core has taken over; this one ends")
        lost.set()
        server.should_exit = True

    def tick(_: datetime) -> None:
        hub.tell(core.projector.rev)
        tell_systemd("WATCHDOG=1")

    backups = Backups(core, with_settings(settings, os.environ))
    duties = table(core, backups, tick, _bulletins(core, url, now), has_begun)
    jobs = Jobs(duties, now, lambda: leads(core.writer), on_lost)
    app.state.jobs = jobs.states
    ending.callback(jobs.stop)
    ending.callback(backups.stop)
    server.run([bound])
    return not lost.is_set()


def _bulletins(core: Core, url: str, now: Clock) -> BulletinFolder | None:
    folder = core.settings.bulletin_folder
    if folder is None:
        return None
    sources = [source for source, feed in core.feeds.items() if feed.kind == "bulletin"]
    key = core.register.lend_key("folder of bulletins", sources, now())
    return BulletinFolder(folder, IngestClient(url, key, now), core.border)


def _tell_start(core: Core, url: str) -> None:
    _log.info("serving", url=url, store=str(core.store), entries=core.projector.rev)
    if core.settings.host not in LOOPBACK:
        _log.warning("other machines reach this service", host=core.settings.host, tls=core.settings.is_behind_tls)
    if core.first_password is not None:
        _tell_password(core.first_password, core.settings.home)


def _tell_password(password: str, home: Path) -> None:
    """Show the first password once: to a person at a terminal, else in a file that only the service's user reads."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\n  First account: admin   password: {password}\n  It is shown this once.\n\n")
        sys.stdout.flush()
        return
    path = home / PASSWORD_FILE
    home.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{password}\n")
    _log.warning("first account made: admin; its password is in a file: sign in, change it, remove the file",
                 file=str(path))  # fmt: skip


def _refused(error: Exception, status: int) -> int:
    sys.stderr.write(f"{error}\n")
    return status


def main(arguments: Sequence[str]) -> int:
    """Serve with the settings of the environment, and return the exit status."""
    os.umask(0o077)  # what is kept is read by the service's user alone
    sys.setswitchinterval(_TURN_S)
    set_up_logs()
    if "--supervised" in arguments:
        stop_when_left_alone()
    now: Clock = lambda: datetime.now(UTC)  # noqa: E731 - one clock or another
    has_begun: Callable[[], bool] = lambda: True  # noqa: E731 - only a demonstration's past is told while it serves
    if "--clock" in arguments:
        now = RunningClock.from_text(arguments[arguments.index("--clock") + 1]).now
    if "--control" in arguments:
        control = ControlFolder(Path(arguments[arguments.index("--control") + 1]))
        now, has_begun = ControlledClock(control).now, control.has_begun
    try:
        settings = load_settings()
    except ConfigError as error:
        return _refused(error, REFUSED)
    return serve(settings, now, has_begun)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
