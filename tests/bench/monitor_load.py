"""
The monitor under load, over HTTP: `python3 dev.py bench` (about two minutes), or this file alone.

A real service in a process of its own, on loopback; the load comes from a second process on the same cores. Open loop:
a request counts from the time at which it was meant to be sent, so that a slow answer cannot hide those behind it. A
bare loop of `executemany` and fsync on the same disk stands beside each figure: what can be compared between machines
is the ratio. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ingest
import saturated
from http_load import Measured, connect, listen, load, request_bytes
from targets import Target, show_targets

from gatewatch.monitor.core import start_core
from gatewatch.monitor.processes import with_settings
from gatewatch.monitor.settings import Settings, load_settings

HOST = "127.0.0.1"
DAY = 60_000  # events, what the design allows for
VIEWERS = 200
SOURCES = 8


@dataclass(frozen=True)
class Service:
    """A service that runs, and keys for it."""

    port: int
    device: str
    viewer: str
    planner: str
    n_workers: int

    def run(self, requests: list[bytes], connections: int, per_s: float | None = None) -> Measured:
        """Return what a load measures."""
        return asyncio.run(load(HOST, self.port, requests, connections, per_s))


def main() -> None:
    """Print the tables, then each target of the design beside what was measured."""
    options = _options()
    show_targets(measure(options.folder, is_quick=options.quick))


def measure(folder: str, *, is_quick: bool) -> list[Target]:
    """Print the tables, and return each target of the design beside what was measured."""
    n = 3 if is_quick else 5
    print(
        f"\nthe monitor: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, SQLite {sqlite3.sqlite_version}; "
        f"medians of {n} runs"
    )
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        home = Path(scratch)
        print(f"bare fsync: {ingest._fsyncs_per_s(home):,.0f}/s")
        with _service(home) as service:
            found = [
                *_as_fast_as_answered(service, home, n),
                *_open_loop(service, n),
                *_beside_simulations(service, n),
                *_a_day_at_once(service),
                *_streams(service, 5 if is_quick else 20),
            ]
        return [*found, *_start_and_rebuild(home)]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="folder on the disk to measure")
    parser.add_argument("--quick", action="store_true", help="medians of three, shorter streams")
    return parser.parse_args()


def _start_and_rebuild(home: Path) -> list[Target]:
    """Measure a start from what the load has left, and the making anew of every figure from the journal."""
    settings = load_settings({}, home=home / "home", port=0)
    started = time.perf_counter()
    with _running(settings, home) as port:
        asyncio.run(_until_ready(port))
        ready_s = time.perf_counter() - started
    command = [str(Path(sys.executable).with_name("gatewatch")), "rebuild", "--home", str(settings.home), "--json"]
    done = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    rate = done["n_entries"] / done["seconds"]
    _head("from the journal", "entries", "start to ready", "rebuild s", "entries/s")
    _row("after all of the above", f"{done['n_entries']:,}", f"{ready_s:.1f} s", f"{done['seconds']:.1f}",
         f"{rate:,.0f}")  # fmt: skip
    return [
        Target("start to ready", "at most 5 s", f"{ready_s:.1f} s", ready_s <= 5),
        Target("rebuild", "at least 20,000 entries/s", f"{rate:,.0f} entries/s", rate >= 20_000),
    ]


async def _until_ready(port: int) -> None:
    connection = await connect(HOST, port)
    while (await connection.ask(request_bytes("GET", "/readyz", "")))[0] != 200:
        await asyncio.sleep(0.02)
    connection.writer.close()


@contextmanager
def _service(home: Path) -> Iterator[Service]:
    """Yield a service that answers; it is ended in order."""
    settings = load_settings({}, home=home / "home", port=0, requests_per_minute=1_000_000)
    now = datetime.now(UTC)
    core = start_core(settings, now)
    device, viewer, planner = (core.register.make_key("bench", role, None, None, None, "bench", now)[0]
                               for role in ("device", "viewer", "planner"))  # fmt: skip
    core.stop()
    with _running(settings, home) as port:
        yield Service(port, device, viewer, planner, settings.simulation_workers)


@contextmanager
def _running(settings: Settings, home: Path) -> Iterator[int]:
    """Yield the port of a service that answers; it is ended in order."""
    command = [sys.executable, "-m", "gatewatch.monitor.serving"]
    with (home / "log").open("w") as log:
        process = subprocess.Popen(command, env=with_settings(settings, os.environ), stderr=log)
    try:
        yield _port(home / "log", process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _port(log: Path, process: subprocess.Popen[Any]) -> int:
    while process.poll() is None:
        for line in log.read_text().splitlines():
            with suppress(ValueError, KeyError):
                return int(json.loads(line)["url"].rsplit(":", 1)[1])
        time.sleep(0.05)
    raise SystemExit(log.read_text())


def _requests(service: Service, size: int, n: int, ago: timedelta = timedelta()) -> list[bytes]:
    """Return posts of events that are like no others."""
    run = secrets.token_hex(4)
    return [
        request_bytes("POST", "/v1/events", service.device, json.dumps(
            _event(f"{run}-{k}", ago) if size == 1 else [_event(f"{run}-{k}-{i}", ago) for i in range(size)]
        ).encode())
        for k in range(n)
    ]  # fmt: skip


def _event(name: str, ago: timedelta) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": name,
        "source": f"huu_nghi/bench/{len(name) % SOURCES}",
        "type": "vehicle.gate_out",
        "time": (datetime.now(UTC) - ago).isoformat(),
        "data": {"gate": "huu_nghi", "direction": "export", "vehicle_class": "fruit", "lane": "2", "confidence": 0.97},
    }


def _as_fast_as_answered(service: Service, scratch: Path, n: int) -> list[Target]:
    """Measure how many events a second become durable, beside the bare loop."""
    _head("durable, as fast as answered", "connections", "ev/s", "bare ev/s", "ratio", "p50 ms", "p99 ms")
    best: dict[int, float] = {}
    for size, connections, total in ((1, 1, 500), (1, 64, 4_000), (100, 1, 10_000), (100, 8, 20_000)):
        rates, bare, runs = [], [], []
        for k in range(n):
            run = service.run(_requests(service, size, total // size), connections)
            _until_followed(service)
            runs.append(run)
            rates.append(total / run.seconds)
            batches = ingest._batches(size, total // size, run=f"{size}-{k}")
            bare.append(total / ingest._bare(scratch / f"bare-{size}-{connections}-{k}.db", batches))
        ours, theirs = statistics.median(rates), statistics.median(bare)
        best[size] = max(best.get(size, 0.0), ours)
        p50, p99 = (statistics.median(run.ms(share) for run in runs) for share in (0.5, 0.99))
        name = "single posts" if size == 1 else f"batches of {size}"
        _row(name, connections, f"{ours:,.0f}", f"{theirs:,.0f}", f"{ours / theirs:.2f}", f"{p50:.1f}", f"{p99:.1f}")
    return [
        Target("durable single posts", "at least 1,500 ev/s", f"{best[1]:,.0f} ev/s", best[1] >= 1_500),
        Target("durable batches of 100", "at least 15,000 ev/s", f"{best[100]:,.0f} ev/s", best[100] >= 15_000),
    ]


def _open_loop(service: Service, n: int) -> list[Target]:
    """Measure waits at a given rate, from the time at which each post was meant to be sent."""
    _head("open loop, 64 connections", "posts/s", "ev/s", "p50 ms", "p99 ms", "refused")
    found = []
    for size, per_s, seconds in ((1, 50, 4), (1, 500, 4), (100, 50, 4)):
        runs = []
        for _ in range(n):
            runs.append(service.run(_requests(service, size, per_s * seconds), 64, per_s))
            _until_followed(service)
        p50, p99 = (statistics.median(run.ms(share) for run in runs) for share in (0.5, 0.99))
        name = "single posts" if size == 1 else f"batches of {size}"
        _row(name, per_s, per_s * size, f"{p50:.1f}", f"{p99:.1f}", sum(run.n_refused for run in runs))
        if (size, per_s) == (1, 500):
            found.append(Target("single posts at 500 a second", "p99 at most 100 ms", f"{p99:.0f} ms", p99 <= 100))
    return found


def _beside_simulations(service: Service, n: int) -> list[Target]:
    """Measure posts while every worker simulates, beside posts while none does, by turns."""
    _head(f"beside {service.n_workers} simulations, 50 posts/s", "p50 ms", "p99 ms", "refused")
    posts = lambda: _requests(service, 1, saturated.PER_S * saturated.SECONDS)  # noqa: E731 - new ones each time
    idle, busy = saturated.measure(HOST, service.port, service.planner, service.n_workers, posts, n)
    for name, waits in (("no simulation", idle), ("every worker busy", busy)):
        _row(name, f"{waits.p50_ms:.1f}", f"{waits.p99_ms:.1f}", waits.n_refused)
    ratio = busy.p99_ms / idle.p99_ms
    _row("ratio", f"{busy.p50_ms / idle.p50_ms:.2f}", f"{ratio:.2f}")
    is_met = busy.p99_ms <= 250 and busy.n_refused == 0
    said = f"{busy.p99_ms:.0f} ms, {ratio:.1f}× idle, {busy.n_refused} refused"
    return [Target("posts beside simulations", "p99 at most 250 ms, none refused", said, is_met)]


def _a_day_at_once(service: Service) -> list[Target]:
    """Post what devices kept over a day while live ones go on, and measure both."""
    day, live = _requests(service, 1_000, DAY // 1_000, timedelta(hours=6)), _requests(service, 1, 6_000)

    async def both() -> tuple[Measured, Measured]:
        stop = asyncio.Event()
        going_on = asyncio.create_task(load(HOST, service.port, live, 16, 20.0, stop))
        drained = await load(HOST, service.port, day, 4)
        stop.set()
        return drained, await going_on

    started = time.perf_counter()
    drained, going_on = asyncio.run(both())
    behind = _until_followed(service) - started
    _head(
        "a day at once, live posts meanwhile", "events", "seconds", "ev/s", "shown after", "live p50 ms", "live p99 ms"
    )
    _row("batches of 1,000 over 4 connections", f"{DAY:,}", f"{drained.seconds:.1f}", f"{DAY / drained.seconds:,.0f}",
         f"{behind:.1f} s", f"{going_on.ms(0.5):.1f}", f"{going_on.ms(0.99):.1f}")  # fmt: skip
    return [
        Target("60,000 events of a day", "at most 60 s", f"{drained.seconds:.1f} s", drained.seconds <= 60),
        Target("live posts meanwhile", "p99 at most 250 ms", f"{going_on.ms(0.99):.0f} ms", going_on.ms(0.99) <= 250),
    ]


def _until_followed(service: Service) -> float:
    """Return when live state rests on everything that was taken in; asked by what costs the service little."""
    ask = request_bytes("GET", "/metrics", service.viewer)

    async def follow() -> float:
        connection = await connect(HOST, service.port)
        while b"gatewatch_projection_behind 0.0" not in (await connection.ask(ask))[1]:
            await asyncio.sleep(0.5)
        connection.writer.close()
        return time.perf_counter()

    return asyncio.run(follow())


def _streams(service: Service, n: int) -> list[Target]:
    """Measure how long after a post each of many screens has the picture that rests on it."""
    heard: dict[tuple[int, int], float] = {}  # by screen and revision: a tick tells the same revision again
    posts = _requests(service, 1, n)

    async def measured() -> list[tuple[int, float]]:
        screens = [
            asyncio.create_task(
                listen(HOST, service.port, service.viewer, lambda rev, at, k=k: heard.setdefault((k, rev), at))
            )
            for k in range(VIEWERS)
        ]
        while len(heard) < VIEWERS:
            await asyncio.sleep(0.05)
        connection, sent = await connect(HOST, service.port), []
        for post in posts:
            at = time.perf_counter()
            _, answer = await connection.ask(post)
            sent.append((json.loads(answer)["items"][0]["seq"], at))
            await asyncio.sleep(2.0)
        for screen in screens:
            screen.cancel()
        await asyncio.gather(*screens, return_exceptions=True)
        connection.writer.close()
        return sent

    sent = asyncio.run(measured())
    after, spread = Measured(), Measured()
    for seq, at in sent:
        whole = sorted(when for (_, rev), when in heard.items() if rev == seq)
        after.waits_s += [when - at for when in whole]
        spread.waits_s += [when - whole[0] for when in whole]
    _head(f"{VIEWERS} screens", "pictures", "p50 ms", "p99 ms", "first to last ms")
    _row(
        "post to picture", len(after.waits_s), f"{after.ms(0.5):.0f}", f"{after.ms(0.99):.0f}", f"{spread.ms(0.99):.0f}"
    )
    is_met = len(after.waits_s) == n * VIEWERS and after.ms(0.99) <= 500
    return [Target(f"{VIEWERS} screens", "p99 at most 500 ms", f"{after.ms(0.99):.0f} ms", is_met)]


def _head(title: str, *columns: str) -> None:
    print(f"\n{title}")
    _row("", *columns)


def _row(name: str, *cells: object) -> None:
    print(f"  {name:<38}" + "".join(f"{cell!s:>13}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
