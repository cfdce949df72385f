"""Posts while every simulation worker is busy, beside posts while none is: a simulation never delays ingest (P10)."""

from __future__ import annotations

import asyncio
import json
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from http_load import Measured, connect, load, request_bytes

PER_S, SECONDS, CONNECTIONS = 50, 4, 16
LONG = {
    "scenario": "peak", "days": 92, "replications": 500,
    "alternatives": [{"policies": [{"policy": "huu_nghi_two_hours_later"}]}],
}  # fmt: skip


@dataclass(frozen=True)
class Waits:
    """How long posts waited [ms], medians of the runs, and what was refused."""

    p50_ms: float
    p99_ms: float
    n_refused: int


def measure(
    host: str, port: int, planner: str, n_workers: int, posts: Callable[[], list[bytes]], n: int
) -> tuple[Waits, Waits]:
    """
    Return the waits of posts while nothing is simulated, and while every worker simulates; by turns.

    Args:
        host: Of the service.
        port: Of the service.
        planner: Key of one who may simulate.
        n_workers: Simulations that run at once.
        posts: Makes the posts of a run.
        n: Runs of each.
    """
    idle, busy = [], []
    for _ in range(n):
        idle.append(asyncio.run(load(host, port, posts(), CONNECTIONS, PER_S)))
        busy.append(asyncio.run(_beside(host, port, planner, n_workers, posts())))
    return _waits(idle), _waits(busy)


async def _beside(host: str, port: int, planner: str, n_workers: int, posts: list[bytes]) -> Measured:
    """Return what posts measure while every worker simulates."""
    ids = [(await _ask(host, port, planner, "POST", "/v1/runs", {"kind": "comparison", "request": LONG}))["id"]
           for _ in range(n_workers)]  # fmt: skip
    for run_id in ids:
        while True:
            run = await _ask(host, port, planner, "GET", f"/v1/runs/{run_id}")
            if run["progress"].get("phase") == "running":
                break
            if run["ended_at"] is not None:
                raise SystemExit(f"a simulation ended before it began: {run['reason']}")
            await asyncio.sleep(0.1)
    found = await load(host, port, posts, CONNECTIONS, PER_S)
    for run_id in ids:
        if (await _ask(host, port, planner, "GET", f"/v1/runs/{run_id}"))["state"] != "running":
            raise SystemExit("a simulation ended while the posts were measured; ask for longer ones.")
        await _ask(host, port, planner, "DELETE", f"/v1/runs/{run_id}")
    for run_id in ids:
        while (await _ask(host, port, planner, "GET", f"/v1/runs/{run_id}"))["ended_at"] is None:
            await asyncio.sleep(0.1)
    return found


async def _ask(host: str, port: int, key: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
    connection = await connect(host, port)
    content = b"" if body is None else json.dumps(body).encode()
    _, answer = await connection.ask(request_bytes(method, path, key, content))
    connection.writer.close()
    return dict(json.loads(answer))


def _waits(runs: list[Measured]) -> Waits:
    p50, p99 = (statistics.median(run.ms(share) for run in runs) for share in (0.5, 0.99))
    return Waits(p50, p99, sum(run.n_refused for run in runs))
