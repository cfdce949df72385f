"""The engines tell the same story of every shipped scenario, to the last microsecond."""

import pytest

from gatewatch.config.loader import load_border
from gatewatch.simulator.draws import draw
from gatewatch.simulator.engines import kernel, reference
from gatewatch.simulator.network import build_network
from gatewatch.simulator.scenario import make_plan

COMPARED = "compared: runs of shipped scenarios by both engines"  # told at the end of the run
SCENARIOS = sorted(load_border().border.scenarios)


def _agree(scenario: str, seed: int, days: int) -> bool:
    plan = make_plan(load_border(), scenario, days=days, warmup_days=0, seed=seed)
    network = build_network(plan.loaded, plan)
    draws = draw(network, plan, 0)
    return reference.run(network, draws).same_as(kernel.run(network, draws))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_compiled_engine_gives_the_trace_of_the_reference_for_a_day(scenario, record_property):
    """Every time and outcome of every visit is equal."""
    same = _agree(scenario, seed=1, days=1)
    record_property(COMPARED, 1)

    assert same


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_compiled_engine_gives_the_trace_of_the_reference_for_a_week(scenario, seed, record_property):
    """Every time and outcome of every visit is equal, for seven days and three seeds."""
    same = _agree(scenario, seed, days=7)
    record_property(COMPARED, 1)

    assert same
