"""Breakdowns: work stops, is kept and goes on. The booth works for 60 minutes, then stands still for 15."""

BOOTH = """
[gates.a.stations.booth]
servers = 1
[gates.a.stations.booth.breakdown]
up = <60 min>
down = <15 min>
[gates.a.export.stages.booth]
service = <30 min>
"""


def test_work_stops_with_the_breakdown_and_goes_on_after_the_repair(run):
    """Fifteen minutes before 01:00, fifteen after 01:15."""
    story = run(BOOTH, ["00:45"])

    assert story.rows == ["0 booth 00:45 00:45 01:30 01:30 cleared"]


def test_stopped_work_goes_on_before_new_starts(run):
    """Vehicle 1 comes while the booth is down and waits for vehicle 0."""
    story = run(BOOTH, ["00:45", "01:05"])

    assert story.rows[1] == "1 booth 01:05 01:30 02:00 02:00 cleared"


def test_nobody_is_begun_at_a_broken_station(run):
    """An arrival at 01:00 finds it broken, as changes come before arrivals."""
    story = run(BOOTH, ["01:00"])

    assert story.rows == ["0 booth 01:00 01:15 01:45 01:45 cleared"]


def test_a_service_that_ends_when_the_breakdown_begins_is_completed(run):
    """Completions come before changes."""
    story = run(BOOTH, ["00:30"])

    assert story.rows == ["0 booth 00:30 00:30 01:00 01:00 cleared"]


def test_a_long_service_is_stopped_by_every_breakdown(run):
    """A hundred minutes: 00:40-01:00, 01:15-02:15 and twenty minutes from 02:30."""
    story = run(BOOTH.replace("<30 min>", "<100 min>"), ["00:40"])

    assert story.rows == ["0 booth 00:40 00:40 02:50 02:50 cleared"]


def test_all_servers_of_the_station_stand_still(run):
    """Two booths with one power line."""
    story = run(BOOTH.replace("servers = 1", "servers = 2"), ["00:45", "00:50", "00:55"])

    assert story.rows == [
        "0 booth 00:45 00:45 01:30 01:30 cleared",
        "1 booth 00:50 00:50 01:35 01:35 cleared",
        "2 booth 00:55 01:30 02:00 02:00 cleared",
    ]


def test_stopped_work_of_a_smaller_roster_resumes_in_the_order_of_its_start(run):
    """One of two servers left at 01:10: vehicle 0, begun first, goes on first."""
    story = run(
        BOOTH.replace("servers = 1", 'servers = [{ servers = 2 }, { hours = "01:10-24:00", servers = 1 }]'),
        ["00:45", "00:50"],
    )

    assert story.rows == [
        "0 booth 00:45 00:45 01:30 01:30 cleared",
        "1 booth 00:50 00:50 01:50 01:50 cleared",
    ]


def test_a_broken_station_blocks_the_one_before_it(run):
    """The booth is down from 01:00 and has no queue: the gate-in keeps vehicle 1 until 01:30."""
    border = (
        BOOTH.replace("servers = 1", "servers = 1\nqueue_places = 0")
        + """
    [gates.a.stations.gate_in]
    servers = 1
    [gates.a.export]
    route = ["gate_in", "booth"]
    [gates.a.export.stages.gate_in]
    service = <5 min>
    """
    )
    story = run(border, ["00:40", "00:41"])

    assert story.at("gate_in")[1] == "1 00:41 00:45 00:50 01:30 passed"
    assert story.at("booth") == ["0 00:45 00:45 01:30 01:30 cleared", "1 01:30 01:30 02:00 02:00 cleared"]


def test_breakdowns_go_by_the_clock_of_the_station_even_while_it_is_closed(run):
    """Down 01:00-01:15, 02:15-02:30 and so on; opening at 02:20 finds it broken."""
    border = '[calendars.day]\nhours = [{ open = ["02:20-18:00"] }]\n[gates.a]\ncalendar = "day"\n' + BOOTH
    story = run(border, ["01:00"])

    assert story.rows == ["0 booth 01:00 02:30 03:00 03:00 cleared"]


def test_stations_break_down_independently(run):
    """Two stations with the same random law do not share their luck, and a second run does."""
    border = """
    [gates.a.stations.one]
    servers = 1
    breakdown = { up = UP, down = <1 h> }
    [gates.a.stations.two]
    servers = 1
    breakdown = { up = UP, down = <1 h> }
    [gates.a.export.stages.one]
    service = <10 h>
    [gates.a.import.stages.two]
    service = <10 h>
    """.replace("UP", '{ law = "exponential", mean = 1, unit = "h" }')
    arrivals = {"a export": ["00:00"], "a import": ["00:00"]}
    story, again = run(border, arrivals, days=5), run(border, arrivals, days=5)

    assert story.at("one") != story.at("two")
    assert story.rows == again.rows
