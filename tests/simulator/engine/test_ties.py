"""
What happens at one instant happens in the written order of simulator/engines/order.py.

Completions, changes of timetables, abandonments, arrivals, starts; inside a kind the smaller number first.
"""

DAY = """
[calendars.day]
hours = [{ open = ["09:00-18:00"] }]
[gates.a]
calendar = "day"
"""
BOOTH = """
[gates.a.stations.booth]
servers = 1
[gates.a.export.patience]
fruit = <30 min>
[gates.a.export.stages.booth]
service = <30 min>
"""


def test_a_completion_comes_before_an_arrival(run):
    """At 08:30 the server is free when vehicle 1 comes: a station without a queue takes it."""
    story = run(BOOTH.replace("servers = 1", 'servers = 1\nqueue_places = 0\nwhen_full = "lose"'), ["08:00", "08:30"])

    assert story.show("vehicle", "outcome") == ["0 cleared", "1 cleared"]


def test_a_completion_comes_before_a_change(run):
    """At 18:00 the service ends and then the gate closes, so that nothing is frozen."""
    story = run(DAY + BOOTH.replace("servers = 1", 'servers = 1\nclosing_rule = "freeze"'), ["17:30"])

    assert story.rows == ["0 booth 17:30 17:30 18:00 18:00 cleared"]


def test_a_completion_comes_before_an_abandonment_and_the_start_after_it(run):
    """At 08:30 the server is free, but the patience of the next vehicle ends before anybody starts."""
    story = run(BOOTH, ["08:00", "08:00 fruit", "08:01"])

    assert story.rows == [
        "0 booth 08:00 08:00 08:30 08:30 cleared",
        "1 booth 08:00 - - 08:30 turned_back",
        "2 booth 08:01 08:30 09:00 09:00 cleared",
    ]


def test_a_change_comes_before_an_abandonment_and_the_start_after_it(run):
    """The gate opens at 09:00, the patience ends at 09:00: the vehicle has gone when the server looks."""
    story = run(DAY + BOOTH, ["08:30 fruit"])

    assert story.rows == ["0 booth 08:30 - - 09:00 turned_back"]


def test_a_change_comes_before_an_arrival(run):
    """The gate that opens at 09:00 serves the arrival of 09:00."""
    story = run(DAY + BOOTH, ["09:00"])

    assert story.rows == ["0 booth 09:00 09:00 09:30 09:30 cleared"]


def test_an_abandonment_comes_before_an_arrival(run):
    """The one waiting place becomes free at 08:31 and goes to the vehicle that arrives then."""
    story = run(
        BOOTH.replace("servers = 1", 'servers = 1\nqueue_places = 1\nwhen_full = "lose"').replace(
            "service = <30 min>", "service = <60 min>"
        ),
        ["08:00", "08:01 fruit", "08:31"],
    )

    assert story.show("vehicle", "outcome") == ["0 cleared", "1 turned_back", "2 cleared"]


def test_an_arrival_comes_before_a_start(run):
    """Fruit that arrives at 08:30 goes before general goods that have waited for the server free at 08:30."""
    story = run(BOOTH.replace("servers = 1", 'servers = 1\npriority = ["fruit"]'), ["08:00", "08:10", "08:30 fruit"])

    assert story.starts("booth") == ["0 08:00", "2 08:30", "1 09:00"]


def test_of_two_arrivals_the_lower_number_comes_first(run):
    """Numbers follow the order in which the flow lists them."""
    story = run(BOOTH, ["08:00 general", "08:00 container", "08:00 new_vehicle"])

    assert story.starts("booth") == ["0 08:00", "1 08:30", "2 09:00"]


def test_of_two_flows_the_first_written_arrives_first(run):
    """At one instant exports come before imports here, because their flow is written first."""
    border = BOOTH + "[gates.a.import.stages.booth]\nservice = <30 min>\n"
    story = run(border, {"a import": ["08:00"], "a export": ["08:00"]})

    assert story.show("direction", "started") == ["import 08:00", "export 08:30"]


def test_of_two_completions_the_lower_number_comes_first(run):
    """Both leave the first stage at 08:20, vehicle 1 from the faster line; vehicle 0 is the first to join."""
    border = """
    [gates.a.stations.slow]
    servers = 1
    [gates.a.stations.fast]
    servers = 1
    [gates.a.stations.booth]
    servers = 1
    [gates.a.export.stages.slow]
    service = <20 min>
    classes = ["container"]
    [gates.a.export.stages.fast]
    service = <10 min>
    classes = ["fruit"]
    [gates.a.export.stages.booth]
    service = <10 min>
    """
    story = run(border, ["08:00 container", "08:10 fruit"])

    assert story.at("booth") == ["0 08:20 08:20 08:30 08:30 cleared", "1 08:20 08:30 08:40 08:40 cleared"]


def test_a_service_without_length_takes_its_turn_before_the_next_arrival(run):
    """Both arrive before either starts: the second finds the server promised to the first."""
    border = """
    [gates.a.stations.sign]
    servers = 1
    queue_places = 0
    when_full = "lose"
    [gates.a.export.stages.sign]
    service = <0 min>
    """
    story = run(border, ["08:00", "08:00"])

    assert story.rows == ["0 sign 08:00 08:00 08:00 08:00 cleared", "1 sign 08:00 - - 08:00 lost"]


def test_two_abandonments_at_one_instant_both_happen(run):
    """Each leaves by itself; the vehicle behind them starts."""
    story = run(
        BOOTH.replace("service = <30 min>", "service = <40 min>"),
        ["08:00", "08:05 fruit", "08:05 fruit", "08:06"],
    )

    assert story.show("vehicle", "started", "left", "outcome")[1:] == [
        "1 - 08:35 turned_back", "2 - 08:35 turned_back", "3 08:40 09:20 cleared",
    ]  # fmt: skip


def test_a_station_with_a_lower_number_starts_first(run):
    """The first two stations take no time: the vehicle at station one gets through, the other is lost."""
    border = """
    [gates.a.stations.one]
    servers = 1
    [gates.a.stations.two]
    servers = 1
    [gates.a.stations.booth]
    servers = 1
    queue_places = 0
    when_full = "lose"
    [gates.a.export.stages.one]
    service = <0 min>
    classes = ["fruit"]
    [gates.a.export.stages.two]
    service = <0 min>
    classes = ["container"]
    [gates.a.export.stages.booth]
    service = <10 min>
    """
    story = run(border, ["08:00 container", "08:00 fruit"])

    assert story.at("booth") == ["0 08:00 - - 08:00 lost", "1 08:00 08:00 08:10 08:10 cleared"]


def test_a_diversion_is_decided_after_the_timetables_and_before_arrivals(run):
    """At 09:00 the park calls vehicle 0, then vehicle 1 is sent away; the arrival of 09:00 does not count."""
    border = (
        DAY
        + """
    [gates.a.stations.park]
    holds = true
    [gates.a.stations.booth]
    servers = 1
    [gates.a.yards.near]
    keep = 1
    [gates.a.export.stages.park]
    [gates.a.export.stages.booth]
    service = <30 min>
    yard = "near"
    [gates.b.stations.booth]
    [gates.b.export.stages.booth]
    service = <30 min>
    [diversions.over]
    gate = "a"
    to = "b"
    decides = "while_held"
    when_backlog_over = 1
    travel = <30 min>
    """
    )
    story = run(border, ["08:00:30", "08:00:40", "09:00"])

    assert story.show("vehicle", "gate", "stage", "joined", "left", "outcome") == [
        "0 a park 08:00:30 09:00 passed",
        "0 a booth 09:00 09:30 cleared",
        "1 a park 08:00:40 09:00 diverted",
        "1 b booth 09:30 10:00 cleared",
        "2 a park 09:00 09:30 passed",
        "2 a booth 09:30 10:00 cleared",
    ]


def test_room_is_judged_when_a_vehicle_is_let_in_and_not_again(run):
    """At 18:00 the booth without a queue is free, then it closes: the vehicle stands before it over night."""
    border = """
    [calendars.day]
    hours = [{ open = ["09:00-18:00"] }]
    [gates.a]
    calendar = "day"
    [gates.a.stations.gate_in]
    servers = 1
    [gates.a.stations.booth]
    servers = 1
    queue_places = 0
    [gates.a.export.stages.gate_in]
    service = <10 min>
    [gates.a.export.stages.booth]
    service = <10 min>
    """
    story = run(border, ["17:50", "1+17:55"], days=3)

    assert story.rows == [
        "0 gate_in 17:50 17:50 18:00 18:00 passed",
        "0 booth 18:00 1+09:00 1+09:10 1+09:10 cleared",
        "1 gate_in 1+17:55 1+17:55 1+18:05 2+09:00 passed",
        "1 booth 2+09:00 2+09:00 2+09:10 2+09:10 cleared",
    ]
