"""Queues with few places: blocking after service, loss, and the order in which they give way."""

import pytest

TANDEM = """
[gates.a.stations.gate_in]
servers = SERVERS
[gates.a.stations.booth]
servers = 1
queue_places = PLACES
when_full = "WHEN"
[gates.a.export.stages.gate_in]
service = [{ classes = ["container"], law = <24 min> }, { law = <10 min> }]
[gates.a.export.stages.booth]
service = <30 min>
"""
BOOTH = """
[gates.a.stations.booth]
servers = 1
queue_places = PLACES
when_full = "WHEN"
[gates.a.export.stages.booth]
service = <30 min>
"""


def tandem(places, servers=1, when="block"):
    """Return a gate-in before a booth whose queue has this many places."""
    return TANDEM.replace("SERVERS", str(servers)).replace("PLACES", str(places)).replace("WHEN", when)


def booth(places, when):
    """Return a booth whose queue has this many places."""
    return BOOTH.replace("PLACES", str(places)).replace("WHEN", when)


def test_a_vehicle_that_finds_no_place_keeps_its_server(run):
    """Vehicle 1 is served at 08:20 and stands in the gate-in until the booth is free."""
    story = run(tandem(0), ["08:00", "08:01", "08:02"])

    assert story.rows == [
        "0 gate_in 08:00 08:00 08:10 08:10 passed",
        "0 booth 08:10 08:10 08:40 08:40 cleared",
        "1 gate_in 08:01 08:10 08:20 08:40 passed",
        "1 booth 08:40 08:40 09:10 09:10 cleared",
        "2 gate_in 08:02 08:40 08:50 09:10 passed",
        "2 booth 09:10 09:10 09:40 09:40 cleared",
    ]


def test_a_place_in_the_queue_frees_the_server_upstream(run):
    """With one place vehicle 1 waits in the queue from 08:20, and only vehicle 2 blocks, until 08:40."""
    story = run(tandem(1), ["08:00", "08:01", "08:02"])

    assert story.at("gate_in")[1:] == [
        "1 08:01 08:10 08:20 08:20 passed",
        "2 08:02 08:20 08:30 08:40 passed",
    ]
    assert story.at("booth")[1:] == [
        "1 08:20 08:40 09:10 09:10 cleared",
        "2 08:40 09:10 09:40 09:40 cleared",
    ]


def test_the_first_blocked_is_the_first_let_through(run):
    """Vehicle 2 was served at 08:12 and vehicle 1 at 08:25: the one that has blocked longer goes first."""
    story = run(tandem(0, servers=3), ["08:00 general", "08:01 container", "08:02 general"])

    assert story.at("booth") == [
        "0 08:10 08:10 08:40 08:40 cleared",
        "1 09:10 09:10 09:40 09:40 cleared",
        "2 08:40 08:40 09:10 09:10 cleared",
    ]


def test_of_two_blocked_at_the_same_instant_the_lower_number_goes_first(run):
    """Both are served at 08:30, ten minutes before the booth is free."""
    story = run(tandem(0, servers=3), ["08:00 general", "08:06 container", "08:20 general"])

    assert story.starts("booth") == ["0 08:10", "1 08:40", "2 09:10"]


def test_a_full_queue_that_loses_turns_vehicles_away(run):
    """One in service, one waiting: the third is lost on arrival, and so is the fourth."""
    story = run(booth(1, "lose"), ["08:00", "08:01", "08:02", "08:29", "08:31"])

    assert story.rows == [
        "0 booth 08:00 08:00 08:30 08:30 cleared",
        "1 booth 08:01 08:30 09:00 09:00 cleared",
        "2 booth 08:02 - - 08:02 lost",
        "3 booth 08:29 - - 08:29 lost",
        "4 booth 08:31 09:00 09:30 09:30 cleared",
    ]


def test_a_server_that_becomes_free_at_the_instant_of_arrival_takes_the_vehicle(run):
    """The completion at 08:30 comes before the arrival at 08:30."""
    story = run(booth(0, "lose"), ["08:00", "08:30"])

    assert story.rows == [
        "0 booth 08:00 08:00 08:30 08:30 cleared",
        "1 booth 08:30 08:30 09:00 09:00 cleared",
    ]


def test_a_vehicle_lost_further_on_gives_up_its_server(run):
    """Vehicle 1 is turned away from the booth at 08:20; the gate-in takes vehicle 2 at once."""
    story = run(tandem(0, when="lose"), ["08:00", "08:01", "08:02"])

    assert story.rows[2:4] == [
        "1 gate_in 08:01 08:10 08:20 08:20 passed",
        "1 booth 08:20 - - 08:20 lost",
    ]
    assert story.at("gate_in")[2] == "2 08:02 08:20 08:30 08:30 passed"


def test_a_vehicle_lost_after_its_clearance_was_cleared(run):
    """Clearance is leaving the gate-in; what happens behind it does not undo it."""
    story = run(
        tandem(0, when="lose").replace("gate_in]\nservice", "gate_in]\nclears = true\nservice"),
        ["08:00", "08:01"],
    )

    assert story.rows[2:] == [
        "1 gate_in 08:01 08:10 08:20 08:20 cleared",
        "1 booth 08:20 - - 08:20 lost",
    ]


def test_those_who_wait_for_a_place_stand_on_the_road_in_order(run):
    """A queue of one place before the first stage: the others keep their turn on the road."""
    story = run(booth(1, "block"), ["08:00", "08:01", "08:02", "08:03"])

    assert story.starts("booth") == ["0 08:00", "1 08:30", "2 09:00", "3 09:30"]
    assert story.show("vehicle", "joined") == ["0 08:00", "1 08:01", "2 08:02", "3 08:03"]


@pytest.mark.parametrize(("when", "second"), [("block", "08:00"), ("lose", "-")])
def test_a_closed_station_offers_its_queue_only(run, when, second):
    """Before opening an idle server takes nobody, so of two vehicles one finds a place."""
    story = run(
        '[calendars.day]\nhours = [{ open = ["08:00-18:00"] }]\n[gates.a]\ncalendar = "day"\n'
        + booth(1, when).replace("servers = 1", "servers = 2"),
        ["07:00", "07:10"],
    )

    assert story.show("vehicle", "started") == ["0 08:00", f"1 {second}"]


def test_an_idle_server_that_cannot_finish_before_closing_is_no_place(run):
    """Five minutes before closing no service of thirty is begun, and there is no place to wait."""
    story = run(
        '[calendars.day]\nhours = [{ open = ["08:00-18:00"] }]\n[gates.a]\ncalendar = "day"\n'
        + booth(0, "lose").replace("servers = 1", 'servers = 1\nclosing_rule = "last_start"'),
        ["17:20", "17:55"],
    )

    assert story.rows == [
        "0 booth 17:20 17:20 17:50 17:50 cleared",
        "1 booth 17:55 - - 17:55 lost",
    ]


def test_services_without_length_pass_a_chain_in_one_instant(run):
    """Each of three vehicles goes through both stations at 08:00, one after the other."""
    story = run(
        tandem(0).replace("<24 min>", "<0 min>").replace("<10 min>", "<0 min>").replace("<30 min>", "<0 min>"),
        ["08:00"] * 3,
    )

    assert story.rows == [
        f"{vehicle} {stage} 08:00 08:00 08:00 08:00 {outcome}"
        for vehicle in range(3)
        for stage, outcome in (("gate_in", "passed"), ("booth", "cleared"))
    ]


def test_unlimited_servers_make_nobody_wait(run):
    """A delay: every vehicle is served from its arrival on."""
    story = run(
        "[gates.a.stations.road]\n[gates.a.export.stages.road]\nservice = <30 min>\n",
        ["08:00", "08:01", "08:01"],
    )

    assert story.at("road") == [
        "0 08:00 08:00 08:30 08:30 cleared",
        "1 08:01 08:01 08:31 08:31 cleared",
        "2 08:01 08:01 08:31 08:31 cleared",
    ]


def test_two_stages_share_the_servers_of_one_station(run):
    """The one desk checks papers and takes the fee; a vehicle that comes back for the fee queues again."""
    border = """
    [gates.a.stations.desk]
    servers = 1
    [gates.a.export.stages.papers]
    station = "desk"
    service = <10 min>
    [gates.a.export.stages.fee]
    station = "desk"
    service = <5 min>
    """
    story = run(border, ["08:00", "08:04"])

    assert story.rows == [
        "0 papers 08:00 08:00 08:10 08:10 passed",
        "0 fee 08:10 08:20 08:25 08:25 cleared",
        "1 papers 08:04 08:10 08:20 08:20 passed",
        "1 fee 08:20 08:25 08:30 08:30 cleared",
    ]
