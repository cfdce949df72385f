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
    story = run(
        DAY + BOOTH.replace("servers = 1", 'servers = 1\nclosing_rule = "freeze"'), ["17:30"]
    )

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
    """Two gates of hours: the one that opens at 09:00 serves the arrival of 09:00."""
    story = run(DAY + BOOTH, ["09:00"])

    assert story.rows == ["0 booth 09:00 09:00 09:30 09:30 cleared"]


def test_an_abandonment_comes_before_an_arrival(run):
    """The one waiting place becomes free at 08:31 and goes to the vehicle that arrives then."""
    story = run(
        BOOTH.replace("servers = 1", 'servers = 1\nqueue_places = 1\nwhen_full = "lose"').replace("<30 min>\n[", "<30 min>\n[").replace("service = <30 min>", "service = <60 min>"),
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
    """Both leave the first stage at 08:20, vehicle 1 from the faster line; vehicle 0 joins the next queue first."""
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
    """Consequences at the same instant keep the order: the completion of vehicle 0 comes before nothing but its start."""
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
    story = run(BOOTH.replace("service = <30 min>", "service = <40 min>"), ["08:00", "08:05 fruit", "08:05 fruit", "08:06"])

    assert story.show("vehicle", "started", "left", "outcome")[1:] == [
        "1 - 08:35 turned_back", "2 - 08:35 turned_back", "3 08:40 09:20 cleared",
    ]  # fmt: skip


def test_a_station_with_a_lower_number_starts_first(run):
    """Imports blocked before the shared yard: the place of 08:40 goes to the one served first, by number in a tie."""
    border = """
    [gates.a.stations.one]
    servers = 1
    [gates.a.stations.two]
    servers = 1
    [gates.a.stations.yard]
    [gates.a.yards.far]
    places = 1
    [gates.a.export.stages.one]
    service = <10 min>
    [gates.a.export.stages.out]
    station = "yard"
    service = <30 min>
    yard = "far"
    [gates.a.import.stages.two]
    service = <10 min>
    [gates.a.import.stages.in]
    station = "yard"
    service = <30 min>
    yard = "far"
    """
    story = run(border, {"a export": ["08:00", "08:05"], "a import": ["08:05"]})

    assert story.yards == ["0 far 08:10 08:10 08:40", "1 far 08:20 08:40 09:10", "2 far 08:15 09:10 09:40"] or (
        story.yards == ["0 far 08:10 08:10 08:40", "1 far 08:20 09:10 09:40", "2 far 08:15 08:40 09:10"]
    )
