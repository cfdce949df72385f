"""
Speed of taking events in, beside a bare loop of `executemany` and fsync on the same disk: `python3 dev.py bench`.

The bare loop is the ceiling of the disk and of SQLite. Ours validates nothing here (that is the web's part), but
looks every identity up, keeps the journal's columns, checks that it still leads, and answers each submission. Nothing
is asserted: what can be compared between machines is the ratio within one run.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gatewatch.monitor.observations import Observation, parse_event
from gatewatch.monitor.store import Journal, Leader, Submitted, open_store
from gatewatch.monitor.writer import Writer

NOW = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)
RUNS = 5
CASES = ((1, 1, 1_000), (1, 64, 6_400), (100, 1, 20_000), (100, 8, 40_000))  # per submission, under way, in all


def main() -> None:
    """Print a row for each size of submission and number of submissions under way."""
    options = _options()
    print(f"median of {options.runs} runs, SQLite {sqlite3.sqlite_version} on the disk of {options.folder}")
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        print(f"bare fsync: {_fsyncs_per_s(Path(scratch)):,.0f}/s\n")
    head = ("per submission", "under way", "writer ev/s", "bare ev/s", "ratio", "p50 ms", "p99 ms")
    print("  ".join(f"{name:>14}" for name in head))
    for size, under_way, total in CASES:
        found = [_one_run(options, size, under_way, total) for _ in range(options.runs)]
        ours, bare, p50, p99 = (statistics.median(column) for column in zip(*found, strict=True))
        row = (
            f"{size}", f"{under_way}", f"{ours:,.0f}", f"{bare:,.0f}", f"{ours / bare:.2f}", f"{p50:.2f}", f"{p99:.2f}"
        )  # fmt: skip
        print("  ".join(f"{cell:>14}" for cell in row), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="folder on the disk to measure")
    parser.add_argument("--store", help="address of an empty PostgreSQL store to measure instead of SQLite")
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of which the median is told")
    return parser.parse_args()


def _one_run(options: argparse.Namespace, size: int, under_way: int, total: int) -> tuple[float, float, float, float]:
    """Return events per second of ours and of the bare loop [1/s], and the median and 99 % latency of ours [ms]."""
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        batches = _batches(size, total // size, run=scratch)
        bare = total / _bare(Path(scratch) / "bare.db", batches)
        seconds, latencies = _ours(options.store or f"sqlite:///{scratch}/store.db", batches, under_way)
    latencies.sort()
    p50, p99 = (latencies[int(share * (len(latencies) - 1))] * 1_000 for share in (0.5, 0.99))
    return total / seconds, bare, p50, p99


def _batches(size: int, n: int, run: str) -> list[list[Submitted]]:
    """Return submissions of events that are like no others, so that a store may be used for several runs."""
    return [[Submitted.of(_clearance(f"{run}-{k}-{i}"), NOW) for i in range(size)] for k in range(n)]


def _clearance(name: str) -> Observation:
    raw: dict[str, Any] = {
        "specversion": "1.0",
        "id": name,
        "source": "huu_nghi/camera/export-out",
        "type": "vehicle.gate_out",
        "time": "2026-01-15T09:30:00+07:00",
        "data": {"gate": "huu_nghi", "direction": "export", "vehicle_class": "fruit", "lane": "2", "confidence": 0.97},
    }
    found = parse_event(raw)
    assert isinstance(found, Observation)
    return found


def _ours(address: str, batches: list[list[Submitted]], under_way: int) -> tuple[float, list[float]]:
    """Return how long the writer takes [s], and each submission's wait for its answer [s]."""
    store = open_store(address)
    leader = Leader(store, "bench", NOW)
    writer = Writer(leader, Journal(store))
    writer.start()
    waits: list[float] = []
    pending: list[Future[Any]] = []
    started = time.perf_counter()
    for batch in batches:
        if len(pending) == under_way:
            pending.pop(0).result()
        submitted = time.perf_counter()
        future = writer.submit(batch)
        future.add_done_callback(_stop(submitted, waits))
        pending.append(future)
    for future in pending:
        future.result()
    seconds = time.perf_counter() - started
    writer.stop()
    store.close()
    leader.close()
    return seconds, waits


def _stop(submitted: float, waits: list[float]) -> Callable[[object], None]:
    return lambda _: waits.append(time.perf_counter() - submitted)


def _bare(path: Path, batches: list[list[Submitted]]) -> float:
    """Return how long SQLite takes for the same bodies, a transaction for each submission [s]."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, source, eid, body, UNIQUE (source, eid))")
        rows = [[(*item.identity, item.body) for item in batch] for batch in batches]
        started = time.perf_counter()
        for batch in rows:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO event (source, eid, body) VALUES (?, ?, ?)", batch)
            connection.execute("COMMIT")
        return time.perf_counter() - started


def _fsyncs_per_s(folder: Path) -> float:
    """Return how often a second the disk says that a page is on it [1/s]."""
    n = 500
    with (folder / "fsync").open("wb", buffering=0) as file:
        started = time.perf_counter()
        for _ in range(n):
            file.write(bytes(4_096))
            os.fsync(file.fileno())
        return n / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
