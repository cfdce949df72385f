"""Which plans meet the same vehicles: the key says so only where drawing anew gives the same, bit for bit."""

from dataclasses import fields, replace
from datetime import date
from itertools import combinations

import numpy as np
import pytest

from gatewatch.config.loader import load_border
from gatewatch.simulator import make_plan
from gatewatch.simulator.draw_key import draw_key
from gatewatch.simulator.draws import Draws, draw
from gatewatch.simulator.itineraries import Visits
from gatewatch.simulator.network import build_network
from gatewatch.simulator.policies import apply_policies, find_policy, list_policies
from gatewatch.simulator.replications import run_record

BORDER = """
[calendars.day]
hours = [{ open = ["06:00-20:00"] }]
[calendars.night]
hours = [{ open = ["18:00-23:00"] }]
[gates.a]
title = "A"
calendar = "day"
counterpart = { calendar = "day" }
[gates.a.yards.park]
places = 50
[gates.a.stations.gate_in]
servers = 1
[gates.a.stations.booth]
servers = 2
priority = ["general"]
breakdown = { up = { law = "exponential", mean = 9, unit = "h" }, down = <20 min> }
[gates.a.export]
selectivity = { "*" = { green = 0.7, yellow = 0.2, red = 0.1 } }
patience = { "*" = { law = "exponential", mean = 3, unit = "h" } }
preregistered = { "*" = 0.5 }
laden_return = 0.2
[gates.a.export.stages.gate_in]
yard = "park"
service = [{ laden = false, law = <1 min> }, { law = { law = "gamma", mean = 2, cv = 0.5, unit = "min" } }]
[gates.a.export.stages.booth]
service = { law = "exponential", mean = 5, unit = "min" }
next = [{ to = "gate_in", share = 0.2 }]
[gates.b.stations.booth]
[gates.b.export.stages.booth]
service = { law = "exponential", mean = 5, unit = "min" }
[travel.road]
gates = ["a", "b"]
minutes = <30 min>
[diversions.away]
gate = "a"
direction = "export"
to = "b"
decides = "on_arrival"
when_backlog_over = 20
compliance = 0.5
[intake_halts.stop]
gates = ["a"]
direction = "export"
classes = ["fruit"]
from = 2025-07-08
to = 2025-07-09
[weekday_profiles.week]
factors = [1.0, 0.9, 1.1, 1.0, 1.0, 1.0, 1.0]
[demand.test.flows.lorries]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 150, day_factor_cv = 0.2, weekdays = "week" }
mix = { fruit = 1.0, general = 2.0 }
"""

SAME = {
    "the same again": "",
    "other words": 'gates.a.title = "B"',
    "more servers": "gates.a.stations.booth.servers = 9",
    "a roster": 'gates.a.stations.booth.servers = [{ servers = 1 }, { hours = "08:00-17:00", servers = 3 }]',
    "a closing rule": 'gates.a.stations.booth.closing_rule = "freeze"',
    "another order": 'gates.a.stations.booth.priority = ["fruit"]',
    "a finite queue": 'gates.a.stations.booth.queue_places = 3\ngates.a.stations.booth.when_full = "lose"',
    "other sides": 'gates.a.stations.booth.opens_with = "both"',
    "other hours": 'gates.a.calendar = "night"',
    "other hours over there": 'gates.a.counterpart.calendar = "night"',
    "a smaller yard": "gates.a.yards.park.places = 3",
    "a halt heeded by fewer": "intake_halts.stop.compliance = 0.1",
}
OTHER = {
    "demand": "demand.test.flows.lorries.arrivals.per_day = 200",
    "mix": "demand.test.flows.lorries.mix.fruit = 0.5",
    "service": "gates.a.export.stages.booth.service.mean = 6.0",
    "a way back": 'gates.a.export.stages.booth.next = [{ to = "gate_in", share = 0.3 }]',
    "channels": 'gates.a.export.selectivity."*" = { green = 0.5, yellow = 0.3, red = 0.2 }',
    "patience": 'gates.a.export.patience."*".mean = 4.0',
    "registered": 'gates.a.export.preregistered."*" = 0.6',
    "laden return": "gates.a.export.laden_return = 0.3",
    "breakdowns": "gates.a.stations.booth.breakdown.up.mean = 8.0",
    "compliance": "diversions.away.compliance = 0.6",
    "driving time": "travel.road.minutes = <40 min>",
    "a station more": "gates.a.stations.another.servers = 1",
    "who is laden": "classes.fruit.laden = true\nclasses.general.laden = false",
}
ANOTHER_RUN = {
    "state at the start": 'initial = { vehicles = [{ gate = "a", direction = "export", stage = "booth", count = 3 }] }',
    "first day": "start = 2025-07-08",
    "hour of the start": 'starts_at = "03:00"',
    "days": "days = 3",
}


@pytest.fixture
def two_plans(builder):
    """Make the plan of the border, and the plan of a scenario that restates something of it."""

    def make(scenario="", border=""):
        own = {"start": "2025-07-07", "days": "2"} | dict(line.split(" = ", 1) for line in scenario.splitlines())
        lines = [f"{key} = {value}" for key, value in own.items()]
        text = "\n".join([BORDER, "[scenarios.other]", 'demand = "test"', *lines, "[scenarios.other.border]", border])
        loaded = load_border(builder.write(text))
        return make_plan(loaded, "test"), make_plan(loaded, "other")

    return make


def same_draws(one, other):
    """Return whether two draws are equal to the last bit."""
    return all(_same(getattr(one, f.name), getattr(other, f.name)) for f in fields(Draws))


def _same(a, b):
    if isinstance(a, Visits):
        return all(np.array_equal(getattr(a, f.name), getattr(b, f.name)) for f in fields(Visits))
    return np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b


def drawn(plan, number=0):
    """Return the draws of a replication of a plan."""
    return draw(build_network(plan.loaded, plan), plan, number)


@pytest.mark.parametrize("what", SAME)
def test_what_only_engines_read_leaves_key_draws_and_trace(two_plans, what):
    """One draw serves both plans: with it the other gives the trace that it gives with its own."""
    base, other = two_plans(border=SAME[what])
    shared = drawn(base, 1)

    assert draw_key(base) == draw_key(other)
    assert same_draws(shared, drawn(other, 1))
    assert run_record(other, 1, draws=shared).trace.same_as(run_record(other, 1).trace)


@pytest.mark.parametrize("what", [*OTHER, *ANOTHER_RUN])
def test_what_drawing_reads_changes_the_key(two_plans, what):
    """And the draws: the key is no stricter here than it must be."""
    base, other = two_plans(ANOTHER_RUN.get(what, ""), OTHER.get(what, ""))

    assert draw_key(base) != draw_key(other)
    assert not same_draws(drawn(base), drawn(other))


def test_another_seed_has_another_key(two_plans):
    """Plans of one experiment have one seed; others never share."""
    base, _ = two_plans()

    assert draw_key(base) != draw_key(replace(base, seed=2))


@pytest.mark.parametrize("pair", list(combinations(sorted(load_border().border.scenarios), 2)), ids="-".join)
def test_shipped_scenarios_with_one_key_have_one_draw(pair):
    """Whatever they restate."""
    one, other = (make_plan(load_border(), name, days=1, warmup_days=0) for name in pair)

    assert draw_key(one) != draw_key(other) or same_draws(drawn(one), drawn(other))


@pytest.mark.parametrize("name", sorted(list_policies()))
def test_a_ready_policy_with_the_key_of_the_baseline_has_its_draws(name):
    """On the first day on which it holds; with the shared draws its trace is the one that it gives with its own."""
    policy, baseline = find_policy(name), make_plan(load_border(), "h1_2025", days=1, warmup_days=0)
    begins = getattr(policy.settings, "first", None) or getattr(policy.settings, "begins", None)
    first = baseline.scenario.start if begins is None else date.fromisoformat(begins.isoformat()[:10])
    baseline = replace(baseline, scenario=baseline.scenario.model_copy(update={"start": first}))
    changed = apply_policies(baseline, [policy])
    shared, own = (drawn(baseline if draw_key(baseline) == draw_key(changed) else changed), drawn(changed))

    assert same_draws(shared, own)
    assert run_record(changed, 0, draws=shared).trace.same_as(run_record(changed, 0).trace)
