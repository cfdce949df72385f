"""The fluid against hand calculations."""

import numpy as np
import pytest

from gatewatch.simulator.network import build_network
from gatewatch.simulator.shadow import shadow
from gatewatch.simulator.shadow.fluid import run_fluid
from gatewatch.simulator.shadow.layout import STEP_S

STEP_H = STEP_S / 3_600
HOURS = "[calendars.day]\nhours = [{{ open = [{open}] }}]\n"

GATE = """
[gates.a]
calendar = "day"
[gates.a.stations.booth]
servers = {servers}
[gates.a.export.stages.booth]
service = {{ law = "exponential", mean = {mean}, unit = "min" }}
[demand.base.flows.a]
gate = "a"
direction = "export"
arrivals = {{ kind = "poisson", per_day = {per_day} }}
[scenarios.base]
start = 2025-01-06
days = {days}
demand = "base"
"""

FAR = """
[gates.a]
calendar = "day"
[gates.a.stations.crossing]
servers = 1
[gates.a.stations.stay]
[gates.a.yards.far]
kind = "counterpart"
{limit}
[gates.a.export.stages.crossing]
clears = true
service = {{ law = "constant", value = 10, unit = "min" }}
[gates.a.export.stages.stay]
yard = "far"
service = {{ law = "constant", value = {stay}, unit = "h" }}
[demand.base.flows.a]
gate = "a"
direction = "export"
arrivals = {{ kind = "poisson", per_day = 200 }}
[scenarios.base]
start = 2025-01-06
days = 10
warmup_days = 3
demand = "base"
"""


def gate(open_='"07:00-19:00"', servers=2, mean=10, per_day=240, days=6):
    """Return a gate of one booth."""
    return HOURS.format(open=open_) + GATE.format(servers=servers, mean=mean, per_day=per_day, days=days)


def test_a_closed_night_leaves_what_came_and_the_morning_clears_it(plan):
    """Five an hour day and night, open for twelve hours at 12 an hour: 35 stand at 07:00, gone after 35 / 7 = 5 h."""
    made = plan(gate(per_day=120))
    fluid = run_fluid(build_network(made.loaded, made), made)
    course, day = fluid.courses[0], 3 * 24
    hours = 3.6e9 * np.array([day + 7, day + 9, day + 11.9, day + 12.5, day + 19])
    stands = fluid.at(course.backlog, hours)

    assert stands[0] == pytest.approx(5 * 12, abs=1.0)
    assert stands[1] == pytest.approx(60 - 2 * 7, abs=1.0)
    assert stands[2] == pytest.approx(60 - 4.9 * 7, abs=1.0)
    assert stands[4] == pytest.approx(5 / 6, abs=0.1)  # five an hour, ten minutes each: nobody waits any more


def test_a_saturated_gate_clears_its_rate_times_its_hours(plan):
    """Twelve an hour for twelve hours, and the two begun at closing; the first is done a step after the opening."""
    row = shadow(plan(gate(per_day=400))).find("cleared_per_day", "a", "export")

    assert row["fluid"] == pytest.approx(12 * 12 + 2 - STEP_H * 12, abs=0.05)


@pytest.mark.parametrize("hours", [1, 2, 3])
def test_more_hours_at_a_saturated_gate_add_its_rate_for_each(plan, hours):
    """+e hours add k e a day."""
    usual = shadow(plan(gate(per_day=600))).find("cleared_per_day", "a", "export")["fluid"]
    longer = shadow(plan(gate(open_=f'"07:00-{19 + hours}:00"', per_day=600)))

    assert longer.find("cleared_per_day", "a", "export")["fluid"] - usual == pytest.approx(12 * hours, abs=0.05)


def test_lunch_is_missing_from_the_capacity(plan):
    """A gate shut for two hours at noon loses two hours of its rate, and begins twice."""
    row = shadow(plan(gate(open_='"07:00-11:00", "13:00-19:00"', per_day=600))).find("cleared_per_day", "a", "export")

    assert row["fluid"] == pytest.approx(12 * 10 + 2 * (2 - STEP_H * 12), abs=0.05)


@pytest.mark.parametrize(
    ("limit", "stay", "accepted"), [("accepts_per_day = 30", 10, 30), ("places = 5", 24, 5)], ids=["capped", "full"]
)
def test_more_hours_gain_nothing_where_the_far_side_takes_no_more(plan, limit, stay, accepted):
    """
    The yard beyond decides: 30 a day are accepted, or five places turn over about once a day (2014, 2018).

    Without a limit beyond, two hours bring twelve vehicles.
    """
    cleared = [
        shadow(plan(HOURS.format(open=open_) + FAR.format(limit=limit, stay=stay))).find(
            "cleared_per_day", "a", "export"
        )["fluid"]
        for open_ in ('"07:00-17:00"', '"07:00-19:00"')
    ]

    assert cleared[0] == pytest.approx(accepted, abs=1)
    assert cleared[1] - cleared[0] < 0.3


def test_days_to_clear_follow_from_stock_and_surplus(plan):
    """100 inside, 144 a day of capacity and 96 of demand: B / (kH - demand) = 100 / 48 days."""
    inside = '[[scenarios.base.initial.vehicles]]\ngate = "a"\ndirection = "export"\nstage = "booth"\ncount = 100\n'
    answer = shadow(plan(gate(per_day=96, days=10) + inside))

    assert answer.binding[0]["capacity_per_day"] == pytest.approx(144)
    assert answer.binding[0]["days_to_clear"] == pytest.approx(100 / 48)
    assert answer.binding[0]["resource"] == "booth"


def test_vehicles_are_conserved(plan):
    """What came is cleared, gone, or still there, and the stages hold what is there."""
    made = plan(gate(per_day=300))
    course = run_fluid(build_network(made.loaded, made), made).courses[0]

    assert course.present[:, -1].sum() == pytest.approx(course.backlog[-1], abs=1e-6)


def test_days_that_differ_leave_more_than_the_fluid_near_load_one(plan):
    """At load 0.95 the fluid leaves nothing over night; days that differ by a fifth do."""
    flow = 'arrivals = { kind = "poisson", per_day = 137, day_factor_cv = 0.2 }'
    text = gate(per_day=137, days=20).replace('arrivals = { kind = "poisson", per_day = 137 }', flow)
    row = shadow(plan(text)).find("backlog_at_close", "a", "export")

    assert row["diffusion"] > row["fluid"] + 10
    assert row["low"] < row["diffusion"] < row["high"]


def test_nobody_comes(plan):
    """A flow of nought has no rows and no complaint."""
    assert shadow(plan(gate(per_day=0))).rows == []
