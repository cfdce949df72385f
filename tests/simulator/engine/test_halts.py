"""Halts of intake: who is refused, from when, and who still comes."""

import pytest

BOOTH = """
[gates.a.stations.booth]
[gates.a.export.stages.booth]
service = <10 min>
[intake_halts.rot]
gates = ["a"]
classes = ["fruit"]
from = 2025-07-07T10:00:00
to = 2025-07-07T14:00:00
"""


def test_a_class_is_refused_from_a_time_to_a_time(run):
    """The start is included, the end is not; other classes come as always."""
    story = run(BOOTH, ["09:59 fruit", "10:00 fruit", "12:00 general", "13:59 fruit", "14:00 fruit"])

    assert story.show("vehicle", "class", "joined", "left", "outcome") == [
        "0 fruit 09:59 10:09 cleared",
        "1 fruit 10:00 10:00 turned_back",
        "2 general 12:00 12:10 cleared",
        "3 fruit 13:59 13:59 turned_back",
        "4 fruit 14:00 14:10 cleared",
    ]


def test_those_on_the_road_when_it_begins_still_come(run):
    """Who arrives within the first hour had set off before."""
    story = run(BOOTH + "on_the_road = 1.0\n", ["10:30 fruit", "10:59 fruit", "11:00 fruit"])

    assert story.show("vehicle", "outcome") == ["0 cleared", "1 cleared", "2 turned_back"]


def test_a_date_stands_for_its_midnight(run):
    """From the 8th to the 9th: the whole of day 1."""
    border = BOOTH.replace("2025-07-07T10:00:00", "2025-07-08").replace("2025-07-07T14:00:00", "2025-07-09")
    story = run(border, ["23:59 fruit", "1+00:00 fruit", "1+23:59 fruit", "2+00:00 fruit"], days=3)

    assert story.show("vehicle", "outcome") == ["0 cleared", "1 turned_back", "2 turned_back", "3 cleared"]


@pytest.mark.parametrize("compliance", [0.0, 0.8, 1.0])
def test_some_come_although_they_are_refused(run, compliance):
    """Of a thousand vehicles the halt keeps its share away (within four standard errors)."""
    story = run(BOOTH + f"compliance = {compliance}\n", ["12:00:01 fruit"] * 1_000)
    kept_away = (story.trace["outcome"] == "turned_back").sum()

    assert kept_away == pytest.approx(1_000 * compliance, abs=4 * (1_000 * compliance * (1 - compliance)) ** 0.5)


def test_a_halt_stops_a_direction_of_the_gates_it_names(run):
    """Imports and the other gate are untouched."""
    border = (
        BOOTH
        + """
    [gates.a.import.stages.booth]
    service = <10 min>
    [gates.b.stations.booth]
    [gates.b.export.stages.booth]
    service = <10 min>
    """
    )
    story = run(border, {"a export": ["12:00 fruit"], "a import": ["12:01 fruit"], "b export": ["12:02 fruit"]})

    assert story.show("gate", "direction", "outcome") == [
        "a export turned_back", "a import cleared", "b export cleared",
    ]  # fmt: skip


def test_vehicles_inside_when_it_begins_are_served(run):
    """A halt of intake refuses arrivals, nobody else."""
    story = run(
        BOOTH.replace("[gates.a.stations.booth]", "[gates.a.stations.booth]\nservers = 1"),
        ["09:50 fruit", "09:55 fruit"],
    )

    assert story.rows[1] == "1 booth 09:55 10:00 10:10 10:10 cleared"


def test_a_diverted_vehicle_meets_the_halt_of_the_other_gate(run):
    """Gate b refuses fruit: vehicle 1 is sent there and turned back on arrival, half an hour later."""
    border = """
    [gates.a.stations.booth]
    servers = 1
    [gates.a.export.stages.booth]
    service = <60 min>
    [gates.b.stations.booth]
    [gates.b.export.stages.booth]
    service = <10 min>
    [diversions.over]
    gate = "a"
    to = "b"
    when_backlog_over = 0
    travel = <30 min>
    [intake_halts.rot]
    gates = ["b"]
    classes = ["fruit"]
    from = 2025-07-07
    to = 2025-07-08
    """
    story = run(border, ["08:00 fruit", "08:01 fruit"])

    assert story.show("vehicle", "gate", "joined", "left", "outcome")[1:] == [
        "1 a 08:01 08:01 diverted", "1 b 08:31 08:31 turned_back",
    ]  # fmt: skip
