"""Plans of small borders and of the shipped one, with policies given as a planner types them."""

from collections.abc import Callable

import pytest

from gatewatch.config.loader import LoadedBorder, load_border
from gatewatch.simulator import Plan, Results
from gatewatch.simulator.policies import apply_policies, find_policy
from gatewatch.simulator.replications import DEFAULT_ENGINE, run_replications
from gatewatch.simulator.results import combine


@pytest.fixture(scope="session")
def shipped() -> LoadedBorder:
    """Return the border of Lang Son."""
    return load_border()


@pytest.fixture
def under() -> Callable[..., Plan]:
    """Return a function that applies policies, given as texts, to a plan."""

    def apply(plan: Plan, *texts: str) -> Plan:
        return apply_policies(plan, [find_policy(text, plan.loaded) for text in texts])

    return apply


@pytest.fixture
def results() -> Callable[..., Results]:
    """Return a function that runs a plan and returns its results with the trace."""

    def run(plan: Plan, engine: str = DEFAULT_ENGINE, replications: int = 1) -> Results:
        return combine(plan, engine, list(run_replications(plan, range(replications), engine, keep_trace=True)))

    return run


@pytest.fixture
def by_day(results: Callable[..., Results]) -> Callable[..., list[float]]:
    """Return a function that runs a plan and returns a daily figure of the exports of gate a, day by day."""

    def run(plan: Plan, what: str) -> list[float]:
        rows = results(plan).daily
        return [row[what] for row in rows if (row["gate"], row["direction"]) == ("a", "export")]

    return run


@pytest.fixture
def cleared(results: Callable[..., Results]) -> Callable[..., float]:
    """Return a function that runs a plan and returns the laden vehicles cleared a day, at one gate or all."""

    def run(plan: Plan, gate: str | None = None) -> float:
        return float(results(plan).find("cleared_per_day", gate)["mean"])

    return run
