"""What becomes of the vehicle in service at 18:00, and of those behind it, under each closing rule."""

import pytest

RULES = ("finish", "freeze", "hand_back", "last_start")
BOOTH = """
[calendars.day]
hours = [{ open = ["08:00-18:00"] }]
[gates.a]
calendar = "day"
[gates.a.stations.booth]
servers = 1
closing_rule = "RULE"
[gates.a.export.stages.booth]
service = [{ classes = ["fruit"], law = <10 min> }, { law = <40 min> }]
"""


def booth(rule, more=""):
    """Return a booth with a closing rule and, if wanted, other settings."""
    return BOOTH.replace("RULE", rule).replace("servers = 1", f"servers = 1\n{more}")


def test_finish_serves_out_the_vehicle_in_service_and_starts_no_other(run):
    """Vehicle 0 overruns closing by ten minutes; vehicle 1 waits for the morning."""
    story = run(booth("finish"), ["17:30", "17:45"])

    assert story.rows == [
        "0 booth 17:30 17:30 18:10 18:10 cleared",
        "1 booth 17:45 1+08:00 1+08:40 1+08:40 cleared",
    ]


def test_freeze_stops_work_at_closing_and_resumes_it_next_morning(run):
    """Of forty minutes ten are left at 18:00; they are done at 08:10, and the next vehicle follows."""
    story = run(booth("freeze"), ["17:30", "17:45"])

    assert story.rows == [
        "0 booth 17:30 17:30 1+08:10 1+08:10 cleared",
        "1 booth 17:45 1+08:10 1+08:50 1+08:50 cleared",
    ]


def test_frozen_work_lasts_over_several_nights(run):
    """Twenty-five hours in days of ten: ten, ten and five."""
    story = run(booth("freeze").replace("<40 min>", "<25 h>"), ["08:00"], days=3)

    assert story.rows == ["0 booth 08:00 08:00 2+13:00 2+13:00 cleared"]


def test_freeze_stops_for_lunch_too(run):
    """Lunch closes the gate like the evening: 30 minutes before it, 10 after."""
    story = run(
        booth("freeze").replace('open = ["08:00-18:00"]', 'open = ["08:00-18:00"], lunch = "11:30-13:30"'),
        ["11:00"],
    )

    assert story.rows == ["0 booth 11:00 11:00 13:40 13:40 cleared"]


def test_hand_back_puts_the_vehicle_at_the_head_of_the_queue_with_its_work_kept(run):
    """A waiting vehicle of a more urgent class does not overtake the one that was begun."""
    story = run(booth("hand_back", 'priority = ["fruit"]'), ["17:30 general", "17:45 fruit", "17:50 general"])

    assert story.rows == [
        "0 booth 17:30 17:30 1+08:10 1+08:10 cleared",
        "1 booth 17:45 1+08:10 1+08:20 1+08:20 cleared",
        "2 booth 17:50 1+08:20 1+09:00 1+09:00 cleared",
    ]


def test_vehicles_handed_back_go_on_in_the_order_in_which_they_were_begun(run):
    """At 18:00 two minutes are left of vehicle 3, begun at 17:52, and 35 of vehicle 2, begun at 17:55."""
    border = booth("hand_back", 'priority = ["fruit"]').replace(
        "servers = 1", "servers = [{ servers = 2 }, { from = 2025-07-08, servers = 1 }]"
    )
    story = run(border, ["17:12 general", "17:15 general", "17:20 general", "17:30 fruit"])

    assert story.rows[2:] == [
        "2 booth 17:20 17:55 1+08:37 1+08:37 cleared",
        "3 booth 17:30 17:52 1+08:02 1+08:02 cleared",
    ]


def test_two_handed_back_vehicles_share_the_one_server_of_the_morning(run):
    """At 18:00 ten minutes are left of vehicle 0 and twenty of vehicle 1."""
    border = booth("hand_back").replace(
        "servers = 1", "servers = [{ servers = 2 }, { from = 2025-07-08, servers = 1 }]"
    )
    story = run(border, ["17:30", "17:40", "17:50"])

    assert story.rows == [
        "0 booth 17:30 17:30 1+08:10 1+08:10 cleared",
        "1 booth 17:40 17:40 1+08:30 1+08:30 cleared",
        "2 booth 17:50 1+08:30 1+09:10 1+09:10 cleared",
    ]


@pytest.mark.parametrize(("rule", "finished"), [("freeze", "1+08:10"), ("hand_back", "2+08:10")])
def test_frozen_work_resumes_where_a_vehicle_handed_back_has_to_be_admitted_again(run, rule, finished):
    """Day 1 is for registered vehicles: a frozen service goes on, one handed back starts anew and waits."""
    tet = 'days = [{ from = 2025-07-08, to = 2025-07-08, state = "preregistered" }]\n[gates.a]\n'
    border = booth(rule).replace("[gates.a]\n", tet, 1) + "[gates.a.export.preregistered]\ngeneral = 0.0\n"
    story = run(border, ["17:30"], days=3)

    assert story.rows == [f"0 booth 17:30 17:30 {finished} {finished} cleared"]


def test_last_start_begins_nothing_that_cannot_be_finished_and_holds_the_line(run):
    """At 17:30 forty minutes do not fit; the ten of the vehicle behind would, but it is not its turn."""
    story = run(booth("last_start"), ["17:30 general", "17:35 fruit"])

    assert story.rows == [
        "0 booth 17:30 1+08:00 1+08:40 1+08:40 cleared",
        "1 booth 17:35 1+08:40 1+08:50 1+08:50 cleared",
    ]


def test_a_line_held_by_last_start_moves_when_its_head_turns_back(run):
    """Vehicle 0 gives up at 17:40; then there is time for vehicle 1."""
    story = run(
        booth("last_start") + "[gates.a.export.patience]\ngeneral = <10 min>\n",
        ["17:30 general", "17:35 fruit"],
    )

    assert story.rows == [
        "0 booth 17:30 - - 17:40 turned_back",
        "1 booth 17:35 17:40 17:50 17:50 cleared",
    ]


@pytest.mark.parametrize("rule", RULES)
def test_a_service_that_ends_exactly_at_closing_is_completed(run, rule):
    """Completions come before changes of the timetable, so nothing is stopped or handed back."""
    story = run(booth(rule), ["17:20", "17:30"])

    assert story.rows == [
        "0 booth 17:20 17:20 18:00 18:00 cleared",
        "1 booth 17:30 1+08:00 1+08:40 1+08:40 cleared",
    ]


@pytest.mark.parametrize("rule", RULES)
def test_a_vehicle_that_arrives_at_opening_is_served_at_once(run, rule):
    """The gate has opened before the arrival of the same instant."""
    story = run(booth(rule), ["08:00"])

    assert story.rows == ["0 booth 08:00 08:00 08:40 08:40 cleared"]


@pytest.mark.parametrize("rule", RULES)
def test_a_vehicle_that_arrives_at_closing_waits_for_the_morning(run, rule):
    """The gate has closed before the arrival of the same instant."""
    story = run(booth(rule), ["18:00"])

    assert story.rows == ["0 booth 18:00 1+08:00 1+08:40 1+08:40 cleared"]


@pytest.mark.parametrize("rule", RULES)
def test_a_vehicle_inside_at_the_end_of_the_run_has_no_end(run, rule):
    """The run ends at midnight; what happens at that instant lies outside it."""
    story = run(booth(rule).replace("<40 min>", "<16 h>").replace("18:00", "24:00"), ["08:00"], days=1)

    assert story.rows == ["0 booth 08:00 08:00 - - inside"]
