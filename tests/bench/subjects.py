"""What is timed. Each function runs in a process of its own, and imports what it needs there."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from apart import peak_mib

SCENARIO = "h1_2025"
POLICIES = ("one_hour_later", "lunch_worked", "more_border_guards", "puzhai_cap_300", "exports_up_15")
GROWS = {"per_day", "places", "keep", "accepts_per_day", "queue_places", "when_backlog_over", "while_backlog_below"}


def calibrator(vehicles: int, repeats: int) -> dict[str, float]:
    """Return the CPU time of the tandem in plain SimPy."""
    from calibrator import STATIONS, tandem

    times = []
    for seed in range(repeats):
        begun = time.process_time()
        tandem(vehicles, seed)
        times.append(time.process_time() - begun)
    return {"vehicles": vehicles, "visits": STATIONS * vehicles, "all_s": median(times)}


def replication(engine: str, days: int, repeats: int, grown: int = 1, *, warm: bool = True) -> dict[str, float]:
    """
    Return the CPU time of a replication without trace: all of it, drawing, the engine, and the rest (measures).

    Args:
        engine: Name of the engine.
        days: Measured days.
        repeats: Replications that are timed; the medians count.
        grown: Times the demand, servers, yards and queues.
        warm: Whether an extra replication goes before, untimed.
    """
    from gatewatch.simulator import replications
    from gatewatch.simulator.network import build_network

    plan = _plan(days, grown)
    network, module = build_network(plan.loaded, plan), replications.get_engine(engine)
    getattr(module, "prepare", lambda: None)()
    rows: list[dict[str, float]] = []
    spent: dict[str, float] = {}
    with _adding(replications, "draw", spent, "draw_s"), _adding(module, "run", spent, "run_s"):
        for number in range(repeats + warm):
            spent.update(draw_s=0.0, run_s=0.0, visits=0.0)
            begun = time.process_time()
            done = replications.run_replication(plan, number, engine, keep_trace=False, network=network)
            all_s = time.process_time() - begun
            measures_s = all_s - spent["draw_s"] - spent["run_s"]
            rows.append({**spent, "measures_s": measures_s, "all_s": all_s, "vehicles": done.n_vehicles})
    middle = {name: median(row[name] for row in rows[int(warm) :]) for name in rows[0]}
    return {**middle, "peak_mib": peak_mib()}


def extra_replication(days: int, more: int) -> dict[str, float]:
    """Return the wall time of the first replication and of each after it, by one worker."""
    from gatewatch.simulator.replications import run_replications

    plan = _plan(days)
    first, many = (_wall_s(lambda n=n: list(run_replications(plan, range(n)))) for n in (1, 1 + more))
    return {"first_s": first, "extra_s": (many - first) / more}


def two_workers(days: int, replications: int, repeats: int) -> dict[str, float]:
    """Return the wall time by one worker over that by two, by turns."""
    from gatewatch.simulator.replications import run_replications

    plan = _plan(days)
    times: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(repeats):
        for workers, found in times.items():
            found.append(_wall_s(lambda n=workers: list(run_replications(plan, range(replications), workers=n))))
    return {"ratio": median(times[1]) / median(times[2]), "one_s": median(times[1]), "two_s": median(times[2])}


def experiment(engine: str, days: int, replications: int) -> dict[str, float]:
    """Return wall time and peak memory of the baseline and five policies on common streams, by two workers."""
    from gatewatch.simulator.policies import apply_policies, find_policy
    from gatewatch.simulator.replications import get_engine, run_paired

    getattr(get_engine(engine), "prepare", lambda: None)()
    plan = _plan(days)
    plans = [plan, *(apply_policies(plan, [find_policy(name)]) for name in POLICIES)]
    took = _wall_s(lambda: sum(len(row) for row in run_paired(plans, range(replications), engine, workers=2)))
    return {"wall_s": took, "peak_mib": peak_mib()}


def first_result(begun: float) -> dict[str, float]:
    """
    Return when the imports were done, and when the first result of a one-day run was there.

    Args:
        begun: When the process was started, by `time.time` [s].
    """
    from gatewatch.simulator import simulate

    imported = time.time()
    simulate(SCENARIO, days=1, warmup_days=0, replications=1)
    return {"imports_s": imported - begun, "result_s": time.time() - imported}


def evaluations(days: int, n: int) -> dict[str, float]:
    """
    Return how long evaluations of all rules for all gates take, state, records and messages kept.

    The simulated border reports for some days; then it is evaluated every 15 s of the next hour and a half while what
    devices send goes on coming in.

    Args:
        days: Days before.
        n: Evaluations.
    """
    import tempfile
    from datetime import timedelta
    from functools import partial
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from gatewatch.config.feeds import load_feeds
    from gatewatch.monitor.core import start_core
    from gatewatch.monitor.feeds.devices import sendings
    from gatewatch.monitor.feeds.passings import true_passings
    from gatewatch.monitor.observations import Observation, parse_event
    from gatewatch.monitor.settings import load_settings
    from gatewatch.monitor.store import Submitted
    from gatewatch.simulator.replications import run_record

    plan = _plan(days)
    feeds = load_feeds(plan.loaded.border)
    truth = true_passings(run_record(plan, 0), list(feeds.values()))
    at = truth.begins + timedelta(days=days - 1, hours=10)
    sent = [(s.at, found) for s in sendings(truth, feeds, ZoneInfo(plan.loaded.border.border.timezone))
            if isinstance(found := parse_event(s.event), Observation)]  # fmt: skip
    with tempfile.TemporaryDirectory() as home:
        core = start_core(load_settings({}, home=Path(home)), at)
        took, cpu, taken = [], [], 0
        for _ in range(n):
            due = [Submitted.of(found, when) for when, found in sent[taken:] if when <= at]
            taken += len(due)
            for k in range(0, len(due), 1_000):
                last = max(receipt.seq or 0 for receipt in core.writer.submit(due[k : k + 1_000]).result())
                core.projector.wait_for(last, 600)
            begun = time.process_time()
            took.append(_wall_s(partial(core.watch.evaluate, at)))
            cpu.append(time.process_time() - begun)
            at += timedelta(seconds=15)
        found = {"entries": core.journal.last_seq(), "alerts": len(core.watch.board.alerts)}
        core.stop()
    took, cpu = sorted(took[1:]), sorted(cpu[1:])  # the first look remembers what later ones need
    p99 = int(0.99 * (len(took) - 1))
    return {**found, "p50_s": median(took), "p99_s": took[p99], "cpu_p50_s": median(cpu), "cpu_p99_s": cpu[p99]}


def _plan(days: int, grown: int = 1) -> Any:
    from dataclasses import replace

    from gatewatch.config.loader import load_border
    from gatewatch.config.schema import Border
    from gatewatch.simulator import make_plan

    loaded = load_border()
    if grown > 1:
        tree = _grown(copy.deepcopy(loaded.document.tree), grown)
        loaded = replace(loaded, border=Border.model_validate(tree))
    return make_plan(loaded, SCENARIO, days=days, warmup_days=0)


def _grown(node: Any, times: int) -> Any:
    """Return a border's tree with its demand, servers, yards and queues multiplied."""
    if isinstance(node, list):
        return [_grown(item, times) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: value * times
        if (key in GROWS or key == "servers") and isinstance(value, int | float)
        else _grown(value, times)
        for key, value in node.items()
    }


def _wall_s(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


@contextmanager
def _adding(owner: Any, name: str, spent: dict[str, float], key: str) -> Iterator[None]:
    """Add up the CPU time of the calls of a function of a module, and the visits in the traces that it returns."""
    from gatewatch.simulator.engines.trace import NOT_YET, Trace

    real = getattr(owner, name)

    def timed(*arguments: Any, **options: Any) -> Any:
        begun = time.process_time()
        result = real(*arguments, **options)
        spent[key] += time.process_time() - begun
        if isinstance(result, Trace):
            spent["visits"] += int((result.joined_us != NOT_YET).sum())
        return result

    setattr(owner, name, timed)
    try:
        yield
    finally:
        setattr(owner, name, real)
