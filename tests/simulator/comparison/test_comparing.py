"""A whole comparison: what repeats, what does not depend on workers or order, and what common random numbers gain."""

import json

import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.simulator import compare, simulate
from gatewatch.simulator.comparison.comparing import prepare_comparison, run_comparison
from gatewatch.simulator.comparison.sentences import sentence

LONGER = "extended_hours:gate=a,later=1"
STAFFED = "extra_servers:gate=a,stations=[booth],servers=1"


@pytest.fixture(scope="module")
def comparison(border):
    """Return a comparison of longer hours, more servers, and both."""
    return compare("base", [LONGER, STAFFED], border, with_=["extended_hours+extra_servers"])


def test_each_policy_and_each_combination_is_a_scenario(comparison):
    """A combination may name the policies without their settings."""
    assert [outcome.name for outcome in comparison.scenarios] == [LONGER, STAFFED, f"{LONGER}+{STAFFED}"]
    assert [outcome.gates for outcome in comparison.scenarios] == [("a",)] * 3


@pytest.mark.parametrize("scenario", ["h1_2025", "fruit_peak", "tet_2026"])
def test_rules_that_are_over_before_the_run_are_no_change(scenario):
    """A policy drops them at every gate of the shipped border, and still touches one gate."""
    asked = prepare_comparison(scenario, ["extended_hours:gate=huu_nghi,later=1"])

    assert [own.gates for own in asked.scenarios] == [("huu_nghi",)]


def test_a_class_that_a_policy_adds_touches_the_gates_to_which_its_vehicles_come():
    """Booked lorries are a class of their own, known at every gate; only Huu Nghi gives out slots."""
    asked = prepare_comparison("july_2025", ["booked_exports", "booked_exports:gate=[huu_nghi,chi_ma],no_show=0"])

    assert [own.gates for own in asked.scenarios] == [("huu_nghi",), ("chi_ma", "huu_nghi")]


@pytest.mark.parametrize("policy", ["huu_nghi_later_when_full", "tidal_border_guards", "fruit_to_chi_ma"])
def test_a_rule_that_acts_while_a_run_goes_on_touches_its_gates(policy):
    """Closing later when the queue is long, officers who change sides, diversion: no other gate is told of."""
    (own,) = prepare_comparison("july_2025", [policy]).scenarios

    assert own.gates == (("chi_ma", "huu_nghi") if policy == "fruit_to_chi_ma" else ("huu_nghi",))


def test_values_are_those_of_the_results(comparison):
    """The rows say what `simulate` says of the baseline and of the scenario, and their difference."""
    outcome = comparison.scenarios[0]
    row = comparison.find(LONGER, "backlog_at_close", "a", "export")
    before = comparison.baseline.results.find("backlog_at_close", "a", "export")
    after = outcome.results.find("backlog_at_close", "a", "export")

    assert (row.baseline, row.baseline_half_width) == pytest.approx((before["mean"], before["half_width"]))
    assert (row.value, row.value_half_width) == pytest.approx((after["mean"], after["half_width"]))
    assert row.difference == pytest.approx(after["mean"] - before["mean"])


def test_the_baseline_is_the_scenario_by_itself(border, comparison):
    """Comparing changes nothing: the baseline's results are those of `simulate`."""
    assert comparison.baseline.results.measures == simulate("base", border).measures


def test_a_gate_that_no_policy_touches_stays_exactly_as_it_was(comparison):
    """On common random numbers gate b differs by exactly nothing, and is the same."""
    rows = [row for row in comparison.rows if row.gate == "b" and row.difference is not None]

    assert rows
    assert {row.difference for row in rows} == {0}
    assert {row.half_width for row in rows} == {0}
    assert {row.verdict for row in rows} == {"same"}


def test_a_policy_that_changes_nothing_is_the_same_everywhere(border):
    """An hour more of nought hours: every figure is the same, by exactly nothing."""
    rows = compare("base", ["extended_hours:gate=a,later=0"], border, replications=3).rows
    known = [row for row in rows if row.difference is not None]

    assert {(row.difference, row.half_width, row.verdict) for row in known} == {(0, 0, "same")}


def test_workers_change_no_byte(border, comparison):
    """The same inputs give the same JSON whatever the number of workers, manifest first."""
    again = compare("base", [LONGER, STAFFED], border, with_=["extended_hours+extra_servers"], workers=2)

    assert again.to_json() == comparison.to_json()
    assert next(iter(json.loads(again.to_json()))) == "manifest"


def test_the_order_of_the_scenarios_changes_no_row(border, comparison):
    """Policies in another order give the same rows of each scenario."""
    turned = compare("base", [STAFFED, LONGER], border, with_=["extended_hours+extra_servers"])

    for name in (LONGER, STAFFED):
        mine = [row for row in comparison.rows if row.scenario == name]
        assert mine == [row for row in turned.rows if row.scenario == name]


def test_every_table_has_its_rows(comparison):
    """The table of the API has a line for each row; cost lines, prices and what binds are there."""
    tables = comparison.tables()
    lines = {row.station for row in comparison.costs if row.measure == "cost_per_day"}

    assert len(comparison.to_pandas()) == len(comparison.rows)
    assert {"comparison", "costs", "binding", "prices", "smallest", "hourly", "daily"} <= set(tables)
    assert lines == {"waiting", "overtime", "total"}
    assert set(tables["prices"]["price"]) == {"vehicle hour", "overtime server hour"}
    assert set(tables["hourly"]["scenario"]) == {"baseline", *(o.name for o in comparison.scenarios)}


def test_the_smallest_difference_that_matters_can_be_restated(border):
    """Where only 1,000 vehicles matter, everything is the same."""
    rows = compare("base", [LONGER], border, replications=4, smallest=["backlog_at_close=1000"])

    assert rows.find(LONGER, "backlog_at_close", "a", "export").verdict == "same"
    assert rows.find(LONGER, "backlog_at_close", "a", "export").smallest == 1_000


@pytest.mark.slow
def test_common_random_numbers_narrow_the_interval_of_one_hour_more():
    """On the shipped border the paired half width of "+1 h" is a small fraction of the unpaired one."""
    found = compare("h1_2025", ["extended_hours:gate=huu_nghi,later=1"], days=7, warmup_days=7, replications=6)
    rows = [
        found.find(found.scenarios[0].name, *key)
        for key in (
            ("cost_per_day", None, None, None, "total"),
            ("vehicle_hours_per_day",),
            ("cleared_per_day",),
        )
    ]
    widths = {row.measure: (row.half_width or 0.0, row.unpaired_half_width or 0.0) for row in rows}

    for measure, (paired, unpaired) in widths.items():
        assert paired < 0.2 * unpaired, f"{measure}: ±{paired:.4g} paired, ±{unpaired:.4g} unpaired; all: {widths}"


def test_sequential_stopping_reaches_the_precision_and_no_more_than_it_needs(border):
    """It stops by itself before the cap with every watched half width reached; the manifest says how many it took."""
    found = compare("base", [LONGER], border, precision=0.2, measure="backlog_at_close", max_replications=400)
    n = found.manifest["replications"]

    assert 15 <= n < 400
    assert found.precision
    assert all(row["is_reached"] and row["half_width"] <= row["wanted"] for row in found.precision)


def test_a_cap_stops_and_says_what_was_reached(border):
    """A precision that nobody can reach ends at the cap, and the rows say so."""
    found = compare("base", [STAFFED], border, precision=0.0001, measure="cost_per_day", max_replications=15)

    assert found.manifest["replications"] == 15
    assert not all(row["is_reached"] for row in found.precision)


def test_progress_tells_the_replications_done_and_to_come(border):
    """The last call says that all are done."""
    calls = []
    compare("base", [LONGER], border, replications=3, on_progress=lambda done, of: calls.append((done, of)))

    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_ctrl_c_keeps_what_is_finished(border, stopped_after):
    """Stopped after three of eight, it is the comparison of three, and says that it was cut short."""
    whole = compare("base", [LONGER], border, replications=3)
    stopped_after(3)
    found = compare("base", [LONGER], border)

    assert found.is_cut_short
    assert found.manifest["comparison"]["is_cut_short"]
    assert found.manifest["replications"] == 3
    assert found.rows == whole.rows


def test_ctrl_c_before_two_replications_is_ctrl_c(border, stopped_after):
    """One replication has no interval: there is nothing to show."""
    stopped_after(1)

    with pytest.raises(KeyboardInterrupt):
        compare("base", [LONGER], border)


def test_heavily_censored_waits_are_bounds_and_said_to_be(border):
    """With too few servers the wait is only known from below: worse by at least so much, never with an interval."""
    found = compare("base", ["extra_servers:gate=a,stations=[booth],servers=-1"], border)
    row = found.find(found.scenarios[0].name, "wait", "a", "export")

    assert row.bound in {"at least", "unknown"}
    assert row.high is None
    assert row.verdict in {"worse", "undecided", "unknown"}
    assert "still inside" in sentence(row)
    assert "≥" in sentence(row)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"policies": []}, "give at least one"),
        ({"policies": [LONGER, LONGER]}, "given twice"),
        ({"policies": [LONGER, "extended_hours:gate=a, later=1"]}, "does the same as"),
        ({"policies": [f"{LONGER}+{LONGER}"]}, "joined with itself"),
        ({"policies": ["extended_ours:gate=a,later=1"]}, 'Did you mean "extended_hours"?'),
        ({"policies": [LONGER], "with_": ["extended_hours"]}, "join two policies or more"),
        ({"policies": [LONGER], "replications": 1}, "use 2 or more"),
        ({"policies": [LONGER], "replications": 0}, "use 2 or more"),
        ({"policies": [LONGER], "precision": 2.0}, "between 0 and 1"),
        ({"policies": [LONGER], "precision": 0.1, "replications": 5}, "say --max-replications"),
        ({"policies": [LONGER], "measure": "wait"}, "it goes with --precision"),
        ({"policies": [LONGER], "precision": 0.1, "measure": "weight"}, 'Did you mean "wait"?'),
        ({"policies": [LONGER], "smallest": ["wait=-3"]}, "a number above 0 [s]"),
        ({"policies": [LONGER], "smallest": ["wait=60", "wait=5%"]}, "given twice"),
        ({"policies": [LONGER], "smallest": ["weit=60"]}, 'Did you mean "wait"?'),
        ({"policies": [LONGER], "demand_response": "shift"}, 'Did you mean "shifts"?'),
        ({"policies": [LONGER], "elasticity": 0.5}, "--demand-response latent"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_anything_runs(border, arguments, said):
    """Each fault names the option, what was found and the way out."""
    with pytest.raises(ConfigError) as error:
        compare("base", border=border, **arguments)

    assert said in str(error.value)


def test_demand_may_answer_to_the_hours(border):
    """With latent demand more vehicles come to the gate that is open longer, and the manifest says so."""
    found = compare("base", [LONGER], border, replications=4, demand_response="latent", elasticity=1.0)
    row = found.find(LONGER, "offered_per_day", "a", "export")

    assert row.difference == pytest.approx(200 / 12, rel=0.5)
    assert found.manifest["comparison"]["demand_response"] == "latent, elasticity 1"
    assert found.scenarios[0].gates == ("a",)


def test_an_experiment_is_checked_before_it_runs(border):
    """Preparing runs nothing; running takes what was prepared."""
    experiment = prepare_comparison("base", [LONGER], border, replications=2)

    assert experiment.scenarios[0].plan.policies == tuple(p.text for p in experiment.scenarios[0].policies)
    assert run_comparison(experiment).manifest["replications"] == 2


def test_added_servers_are_told_in_hours(border):
    """Two servers for the open hours of a gate: what they add a day stands in the manifest, beside the costs."""
    hours = compare("base", STAFFED, border, replications=2).manifest["comparison"]["server_hours_on_duty_per_day"]

    assert hours[STAFFED] > hours["baseline"] > 0
