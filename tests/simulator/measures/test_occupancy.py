"""Queues, yards, roads and backlogs, worked out by hand."""

import pytest

BOOTH = """
[gates.a.stations.booth]
servers = 1
[gates.a.export.stages.booth]
service = <60 min>
"""
YARD = """
[border]
vehicle_spacing = 25
[gates.a.stations.booth]
servers = 1
[gates.a.yards.yard]
places = 1
[gates.a.export.stages.booth]
yard = "yard"
service = <60 min>
"""
DAY_GATE = (
    BOOTH
    + """
[gates.a]
calendar = "day"
[[calendars.day.hours]]
open = ["07:00-17:00"]
lunch = "11:00-12:00"
"""
)
THERE_AND_BACK = """
[gates.a.stations.booth]
servers = 1
[gates.a.stations.park]
[gates.a.export.stages.booth]
service = <60 min>
clears = true
[gates.a.export.stages.park]
leg = "back"
classes = ["fruit"]
service = <60 min>
[gates.a.export.stages.back]
leg = "back"
classes = ["general"]
station = "booth"
service = <30 min>
"""


def test_queue_is_the_time_average_of_those_waiting(run):
    """One vehicle waits for half an hour of two days; those in service do not queue."""
    results = run(BOOTH, ["08:00", "08:30"]).results

    assert results.find("queue", "a", station="booth")["mean"] == pytest.approx(0.5 / 48)


def test_queue_counts_those_who_turn_back_and_those_who_stay(run):
    """Ten minutes of one who leaves, and five of one who is there at the end."""
    border = BOOTH + "[gates.a.export.patience]\nfruit = <10 min>\n"
    results = run(border, ["23:30", "23:40 fruit", "23:55"], days=1).results

    assert results.find("queue", "a", station="booth")["mean"] == pytest.approx(15 / 1_440)


def test_yard_fill_and_peak_count_places_held(run):
    """Three vehicles, one after the other, an hour each."""
    results = run(YARD, ["08:00", "08:10", "08:20"], days=1).results

    assert results.find("yard_fill", "a", station="yard")["mean"] == pytest.approx(3 / 24)
    assert results.find("yard_peak", "a", station="yard")["mean"] == 1


def test_a_yard_overflows_on_the_days_on_which_someone_asks_in_vain(run):
    """On the first day two stand before it; on the second it is full and nobody else comes."""
    results = run(YARD, ["08:00", "08:10", "08:20", "1+08:00"]).results

    assert results.find("yard_overflow_chance", "a", station="yard")["mean"] == 0.5


def test_an_overflow_over_midnight_counts_on_both_days(run):
    """Full at 23:30 with one before it until 00:30; the third day is quiet."""
    results = run(YARD, ["23:30", "23:40"], days=3).results

    assert results.find("yard_overflow_chance", "a", station="yard")["mean"] == pytest.approx(2 / 3)


def test_a_yard_with_more_places_from_a_day_on_overflows_by_the_places_of_the_day(run):
    """Two vehicles come on each day: one place is not enough, two are."""
    border = YARD.replace("places = 1", "places = [{ to = 2025-07-07, places = 1 }, { from = 2025-07-08, places = 2 }]")
    results = run(border, ["08:00", "08:10", "1+08:00", "1+08:10"]).results

    assert results.find("yard_overflow_chance", "a", station="yard")["mean"] == 0.5


def test_road_queue_and_length_are_of_those_outside_the_first_yard(run):
    """Fifty and a hundred minutes on the road; two at once from 08:20, 25 m each."""
    results = run(YARD, ["08:00", "08:10", "08:20"], days=1).results

    assert results.find("road_queue", "a", "export")["mean"] == pytest.approx(150 / 1_440)
    assert results.find("road_length", "a", "export")["mean"] == 50


def test_vehicles_held_in_a_park_are_not_on_the_road(run):
    """The same vehicles wait for the same yard, in a park."""
    park = YARD.replace(
        "[gates.a.export.stages.booth]",
        '[gates.a.stations.park]\nholds = true\nopens_with = "always"\n[gates.a.export.stages.park]\n'
        "[gates.a.export.stages.booth]",
    )
    results = run(park, ["08:00", "08:10", "08:20"], days=1).results

    assert results.find("queue", "a", station="park")["mean"] == pytest.approx(150 / 1_440)
    with pytest.raises(KeyError):
        results.find("road_queue", "a", "export")


def test_backlog_counts_laden_vehicles_inside(run):
    """An hour and an hour and a half of laden vehicles; an empty one, who also waits, is not counted."""
    results = run(BOOTH, ["08:00", "08:30", "09:00 empty"], days=1).results

    assert results.find("backlog", "a", "export")["mean"] == pytest.approx(2.5 / 24)


def test_backlog_at_close_is_taken_at_the_last_closing_of_each_day(run):
    """At 17:00 three are inside on the first day, none on the second; noon does not count."""
    results = run(DAY_GATE, ["10:30", "10:40", "16:10", "16:20", "16:30"]).results
    row = results.find("backlog_at_close", "a", "export")

    assert row["mean"] == 1.5  # the one in service at 17:00 is one of them
    assert row["p50"] == 0


def test_a_gate_that_never_closes_has_no_backlog_at_close(run):
    """There is no instant to take it at."""
    results = run(BOOTH, ["08:00"]).results

    with pytest.raises(KeyError):
        results.find("backlog_at_close", "a", "export")


def test_a_closing_at_midnight_belongs_to_the_day_that_ends(run):
    """The vehicle of 23:30 is inside at the first midnight and gone by the second."""
    border = DAY_GATE.replace("07:00-17:00", "07:00-24:00")
    results = run(border, ["23:30"]).results
    row = results.find("backlog_at_close", "a", "export")

    assert row["mean"] == 0.5


def test_backlog_at_2000_is_that_of_the_bulletin(run):
    """Two are inside at 20:00 on the first day, none on the second."""
    results = run(BOOTH, ["19:30", "19:40"]).results

    assert results.find("backlog_at_2000", "a", "export")["mean"] == 1
    assert results.find("backlog_at_2000")["p95"] == 2


def test_passes_count_clearances_and_returns_but_no_park(run):
    """Two cross; one comes home, one ends in a park."""
    results = run(THERE_AND_BACK, ["08:00", "10:00 fruit"], days=1).results

    assert results.find("passes_per_day", "a")["mean"] == 3
    assert results.find("cleared_per_day")["mean"] == 2
