"""Runs the shipped cases through the public door and compares every figure with its exact value."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import resources
from pathlib import Path

from joblib import Parallel, delayed

from gatewatch.config.errors import known_names, one_fault
from gatewatch.config.loader import LoadedBorder, load_border
from gatewatch.simulator.experiment import simulate
from gatewatch.simulator.network import build_network
from gatewatch.simulator.replications import DEFAULT_ENGINE, get_engine, run_record
from gatewatch.simulator.scenario import make_plan
from gatewatch.simulator.verification.case import Case, Floats, Same
from gatewatch.simulator.verification.cases import list_cases
from gatewatch.simulator.verification.judging import Figure, judge

__all__ = ["Figure", "case_border", "verify"]

Found = list[float | Floats]  # of one replication, in the order of the quantities
_PARTS = 8  # a case is cut into so many tasks, so that no process waits long for the last one


def verify(
    names: Sequence[str] | None = None,
    workers: int = 1,
    *,
    seed: int = 1,
    engine: str = DEFAULT_ENGINE,
    on_done: Callable[[int, int], None] | None = None,
) -> list[Figure]:
    """
    Return every figure of the shipped cases beside its exact value.

    The limits are those of all shipped cases together, whichever are asked for.

    Args:
        names: Cases; without them, all.
        workers: Processes; the figures do not depend on it.
        seed: Root seed of every stream, not negative.
        engine: Name of the engine.
        on_done: Called with the number of tasks done and of all tasks.

    Raises:
        ConfigError: There is no such case, or no such engine.
    """
    get_engine(engine)
    cases = [_get_case(name) for name in dict.fromkeys(names)] if names else list(list_cases().values())
    tasks = [(case, part) for case in cases for part in _parts(_n_replications(case))]
    if on_done is not None:
        on_done(0, len(tasks))
    found: dict[str, list[Found]] = {case.name: [] for case in cases}
    for done, ((case, _), values) in enumerate(zip(tasks, _run_all(tasks, workers, seed, engine), strict=True)):
        found[case.name].extend(values)
        if on_done is not None:
            on_done(done + 1, len(tasks))
    return [figure for case in cases for figure in judge_case(case, found[case.name])]


def judge_case(case: Case, found: Sequence[Found]) -> list[Figure]:
    """Return the figures of a case from what its replications gave."""
    columns = zip(*found, strict=True)
    n = n_figures()
    return [judge(case.name, quantity, column, n) for quantity, column in zip(case.quantities(), columns, strict=True)]


@cache
def n_figures() -> int:
    """Return the number of figures with chance in all shipped cases, among which the confidence is shared."""
    return sum(not isinstance(q, Same) for case in list_cases().values() for q in case.quantities())


def case_border(case: Case) -> LoadedBorder:
    """Return the border of a case."""
    return load_border(Path(str(resources.files("gatewatch.simulator"))) / f"verification/borders/{case.name}.toml")


def run_case(case: Case, numbers: range, seed: int, engine: str) -> list[Found]:
    """Return what some replications of a case gave, figure by figure."""
    # Cases have flows of the same name; a seed of its own keeps the luck of one out of the others.
    seed += zlib.crc32(case.name.encode())
    quantities = case.quantities()
    return [[q.read(*sources) for q in quantities] for sources in _sources(case, numbers, seed, engine)]


def _sources(case: Case, numbers: range, seed: int, engine: str) -> Iterator[list[object]]:
    loaded = case_border(case)
    if case.experiment:
        for number in numbers:
            yield [
                simulate(name, loaded, replications=case.experiment, seed=seed + number, engine=engine)
                for name in case.scenarios
            ]
        return
    plans = [make_plan(loaded, name, seed=seed) for name in case.scenarios]
    networks = [build_network(plan.loaded, plan) for plan in plans]
    for number in numbers:
        yield [run_record(plan, number, engine, network) for plan, network in zip(plans, networks, strict=True)]


def _run_all(tasks: Sequence[tuple[Case, range]], workers: int, seed: int, engine: str) -> Iterator[list[Found]]:
    if workers == 1 or len(tasks) == 1:
        return (run_case(case, part, seed, engine) for case, part in tasks)
    found: Iterator[list[Found]] = Parallel(n_jobs=workers, return_as="generator")(
        delayed(_run_named)(case.name, part, seed, engine) for case, part in tasks
    )
    return found


def _run_named(name: str, numbers: range, seed: int, engine: str) -> list[Found]:
    return run_case(list_cases()[name], numbers, seed, engine)


def _get_case(name: str) -> Case:
    cases = list_cases()
    if name not in cases:
        raise one_fault("CASE", "", f'"{name}"', known_names("case", name, cases))
    return cases[name]


def _n_replications(case: Case) -> int:
    n: int = case_border(case).border.scenarios[case.scenarios[0]].replications
    return n


def _parts(n: int) -> list[range]:
    size = math.ceil(n / _PARTS)
    return [range(first, min(first + size, n)) for first in range(0, n, size)]
