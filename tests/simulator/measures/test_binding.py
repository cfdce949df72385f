"""Causes of waiting, split and passed on by hand."""

import pytest

from gatewatch.simulator.binding_names import binding_resources

BOOTH = """
[gates.a]
calendar = "day"
[gates.a.counterpart]
calendar = "far_day"
[[calendars.day.hours]]
open = ["08:00-18:00"]
[[calendars.far_day.hours]]
open = ["10:00-16:00"]
[gates.a.stations.booth]
servers = 1
[gates.a.export.stages.booth]
service = <60 min>
"""
JAM = """
[gates.a.stations.desk]
servers = 1
[gates.a.stations.stay]
[gates.a.yards.near]
places = 2
[gates.a.yards.far]
kind = "counterpart"
places = 1
[gates.a.export.stages.desk]
yard = "near"
service = <10 min>
[gates.a.export.stages.stay]
yard = "far"
service = <60 min>
"""


def shares(results, direction="export"):
    """Return the share of each cause at gate `a`."""
    return {
        row["station"]: row["mean"]
        for row in results.measures
        if row["measure"] == "waiting_share" and row["direction"] == direction
    }


def test_a_wait_is_split_between_a_shut_gate_and_busy_servers(run):
    """Two come at 07:30: both wait half an hour for the gate, one an hour for the server."""
    results = run(BOOTH, ["07:30", "07:30"], days=1).results

    assert shares(results) == pytest.approx({"booth: shut here": 1 / 2, "booth: servers busy": 1 / 2})


def test_a_crossing_that_needs_both_sides_tells_whose_hours_bind(run):
    """From 07:00 to 08:00 this side is shut, until 10:00 only the other one."""
    border = BOOTH.replace("servers = 1", 'servers = 1\nopens_with = "both"')
    results = run(border, ["07:00"], days=1).results

    assert shares(results) == pytest.approx({"booth: shut here": 1 / 3, "booth: shut by the counterpart": 2 / 3})


def test_a_station_of_the_counterpart_is_shut_by_the_counterpart(run):
    """Its calendar is the only one that counts."""
    border = BOOTH.replace("servers = 1", 'servers = 1\nopens_with = "counterpart"')
    results = run(border, ["07:00"], days=1).results

    assert shares(results) == {"booth: shut by the counterpart": 1}


def test_work_that_is_stopped_over_night_waits_for_the_gate(run):
    """A service of an hour begun at 17:30 waits for fourteen hours."""
    border = BOOTH.replace("servers = 1", 'servers = 1\nclosing_rule = "freeze"')
    results = run(border, ["17:30"]).results

    assert shares(results) == {"booth: shut here": 1}
    assert results.find("vehicle_hours_per_day", "a", "export")["mean"] == pytest.approx(14 / 2)


def test_unregistered_vehicles_wait_for_an_ordinary_day(run):
    """The station is open from 08:00, for others; from midnight it is shut, from 08:00 it serves."""
    border = BOOTH + (
        '[[calendars.day.days]]\nfrom = 2025-07-07\nto = 2025-07-07\nstate = "preregistered"\n'
        '[gates.a.export.preregistered]\n"*" = 0\n'
    )
    results = run(border, ["08:00"]).results

    assert shares(results) == pytest.approx({"booth: registered vehicles only": 10 / 24, "booth: shut here": 14 / 24})


def test_a_breakdown_is_a_cause_of_its_own(run):
    """Broken from 09:00 for half an hour: the one in service and the one behind it wait for the repair."""
    border = BOOTH + "[gates.a.stations.booth.breakdown]\nup = <540 min>\ndown = <30 min>\n"
    results = run(border, ["08:30", "08:50"], days=1).results

    assert shares(results) == pytest.approx({"booth: broken": 60 / 100, "booth: servers busy": 40 / 100})


def test_a_full_queue_keeps_the_server_before_it(run):
    """The second vehicle is ready at 08:20 and has room at 09:10; the third waits behind it."""
    tandem = """
[gates.a.stations.first]
servers = 1
[gates.a.stations.second]
servers = 1
queue_places = 0
[gates.a.export.stages.first]
service = <10 min>
[gates.a.export.stages.second]
service = <60 min>
"""
    results = run(tandem, ["08:00", "08:10", "09:00"], days=1).results

    # The second: 50 min blocked. The third: 10 min for a server kept all the while, then ready at 09:20 and
    # blocked until 10:10. All of it goes back to the full queue.
    assert shares(results) == pytest.approx({"second: queue full": 1})


def test_a_jam_is_put_down_to_the_yard_that_causes_it(run):
    """
    Three come to a desk of ten minutes before a far yard with one place and a stay of an hour.

    Directly: 70 min for the desk, 100 for the far yard, 10 for the near one. While the desk is wanted it
    works for 20 min and is kept for 50 by a vehicle that waits for the far yard: 5/7 of 70 are passed on.
    While the near yard is wanted, of its two vehicles one is served and one waits for the desk: half of 10
    is passed on.
    """
    results = run(JAM, ["08:00", "08:00", "08:00"], days=1).results

    assert shares(results) == pytest.approx(
        {
            "desk: servers busy": 75 * 2 / 7 / 180,
            "near: full": 5 / 180,
            "far: full": (100 + 75 * 5 / 7) / 180,
        }
    )


def test_the_binding_resource_is_the_largest_cause(run):
    """The far yard, by name and share."""
    results = run(JAM, ["08:00", "08:00", "08:00"], days=1).results
    (place, (cause, share)), *others = binding_resources(results.measures).items()

    assert not others
    assert (place, cause) == (("a", "export"), "far: full")
    assert share == pytest.approx((100 + 75 * 5 / 7) / 180)


def test_the_daily_acceptance_of_a_yard_is_a_cause(run):
    """The second vehicle is not accepted before midnight."""
    border = JAM.replace("places = 1\n", "places = 9\naccepts_per_day = 1\n")
    results = run(border, ["08:00", "08:10"]).results

    assert shares(results) == pytest.approx({"far: daily acceptance": 1})


def test_a_yard_that_cannot_be_entered_is_a_cause(run):
    """The gate of the yard opens at 10:00; a park without staff holds the vehicle until 12:00."""
    border = """
[gates.a]
calendar = "day"
[gates.a.counterpart]
calendar = "far_day"
[[calendars.day.hours]]
open = ["12:00-18:00"]
[[calendars.far_day.hours]]
open = ["10:00-16:00"]
[gates.a.stations.park]
holds = true
[gates.a.stations.booth]
servers = 1
[gates.a.yards.yard]
opens_with = "counterpart"
[gates.a.export.stages.park]
[gates.a.export.stages.booth]
yard = "yard"
service = <60 min>
"""
    results = run(border, ["08:00"], days=1).results

    assert shares(results) == pytest.approx({"yard: shut to entry": 1 / 2, "park: shut here": 1 / 2})


def test_where_nobody_waits_the_cause_says_so(run):
    """One vehicle, one free server."""
    results = run(JAM, ["08:00"], days=1).results

    assert shares(results) == {"no wait": 1}


def test_yards_that_wait_for_each_other_share_the_jam(run):
    """Exports hold the place that imports want and the other way round: nothing moves, nothing else binds."""
    border = """
[gates.a.stations.out]
[gates.a.stations.in]
[gates.a.yards.here]
places = 1
[gates.a.yards.there]
places = 1
[gates.a.export.stages.first]
station = "out"
yard = "here"
service = <10 min>
[gates.a.export.stages.second]
station = "out"
yard = "there"
service = <10 min>
[gates.a.import.stages.first]
station = "in"
yard = "there"
service = <10 min>
[gates.a.import.stages.second]
station = "in"
yard = "here"
service = <10 min>
"""
    results = run(border, {"a export": ["08:00"], "a import": ["08:00"]}, days=1).results
    found = shares(results)

    assert sum(found.values()) == pytest.approx(1)
    assert set(found) == {"here: full", "there: full"}
