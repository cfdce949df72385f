"""Hours and money, worked out by hand."""

from math import exp

import pytest

BOOTH = """
[prices]
vehicle_hour = 50_000
overtime_server_hour = 100_000
[classes.fruit]
perishable = true
load_value = 1_000_000
shelf_life = 10
[classes.general]
[gates.a]
calendar = "day"
[[calendars.day.hours]]
open = ["07:00-19:00"]
overtime = "17:00-19:00"
[gates.a.stations.booth]
servers = 2
[gates.a.export.stages.booth]
service = <60 min>
"""
ARRIVALS = ["08:00 fruit", "08:00 fruit", "08:30 fruit", "08:30 general"]


def test_vehicle_hours_are_spent_waiting(run):
    """Two wait for half an hour each, on one of two days."""
    results = run(BOOTH, ARRIVALS).results

    assert results.find("vehicle_hours_per_day")["mean"] == pytest.approx(1 / 2)
    assert results.find("vehicle_hours_per_day", "a", "export", "general")["mean"] == pytest.approx(0.5 / 2)


def test_perishable_hours_are_spent_inside(run):
    """One hour, one hour and an hour and a half of fruit."""
    results = run(BOOTH, ARRIVALS).results

    assert results.find("perishable_hours_per_day", "a", "export", "fruit")["mean"] == pytest.approx(3.5 / 2)


def test_overtime_is_duty_in_the_hours_paid_so_and_work_after_closing(run):
    """Two servers for two hours on each of two days, and half an hour after 19:00 on one of them."""
    results = run(BOOTH, ["18:30"]).results
    per_day = (2 * 2 * 2 + 0.5) / 2

    assert results.find("overtime_server_hours_per_day", "a", station="booth")["mean"] == pytest.approx(per_day)
    assert results.find("overtime_server_hours_per_day")["mean"] == pytest.approx(per_day)


def test_hours_of_a_day_with_hours_of_its_own_are_no_overtime(run):
    """On the second day the gate works other hours, by a rule that names none as overtime."""
    border = BOOTH + (
        '[[calendars.day.days]]\nfrom = 2025-07-08\nto = 2025-07-08\nstate = "open"\nopen = ["10:00-19:00"]\n'
    )
    results = run(border, ["08:00"]).results

    assert results.find("overtime_server_hours_per_day", "a")["mean"] == pytest.approx(2 * 2 / 2)


def test_a_station_that_never_closes_has_no_overtime(run):
    """It follows no calendar."""
    border = BOOTH.replace("servers = 2", 'servers = 2\nopens_with = "always"')
    results = run(border, ["18:30"]).results

    assert results.find("cost_per_day", "a", station="overtime")["mean"] == 0


def test_cost_has_parts_that_sum_to_the_total(run):
    """Waiting 1 h, overtime 8 h, and fruit that took 1, 1 and 1.5 h of a shelf life of 10."""
    results = run(BOOTH, ARRIVALS).results
    parts = {
        "waiting": 50_000 * 1 / 2,
        "overtime": 100_000 * 8 / 2,
        "spoilage": 1_000_000 * (2 * (1 - exp(-0.1)) + 1 - exp(-0.15)) / 2,
    }
    found = {name: results.find("cost_per_day", "a", station=name)["mean"] for name in (*parts, "total")}

    assert found == pytest.approx({**parts, "total": sum(parts.values())})


def test_a_load_spoils_while_it_stands_whether_or_not_it_is_cleared(run):
    """Of two that came at 18:00 on the last evening, one is served until 19:00; the other stands there to midnight."""
    border = BOOTH.replace("servers = 2", "servers = 1")
    results = run(border, ["1+18:00 fruit", "1+18:00 fruit"]).results
    spoilt = 1_000_000 * ((1 - exp(-0.1)) + (1 - exp(-0.6)))

    assert results.find("cost_per_day", "a", station="spoilage")["mean"] == pytest.approx(spoilt / 2)


def test_a_load_that_came_before_the_measured_days_spoils_within_them_alone(run):
    """Of three one stood overnight: 5.5 h old at midnight, 13.5 h when it was cleared; two days are measured."""
    results = run(BOOTH, ["18:30 fruit"] * 3, warmup_days=1).results
    whole = 1_000_000 * (exp(-0.55) - exp(-1.35)) / 2

    assert results.find("cost_per_day", "a", station="spoilage")["mean"] == pytest.approx(whole)


def test_clearing_more_of_a_jam_never_costs_more(run):
    """A second server clears what one leaves standing: less is lost, though more loads that waited get across."""
    jam = ["08:00 fruit"] * 30
    one, two = (
        run(BOOTH.replace("servers = 2", f"servers = {n}"), jam).results.find("cost_per_day", "a", station="spoilage")
        for n in (1, 2)
    )

    assert two["mean"] < one["mean"]


def test_parts_without_a_price_are_left_out(run):
    """Without prices there is no cost."""
    border = "\n".join(line for line in BOOTH.splitlines() if "_hour =" not in line and "load_value" not in line)
    results = run(border, ARRIVALS).results

    assert [row for row in results.measures if row["measure"] == "cost_per_day"] == []
