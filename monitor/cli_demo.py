"""The demonstration: the service over a simulated border, each in a process of its own, on one clock."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import httpx
import typer
from rich.console import Console
from rich.table import Table

from gatewatch.config.errors import one_fault
from gatewatch.config.terminal import telling_faults
from gatewatch.monitor.access import Role
from gatewatch.monitor.core import Core, start_core
from gatewatch.monitor.feeds.clock import RunningClock
from gatewatch.monitor.feeds.control import Control, ControlFolder, demo_folder
from gatewatch.monitor.logs import set_up_logs
from gatewatch.monitor.processes import programs, with_settings
from gatewatch.monitor.serving import PortTakenError, listen, url_of
from gatewatch.monitor.settings import Settings, load_settings
from gatewatch.monitor.store import StoreError, open_store
from gatewatch.monitor.store.condition import condition_of
from gatewatch.monitor.supervisor import REFUSED, Program, Supervisor

SESSION_H = 24 * 31
HISTORY_DAYS = 2  # enough open hours to know what each gate can do
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_BEGINS = clock_time(7, 30)  # both sides of most gates have just opened
_FEED = "import typer; from gatewatch.monitor.cli_feed import feed; typer.run(feed)"
_TOLD_EVERY_S, _ASKED_EVERY_S = 10.0, 0.5


@dataclass(frozen=True)
class _Prepared:
    """What a demonstration needs to know before it starts."""

    clock: RunningClock
    feed_key: str
    viewer_key: str
    password: str | None


def demo(
    home: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder to keep; without it, a new one that is thrown away.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port; 0 takes any that is free.")] = 8_000,
    speed: Annotated[float, typer.Option(min=0.01, max=3_600, help="Seconds of the border in one of ours.")] = 60.0,
    scenario: Annotated[str, typer.Option(help="Scenario that is played.")] = "h1_2025",
    days: Annotated[int, typer.Option(min=1, max=60, help="Days to play; each takes two seconds to prepare.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Root seed of every stream.")] = 1,
) -> None:
    """Run the monitor over a simulated live border, with everything in one folder, until Ctrl-C."""
    os.umask(0o077)
    set_up_logs()
    with telling_faults(), ExitStack() as stack:
        folder = home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gatewatch-demo-")))
        settings = demo_settings(folder, _free_port(port))
        try:
            prepared = _prepare(settings, speed, is_new=home is None)
        except StoreError as error:
            raise one_fault("--home", "", f'"{folder}"', str(error).rstrip(".")) from None
        url = url_of(settings.host, settings.port)
        board = threading.Thread(target=_tell, args=(url, prepared, folder, speed), daemon=True)
        board.start()
        status = Supervisor(_programs(settings, prepared, url, scenario, days, seed, speed)).run()
        if status == REFUSED:
            typer.echo(_last_words(folder), err=True)
        sys.exit(status)


def demo_settings(folder: Path, port: int) -> Settings:
    """Return how a demonstration is served; a session ends by its clock, and must not within minutes of ours."""
    return load_settings({}, home=folder, port=port, simulated=True, session_hours=SESSION_H)


def _free_port(port: int) -> int:
    try:
        with listen("127.0.0.1", port) as bound:
            return int(bound.getsockname()[1])
    except PortTakenError as error:
        raise one_fault("--port", "", str(port), str(error).rstrip(".")) from None


def _prepare(settings: Settings, speed: float, *, is_new: bool) -> _Prepared:
    """Make the accounts and keys of a demonstration, before anything is served."""
    clock = _clock(settings, speed, is_new=is_new)
    core = start_core(settings, clock.now())
    try:
        sources = list(core.feeds)
        feed_key = _key(core, "simulated border", "device", sources, clock.now())
        viewer_key = _key(core, "lines at the terminal", "viewer", None, clock.now())
        return _Prepared(clock, feed_key, viewer_key, core.first_password)
    finally:
        core.stop()


def _key(core: Core, title: str, role: Role, sources: list[str] | None, now: datetime) -> str:
    """Return a key for this run; those of earlier runs end."""
    for old in core.register.api_keys():
        if old.title == title and old.ends_at is None:
            core.register.revoke_key(old.id, "gatewatch demo", now)
    text, _ = core.register.make_key(title, role, None, sources, None, "gatewatch demo", now)
    return text


def _clock(settings: Settings, speed: float, *, is_new: bool) -> RunningClock:
    """
    Return a clock that begins in the morning, or now at speed 1, and never before what a kept folder has seen.

    Until there is something to tell it is no faster than ours: sources would seem silent for as long as it takes.
    """
    clock = RunningClock.of_the_wall(min(1.0, speed))
    if speed != 1:
        morning = datetime.combine(clock.start.astimezone(ZONE).date(), _BEGINS, ZONE)
        clock = replace(clock, start=morning.astimezone(UTC))
    if is_new or not (settings.home / "gatewatch.db").exists():
        return clock
    store = open_store(settings.database_url)
    try:
        last = condition_of(store).last_received
    finally:
        store.close()
    return clock if last is None or last < clock.start else replace(clock, start=last + timedelta(seconds=1))


def _programs(
    settings: Settings, prepared: _Prepared, url: str, scenario: str, days: int, seed: int, speed: float
) -> list[Program]:
    """Return the service and the feed, on one clock; what they log goes into files."""
    folder = settings.home / "log"
    folder.mkdir(exist_ok=True)
    key = settings.home / "feed.key"
    key.write_text(f"{prepared.feed_key}\n")
    asked = demo_folder(settings.home)
    asked.mkdir(exist_ok=True)
    control = ControlFolder(asked)
    control.write(Control((prepared.clock,), control.played()))  # a run that goes on has its jams in it
    service = programs(settings, os.environ, ("--control", str(asked)))
    arguments = {
        "--url": url, "--key-file": key, "--control": asked, "--days": days,
        "--history-days": HISTORY_DAYS, "--seed": seed, "--speed": speed, "--spool": settings.home / "spool",
    }  # fmt: skip
    options = [str(part) for pair in arguments.items() for part in pair]
    feed = [sys.executable, "-c", _FEED, scenario, "--quiet", *options]
    return [
        *(replace(program, log=folder / f"{program.name}.log") for program in service),
        Program("feed", feed, with_settings(settings, os.environ), folder / "feed.log"),
    ]


def _last_words(folder: Path) -> str:
    """Return the last lines of the logs, for who wonders why it ended."""
    lines = [line for log in sorted((folder / "log").glob("*.log")) for line in log.read_text().splitlines()[-5:]]
    return "\n".join(lines)


def _tell(url: str, prepared: _Prepared, folder: Path, speed: float) -> None:
    """Say where it is once it answers, then show every gate again and again."""
    console, pause = Console(), threading.Event()
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {prepared.viewer_key}"}, trust_env=False) as ask:
        while not _answers(ask):
            pause.wait(_ASKED_EVERY_S)
        console.print(f"\n  Gatewatch   {url}", soft_wrap=True, highlight=False)
        password = prepared.password or "as told at the first start with this folder"
        console.print(f"  Sign in     admin, password {password}", highlight=False)
        console.print(f"  The border  simulated, at speed {speed:g}; everything is in {folder}",
                      soft_wrap=True, highlight=False)  # fmt: skip
        console.print("  Ctrl-C ends it. Until its days are prepared, its clock runs like ours …\n")
        while True:
            try:
                answer = ask.get("/v1/live")
            except httpx.HTTPError:
                answer = None
            is_there = answer is not None and answer.status_code == httpx.codes.OK and answer.json()["rev"] > 0
            if answer is not None and is_there:
                console.print(_table(answer.json()))
            pause.wait(_TOLD_EVERY_S if is_there else _ASKED_EVERY_S)


def _answers(ask: httpx.Client) -> bool:
    try:
        return ask.get("/readyz").status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _table(live: Mapping[str, Any]) -> Table:
    at = datetime.fromisoformat(live["at"]).astimezone(ZoneInfo(live["zone"]))
    columns = (f"{at:%d.%m. %H:%M}", "", "inside", "cleared", "veh/h", "wait", "level")
    table = Table(*columns, box=None, pad_edge=False, header_style="dim")
    for flow in live["flows"]:
        wait_s = flow["expected"]["value_s"]
        table.add_row(
            flow["title"],
            f"{flow['direction']}{'' if flow['is_open'] else ', shut'}",
            _figure(flow["backlog"]),
            _figure(flow["cleared_today"]),
            _figure(flow["rate_60"]),
            "–" if wait_s is None else f"{wait_s / 3_600:.1f} h",
            flow["level"],
        )
    return table


def _figure(figure: Mapping[str, Any]) -> str:
    """Return a figure with its quality; what is not known is a dash and never 0."""
    return "–" if figure["value"] is None else f"{figure['value']:.0f} {figure['quality']}"
