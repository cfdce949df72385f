"""Replications: the same plan with streams of its own for each, spread over workers, put together in order."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Protocol

import pandas as pd
from joblib import Parallel, delayed

from gatewatch.config.errors import known_names, one_fault
from gatewatch.simulator.draws import Draws, draw
from gatewatch.simulator.engines.trace import Trace
from gatewatch.simulator.hourly import Hourly, hourly_counts
from gatewatch.simulator.measures import list_measures
from gatewatch.simulator.network import Network, build_network
from gatewatch.simulator.output_analysis import Summary, summarise
from gatewatch.simulator.record import RunRecord
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.trace_table import trace_table, yard_table

ENGINES = ("kernel", "reference")
DEFAULT_ENGINE = "kernel"
_BY_THREADS = frozenset({"kernel"})  # compiled loops let other threads run; SimPy does not

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


def run_record(plan: Plan, replication: int, engine: str = DEFAULT_ENGINE, network: Network | None = None) -> RunRecord:
    """
    Return one replication, finished and checked.

    Raises:
        ConservationError: The engine made or lost a vehicle.
    """
    network = build_network(plan.loaded, plan) if network is None else network
    draws = draw(network, plan, replication)
    record = RunRecord(plan, network, draws, get_engine(engine).run(network, draws))
    record.check_conservation()
    return record


def run_replication(
    plan: Plan, number: int, engine: str, *, keep_trace: bool, network: Network | None = None
) -> Replication:
    """Return what is kept of a replication."""
    record = run_record(plan, number, engine, network)
    summaries: dict[Key, Summary] = {}
    for measure in list_measures().values():
        for value in measure.values(record):
            summary = summarise(value.value)
            if summary is not None:
                summaries[measure.name, value.gate, value.direction, value.class_, value.station] = summary
    return Replication(
        number,
        summaries,
        hourly_counts(record),
        int(record.is_present.sum()),
        trace_table(record, number) if keep_trace else None,
        yard_table(record, number) if keep_trace else None,
    )


def run_replications(
    plan: Plan,
    numbers: range,
    engine: str = DEFAULT_ENGINE,
    workers: int = 1,
    *,
    keep_trace: bool = False,
    on_done: Callable[[int], None] | None = None,
) -> Iterator[Replication]:
    """
    Yield replications in order, however many workers run them.

    Args:
        plan: What to run.
        numbers: Numbers of the replications.
        engine: Name of the engine.
        workers: Threads for the compiled engine, processes for the reference.
        keep_trace: Whether to keep the tables of the trace.
        on_done: Called with the number of each replication that is finished.
    """
    get_engine(engine)
    if workers == 1 or len(numbers) == 1 or engine in _BY_THREADS:
        network = build_network(plan.loaded, plan)
        tasks = (delayed(run_replication)(plan, n, engine, keep_trace=keep_trace, network=network) for n in numbers)
        results: Generator[Replication] = Parallel(
            n_jobs=min(workers, len(numbers)), backend="threading", return_as="generator"
        )(tasks)
    else:
        tasks = (delayed(run_replication)(plan, n, engine, keep_trace=keep_trace) for n in numbers)
        results = Parallel(n_jobs=workers, return_as="generator")(tasks)
    try:
        for result in results:
            if on_done is not None:
                on_done(result.number)
            yield result
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # joblib tells of tasks that nobody will ask for
            results.close()
