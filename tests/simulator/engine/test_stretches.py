"""Long runs go stretch by stretch; nobody can tell from their figures."""

import numpy as np
import pytest

from gatewatch.config.loader import load_border
from gatewatch.simulator import make_plan, run_record
from gatewatch.simulator.network import build_network
from gatewatch.simulator.output_analysis import Summary
from gatewatch.simulator.replications import Replication, kept_of, run_replication
from gatewatch.simulator.streams import DRAWS_PER_DAY, Counts, Streams
from gatewatch.simulator.stretches import MOST_DAYS_AT_ONCE, in_stretches, stretch_edges_us

SCENARIOS = sorted(load_border().border.scenarios)


def kept(record):
    """Return what is kept of a run."""
    return kept_of(record, 0)


def assert_alike(found: Replication, wanted: Replication) -> None:
    """Check that two replications tell the same: percentiles to the last bit, means up to the order of adding."""
    assert list(found.summaries) == list(wanted.summaries)
    assert found.n_vehicles == wanted.n_vehicles
    for key, summary in wanted.summaries.items():
        other: Summary = found.summaries[key]
        assert other.mean == pytest.approx(summary.mean, rel=1e-12, abs=1e-15)
        assert (other.n, other.n_censored) == (summary.n, summary.n_censored)
        assert np.array_equal(other.percentiles or [], summary.percentiles or [], equal_nan=True)
    for what in ("backlog", "arrived", "cleared"):
        counts, others = getattr(wanted.hourly, what), getattr(found.hourly, what)
        assert {k: v.tolist() for k, v in others.items()} == {k: v.tolist() for k, v in counts.items()}


@pytest.mark.parametrize(
    ("scenario", "days", "every"),
    [("h1_2025", 5, 2), *(pytest.param(s, 28, 7, marks=pytest.mark.slow) for s in SCENARIOS)],
)
def test_a_shipped_scenario_in_stretches_has_the_figures_of_the_run_in_one_piece(scenario, days, every):
    """Whatever rules act in it; stretches of whole days."""
    plan = make_plan(load_border(), scenario, days=days, warmup_days=2)
    network = build_network(plan.loaded, plan)
    starts = network.clock.day_starts_us()
    edges = [network.clock.begin_us, *(at for at in starts[every:-1:every] if at > network.clock.begin_us), starts[-1]]

    assert_alike(in_stretches(network, plan, 0, edges, kept), kept(run_record(plan, 0)))


def test_a_long_run_goes_in_stretches_unless_its_trace_is_kept():
    """With the trace it goes in one piece; the figures are those of the run without it."""
    plan = make_plan(load_border(), "h1_2025", days=MOST_DAYS_AT_ONCE, warmup_days=1)
    with_trace = run_replication(plan, 0, "kernel", keep_trace=True)
    without = run_replication(plan, 0, "kernel", keep_trace=False)

    assert len(stretch_edges_us(plan)) > 2
    assert with_trace.trace is not None
    assert without.trace is None
    assert_alike(without, with_trace)


def test_draws_begin_at_a_place_of_the_day():
    """The draws of a few vehicles of a day are those that they have among all of its vehicles."""
    streams = Streams(seed=7, replication=3)
    whole = streams.uniforms([40, 0, 30], "flow", "service")
    some = streams.uniforms(Counts([5, 0, 10], [12, 0, 20]), "flow", "service")
    late = streams.uniforms(Counts([3], [37]), "flow", "service")

    assert DRAWS_PER_DAY > 40
    assert some.tolist() == [*whole[12:17], *whole[60:70]]
    assert late.tolist() == whole[37:40].tolist()
