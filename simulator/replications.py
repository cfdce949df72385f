"""Replications: the same plan with streams of its own for each, spread over workers, put together in order."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from threading import Lock
from typing import Protocol

import pandas as pd

from gatewatch.config.errors import known_names, one_fault
from gatewatch.simulator.cluster import cluster_workers
from gatewatch.simulator.draw_key import draw_key
from gatewatch.simulator.draws import Draws, draw
from gatewatch.simulator.engines.trace import Trace
from gatewatch.simulator.hourly import Hourly, count_vehicles, hourly_counts
from gatewatch.simulator.measures import list_measures
from gatewatch.simulator.network import Network, build_network
from gatewatch.simulator.output_analysis import Summary, summarise
from gatewatch.simulator.parcels import Parcel, pack, unpack
from gatewatch.simulator.realised import as_it_went
from gatewatch.simulator.record import RunRecord
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.stretches import MOST_DAYS_AT_ONCE, in_stretches, stretch_edges_us
from gatewatch.simulator.trace_table import trace_table, yard_table
from gatewatch.simulator.workers import Here, Processes, Threads, Workers, in_pieces

ENGINES = ("kernel", "reference")
DEFAULT_ENGINE = "kernel"
_BY_THREADS = frozenset({"kernel"})  # compiled loops let other threads run; SimPy does not
_TASKS_A_WORKER = 4  # at least, so that no worker is idle for long at the end

Key = tuple[str, str | None, str | None, str | None, str | None]  # measure, gate, direction, class, station


class Engine(Protocol):
    """What every engine module offers."""

    def run(self, network: Network, draws: Draws) -> Trace:
        """Return the trace of one replication."""
        ...


@dataclass(frozen=True, slots=True)
class Replication:
    """What is kept of one replication."""

    number: int
    summaries: dict[Key, Summary]
    hourly: Hourly
    n_vehicles: int
    trace: pd.DataFrame | None = field(default=None, repr=False)
    yards: pd.DataFrame | None = field(default=None, repr=False)

    def without_trace(self) -> Replication:
        """Return the same without its tables, which may be large."""
        return replace(self, trace=None, yards=None)


def get_engine(name: str) -> Engine:
    """
    Return an engine by name.

    Raises:
        ConfigError: There is no such engine.
    """
    if name not in ENGINES:
        raise one_fault("--engine", "", f'"{name}"', known_names("engine", name, ENGINES))
    engine: Engine = import_module(f"gatewatch.simulator.engines.{name}")
    return engine


def run_record(
    plan: Plan,
    replication: int,
    engine: str = DEFAULT_ENGINE,
    network: Network | None = None,
    draws: Draws | None = None,
) -> RunRecord:
    """
    Return one replication, finished and checked.

    Args:
        plan: What to run.
        replication: Number of the replication.
        engine: Name of the engine.
        network: The network of the plan, where it is known already.
        draws: The draws of the replication, where they are known already (from a plan with the same `draw_key`).

    Raises:
        ConservationError: The engine made or lost a vehicle.
    """
    network = build_network(plan.loaded, plan) if network is None else network
    draws = draw(network, plan, replication) if draws is None else draws
    trace = get_engine(engine).run(network, draws)
    record = RunRecord(plan, as_it_went(network, trace), draws, trace)
    record.check_conservation()
    return record


def run_replication(
    plan: Plan,
    number: int,
    engine: str,
    *,
    keep_trace: bool,
    network: Network | None = None,
    draws: Draws | None = None,
) -> Replication:
    """Return what is kept of a replication."""
    if draws is None and _goes_in_stretches(plan, engine, keep_trace=keep_trace):
        network = build_network(plan.loaded, plan) if network is None else network
        return in_stretches(network, plan, number, stretch_edges_us(plan), partial(kept_of, number=number))
    record = run_record(plan, number, engine, network, draws)
    kept = kept_of(record, number)
    return replace(kept, trace=trace_table(record, number), yards=yard_table(record, number)) if keep_trace else kept


def kept_of(record: RunRecord, number: int) -> Replication:
    """Return what is kept of a replication but for its tables."""
    summaries: dict[Key, Summary] = {}
    for measure in list_measures().values():
        for value in measure.values(record):
            summary = summarise(value.value) if record.is_last else None
            if summary is not None:
                summaries[measure.name, value.gate, value.direction, value.class_, value.station] = summary
    return Replication(number, summaries, hourly_counts(record), count_vehicles(record))


def _goes_in_stretches(plan: Plan, engine: str, *, keep_trace: bool) -> bool:
    """Return whether a run is so long that its vehicles are drawn and let go of by and by."""
    return engine == "kernel" and not keep_trace and plan.clock.days > MOST_DAYS_AT_ONCE


def run_replications(
    plan: Plan,
    numbers: range,
    engine: str = DEFAULT_ENGINE,
    workers: int = 1,
    *,
    keep_trace: bool = False,
    cluster: str | None = None,
    on_done: Callable[[int], None] | None = None,
) -> Generator[Replication]:
    """
    Yield replications in order, however many workers run them.

    Args:
        plan: What to run.
        numbers: Numbers of the replications.
        engine: Name of the engine.
        workers: Threads for the compiled engine, processes for the reference.
        keep_trace: Whether to keep the tables of the trace.
        cluster: Address of a Dask scheduler, whose workers run them instead.
        on_done: Called with the number of each replication that is finished.

    Raises:
        ConfigError: There is no such engine, or the cluster cannot be used.
    """
    with closing(_run([plan], numbers, engine, workers, cluster, on_done, keep_trace=keep_trace)) as results:
        for (replication,) in results:
            yield replication


def run_paired(
    plans: Sequence[Plan],
    numbers: range,
    engine: str = DEFAULT_ENGINE,
    workers: int = 1,
    *,
    cluster: str | None = None,
    on_done: Callable[[int], None] | None = None,
) -> Generator[tuple[Replication, ...]]:
    """
    Yield, for each number in order, the replication of every plan on the same streams.

    The vehicles of a number are drawn once for all plans that meet the same (`draw_key`); no trace is kept.

    Args:
        plans: What to run.
        numbers: Numbers of the replications.
        engine: Name of the engine.
        workers: Threads for the compiled engine, processes for the reference.
        cluster: Address of a Dask scheduler, whose workers run them instead.
        on_done: Called with each number of which all plans are finished.

    Raises:
        ConfigError: There is no such engine, or the cluster cannot be used.
    """
    yield from _run(plans, numbers, engine, workers, cluster, on_done, keep_trace=False)


class _Part:
    """
    Plans that meet the same vehicles, to be run one after the other; their networks are laid out once a process.

    Args:
        plans: Plans with the same draws.
        engine: Name of the engine.
        keep_trace: Whether to keep the tables of the trace.
    """

    def __init__(self, plans: Sequence[Plan], engine: str, *, keep_trace: bool) -> None:
        self.plans, self.engine, self.keep_trace = tuple(plans), engine, keep_trace
        self.is_given_up = False
        self._networks: list[Network] = []
        self._laying_out = Lock()

    def __reduce__(self) -> tuple[Callable[..., _Part], tuple[object, ...]]:
        return _received, (pack(self.plans), self.engine, self.keep_trace)

    def run(self, number: int) -> list[Replication]:
        """Return a replication of each plan; of fewer when the part is given up meanwhile."""
        with self._laying_out:
            self._networks = self._networks or [build_network(plan.loaded, plan) for plan in self.plans]
        # Long runs draw for themselves: vehicles that several runs share would have to be kept.
        is_long = _goes_in_stretches(self.plans[0], self.engine, keep_trace=self.keep_trace)
        draws, done = None if is_long else draw(self._networks[0], self.plans[0], number), []
        for plan, network in zip(self.plans, self._networks, strict=True):
            if self.is_given_up:
                break
            done.append(
                run_replication(plan, number, self.engine, keep_trace=self.keep_trace, network=network, draws=draws)
            )
        return done


def _received(parcel: Parcel, engine: str, keep_trace: bool) -> _Part:  # noqa: FBT001
    """Return a part that was sent to this process."""
    return _Part(unpack(parcel), engine, keep_trace=keep_trace)


def _run(
    plans: Sequence[Plan],
    numbers: range,
    engine: str,
    workers: int,
    cluster: str | None,
    on_done: Callable[[int], None] | None,
    *,
    keep_trace: bool,
) -> Generator[tuple[Replication, ...]]:
    get_engine(engine)
    most = min(workers, len(numbers) * len(plans))
    with _local_workers(engine, most) if cluster is None else cluster_workers(cluster) as who:
        places = _places(plans, len(numbers), who.count)
        parts = [_Part([plans[place] for place in piece], engine, keep_trace=keep_trace) for piece in places]
        tasks = ((part, number) for number in numbers for part in parts)
        results = who.each(_Part.run, tasks, parts)
        try:
            for number in numbers:
                found: dict[int, Replication] = {}
                for piece in places:
                    found.update(zip(piece, next(results), strict=True))
                if on_done is not None:
                    on_done(number)
                yield tuple(found[place] for place in range(len(plans)))
        finally:
            for part in parts:
                part.is_given_up = True
            results.close()


def _local_workers(engine: str, count: int) -> AbstractContextManager[Workers]:
    if count <= 1:
        return nullcontext(Here())
    return nullcontext(Threads(count) if engine in _BY_THREADS else Processes(count))


def _places(plans: Sequence[Plan], n_numbers: int, n_workers: int) -> list[list[int]]:
    """
    Return the places of the plans by part: plans with the same draws together, in more parts where workers need them.

    With few replications a part is smaller, and some draws are made twice, at the same time, so that nobody waits.
    """
    alike: dict[str, list[int]] = {}
    for place, plan in enumerate(plans):
        alike.setdefault(draw_key(plan), []).append(place)
    wanted = _TASKS_A_WORKER * n_workers if n_workers > 1 else 1
    n_pieces = math.ceil(wanted / max(1, n_numbers * len(alike)))
    return [piece for group in alike.values() for piece in in_pieces(group, n_pieces)]
