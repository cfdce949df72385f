"""The same question gets the same bytes, whoever asks, however many processes answer."""

import pandas as pd
import pytest

BORDER = """
[calendars.day]
hours = [{ open = ["06:00-20:00"] }]
[gates.a]
calendar = "day"
[gates.a.stations.gate_in]
servers = 1
[gates.a.stations.booth]
servers = 2
closing_rule = "freeze"
breakdown = { up = { law = "exponential", mean = 9, unit = "h" }, down = <20 min> }
[gates.a.export.patience]
"*" = { law = "exponential", mean = 2, unit = "h" }
[gates.a.export.stages.gate_in]
service = { law = "gamma", mean = 4, cv = 0.5, unit = "min" }
[gates.a.export.stages.booth]
service = { law = "lognormal", mean = 9, cv = 1.0, unit = "min" }
next = [{ to = "gate_in", share = 0.1 }]
[demand.test.flows.lorries]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 120, day_factor_cv = 0.3 }
mix = { fruit = 1.0, general = 1.0 }
"""


@pytest.fixture
def one(run):
    """Return four replications in this process."""
    return run(BORDER, days=2, replications=4)


def test_two_processes_give_the_bytes_of_one(run, one):
    """JSON and both tables, to the last character."""
    two = run(BORDER, days=2, replications=4, workers=2)

    assert two.results.to_json() == one.results.to_json()
    pd.testing.assert_frame_equal(two.trace, one.trace)
    pd.testing.assert_frame_equal(two.results.yards, one.results.yards)


def test_the_same_run_again_gives_the_same_bytes(run, one):
    """No clock, no address and no order of a set shows in the results."""
    assert run(BORDER, days=2, replications=4).results.to_json() == one.results.to_json()


def test_another_seed_gives_other_results(run, one):
    """The manifest says so, and the measures differ."""
    other = run(BORDER, days=2, replications=4, seed=2).results

    assert (one.results.manifest["seed"], other.manifest["seed"]) == (1, 2)
    assert other.measures != one.results.measures


def test_more_replications_begin_with_the_same_ones(run, one):
    """The first four of six are the four."""
    six = run(BORDER, days=2, replications=6)

    pd.testing.assert_frame_equal(six.trace[six.trace["replication"] < 4], one.trace)


def test_whoever_waits_is_told_of_each_replication(run):
    """In order, from either way of running."""
    told = []
    run(BORDER, days=1, replications=3, workers=2, on_done=told.append)

    assert told == [0, 1, 2]
