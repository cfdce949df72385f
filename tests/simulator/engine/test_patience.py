"""Turning back: from where, after how long, and from where never."""

QUEUE = """
[gates.a.stations.booth]
servers = 1
[gates.a.export.patience]
general = <30 min>
[gates.a.export.stages.booth]
service = <60 min>
"""
TANDEM = """
[gates.a.stations.gate_in]
servers = 1
[gates.a.stations.booth]
servers = 1
[gates.a.export.patience]
"*" = <30 min>
[gates.a.export.stages.gate_in]
service = <20 min>
[gates.a.export.stages.booth]
service = <60 min>
"""


def test_a_vehicle_turns_back_when_its_patience_ends(run):
    """Vehicle 1 would be served at 09:00 and leaves at 08:31; vehicle 2 has its turn instead."""
    story = run(QUEUE, ["08:00", "08:01", "08:31"])

    assert story.rows == [
        "0 booth 08:00 08:00 09:00 09:00 cleared",
        "1 booth 08:01 - - 08:31 turned_back",
        "2 booth 08:31 09:00 10:00 10:00 cleared",
    ]


def test_patience_that_ends_at_the_instant_of_the_start_is_lost(run):
    """At 09:00 the server is free and the patience of thirty minutes over: it goes."""
    story = run(QUEUE, ["08:00", "08:30"])

    assert story.rows[1] == "1 booth 08:30 - - 09:00 turned_back"


def test_a_class_without_a_law_never_turns_back(run):
    """Only general goods are given a patience."""
    story = run(QUEUE, ["08:00 general", "08:01 fruit"])

    assert story.rows[1] == "1 booth 08:01 09:00 10:00 10:00 cleared"


def test_a_vehicle_in_service_never_turns_back(run):
    """A service of an hour, a patience of half an hour."""
    story = run(QUEUE, ["08:00"])

    assert story.rows == ["0 booth 08:00 08:00 09:00 09:00 cleared"]


def test_a_vehicle_whose_work_was_stopped_never_turns_back(run):
    """Frozen or handed back over night: it was begun."""
    for rule in ("freeze", "hand_back"):
        story = run(
            '[calendars.day]\nhours = [{ open = ["08:00-18:00"] }]\n[gates.a]\ncalendar = "day"\n'
            + QUEUE.replace("servers = 1", f'servers = 1\nclosing_rule = "{rule}"'),
            ["17:30"],
        )

        assert story.rows == ["0 booth 17:30 17:30 1+08:30 1+08:30 cleared"]


def test_a_blocked_vehicle_never_turns_back(run):
    """Served and kept from going on: it stands at a server, and no queue is left from there."""
    story = run(
        TANDEM.replace("[gates.a.stations.booth]", "[gates.a.stations.booth]\nqueue_places = 0"),
        ["08:00", "08:01"],
    )

    assert story.rows[2:] == [
        "1 gate_in 08:01 08:20 08:40 09:20 passed",
        "1 booth 09:20 09:20 10:20 10:20 cleared",
    ]


def test_patience_begins_anew_in_every_queue(run):
    """Vehicle 1 waits nineteen minutes at the gate-in, and thirty more at the booth before it turns back."""
    story = run(TANDEM, ["08:00", "08:01"])

    assert story.rows[2:] == [
        "1 gate_in 08:01 08:20 08:40 08:40 passed",
        "1 booth 08:40 - - 09:10 turned_back",
    ]


def test_a_stage_can_be_one_that_nobody_leaves(run):
    """Inside customs there is no turning back."""
    story = run(TANDEM.replace("<60 min>", "<60 min>\npatience = false"), ["08:00", "08:01"])

    assert story.rows[3] == "1 booth 08:40 09:20 10:20 10:20 cleared"


def test_nobody_turns_back_after_the_clearance(run):
    """The gate-in clears: who waits behind it has crossed."""
    story = run(TANDEM.replace("<20 min>", "<20 min>\nclears = true"), ["08:00", "08:01"])

    assert story.rows[2:] == [
        "1 gate_in 08:01 08:20 08:40 08:40 cleared",
        "1 booth 08:40 09:20 10:20 10:20 returned",
    ]


def test_a_vehicle_turns_back_on_the_road(run):
    """The yard has one place; vehicle 1 waits for it on the road for thirty minutes and gets none."""
    border = QUEUE.replace("service = <60 min>", 'service = <60 min>\nyard = "near"\n[gates.a.yards.near]\nplaces = 1')
    story = run(border, ["08:00", "08:01", "08:50"])

    assert story.rows[1:] == [
        "1 booth 08:01 - - 08:31 turned_back",
        "2 booth 08:50 09:00 10:00 10:00 cleared",
    ]
    assert story.yards == ["0 near 08:00 08:00 09:00", "1 near 08:01 - -", "2 near 08:50 09:00 10:00"]


def test_time_on_the_road_counts_in_the_yard(run):
    """Vehicle 1 enters at 08:25, where nobody serves it, and leaves at 08:31, half an hour after it came."""
    border = """
    [gates.a.stations.booth]
    servers = [{ servers = 1 }, { hours = "08:20-09:00", servers = 0 }]
    [gates.a.yards.near]
    places = 1
    [gates.a.export.patience]
    "*" = <30 min>
    [gates.a.export.stages.booth]
    service = <25 min>
    yard = "near"
    """
    story = run(border, ["08:00", "08:01", "08:30:30"])

    assert story.rows == [
        "0 booth 08:00 08:00 08:25 08:25 cleared",
        "1 booth 08:01 - - 08:31 turned_back",
        "2 booth 08:30:30 09:00 09:25 09:25 cleared",
    ]
    assert story.yards == [
        "0 near 08:00 08:00 08:25",
        "1 near 08:01 08:25 08:31",
        "2 near 08:30:30 08:31 09:25",
    ]


def test_a_vehicle_turns_back_from_a_park(run):
    """Held for thirty minutes and not called: it gives up, and the next one is called in its turn."""
    border = """
    [gates.a.stations.park]
    holds = true
    [gates.a.stations.booth]
    servers = 1
    [gates.a.yards.near]
    keep = 1
    [gates.a.export.patience]
    general = <30 min>
    [gates.a.export.stages.park]
    [gates.a.export.stages.booth]
    service = <60 min>
    yard = "near"
    """
    story = run(border, ["08:00", "08:01", "08:31"])

    assert story.at("park") == [
        "0 08:00 08:00 08:00 08:00 passed",
        "1 08:01 - - 08:31 turned_back",
        "2 08:31 09:00 09:00 09:00 passed",
    ]


def test_a_vehicle_without_patience_leaves_unless_it_is_served_at_once(run):
    """A patience of nothing ends before any start, even at an idle server."""
    story = run(QUEUE.replace("<30 min>", "<0 min>"), ["08:00"])

    assert story.rows == ["0 booth 08:00 - - 08:00 turned_back"]


def test_the_place_of_one_who_turned_back_goes_to_the_next(run):
    """A queue of one place: vehicle 2 is let in from the road when vehicle 1 leaves the queue at 08:31."""
    story = run(
        QUEUE.replace("servers = 1", 'servers = 1\nqueue_places = 1\nwhen_full = "lose"'),
        ["08:00", "08:01", "08:30", "08:31"],
    )

    assert story.show("vehicle", "left", "outcome") == [
        "0 09:00 cleared", "1 08:31 turned_back", "2 08:30 lost", "3 10:00 cleared",
    ]  # fmt: skip
