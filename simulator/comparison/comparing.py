"""The public door: run a baseline and scenarios on common random numbers, and say what the policies change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from gatewatch.config.errors import ConfigError, Fault, known_names, one_fault
from gatewatch.config.loader import LoadedBorder
from gatewatch.config.scenarios import InitialState
from gatewatch.simulator.comparison.assembling import Experiment, assemble
from gatewatch.simulator.comparison.comparison import Comparison
from gatewatch.simulator.comparison.headline import HEADLINE
from gatewatch.simulator.comparison.scenarios import demand_response as checked_response
from gatewatch.simulator.comparison.scenarios import policy_scenarios
from gatewatch.simulator.comparison.sequential import FIRST, HOLD, Precision, Watch
from gatewatch.simulator.comparison.smallest import smallest_differences
from gatewatch.simulator.experiment import prepare
from gatewatch.simulator.measures import list_measures
from gatewatch.simulator.policies import Policy
from gatewatch.simulator.replications import DEFAULT_ENGINE, Replication, get_engine, run_paired

FEWEST: Final = 2  # replications of which an interval can be made
MOST: Final = 500  # replications at which a wanted precision is given up


def compare(
    scenario: str,
    policies: str | Policy | Sequence[str | Policy],
    border: LoadedBorder | Path | str | None = None,
    *,
    with_: Sequence[str] = (),
    days: int | None = None,
    warmup_days: int | None = None,
    replications: int | None = None,
    precision: float | None = None,
    measure: str | Sequence[str] | None = None,
    max_replications: int | None = None,
    smallest: Sequence[str] = (),
    seed: int = 1,
    engine: str = DEFAULT_ENGINE,
    initial_state: InitialState | Path | str | None = None,
    demand_response: str = "fixed",
    elasticity: float | None = None,
    workers: int = 1,
    cluster: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """
    Run a scenario without and with policies on common random numbers, and return what they change.

    Stopped by Ctrl-C it returns the comparison of the replications that are finished, if there are two, with
    `is_cut_short`.

    Args:
        scenario: Name of a scenario of the border, or path of a TOML file with one: the baseline.
        policies: One scenario each: `NAME|FILE[:key=value,…]`, several joined by "+", or a `Policy`; one alone may
            stand without a list.
        border: A loaded border, or the folder or file of one; without it, the border of Lang Son.
        with_: Combinations "A+B" as further scenarios; the name alone of a policy in `policies` is enough.
        days: Measured days; without it, the scenario's.
        warmup_days: Days before them that are left out; without it, the scenario's.
        replications: Repetitions, at least 2; without it, the scenario's.
        precision: Instead of a number of replications: the half width of the differences over the difference, or over
            the baseline's value where the difference is too small to matter; twice that for a 95th percentile.
        measure: Measures for which the precision is wanted; without it, those of the headline.
        max_replications: Replications at which the precision is given up; without it, 500.
        smallest: Smallest differences that matter: texts `measure=amount` in the unit of the measure, or
            `measure=share%` of the baseline's value.
        seed: Root seed of every stream, not negative.
        engine: Name of the engine.
        initial_state: Vehicles inside at the start, or a TOML file with them; without it, the scenario's.
        demand_response: What demand does when opening hours change: `fixed`, `shifts` into the new hours, or `latent`
            (grows with them). None is measured.
        elasticity: For `latent`: relative change of demand over relative change of the open hours; 1 without it.
        workers: Tasks at once; the comparison does not depend on it.
        cluster: Address of a Dask scheduler, whose workers run it instead.
        on_progress: Called with the replications done and those there will be, as far as it is known.

    Raises:
        ConfigError: Border, scenario, policies or limits are at fault; before anything runs.
        ConservationError: The engine made or lost a vehicle: our bug.
    """
    asked = [policies] if isinstance(policies, str | Policy) else policies
    experiment = prepare_comparison(
        scenario, asked, border, with_=with_, days=days, warmup_days=warmup_days, replications=replications,
        precision=precision, measures=[measure] if isinstance(measure, str) else measure,
        max_replications=max_replications, smallest=smallest, seed=seed, engine=engine, initial_state=initial_state,
        demand_response=demand_response, elasticity=elasticity,
    )  # fmt: skip
    return run_comparison(experiment, workers, cluster, on_progress)


def prepare_comparison(
    scenario: str,
    policies: Sequence[str | Policy],
    border: LoadedBorder | Path | str | None = None,
    *,
    with_: Sequence[str] = (),
    days: int | None = None,
    warmup_days: int | None = None,
    replications: int | None = None,
    precision: float | None = None,
    measures: Sequence[str] | None = None,
    max_replications: int | None = None,
    smallest: Sequence[str] = (),
    seed: int = 1,
    engine: str = DEFAULT_ENGINE,
    initial_state: InitialState | Path | str | None = None,
    demand_response: str = "fixed",
    elasticity: float | None = None,
) -> Experiment:
    """Return a comparison with everything checked and nothing run; arguments as of `compare`."""
    if replications is not None and replications < FEWEST:
        raise _too_few(replications)
    plan, n = prepare(scenario, border, days, warmup_days, replications, seed, initial_state)
    get_engine(engine)
    wanted = _precision(precision, measures, replications, max_replications)
    if wanted is not None:
        n = wanted.at_most
    if n < FEWEST:
        raise _too_few(n)
    margins = smallest_differences(smallest)
    response = checked_response(demand_response, elasticity)
    scenarios = tuple(policy_scenarios(plan, policies, with_, response))
    return Experiment(plan, scenarios, margins, n, wanted, engine, response)


def _too_few(replications: int) -> ConfigError:
    remedy = f"use {FEWEST} or more: a single replication has no interval"
    return one_fault("--replications", "", str(replications), remedy)


def _precision(
    wanted: float | None, measures: Sequence[str] | None, replications: int | None, at_most: int | None
) -> Precision | None:
    if wanted is None:
        alone = [("--measure", measures and ", ".join(measures)), ("--max-replications", at_most)]
        faults = [Fault(name, "", str(value), "it goes with --precision") for name, value in alone if value]
        if faults:
            raise ConfigError(faults)
        return None
    faults = list[Fault]()
    if not 0 < wanted < 1:
        faults.append(Fault("--precision", "", f"{wanted:g}", "use a share between 0 and 1, such as 0.02"))
    if replications is not None:
        remedy = "with --precision say --max-replications, or leave out --precision"
        faults.append(Fault("--replications", "", str(replications), remedy))
    if at_most is not None and not FIRST + HOLD <= at_most <= 100_000:
        faults.append(Fault("--max-replications", "", str(at_most), f"use a number from {FIRST + HOLD} to 100000"))
    for name in measures or ():
        if name not in list_measures():
            faults.append(Fault("--measure", "", f'"{name}"', known_names("measure", name, list_measures())))
    if faults:
        raise ConfigError(faults)
    return Precision(wanted, tuple(dict.fromkeys(measures or HEADLINE)), at_most or MOST)


def run_comparison(
    experiment: Experiment,
    workers: int = 1,
    cluster: str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    on_replications: Callable[[Sequence[tuple[Replication, ...]], int], None] | None = None,
) -> Comparison:
    """
    Run a comparison that is checked; arguments as of `compare`.

    Args:
        experiment: What to run.
        workers: Tasks at once.
        cluster: Address of a Dask scheduler.
        on_progress: Called with the replications done and those there will be.
        on_replications: Called after each replication with all that are finished and the number there will be; what it
            raises ends the comparison.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed before two replications were finished.
    """
    watch = None
    if experiment.precision is not None:
        watch = Watch(experiment.precision, experiment.scenarios, experiment.smallest)
    plans = [experiment.plan, *(scenario.plan for scenario in experiment.scenarios)]
    done: list[tuple[Replication, ...]] = []
    is_cut_short = False
    try:
        with closing(
            run_paired(plans, range(experiment.replications), experiment.engine, workers, cluster=cluster)
        ) as found:
            for replications in found:
                done.append(replications)
                is_enough = watch is not None and watch.look(replications)
                if on_progress is not None:
                    on_progress(len(done), _expected(experiment, watch, len(done), is_enough=is_enough))
                if on_replications is not None:
                    on_replications(done, _expected(experiment, watch, len(done), is_enough=is_enough))
                if is_enough:
                    break
    except KeyboardInterrupt:
        if len(done) < FEWEST:
            raise
        is_cut_short = True
    return assemble(experiment, done, [] if watch is None else watch.achieved(), is_cut_short=is_cut_short)


def _expected(experiment: Experiment, watch: Watch | None, n_done: int, *, is_enough: bool) -> int:
    if watch is None:
        return experiment.replications
    return n_done if is_enough else watch.expected(n_done)
