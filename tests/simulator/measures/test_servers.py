"""Utilisation, load and capacity, worked out by hand."""

import pytest

BOOTH = """
[gates.a]
calendar = "day"
[[calendars.day.hours]]
open = ["08:00-18:00"]
[gates.a.stations.booth]
servers = 2
[gates.a.export.stages.booth]
service = <60 min>
"""
SHARED = """
[gates.a.stations.booth]
servers = 1
[gates.a.stations.scanner]
servers = 1
[gates.a.export.stages.booth]
service = <60 min>
[gates.a.import.stages.booth]
service = <120 min>
[gates.a.import.stages.scanner]
service = <30 min>
"""
FAR = """
[gates.a.stations.booth]
servers = 1
[gates.a.stations.stay]
[gates.a.yards.far]
kind = "counterpart"
places = 2
accepts_per_day = 3
[gates.a.export.stages.booth]
service = <30 min>
[gates.a.export.stages.stay]
yard = "far"
service = <6 h>
"""
TANDEM = """
[gates.a]
calendar = "day"
[[calendars.day.hours]]
open = ["08:00-18:00"]
[gates.a.stations.first]
servers = 1
[gates.a.stations.second]
servers = 1
queue_places = 0
opens_with = "always"
[gates.a.export.stages.first]
service = <10 min>
[gates.a.export.stages.second]
service = <60 min>
"""


def test_utilisation_is_work_over_time_on_duty_at_the_open_station(run):
    """Two servers, ten hours, three services of an hour."""
    results = run(BOOTH, ["08:00", "08:30", "08:40"], days=1).results

    assert results.find("utilisation", "a", station="booth")["mean"] == pytest.approx(3 / 20)


def test_work_after_closing_counts_and_may_exceed_the_time_on_duty(run):
    """Open for half an hour, at work for two of an hour each: finished after closing."""
    border = BOOTH.replace("08:00-18:00", "08:00-08:30")
    results = run(border, ["08:00", "08:10"], days=1).results

    assert results.find("utilisation", "a", station="booth")["mean"] == pytest.approx((60 + 60) / 60)


@pytest.mark.parametrize("rule", ["freeze", "hand_back"])
def test_a_stopped_service_is_no_work(run, rule):
    """Ten minutes before closing, the rest next morning: an hour of work of forty."""
    border = BOOTH.replace("servers = 2", f'servers = 2\nclosing_rule = "{rule}"')
    results = run(border, ["17:50"]).results

    assert results.find("utilisation", "a", station="booth")["mean"] == pytest.approx(1 / 40)


def test_a_stopped_service_is_no_work_on_a_part_of_the_days(run):
    """Of the same service, the day that is measured sees fifty minutes."""
    border = BOOTH.replace("servers = 2", 'servers = 2\nclosing_rule = "freeze"')
    results = run(border, ["17:50"], days=1, warmup_days=1).results

    assert results.find("utilisation", "a", station="booth")["mean"] == pytest.approx(5 / 6 / 20)


def test_a_service_that_is_stopped_at_the_end_is_work_until_then(run):
    """Frozen at 18:00 and never resumed: ten minutes."""
    border = BOOTH.replace("servers = 2", 'servers = 2\nclosing_rule = "freeze"')
    results = run(border, ["17:50"], days=1).results

    assert results.find("utilisation", "a", station="booth")["mean"] == pytest.approx(10 / 1_200)


def test_blocked_share_counts_servers_kept_while_open(run):
    """Kept from 17:55 until 18:45, and the station shuts at 18:00."""
    results = run(TANDEM, ["17:35", "17:40"], days=1).results

    assert results.find("blocked_time", "a", station="first")["mean"] == 25 * 60
    assert results.find("blocked_share", "a", station="first")["mean"] == pytest.approx(5 / 600)


def test_load_is_work_brought_over_time_on_duty(run):
    """Three hours are brought; who is served when does not matter."""
    results = run(BOOTH, ["08:00", "17:50", "17:55", "17:59"], days=1).results

    assert results.find("load", "a", station="booth")["mean"] == pytest.approx(4 / 20)


def test_capacity_is_what_came_over_the_highest_load(run):
    """An export and an import load the one server with 3 of 24 hours: 8 of each could be sustained."""
    results = run(SHARED, {"a export": ["08:00"], "a import": ["08:00"]}, days=1).results

    assert results.find("load", "a", station="booth")["mean"] == pytest.approx(3 / 24)
    assert results.find("capacity_per_day", "a", "export")["mean"] == pytest.approx(8)
    assert results.find("capacity_per_day", "a", "import")["mean"] == pytest.approx(8)


def test_places_and_acceptance_of_the_far_side_bound_the_capacity(run):
    """Two places for six hours sustain eight a day; the acceptance of three a day is less."""
    border = FAR.replace("<6 h>", "<360 min>")
    results = run(border, ["08:00", "09:00"], days=1).results

    assert results.find("load", "a", station="far: places")["mean"] == pytest.approx(12 / 48)
    assert results.find("load", "a", station="far: daily acceptance")["mean"] == pytest.approx(2 / 3)
    assert results.find("capacity_per_day", "a", "export")["mean"] == pytest.approx(3)


def test_places_and_acceptance_by_date_are_added_up_over_the_days(run):
    """Two and four places, three and five vehicles a day, for two vehicles of six hours each."""
    border = FAR.replace("= 2\n", "= [{ to = 2025-07-07, places = 2 }, { from = 2025-07-08, places = 4 }]\n").replace(
        "= 3\n", "= [{ to = 2025-07-07, accepts_per_day = 3 }, { from = 2025-07-08, accepts_per_day = 5 }]\n"
    )
    results = run(border, ["08:00", "09:00"], days=2).results

    assert results.find("load", "a", station="far: places")["mean"] == pytest.approx(12 / (2 * 24 + 4 * 24))
    assert results.find("load", "a", station="far: daily acceptance")["mean"] == pytest.approx(2 / (3 + 5))


def test_a_yard_without_a_limit_on_some_day_has_no_load(run):
    """There are places for as many as come."""
    border = FAR.replace("places = 2\n", "places = [{ to = 2025-07-07, places = 2 }]\n")
    results = run(border, ["08:00", "09:00"], days=2).results

    with pytest.raises(KeyError):
        results.find("load", "a", station="far: places")


def test_offered_admitted_capacity_and_cleared_are_four_numbers(run):
    """Twelve come, one finds the queue full, ten could be served in the hours, nine are."""
    border = BOOTH.replace(
        "servers = 2", 'servers = 1\nqueue_places = 10\nwhen_full = "lose"\nclosing_rule = "last_start"'
    )
    results = run(border, [f"09:{minute:02d}" for minute in range(12)], days=1).results
    found = {
        name: results.find(f"{name}_per_day", "a", "export")["mean"]
        for name in ("offered", "admitted", "capacity", "cleared")
    }

    assert found == pytest.approx({"offered": 12, "admitted": 11, "capacity": 10, "cleared": 9})
