"""Vehicles sent to another gate: when, who, how long it takes, and that they stay the same vehicle."""

import pytest

GATES = """
[gates.a.stations.booth]
servers = 1
[gates.a.export.stages.booth]
service = <60 min>
[gates.b.stations.booth]
servers = 1
[gates.b.export.stages.booth]
service = <60 min>
"""
RULE = """
[diversions.over]
gate = "a"
to = "b"
when_backlog_over = 2
travel = <30 min>
"""
HELD = """
[gates.a.stations.park]
holds = true
[gates.a.yards.near]
keep = 1
[gates.a.export]
route = ["park", "booth"]
[gates.a.export.stages.park]
"""
COLUMNS = ("vehicle", "gate", "joined", "started", "left", "outcome")


def test_a_vehicle_that_meets_too_long_a_backlog_goes_to_the_other_gate(run):
    """Two are allowed before it and one more: the vehicle that finds three drives half an hour."""
    story = run(GATES + RULE, ["08:00", "08:01", "08:02", "08:03"])

    assert story.show(*COLUMNS) == [
        "0 a 08:00 08:00 09:00 cleared",
        "1 a 08:01 09:00 10:00 cleared",
        "2 a 08:02 10:00 11:00 cleared",
        "3 a 08:03 - 08:03 diverted",
        "3 b 08:33 08:33 09:33 cleared",
    ]


def test_the_backlog_counts_those_waiting_and_in_service_until_their_clearance(run):
    """At 09:01 vehicle 0 has been cleared, so two are before vehicle 3 and it stays."""
    story = run(GATES + RULE, ["08:00", "08:01", "08:02", "09:01"])

    assert story.show(*COLUMNS)[3] == "3 a 09:01 11:00 12:00 cleared"


def test_a_diverted_vehicle_queues_at_the_other_gate_when_it_gets_there(run):
    """Vehicle 4 of gate b came at 08:20 and is in service until 09:20."""
    story = run(GATES + RULE, {"a export": ["08:00", "08:01", "08:02", "08:03"], "b export": ["08:20"]})

    assert story.show(*COLUMNS)[3:] == [
        "3 a 08:03 - 08:03 diverted",
        "3 b 08:33 09:20 10:20 cleared",
        "4 b 08:20 08:20 09:20 cleared",
    ]


def test_the_other_gate_may_have_had_enough(run):
    """Vehicle 3 goes; vehicle 4 finds it on its way there, and vehicle 5 finds it in service."""
    story = run(GATES + RULE + "while_backlog_below = 1\n", ["08:00", "08:01", "08:02", "08:03", "08:04", "08:40"])

    assert [line for line in story.show("vehicle", "gate", "outcome") if line[0] in "345"] == [
        "3 a diverted", "3 b cleared", "4 a cleared", "5 a cleared",
    ]  # fmt: skip


def test_a_class_that_may_not_use_the_other_gate_stays(run):
    """Both sides let only fruit and general goods use gate b."""
    border = GATES + RULE + '[eligibility]\ncontainer = ["a"]\n'
    story = run(border, ["08:00", "08:01", "08:02", "08:03 container", "08:04 fruit"])

    assert [line for line in story.show("vehicle", "gate", "class", "outcome") if line[0] in "34"] == [
        "3 a container cleared", "4 a fruit diverted", "4 b fruit cleared",
    ]  # fmt: skip


def test_a_rule_may_name_its_classes(run):
    """Only containers are sent on."""
    story = run(
        GATES + RULE + 'classes = ["container"]\n',
        ["08:00", "08:01", "08:02", "08:03 fruit", "08:04 container"],
    )

    assert [line for line in story.show("vehicle", "gate", "outcome") if line[0] in "34"] == [
        "3 a cleared", "4 a diverted", "4 b cleared",
    ]  # fmt: skip


@pytest.mark.parametrize(("compliance", "low", "high"), [(0.0, 0, 0), (0.5, 220, 280), (1.0, 500, 500)])
def test_drivers_follow_as_often_as_the_rule_says(run, compliance, low, high):
    """Of five hundred vehicles that find three, half follow a rule of one half (three standard errors)."""
    story = run(
        GATES + RULE + f"compliance = {compliance}\n",
        ["08:00:01", "08:00:02", "08:00:03", *["08:00:04"] * 500],
        days=1,
    )

    assert low <= (story.trace["outcome"] == "diverted").sum() <= high


def test_the_driving_time_is_the_road_s_unless_the_rule_has_one(run):
    """Forty-five minutes by the table of roads, in either sense."""
    border = GATES + RULE.replace("travel = <30 min>\n", "") + '[travel.ab]\ngates = ["b", "a"]\nminutes = <45 min>\n'
    story = run(border, ["08:00", "08:01", "08:02", "08:03"])

    assert story.show(*COLUMNS)[4] == "3 b 08:48 08:48 09:48 cleared"


def test_those_held_last_are_sent_away_as_many_as_are_too_many(run):
    """At 09:00 vehicle 0 is cleared and vehicle 1 called; of four two are too many: vehicles 3 and 4 go."""
    border = GATES.replace("<60 min>", '<60 min>\nyard = "near"', 1) + HELD + RULE + 'decides = "while_held"\n'
    story = run(border, ["08:00", "08:01", "08:02", "08:03", "08:04"])

    assert [
        line for line in story.show("vehicle", "gate", "stage", "joined", "left", "outcome") if line[0] in "1234"
    ] == [
        "1 a park 08:01 09:00 passed",
        "1 a booth 09:00 10:00 cleared",
        "2 a park 08:02 10:00 passed",
        "2 a booth 10:00 11:00 cleared",
        "3 a park 08:03 09:00 diverted",
        "3 b booth 09:30 10:30 cleared",
        "4 a park 08:04 09:00 diverted",
        "4 b booth 09:30 11:30 cleared",
    ]


def test_held_vehicles_are_looked_at_as_often_as_the_rule_says(run):
    """Every twenty minutes from 07:50 on: at 08:10 three are there, one too many, and the last one goes."""
    border = GATES.replace("<60 min>", '<60 min>\nyard = "near"', 1) + HELD + RULE
    story = run(border + 'decides = "while_held"\ncheck_every = 20\n', ["08:00", "08:01", "08:02"], starts_at="07:50")

    assert [line for line in story.show(*COLUMNS) if line.startswith("2")] == [
        "2 a 08:02 - 08:10 diverted", "2 b 08:40 08:40 09:40 cleared",
    ]  # fmt: skip


def test_a_vehicle_in_the_yard_is_not_sent_away(run):
    """Only the park is looked at: both vehicles in the yard stay, although they are too many."""
    border = GATES.replace("<60 min>", '<60 min>\nyard = "near"', 1) + HELD.replace("keep = 1", "keep = 2") + RULE
    border = border.replace("when_backlog_over = 2", "when_backlog_over = 0")
    story = run(border + 'decides = "while_held"\n', ["08:00", "08:01"])

    assert "diverted" not in " ".join(story.rows)


def test_a_called_vehicle_that_has_not_left_the_park_may_be_sent_away(run):
    """Vehicle 1 has a place in the yard and no room to drive to; fruit is called before it, so it is held last."""
    border = """
    [gates.a.stations.park]
    holds = true
    priority = ["fruit"]
    [gates.a.stations.booth]
    servers = 1
    queue_places = 0
    [gates.a.yards.near]
    places = 2
    [gates.a.export.stages.park]
    [gates.a.export.stages.booth]
    service = <60 min>
    yard = "near"
    [gates.b.stations.booth]
    [gates.b.export.stages.booth]
    service = <60 min>
    """
    story = run(
        border + RULE + 'decides = "while_held"\n',
        ["08:00 general", "08:01 general", "08:02 fruit"],
        starts_at="07:30",
    )

    assert story.show("vehicle", "gate", "stage", "joined", "left", "outcome")[2:] == [
        "1 a park 08:01 08:30 diverted",
        "1 b booth 09:00 10:00 cleared",
        "2 a park 08:02 09:00 passed",
        "2 a booth 09:00 10:00 cleared",
    ]
    assert story.yards[1:] == ["1 near 08:01 08:01 08:30", "2 near 08:02 08:30 10:00"]


def test_a_stand_in_comes_after_an_arrival_of_the_same_instant(run):
    """Vehicle 3 reaches gate b when vehicle 4 arrives there: stand-ins have the higher numbers."""
    story = run(GATES + RULE, {"a export": ["08:00", "08:01", "08:02", "08:03"], "b export": ["08:33"]})

    assert [line for line in story.show(*COLUMNS) if " b " in line] == [
        "3 b 08:33 09:33 10:33 cleared", "4 b 08:33 08:33 09:33 cleared",
    ]  # fmt: skip


def test_a_vehicle_that_stops_nowhere_at_the_other_gate_is_gone(run):
    """General goods need no stage at gate b: the vehicle leaves gate a, and gate b never sees it."""
    border = GATES[: GATES.rindex("service")] + 'classes = ["fruit"]\n' + GATES[GATES.rindex("service") :] + RULE
    story = run(border, {"a export": ["08:00", "08:01", "08:02", "08:03"], "b export": ["08:50 fruit"]})

    assert story.show(*COLUMNS)[3:] == ["3 a 08:03 - 08:03 diverted", "4 b 08:50 08:50 09:50 cleared"]


def test_a_vehicle_on_its_way_at_the_end_is_at_neither_gate(run):
    """It left gate a at 23:50 and would come to gate b after the run."""
    story = run(GATES + RULE, ["23:40", "23:41", "23:42", "23:50"], days=1)

    assert story.show(*COLUMNS)[3:] == ["3 a 23:50 - 23:50 diverted"]
