"""What hangs on what, on borders where the answer is plain."""

import numpy as np
import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.config.loader import load_border
from gatewatch.simulator import make_plan
from gatewatch.simulator.policies import find_policy
from gatewatch.simulator.sensitivity import ROW_KEYS, evaluating, sensitivity, touched
from gatewatch.simulator.sensitivity.parameters import narrowed, with_values
from gatewatch.simulator.sensitivity.switching import Line, switches

BORDER = """
[calendars.day]
hours = [{ open = ["07:00-19:00"] }]
[gates.a]
calendar = "day"
[gates.a.stations.wide]
servers = 40
[gates.a.stations.narrow]
servers = 4
[gates.a.export.stages.wide]
service = { law = "constant", value = 5, unit = "min" }
[gates.a.export.stages.narrow]
service = { law = "triangular", low = 5, mode = 10, high = 15, unit = "min" }
[gates.b]
[gates.b.stations.booth]
servers = 1
[gates.b.export.stages.booth]
service = { law = "constant", value = 1, unit = "min" }
[demand.base.flows.a]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = { value = 350, basis = "reported", source = "S" } }
[demand.base.flows.b]
gate = "b"
direction = "export"
arrivals = { kind = "poisson", per_day = 10 }
[sources.S]
title = "A bulletin"
[scenarios.base]
start = 2025-01-06
days = 4
demand = "base"
"""


@pytest.fixture
def plan(tmp_path):
    """Return the plan of a border of two gates, one of them with a narrow station behind a wide one."""
    path = tmp_path / "border.toml"
    path.write_text(BORDER, encoding="utf-8")
    return make_plan(load_border(path), "base")


def names(rows):
    """Return the names of some rows without their gate."""
    return [row["parameter"].removeprefix("gates.a.") for row in rows]


def test_the_assumed_parameters_of_a_gate_are_found_with_their_ranges(plan):
    """A reported level is left alone; whole numbers move by one at least."""
    found = {parameter.name: (parameter.low, parameter.high) for parameter in touched(plan, "a")}

    assert found["gates.a.stations.narrow.servers"] == (3, 5)
    assert found["gates.a.export.stages.narrow.service"] == pytest.approx((7.5, 12.5))
    assert not any("per_day" in name for name in found)


def test_the_station_that_binds_dominates_and_the_wide_one_counts_for_nothing(plan):
    """A saturated narrow station decides what is cleared; the one that never fills has no share of the variance."""
    found = sensitivity(
        plan, gate="a", measure="cleared_per_day", is_fast=True, trajectories=6, budget=256, workers=2,
    )  # fmt: skip
    totals = {name: row["total_share"] for name, row in zip(names(found.rows), found.rows, strict=True)}

    assert set(names(found.top(2))) == {"stations.narrow.servers", "export.stages.narrow.service"}
    assert totals["stations.narrow.servers"] > 0.2
    assert totals["stations.wide.servers"] == pytest.approx(0, abs=1e-3)
    assert found.rows[0]["total_share_half_width"] is not None
    assert all(tuple(row) == ROW_KEYS for row in found.rows)


def test_runs_say_the_same_as_theory(plan):
    """By simulation the same parameter comes first, and its bar in the tornado is k servers times the hours."""
    found = sensitivity(
        plan, gate="a", measure="cleared_per_day", parameters=["gates.a.stations.narrow.servers=2..3",
        "gates.a.stations.wide.servers"], method="morris", trajectories=2, days=3, workers=2,
    )  # fmt: skip
    row = found.rows[0]

    assert names([row]) == ["stations.narrow.servers"]
    assert row["value_at_high"] - row["value_at_low"] == pytest.approx(6 * 12, rel=0.05)
    assert found.rows[1]["strength"] == 0  # the same streams at every point: no noise is read as an effect


def test_every_point_meets_the_same_vehicles(plan):
    """Another number of servers leaves the arrivals of a replication as they were."""
    parameter = next(p for p in touched(plan, "a") if p.name.endswith("narrow.servers"))
    question = evaluating.Question(plan, (), "offered_per_day", "a", None, 1, is_fast=False)
    offered = {evaluating.answer(question, [parameter], [servers]) for servers in (3.0, 4.0, 5.0)}

    assert len(offered) == 1


def test_a_gate_alone_has_the_vehicles_it_has_among_others(plan):
    """Leaving the other gates out changes no number of this one."""
    question = evaluating.Question(plan, (), "crossing_time", "a", "export", 1, is_fast=False)
    alone = evaluating.Question(narrowed(plan, ["a"]), (), "crossing_time", "a", "export", 1, is_fast=False)

    assert evaluating.answer(alone, [], []) == evaluating.answer(question, [], [])


def test_a_switch_point_is_where_the_effect_changes_its_sign(plan):
    """Interpolated between the places looked at; touching nought is no change."""
    parameter = touched(plan, "a")[0]
    crossing = Line(parameter, np.array([30.0, 50.0, 40.0]), np.array([-6.0, 4.0, -1.0]))
    touching = Line(parameter, np.array([30.0, 50.0, 40.0]), np.array([6.0, 4.0, 0.0]))

    assert [row["at"] for row in switches(crossing)] == [pytest.approx(42)]
    assert list(switches(touching)) == []


def test_what_a_policy_changes_depends_on_what_is_assumed(plan):
    """More demand clears next to nothing more at a saturated station, and all of it where services are short."""
    policies = [find_policy("demand_change:gate=a,factor=1.15", plan.loaded)]
    found = sensitivity(
        plan, policies, gate="a", direction="export", measure="cleared_per_day", is_fast=True, method="morris",
        parameters=["gates.a.export.stages.narrow.service=4..12"], trajectories=2,
    )  # fmt: skip

    assert found.policies == ("demand_change:gate=a,factor=1.15",)
    assert abs(found.base) < 0.1 * 0.15 * 350
    assert found.rows[0]["value_at_low"] == pytest.approx(0.15 * 350, rel=0.1)


def test_a_stop_keeps_what_is_finished(plan, monkeypatch):
    """Ctrl-C after the first trajectories: their effects are given, and the answer says that it is not all."""
    real, calls = evaluating.answer, []

    def stopping(*args):
        calls.append(args)
        if len(calls) > 12:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(evaluating, "answer", stopping)
    found = sensitivity(
        plan, gate="a", measure="cleared_per_day", is_fast=True, trajectories=10,
        parameters=["gates.a.stations.narrow.servers", "gates.a.stations.wide.servers"],
    )  # fmt: skip

    assert not found.is_complete
    assert found.rows[0]["strength"] > 0
    assert found.rows[0]["total_share"] is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gates.a.stations.narow.servers", 'Did you mean "gates.a.stations.narrow.servers"?'),
        ("gates.a.export.stages.wide.service.law", "it is no number"),
        ("gates.a.stations.narrow.servers=5..3", "the low end comes first"),
        ("gates.a.stations.narrow.servers=many", "write a range as low..high"),
    ],
)
def test_a_parameter_that_cannot_be_varied_is_refused_in_words(plan, text, words):
    """The path, and the way out."""
    with pytest.raises(ConfigError) as caught:
        sensitivity(plan, gate="a", parameters=[text], is_fast=True)

    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"gate": "c"}, "no gate that is run has that name"),
        ({"gate": "a", "measure": "cleared"}, 'Did you mean "cleared_per_day"?'),
        ({"gate": "a", "measure": "queue", "is_fast": True}, "no measure of the shadow has that name"),
        ({"gate": "a", "direction": "import"}, "the run has no such value"),
    ],
)
def test_what_is_asked_of_what_there_is_not_is_refused_in_words(plan, asked, words):
    """Unknown gates, measures and directions."""
    with pytest.raises(ConfigError) as caught:
        sensitivity(plan, **{"is_fast": True, **asked})

    assert words in str(caught.value)


def test_a_value_that_no_border_can_have_is_refused_in_words(plan):
    """A share above one is met by nobody; the fault names the parameter."""
    changed = touched(plan, "a")[0]
    with pytest.raises(ConfigError) as caught:
        evaluating.answer(evaluating.Question(plan, (), "backlog", "a", None, 1, is_fast=True), [changed], [10.0**7])

    assert changed.name in str(caught.value)


def test_other_values_leave_the_plan_as_it_was(plan):
    """A change is a new value."""
    parameter = touched(plan, "a")[0]
    other = with_values(plan, {parameter: parameter.high})

    assert other.loaded.border != plan.loaded.border
    assert plan.loaded.border.gates["a"].stations["wide"].servers == 40
