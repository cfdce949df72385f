"""Yards with places: who holds one, who waits for one and where, and who is called forward."""

FAR_YARD = """
[gates.a.stations.booth]
servers = 1
[gates.a.stations.unloading]
[gates.a.yards.far]
kind = "counterpart"
places = 1
[gates.a.export.stages.booth]
service = <10 min>
[gates.a.export.stages.unloading]
service = <60 min>
yard = "far"
"""
CHAIN = FAR_YARD.replace(
    "[gates.a.export.stages.booth]",
    '[gates.a.yards.near]\nplaces = 1\n[gates.a.export.stages.booth]\nyard = "near"',
)
PARK = """
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
DAY = """
[calendars.day]
hours = [{ open = ["08:00-CLOSES"] }]
"""


def test_a_full_yard_holds_the_vehicle_before_it_at_its_server(run):
    """The far yard has one place: vehicle 1 is served at 08:20 and blocks the booth until 09:10."""
    story = run(FAR_YARD, ["08:00", "08:01", "08:02"])

    assert story.rows == [
        "0 booth 08:00 08:00 08:10 08:10 passed",
        "0 unloading 08:10 08:10 09:10 09:10 cleared",
        "1 booth 08:01 08:10 08:20 09:10 passed",
        "1 unloading 09:10 09:10 10:10 10:10 cleared",
        "2 booth 08:02 09:10 09:20 10:10 passed",
        "2 unloading 10:10 10:10 11:10 11:10 cleared",
    ]
    assert story.yards == ["0 far 08:10 08:10 09:10", "1 far 08:20 09:10 10:10", "2 far 09:20 10:10 11:10"]


def test_a_full_chain_of_yards_ends_on_the_road(run):
    """The near yard is full too, so vehicle 2 waits on the road until 09:10; its arrival stays 08:02."""
    story = run(CHAIN, ["08:00", "08:01", "08:02"])

    assert story.at("booth") == [
        "0 08:00 08:00 08:10 08:10 passed",
        "1 08:01 08:10 08:20 09:10 passed",
        "2 08:02 09:10 09:20 10:10 passed",
    ]
    assert story.yards == [
        "0 near 08:00 08:00 08:10",
        "0 far 08:10 08:10 09:10",
        "1 near 08:01 08:10 09:10",
        "1 far 08:20 09:10 10:10",
        "2 near 08:02 09:10 10:10",
        "2 far 09:20 10:10 11:10",
    ]


def test_two_stages_in_one_yard_hold_one_place(run):
    """Vehicle 1 gets the place when vehicle 0 leaves the second stage, not between them."""
    border = """
    [gates.a.stations.check]
    servers = 1
    [gates.a.stations.fee]
    servers = 1
    [gates.a.yards.near]
    places = 1
    [gates.a.export.stages.check]
    service = <10 min>
    yard = "near"
    [gates.a.export.stages.fee]
    service = <5 min>
    yard = "near"
    """
    story = run(border, ["08:00", "08:01"])

    assert story.yards == ["0 near 08:00 08:00 08:15", "1 near 08:01 08:15 08:30"]
    assert story.starts("check") == ["0 08:00", "1 08:15"]


def test_a_place_is_held_while_waiting_for_the_queue_inside(run):
    """Vehicle 2 is given the second place at 08:10 and can drive to it when the queue has room, at 08:20."""
    border = CHAIN.replace(
        "[gates.a.stations.booth]\nservers = 1", "[gates.a.stations.booth]\nservers = 1\nqueue_places = 0"
    )
    border = border.replace("[gates.a.yards.near]\nplaces = 1", "[gates.a.yards.near]\nplaces = 2")
    border = border.replace('kind = "counterpart"\nplaces = 1', 'kind = "counterpart"\nplaces = 9')
    story = run(border, ["08:00", "08:01", "08:02"])

    assert [line for line in story.yards if "near" in line] == [
        "0 near 08:00 08:00 08:10",
        "1 near 08:01 08:01 08:20",
        "2 near 08:02 08:10 08:30",
    ]
    assert story.starts("booth") == ["0 08:00", "1 08:10", "2 08:20"]


def test_those_served_first_enter_a_full_yard_first(run):
    """Of two vehicles blocked before the yard the one that asked first gets the place."""
    border = FAR_YARD.replace("servers = 1", "servers = 3").replace(
        "service = <10 min>", 'service = [{ classes = ["container"], law = <20 min> }, { law = <10 min> }]'
    )
    story = run(border, ["08:00 general", "08:01 container", "08:02 general"])

    assert story.yards == ["0 far 08:10 08:10 09:10", "1 far 08:21 10:10 11:10", "2 far 08:12 09:10 10:10"]


def test_a_park_releases_vehicles_to_keep_the_yard_at_its_level(run):
    """Two are in the yard; the third is called when the first has left, without a service in the park."""
    story = run(PARK, ["08:00", "08:01", "08:02", "08:03"])

    assert story.at("park") == [
        "0 08:00 08:00 08:00 08:00 passed",
        "1 08:01 08:01 08:01 08:01 passed",
        "2 08:02 08:10 08:10 08:10 passed",
        "3 08:03 08:20 08:20 08:20 passed",
    ]
    assert story.at("booth") == [
        "0 08:00 08:00 08:10 08:10 cleared",
        "1 08:01 08:10 08:20 08:20 cleared",
        "2 08:10 08:20 08:30 08:30 cleared",
        "3 08:20 08:30 08:40 08:40 cleared",
    ]


def test_a_park_calls_the_urgent_class_first(run):
    """Fruit that came last is called first; the others keep their order."""
    story = run(
        PARK.replace("holds = true", 'holds = true\npriority = ["fruit"]').replace("keep = 2", "keep = 1"),
        ["08:00 general", "08:01 general", "08:02 container", "08:03 fruit"],
    )

    assert story.starts("park") == ["0 08:00", "3 08:10", "1 08:20", "2 08:30"]


def test_a_park_that_is_closed_releases_nobody(run):
    """The gate opens at 08:00: then the yard is filled to its level at once."""
    story = run(DAY.replace("CLOSES", "18:00") + '[gates.a]\ncalendar = "day"\n' + PARK, ["07:00", "07:10", "07:20"])

    assert story.starts("park") == ["0 08:00", "1 08:00", "2 08:10"]


def test_a_park_with_places_of_its_own_leaves_the_others_on_the_road(run):
    """The lot has one place: vehicle 3 stands on the road until vehicle 2 is called."""
    border = PARK.replace("[gates.a.export.stages.park]", '[gates.a.export.stages.park]\nyard = "lot"')
    story = run(border + '[gates.a.yards.lot]\nkind = "off_site"\nplaces = 1\n', ["08:00", "08:01", "08:02", "08:03"])

    assert [line for line in story.yards if "lot" in line] == [
        "0 lot 08:00 08:00 08:00",
        "1 lot 08:01 08:01 08:01",
        "2 lot 08:02 08:02 08:10",
        "3 lot 08:03 08:10 08:20",
    ]
    assert story.at("park")[3] == "3 08:03 08:20 08:20 08:20 passed"


def test_places_bound_a_yard_whatever_level_it_is_kept_at(run):
    """Vehicles of another way in fill the yard; the park waits until fewer than the level are there."""
    border = (
        PARK.replace("keep = 2", "keep = 1\nplaces = 2")
        + """
    [gates.a.import.stages.booth]
    service = <30 min>
    yard = "near"
    """
    )
    story = run(border, {"a export": ["08:05"], "a import": ["08:00", "08:01"]})

    assert story.yards == [
        "0 near 08:00 08:00 08:30",
        "1 near 08:01 08:01 09:00",
        "2 near 08:05 09:00 09:10",
    ]


def test_a_yard_with_hours_is_entered_while_it_is_open(run):
    """The yard opens at 08:00 although the booth works around the clock; those inside stay after closing."""
    border = FAR_YARD.replace("places = 1", 'places = 1\nopens_with = "counterpart"').replace(
        "[gates.a.stations.booth]", '[gates.a.counterpart]\ncalendar = "day"\n[gates.a.stations.booth]', 1
    )
    border = border.replace("[gates.a.stations.unloading]", '[gates.a.stations.unloading]\nopens_with = "always"')
    story = run(DAY.replace("CLOSES", "18:00") + border, ["06:00", "17:00", "17:01"])

    assert story.yards == [
        "0 far 06:10 08:00 09:00",
        "1 far 17:10 17:10 18:10",
        "2 far 17:20 1+08:00 1+09:00",
    ]


def test_longer_hours_gain_nothing_where_the_far_yard_is_full(run):
    """One place, a stay of a day: four more hours change no line of the trace (2014, 2018)."""
    border = (
        DAY
        + '[gates.a]\ncalendar = "day"\n'
        + FAR_YARD.replace("<60 min>", "<1 day>").replace(
            "[gates.a.stations.unloading]", '[gates.a.stations.unloading]\nopens_with = "always"'
        )
    )
    arrivals = ["08:00", "08:01", "09:00", "17:00"]
    short = run(border.replace("CLOSES", "18:00"), arrivals, days=5)
    longer = run(border.replace("CLOSES", "22:00"), arrivals, days=5)

    assert longer.rows == short.rows
    assert [line for line in short.rows if "unloading" in line] == [
        "0 unloading 08:10 08:10 1+08:10 1+08:10 cleared",
        "1 unloading 1+08:10 1+08:10 2+08:10 2+08:10 cleared",
        "2 unloading 2+08:10 2+08:10 3+08:10 3+08:10 cleared",
        "3 unloading 3+08:10 3+08:10 4+08:10 4+08:10 cleared",
    ]


def test_a_yard_left_for_a_stage_outside_it_frees_its_place(run):
    """The fee is taken outside the yard: vehicle 1 gets the place at 08:10, when vehicle 0 drives out."""
    border = """
    [gates.a.stations.check]
    servers = 2
    [gates.a.stations.fee]
    [gates.a.yards.near]
    places = 1
    [gates.a.export.stages.check]
    service = <10 min>
    yard = "near"
    [gates.a.export.stages.fee]
    service = <30 min>
    """
    story = run(border, ["08:00", "08:01"])

    assert story.yards == ["0 near 08:00 08:00 08:10", "1 near 08:01 08:10 08:20"]
