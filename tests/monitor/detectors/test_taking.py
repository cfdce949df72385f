"""The history that detectors get, by hand from what was observed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gatewatch.monitor.detectors.history import FlowHistory, History
from gatewatch.monitor.detectors.taking import take_history
from gatewatch.monitor.live.snapshot import take_snapshot
from tests.monitor.stories import BORDER, BULLETIN, CAMERA_IN, CAMERA_OUT, FEEDS, HANOI, PERSON, Story, clock


def _history(story: Story, now: datetime) -> History:
    projection = story.projection()
    return take_history(BORDER, FEEDS, projection, take_snapshot(BORDER, FEEDS, projection, now))


def _flow(story: Story, now: datetime) -> FlowHistory:
    return _history(story, now).flow("north", "export")


def _heard(first: int = 0, last: int = 0) -> Story:
    story = Story()
    for camera in (CAMERA_IN, CAMERA_OUT):
        story.beats(camera, clock("0:00", first), clock("24:00", last))
    return story


def _printed(story: Story, days: int, line: str, value: int) -> None:
    day = clock("0:00", days).date().isoformat()
    row = {"date": day, "edition": 1, "gate": "north", "direction": "export", "text": str(value)}
    story.tell("bulletin.row", clock("20:30", days), BULLETIN, **row, line=line, value=value)


def test_nothing_observed_gives_no_number() -> None:
    """Everything is None or empty, never zero."""
    assert _flow(Story(), clock("10:00")) == FlowHistory(evenings=(None, None, None, None))


def test_the_last_half_hour_stands_beside_the_same_minutes_of_other_days() -> None:
    """10 on each of three days before, one of them a day on which nobody listened; 4 today."""
    story = _heard(-3, -2)
    for camera in (CAMERA_IN, CAMERA_OUT):
        story.beats(camera, clock("0:00"), clock("24:00"))
    for days, n in ((-3, 10), (-2, 12), (-1, 0), (0, 4)):
        story.vehicles("gate_out", clock("9:30", days), clock("10:00", days), n, CAMERA_OUT)

    flow = _flow(story, clock("10:00"))

    assert flow.cleared_stretch == 4
    assert sorted(flow.same_stretch) == [10, 12]


def test_minutes_in_which_a_side_was_shut_are_not_compared() -> None:
    """At 07:10 the half hour before lies half before the opening on every day."""
    story = _heard(-3, 0).vehicles("gate_out", clock("7:00"), clock("7:10"), 4, CAMERA_OUT)

    assert _flow(story, clock("7:10")).same_stretch == ()
    assert _flow(story, clock("7:30")).same_stretch == (0, 0, 0)


def test_evenings_are_the_stock_at_20_00_the_last_first() -> None:
    """30 on the 13th by the bulletin; 5 more come on the 14th and 7 on the 15th."""
    story = _heard(-2, 0)
    _printed(story, -2, "remaining", 30)
    story.vehicles("arrived", clock("9:00", -1), clock("10:00", -1), 5, CAMERA_IN)
    story.vehicles("arrived", clock("9:00"), clock("10:00"), 7, CAMERA_IN)

    assert _flow(story, clock("19:59")).evenings == (35, 30, None, None)
    assert _flow(story, clock("20:01")).evenings == (42, 35, 30, None)


def test_three_days_of_arrivals_and_clearances() -> None:
    """Heard for three days to the minute; a gap makes them unknown."""
    story = _heard(-3, 0)
    story.vehicles("arrived", clock("9:00", -1), clock("10:00", -1), 50, CAMERA_IN)
    story.vehicles("gate_out", clock("9:00", -2), clock("10:00", -2), 40, CAMERA_OUT)

    flow = _flow(story, clock("12:00"))
    with_a_gap = _flow(_heard(-1, 0), clock("12:00"))

    assert (flow.arrived, flow.cleared) == (50, 40)
    assert with_a_gap.arrived is None


def test_those_inside_are_the_last_that_came() -> None:
    """10 inside: 6 of the last hour, and 4 of the 8 of the hour before, which came in its second half."""
    story = _heard().counted(clock("10:00"), 10)
    story.vehicles("arrived", clock("8:00"), clock("9:00"), 8, CAMERA_IN, vehicle_class="fruit")
    story.vehicles("arrived", clock("9:00"), clock("10:00"), 6, CAMERA_IN, vehicle_class="general")

    fruit, general = _flow(story, clock("10:00")).waiting or ()

    assert (fruit.vehicle_class, fruit.n, fruit.oldest) == ("fruit", pytest.approx(4), clock("8:30"))
    assert (general.vehicle_class, general.n, general.oldest) == ("general", pytest.approx(6), clock("8:30"))


def test_who_came_unheard_is_not_known() -> None:
    """The backlog reaches back into hours in which nobody listened."""
    story = Story().beats(CAMERA_IN, clock("9:00"), clock("12:00")).counted(clock("10:00"), 10)

    assert _flow(story, clock("10:00")).waiting is None


def test_the_road_is_the_queue_that_belongs_to_no_stage() -> None:
    """A queue at a booth is none of the road."""
    about = {"gate": "north", "direction": "export", "what": "queue"}
    story = _heard().tell("queue.observed", clock("9:00"), PERSON, **about, value=12)
    story.tell("queue.observed", clock("9:30"), PERSON, **about, stage="booth", value=3)

    road = _flow(story, clock("10:00")).road

    assert road is not None
    assert (road.value, road.at, road.source) == (12, clock("9:00"), PERSON)


def test_the_last_word_about_a_lane_holds() -> None:
    """Opened at nine after it was closed at eight."""
    story = _heard()
    for at, state in ((8, "closed"), (9, "open")):
        story.tell("lane.state", clock(f"{at}:00"), PERSON, gate="north", lane="1", state=state)
    story.tell("lane.state", clock("8:00"), PERSON, gate="north", lane="2", state="closed", reason="repair")

    lanes = _history(story, clock("10:00")).lanes

    assert [(lane.lane, lane.is_open, lane.reason) for lane in lanes] == [("1", True, ""), ("2", False, "repair")]


def test_the_bulletin_stands_beside_our_count_of_its_day() -> None:
    """From 20:00 to 20:00: what came at nine in the evening before counts."""
    story = _heard(-1, 0)
    story.vehicles("arrived", clock("21:00", -1), clock("22:00", -1), 8, CAMERA_IN)
    story.vehicles("arrived", clock("19:00", -1), clock("20:00", -1), 5, CAMERA_IN)
    story.vehicles("gate_out", clock("9:00"), clock("10:00"), 20, CAMERA_OUT)
    _printed(story, 0, "arrived", 8)
    _printed(story, 0, "cleared", 25)

    comparisons = _flow(story, clock("21:00")).comparisons

    assert [(c.line, c.printed, c.counted) for c in comparisons] == [("cleared", 25, 20), ("arrived", 8, 8)]
    assert _flow(story, clock("19:59")).comparisons == ()


def test_a_bulletin_of_last_week_is_no_news() -> None:
    """Neither compared nor checked."""
    story = _heard(-7, 0)
    _printed(story, -7, "remaining", -5)

    assert _history(story, clock("21:00", -7)).inconsistencies[0].kind == "negative"
    assert _history(story, clock("10:00")).inconsistencies == ()


def test_the_history_keeps_the_zone_of_the_border() -> None:
    """Days and evenings are those of Hanoi wherever the service runs."""
    assert _history(Story(), clock("10:00")).zone == HANOI
    assert timedelta(hours=7) == clock("10:00").astimezone(_history(Story(), clock("10:00")).zone).utcoffset()
