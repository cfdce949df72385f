"""Runs that start from vehicles inside: their ages, their places, and the rest of services under way."""

import numpy as np
import pytest
from scipy import stats

BOOTH = """
[calendars.day]
hours = [{ open = ["08:00-18:00"] }]
[gates.a]
calendar = "day"
[gates.a.stations.booth]
servers = 1
closing_rule = "finish"
[gates.a.export.stages.booth]
service = <40 min>
"""
TWO_STAGES = """
[gates.a.stations.gate_in]
servers = 1
[gates.a.stations.booth]
servers = 1
[gates.a.export.stages.gate_in]
service = <10 min>
[gates.a.export.stages.booth]
service = <40 min>
"""
NONE_COME = {"a export": []}


def inside(*entries):
    """Return TOML for vehicles inside: each entry a stage and what else is known of them."""
    return "".join(
        f'\n[[scenarios.test.initial.vehicles]]\ngate = "a"\ndirection = "export"\n{entry}\n' for entry in entries
    )


def test_those_who_wait_longest_are_served_first(run):
    """The entry written second has waited half an hour, the first ten minutes; an arrival comes last."""
    waiting = inside('stage = "booth"\nwaited = <10 min>', 'stage = "booth"\nwaited = <30 min>')
    story = run(BOOTH + waiting, ["10:05"], starts_at="10:00")

    assert story.rows == [
        "0 booth 09:30 10:00 10:40 10:40 cleared",
        "1 booth 09:50 10:40 11:20 11:20 cleared",
        "2 booth 10:05 11:20 12:00 12:00 cleared",
    ]


def test_vehicles_of_one_age_keep_the_order_in_which_they_are_written(run):
    """A count of two, all just come."""
    story = run(
        BOOTH + inside('stage = "booth"\ncount = 2', 'stage = "booth"\nclass = "fruit"'),
        NONE_COME,
        starts_at="10:00",
    )

    assert story.show("vehicle", "class", "started") == [
        "0 general 10:00",
        "1 general 10:40",
        "2 fruit 11:20",
    ]


def test_a_service_under_way_takes_what_is_left_of_it(run):
    """Fifteen of forty minutes are over; before them the vehicle waited five."""
    served = inside('stage = "booth"\nin_service = <15 min>\nwaited = <5 min>')
    story = run(BOOTH + served, ["10:01"], starts_at="10:00")

    assert story.rows == [
        "0 booth 09:40 09:45 10:25 10:25 cleared",
        "1 booth 10:01 10:25 11:05 11:05 cleared",
    ]


def test_a_service_that_should_be_over_ends_at_once(run):
    """Fifty minutes of a service that takes forty: it is finished at the start of the run."""
    story = run(BOOTH + inside('stage = "booth"\nin_service = <50 min>'), ["10:01"], starts_at="10:00")

    assert story.rows[0] == "0 booth 09:10 09:10 10:00 10:00 cleared"


@pytest.mark.parametrize(
    ("law", "rest"),
    [
        ('{ law = "exponential", mean = 10, unit = "min" }', stats.expon(scale=10)),
        ('{ law = "uniform", low = 0, high = 20, unit = "min" }', stats.uniform(0, 15)),
    ],
)
def test_the_rest_of_a_service_is_what_its_law_says_given_the_part_served(run, law, rest):
    """After five minutes an exponential service is as long as ever; one uniform on 0-20 is so on 0-15."""
    served = inside('stage = "booth"\nin_service = <5 min>\ncount = 3000')
    border = BOOTH.replace("<40 min>", law).replace("servers = 1", "servers = 3000")
    story = run(border + served, NONE_COME, starts_at="10:00")
    left_min = (story.trace["finished_us"].to_numpy(dtype=np.int64) / 60e6) - 600

    assert stats.kstest(left_min, rest.cdf).pvalue > 0.001


@pytest.mark.parametrize(
    ("rule", "finished"),
    [("finish", "06:30"), ("freeze", "08:30"), ("hand_back", "08:30"), ("last_start", "06:30")],
)
def test_in_service_at_a_closed_start_the_closing_rule_has_acted(run, rule, finished):
    """At 06:00 the gate is shut since the evening: some finish, others have thirty minutes left."""
    border = BOOTH.replace('"finish"', f'"{rule}"') + inside('stage = "booth"\nin_service = <10 min>')
    story = run(border, ["06:10"], starts_at="06:00")

    assert story.rows[0] == f"0 booth 05:50 05:50 {finished} {finished} cleared"
    assert story.starts("booth")[1] == ("1 08:00" if finished == "06:30" else "1 08:30")


def test_more_in_service_than_servers_on_duty_are_finished_or_frozen(run):
    """Two are in service although one server is on duty at 10:00: the roster has just fallen."""
    roster = '[{ servers = 2 }, { hours = "09:30-24:00", servers = 1 }]'
    served = inside('stage = "booth"\nin_service = <30 min>', 'stage = "booth"\nin_service = <20 min>')
    border = BOOTH.replace("servers = 1", f"servers = {roster}") + served
    finishing = run(border, NONE_COME, starts_at="10:00")
    freezing = run(border.replace('"finish"', '"freeze"'), NONE_COME, starts_at="10:00")

    assert finishing.show("vehicle", "finished") == ["0 10:10", "1 10:20"]
    assert freezing.show("vehicle", "finished") == ["0 10:10", "1 10:30"]


def test_vehicles_inside_go_on_from_where_they_are(run):
    """One waits at the booth and one at the gate-in; the later stages follow as for everybody."""
    waiting = inside('stage = "booth"\nwaited = <5 min>', 'stage = "gate_in"\nwaited = <1 min>')
    story = run(TWO_STAGES + waiting, ["10:00"], starts_at="10:00")

    assert story.rows == [
        "0 booth 09:55 10:00 10:40 10:40 cleared",
        "1 gate_in 09:59 10:00 10:10 10:10 passed",
        "1 booth 10:10 10:40 11:20 11:20 cleared",
        "2 gate_in 10:00 10:10 10:20 10:20 passed",
        "2 booth 10:20 11:20 12:00 12:00 cleared",
    ]


def test_vehicles_inside_hold_places_of_a_yard(run):
    """The vehicle in the yard holds its one place; the one at the first stage waits for it on the road."""
    border = TWO_STAGES.replace("<40 min>", '<40 min>\nyard = "near"\n[gates.a.yards.near]\nplaces = 1')
    waiting = inside('stage = "booth"\nin_service = <30 min>', 'stage = "gate_in"\nwaited = <1 min>')
    story = run(border + waiting, NONE_COME, starts_at="10:00")

    assert story.rows == [
        "0 booth 09:30 09:30 10:10 10:10 cleared",
        "1 gate_in 09:59 10:00 10:10 10:10 passed",
        "1 booth 10:10 10:10 10:50 10:50 cleared",
    ]


def test_those_before_the_yard_enter_it_by_age(run):
    """Two wait for the first stage, whose yard opens at 08:00; the arrival of 07:00 comes third."""
    border = BOOTH.replace("<40 min>", '<40 min>\nyard = "near"')
    border += '[gates.a.yards.near]\nplaces = 2\nopens_with = "gate"\n'
    waiting = inside('stage = "booth"\nwaited = <10 min>', 'stage = "booth"\nwaited = <20 min>')
    story = run(border + waiting, ["07:00"], starts_at="06:00")

    assert story.show("vehicle", "joined", "started") == ["0 05:40 08:00", "1 05:50 08:40", "2 07:00 09:20"]
    assert story.yards == ["0 near 06:00 08:00 08:40", "1 near 06:00 08:00 09:20", "2 near 07:00 08:40 10:00"]


def test_vehicles_held_in_a_park_are_called_by_age(run):
    """Three are held; two fit, those who have waited longest."""
    border = """
    [gates.a.stations.park]
    holds = true
    [gates.a.stations.booth]
    servers = 1
    [gates.a.yards.near]
    keep = 2
    [gates.a.export.stages.park]
    [gates.a.export.stages.booth]
    service = <10 min>
    yard = "near"
    """
    held = inside(*(f'stage = "park"\nwaited = <{n} min>' for n in (10, 30, 20)))
    story = run(border + held, NONE_COME, starts_at="10:00")

    assert story.at("park") == [
        "0 09:30 10:00 10:00 10:00 passed",
        "1 09:40 10:00 10:00 10:00 passed",
        "2 09:50 10:10 10:10 10:10 passed",
    ]


def test_patience_of_those_inside_began_when_they_joined(run):
    """Thirty minutes of patience: ten of them are over for one vehicle, and more than all for the other."""
    border = BOOTH + '[gates.a.export.patience]\n"*" = <30 min>\n'
    waiting = inside(
        'stage = "booth"\nwaited = <10 min>',
        'stage = "booth"\nwaited = <45 min>',
        'stage = "booth"\nin_service = <1 min>',
    )
    story = run(border + waiting, NONE_COME, starts_at="10:00")

    assert story.rows == [
        "0 booth 09:15 - - 10:00 turned_back",
        "1 booth 09:50 - - 10:20 turned_back",
        "2 booth 09:59 09:59 10:39 10:39 cleared",
    ]


def test_a_vehicle_inside_behind_the_clearing_stage_was_cleared_before(run):
    """It goes home and is neither backlog nor a clearance of this run."""
    border = TWO_STAGES.replace("<10 min>", "<10 min>\nclears = true")
    story = run(border + inside('stage = "booth"\nwaited = <5 min>'), NONE_COME, starts_at="10:00")

    assert story.rows == ["0 booth 09:55 10:00 10:40 10:40 returned"]


def test_vehicles_inside_come_before_arrivals_of_the_same_instant(run):
    """The lower number goes first."""
    story = run(BOOTH + inside('stage = "booth"'), ["10:00"], starts_at="10:00")

    assert story.starts("booth") == ["0 10:00", "1 10:40"]


def test_work_frozen_at_a_broken_start_waits_for_the_repair(run):
    """The booth is sound for ever, or breaks down for an hour at the start, and perhaps again after it."""
    breakdown = 'breakdown = { up = { law = "empirical", values = [0, 100000], unit = "h" }, down = <60 min> }'
    border = BOOTH.replace("servers = 1", f"servers = 1\n{breakdown}") + inside(
        'stage = "booth"\nin_service = <10 min>'
    )
    stories = [run(border, NONE_COME, starts_at="10:00", seed=seed) for seed in range(6)]
    finished = {story.show("finished")[0] for story in stories}

    assert finished <= {f"{hour}:30" for hour in range(10, 17)}  # seven breakdowns in a row have not been drawn
    assert {"10:30", "11:30"} <= finished


def test_more_may_stand_before_a_full_yard_than_it_has_places(run):
    """Of three for one place, two stand on the road; a class that passes by the gate-in stands there as well."""
    yard = "[gates.a.yards.near]\nplaces = 1\n"
    border = TWO_STAGES.replace("[gates.a.export.stages.booth]", '[gates.a.export.stages.booth]\nyard = "near"')
    border = border.replace("[gates.a.export.stages.gate_in]", '[gates.a.export.stages.gate_in]\nclasses = ["fruit"]')
    waiting = inside('class = "general"\nstage = "booth"\ncount = 3\nwaited = <10 min>')
    story = run(yard + border + waiting, NONE_COME, starts_at="10:00")

    assert story.rows == [
        "0 booth 09:50 10:00 10:40 10:40 cleared",
        "1 booth 09:50 10:40 11:20 11:20 cleared",
        "2 booth 09:50 11:20 12:00 12:00 cleared",
    ]
    assert story.yards == [
        "0 near 10:00 10:00 10:40",
        "1 near 10:00 10:40 11:20",
        "2 near 10:00 11:20 12:00",
    ]
