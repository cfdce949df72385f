"""The candidates under trial: their plans, and what was seen of each on common random numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from gatewatch.config.errors import ConfigError
from gatewatch.simulator.network import build_network
from gatewatch.simulator.optimisation.amounts import (
    Amounts,
    Prices,
    added_regular_hours,
    read_amounts,
    regular_hours,
)
from gatewatch.simulator.optimisation.hours import border_on_the_days
from gatewatch.simulator.optimisation.selection import Observed, level
from gatewatch.simulator.optimisation.target import Target, check_target
from gatewatch.simulator.policies import Policy, apply_policies
from gatewatch.simulator.replications import Replication, run_paired
from gatewatch.simulator.scenario import Plan

BASELINE = 0
FRESH_FROM = 1_000_000  # number of the first replication of the re-run: streams that no search has seen


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A schedule or a roster.

    Args:
        name: For people: what it changes, or `as it is`.
        policies: What `gatewatch compare` makes it of.
    """

    name: str
    policies: tuple[Policy, ...] = ()


def apply_candidate(plan: Plan, candidate: Candidate) -> Plan:
    """
    Return a plan with what a candidate changes.

    Raises:
        ConfigError: It does not fit the border; each fault names the candidate.
    """
    if not candidate.policies:
        return plan
    try:
        return apply_policies(plan, candidate.policies)
    except ConfigError as error:
        raise ConfigError(replace(fault, file=f'candidate "{candidate.name}"') for fault in error.faults) from None


@dataclass
class Search:
    """
    Candidates with everything seen of them so far; the baseline is number 0.

    Args:
        plan: Of the baseline.
        gate: Gate whose schedule or roster is sought.
        direction: Direction of the target; None for both together.
        target: What is asked for.
        prices: What time costs.
        engine: Name of the engine.
        workers: Replications at once.
        cluster: Address of a Dask scheduler, whose workers run them instead.
        on_runs: Called with how many more runs are finished.
    """

    plan: Plan
    gate: str
    direction: str | None
    target: Target
    prices: Prices
    engine: str
    workers: int
    cluster: str | None = None
    on_runs: Callable[[int], None] = lambda _: None
    candidates: list[Candidate] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    amounts: list[list[Amounts]] = field(default_factory=list)
    seen: list[Observed] = field(default_factory=list)
    fresh: dict[int, list[Amounts]] = field(default_factory=dict)
    _borders: list[tuple[object, ...]] = field(default_factory=list)
    _added_hours: list[float] = field(default_factory=list)
    _regular_hours: dict[str, float] = field(default_factory=dict)
    _baseline: list[Replication] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Put the baseline first."""
        self.add(Candidate("as it is"))

    def add(self, candidate: Candidate) -> int | None:
        """
        Take a candidate in and return its number; None when another one has the same border on the days of the run.

        Raises:
            ConfigError: It does not fit the border; each fault names the candidate.
        """
        plan = apply_candidate(self.plan, candidate)
        border = border_on_the_days(plan)
        if border in self._borders:
            return None
        self._borders.append(border)
        hours = regular_hours(build_network(plan.loaded, plan), plan, self.gate)
        if not self.plans:
            self._regular_hours = hours
        self._added_hours.append(added_regular_hours(hours, self._regular_hours))
        self.candidates.append(candidate)
        self.plans.append(plan)
        self.amounts.append([])
        self.seen.append(Observed())
        return len(self.plans) - 1

    def observe(self, numbers: Sequence[int], replications: range) -> None:
        """
        Run candidates up to the end of a range of replications; what was run before is not run again.

        Raises:
            ConfigError: The target is about nothing that the first run gives.
        """
        while True:
            behind = [n for n in numbers if len(self.amounts[n]) < replications.stop]
            if not behind:
                return
            start = min(len(self.amounts[n]) for n in behind)
            stop = min([len(self.amounts[n]) for n in behind if len(self.amounts[n]) > start] + [replications.stop])
            self._run([n for n in behind if len(self.amounts[n]) == start], range(start, stop))

    def _run(self, numbers: Sequence[int], replications: range) -> None:
        for row in self._rows(numbers, replications):
            if BASELINE in numbers:
                whole = row[list(numbers).index(BASELINE)]
                if not self._baseline:
                    check_target(self.target, whole.summaries, self.gate, self.direction)
                self._baseline.append(_of_the_border(whole))
            for n, replication in zip(numbers, row, strict=True):
                self.amounts[n].append(self._read(n, replication, self._baseline[len(self.amounts[n])]))
                self._note(n)

    def _rows(self, numbers: Sequence[int], replications: range) -> Iterator[tuple[Replication, ...]]:
        for row in run_paired(
            [self.plans[n] for n in numbers], replications, self.engine, self.workers, cluster=self.cluster
        ):
            yield row
            self.on_runs(len(numbers))

    def _read(self, number: int, replication: Replication, baseline: Replication) -> Amounts:
        added = self._added_hours[number]
        return read_amounts(replication, baseline, self.target, self.gate, self.direction, added)

    def _note(self, number: int) -> None:
        """Write the latest amounts of a candidate down as the selection reads them."""
        latest, seen = self.amounts[number][-1], self.seen[number]
        seen.values.append(self.target.sign * latest.figure)
        seen.gate_costs.append(latest.gate_cost(self.prices))
        seen.total_costs.append(latest.total_cost(self.prices))

    def rerun(self, numbers: Sequence[int], n_replications: int) -> bool:
        """Run candidates and the baseline on fresh streams, into `fresh`; return whether Ctrl-C ended it."""
        chosen = sorted({BASELINE, *numbers})
        self.fresh = {n: [] for n in chosen}
        try:
            for row in self._rows(chosen, range(FRESH_FROM, FRESH_FROM + n_replications)):
                for n, replication in zip(chosen, row, strict=True):
                    self.fresh[n].append(self._read(n, replication, row[0]))
        except KeyboardInterrupt:
            return True
        return False

    def level(self, number: int, what: Callable[[Amounts], float]) -> float:
        """Return the mean of an amount, freed of the luck of the runs that a candidate had."""
        return level([what(a) for a in self.amounts[number]], [what(a) for a in self.amounts[BASELINE]])


def _of_the_border(replication: Replication) -> Replication:
    """Return the little of a baseline's replication that other candidates are set beside."""
    kept = {
        key: summary
        for key, summary in replication.summaries.items()
        if key[0] in ("vehicle_hours_per_day", "cost_per_day") and key[2] is None and key[3] is None
    }
    return replace(replication, summaries=kept)
