"""Waits and crossing times, worked out by hand; times in minutes below, in seconds in the results."""

import pytest

BOOTH = """
[gates.a.stations.booth]
servers = 1
[gates.a.export.stages.booth]
service = <60 min>
"""
DAY_GATE = (
    BOOTH
    + """
[gates.a]
calendar = "day"
[[calendars.day.hours]]
open = ["07:00-17:00"]
"""
)
PARK = """
[gates.a.stations.park]
holds = true
opens_with = "always"
[gates.a.stations.drive]
[gates.a.stations.booth]
servers = 1
[gates.a.stations.back]
servers = 1
[gates.a.yards.yard]
places = 1
[gates.a.export.stages.park]
[gates.a.export.stages.drive]
yard = "yard"
service = <20 min>
[gates.a.export.stages.booth]
yard = "yard"
service = <40 min>
[gates.a.export.stages.back]
leg = "back"
service = <50 min>
"""
TANDEM = """
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


def test_wait_runs_from_arrival_to_start_and_crossing_time_to_clearance(run):
    """The second vehicle comes half an hour before the server is free."""
    results = run(BOOTH, ["08:00", "08:30"], days=1).results

    assert results.find("wait", "a", "export")["mean"] == 15 * 60
    assert results.find("wait")["p95"] == 30 * 60
    assert results.find("crossing_time", "a", "export", "general")["mean"] == 75 * 60


def test_vehicles_inside_at_the_end_are_censored(run):
    """Ten of eleven are served at once, one is known to wait over ten minutes: Kaplan and Meier count it whole."""
    early = [f"{hour:02d}:00" for hour in range(8, 17)]
    results = run(BOOTH, [*early, "23:10", "23:50"], days=1).results
    row = next(row for row in results.censored if row["measure"] == "wait" and row["gate"] is None)

    assert results.find("wait")["mean"] == pytest.approx(600 / 11)
    assert results.find("wait")["p90"] == 0
    assert results.find("wait")["p95"] is None
    assert row["share"] == pytest.approx(1 / 11, rel=1e-9)
    assert not row["is_lower_bound"]


def test_with_many_inside_the_mean_is_a_lower_bound(run):
    """Waits 0 and 30 are complete, one is over 50: the mean is at least (0 + 30 + 50) / 3, percentiles are withheld."""
    results = run(BOOTH, ["22:30", "23:00", "23:10"], days=1, replications=2).results
    row = next(row for row in results.censored if row["measure"] == "wait" and row["gate"] is None)

    assert results.find("wait")["mean"] == pytest.approx(80 / 3 * 60)
    assert results.find("wait")["half_width"] is None
    assert results.find("wait")["p50"] is None
    assert (row["share"], row["is_lower_bound"]) == (pytest.approx(1 / 3), True)


def test_vehicles_that_turned_back_have_no_wait(run):
    """Patience of ten minutes: the second vehicle leaves, the third is served at once."""
    border = BOOTH + '[gates.a.export.patience]\n"*" = <10 min>\n'
    results = run(border, ["08:00", "08:30", "09:00"], days=1).results

    assert results.find("wait")["mean"] == 0
    assert results.find("turned_back_per_day")["mean"] == 1


def test_vehicles_of_the_warm_up_are_left_out(run):
    """Day 1 is measured: its one vehicle finds the server free."""
    results = run(BOOTH, ["08:00", "08:30", "1+08:00"], days=1, warmup_days=1).results

    assert results.find("wait")["mean"] == 0
    assert results.find("offered_per_day")["mean"] == 1


def test_open_wait_leaves_the_night_out(run):
    """One comes an hour before opening; one at 16:50 is served next morning after ten open minutes."""
    results = run(DAY_GATE, ["06:00", "16:10", "16:50"]).results

    assert results.find("wait")["p95"] == (14 * 60 + 10) * 60
    assert results.find("open_wait")["mean"] == pytest.approx(10 / 3 * 60)


def test_open_wait_counts_reserved_hours_only_for_registered_vehicles(run):
    """On a day for registered vehicles the gate is shut to the other one until midnight."""
    border = DAY_GATE + '[[calendars.day.days]]\nfrom = 2025-07-07\nto = 2025-07-07\nstate = "preregistered"\n'
    shares = "[gates.a.export.preregistered]\nfruit = 0\ngeneral = 1\n"
    results = run(border + shares, ["08:00 general", "08:30 general", "08:00 fruit"]).results

    assert results.find("open_wait", "a", "export", "general")["mean"] == 15 * 60
    assert results.find("open_wait", "a", "export", "fruit")["mean"] == 0
    assert results.find("wait", "a", "export", "fruit")["mean"] == 23 * 3_600


def test_the_wait_ends_at_the_first_stage_with_servers(run):
    """Neither the park nor the drive serves: the second vehicle is called at 09:00 and served at 09:20."""
    results = run(PARK, ["08:00", "08:00:01"], days=1).results

    assert results.find("wait")["p50"] == 20 * 60
    assert results.find("wait")["p95"] == 80 * 60 - 1


def test_station_wait_knows_parks_and_the_way_back(run):
    """The second vehicle is held for an hour and never meets the first on the way back."""
    results = run(PARK, ["08:00", "08:00:01"], days=1).results

    assert results.find("station_wait", "a", station="park")["mean"] == (3_600 - 1) / 2
    assert results.find("station_wait", "a", station="back")["mean"] == 0


def test_station_wait_of_those_still_there_is_censored(run):
    """One is served at once, the other waits for fifty minutes at least: Kaplan and Meier give half of it."""
    results = run(BOOTH, ["23:05", "23:10"], days=1).results

    assert results.find("station_wait", "a", station="booth")["mean"] == pytest.approx(25 * 60)


def test_blocked_time_is_spent_on_a_server_after_the_service(run):
    """The second vehicle is served by 08:20 and keeps the first server until 09:10."""
    results = run(TANDEM, ["08:00", "08:10"], days=1).results

    assert results.find("blocked_time", "a", station="first")["mean"] == 25 * 60
    assert results.find("blocked_time", "a", station="second")["mean"] == 0
