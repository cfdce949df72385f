"""The public door: run a scenario and return its results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gatewatch.config.errors import ConfigError, Fault
from gatewatch.config.loader import LoadedBorder, load_border, load_initial_state
from gatewatch.config.scenarios import InitialState
from gatewatch.simulator.replications import DEFAULT_ENGINE, Replication, run_replications
from gatewatch.simulator.results import Results, combine
from gatewatch.simulator.scenario import Plan, make_plan


def simulate(
    scenario: str,
    border: LoadedBorder | Path | str | None = None,
    *,
    days: int | None = None,
    warmup_days: int | None = None,
    replications: int | None = None,
    seed: int = 1,
    engine: str = DEFAULT_ENGINE,
    initial_state: InitialState | Path | str | None = None,
    workers: int = 1,
    cluster: str | None = None,
    keep_trace: bool = False,
    on_done: Callable[[int], None] | None = None,
) -> Results:
    """
    Run a scenario and return its measures with intervals.

    Args:
        scenario: Name of a scenario of the border, or path of a TOML file with one.
        border: A loaded border, or the folder or file of one; without it, the border of Lang Son.
        days: Measured days; without it, the scenario's.
        warmup_days: Days before them that are left out; without it, the scenario's.
        replications: Repetitions; without it, the scenario's.
        seed: Root seed of every stream, not negative.
        engine: Name of the engine.
        initial_state: Vehicles inside at the start, or a TOML file with them; without it, the scenario's.
        workers: Replications run at once; the results do not depend on it.
        cluster: Address of a Dask scheduler, such as `tcp://host:8786`, instead of workers of this machine.
        keep_trace: Whether to keep the trace of every replication.
        on_done: Called with the number of each replication that is finished.

    Raises:
        ConfigError: Border, scenario or initial state are at fault.
        ConservationError: The engine made or lost a vehicle: our bug.
    """
    plan, n = prepare(scenario, border, days, warmup_days, replications, seed, initial_state)
    done: list[Replication] = list(
        run_replications(plan, range(n), engine, workers, cluster=cluster, keep_trace=keep_trace, on_done=on_done)
    )
    return combine(plan, engine, done)


def _check_limits(days: int | None, warmup_days: int | None, replications: int | None, seed: int) -> None:
    """Refuse what a scenario file would be refused for."""
    limits = (
        ("--days", days, 1, 36_600),
        ("--warmup-days", warmup_days, 0, 36_600),
        ("--replications", replications, 1, 100_000),
        ("--seed", seed, 0, 2**63 - 1),
    )
    faults = [
        Fault(name, "", str(value), f"use a whole number from {low} to {high}")
        for name, value, low, high in limits
        if value is not None and not low <= value <= high
    ]
    if faults:
        raise ConfigError(faults)


def prepare(
    scenario: str,
    border: LoadedBorder | Path | str | None,
    days: int | None,
    warmup_days: int | None,
    replications: int | None,
    seed: int,
    initial_state: InitialState | Path | str | None,
) -> tuple[Plan, int]:
    """Return the plan and the number of replications, everything checked before anything runs."""
    _check_limits(days, warmup_days, replications, seed)
    loaded = border if isinstance(border, LoadedBorder) else load_border(border)
    plan = make_plan(loaded, scenario, days, warmup_days, seed)
    if isinstance(initial_state, str | Path):
        initial_state = load_initial_state(initial_state, plan.loaded)
    if initial_state is not None:
        plan = make_plan(loaded, scenario, days, warmup_days, seed, initial_state)
    return plan, plan.scenario.replications if replications is None else replications
