"""Live state by hand: what is inside, how fast it goes, how long it takes, and what cannot be told."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from gatewatch.monitor.live.figure import Figure
from gatewatch.monitor.live.snapshot import FlowState, Snapshot, take_snapshot
from tests.monitor.stories import BORDER, BULLETIN, CAMERA_IN, CAMERA_OUT, FEEDS, LOOP_OUT, PERSON, Story, clock


def _flow(story: Story, now: str, days: int = 0) -> FlowState:
    return take_snapshot(BORDER, FEEDS, story.projection(), clock(now, days)).flow("north", "export")


def _open_day(cameras: tuple[str, ...] = (CAMERA_IN, CAMERA_OUT), days: int = 0) -> Story:
    story = Story()
    for camera in cameras:
        story.beats(camera, clock("0:00", days), clock("24:00", days))
    return story


def _figures(snapshot: Snapshot) -> list[Figure]:
    found = [snapshot.present]
    for flow in snapshot.flows:
        values = (getattr(flow, field.name) for field in dataclasses.fields(flow))
        found += [value for value in values if isinstance(value, Figure)]
    return found


def test_nothing_observed_is_nothing_known():
    """Not a single zero: every figure is None and of the worst quality (promise P5)."""
    snapshot = take_snapshot(BORDER, FEEDS, Story().projection(), clock("10:00"))

    figures = _figures(snapshot)
    assert len(figures) == 8
    assert {(figure.value, figure.quality) for figure in figures} == {(None, "D")}
    assert snapshot.national_colour is None


def test_the_backlog_is_the_last_count_and_what_came_and_went():
    """40 counted at 08:00, 30 in and 12 out since: 58."""
    story = _open_day().counted(clock("8:00"), 40)
    story.vehicles("arrived", clock("8:00"), clock("10:00"), 30, CAMERA_IN)
    story.vehicles("gate_out", clock("8:00"), clock("10:00"), 12, CAMERA_OUT)

    flow = _flow(story, "10:00")

    assert (flow.backlog.value, flow.backlog.low, flow.backlog.high) == (58, 58, 58)
    assert (flow.backlog.quality, flow.backlog.method, flow.backlog.sources) == ("A", "reckoned", (PERSON,))
    assert flow.cleared_today.value == 12
    assert flow.rate_60.value == 6


def test_a_new_count_resets_the_backlog_and_tells_the_drift():
    """Reckoned 70 when 65 were counted: five too many."""
    story = _open_day().counted(clock("8:00"), 40).counted(clock("9:00"), 65)
    story.vehicles("arrived", clock("8:00"), clock("9:00"), 30, CAMERA_IN)

    flow = _flow(story, "10:00")

    assert (flow.backlog.value, flow.stock.drift) == (65, -5)


def test_the_bulletin_is_a_count_at_20_00():
    """What remains in the evening is where the next morning starts."""
    story = _open_day(days=0).beats(CAMERA_IN, clock("0:00", 1), clock("8:00", 1))
    row = {"date": "2026-01-15", "edition": 1, "gate": "north", "direction": "export", "text": "305"}
    story.tell("bulletin.row", clock("21:00"), BULLETIN, **row, line="remaining", value=305)
    story.vehicles("arrived", clock("22:00"), clock("23:00"), 4, CAMERA_IN)

    flow = _flow(story, "6:30", days=1)

    assert flow.backlog.value == 309
    assert flow.backlog.high - flow.backlog.value == pytest.approx(0.03 * 305)


def test_a_feed_that_misses_some_widens_the_band():
    """With 10 % missed, 90 seen stand for 100, give or take 1.645 × √(90 × 0.1) / 0.9."""
    feeds = FEEDS | {CAMERA_IN: FEEDS[CAMERA_IN].model_copy(update={"missed": 0.1})}
    story = _open_day().counted(clock("8:00"), 0)
    story.vehicles("arrived", clock("8:00"), clock("10:00"), 90, CAMERA_IN)

    flow = take_snapshot(BORDER, feeds, story.projection(), clock("10:00")).flow("north", "export")

    assert flow.backlog.value == pytest.approx(100)
    assert flow.backlog.high - flow.backlog.value == pytest.approx(1.645 * 3 / 0.9)


def test_a_silent_feed_is_replaced_by_the_next_in_rank():
    """The loop counts while the camera says nothing; the figure says that it is the backup's."""
    story = Story().beats(CAMERA_OUT, clock("7:00"), clock("9:00")).beats(LOOP_OUT, clock("7:00"), clock("12:00"))
    story.vehicles("gate_out", clock("7:00"), clock("9:00"), 20, CAMERA_OUT)
    story.vehicles("gate_out", clock("7:00"), clock("11:00"), 44, LOOP_OUT)

    flow = _flow(story, "11:00")

    assert flow.cleared_today.value == 20 + 22
    assert flow.cleared_today.quality == "B"
    assert set(flow.cleared_today.sources) == {CAMERA_OUT, LOOP_OUT}


def test_a_gap_without_a_backup_leaves_the_backlog_unknown():
    """Nobody saw what came from 09:00 to 10:00, and no day before tells what is usual: no number is made up."""
    story = Story().beats(CAMERA_OUT, clock("0:00"), clock("12:00"))
    story.beats(CAMERA_IN, clock("0:00"), clock("9:00")).beats(CAMERA_IN, clock("10:00"), clock("12:00"))
    story.counted(clock("8:00"), 40).vehicles("arrived", clock("8:00"), clock("9:00"), 6, CAMERA_IN)

    flow = _flow(story, "11:00")

    assert (flow.backlog.value, flow.backlog.method) == (None, "not_reckoned")
    assert flow.arrived_today.value == 6
    assert flow.arrived_today.quality == "C"


def test_a_gap_is_filled_by_what_is_usual_with_a_wider_band():
    """Four arrivals in that hour on each of four days before."""
    story = Story()
    for day in range(-4, 0):
        story.beats(CAMERA_IN, clock("0:00", day), clock("24:00", day))
        story.vehicles("arrived", clock("9:00", day), clock("10:00", day), 4, CAMERA_IN)
    story.beats(CAMERA_IN, clock("0:00"), clock("9:00")).beats(CAMERA_IN, clock("10:00"), clock("12:00"))
    story.beats(CAMERA_OUT, clock("0:00"), clock("12:00")).counted(clock("5:00"), 40)

    flow = _flow(story, "11:00")

    assert flow.backlog.value == 44
    assert flow.backlog.high - flow.backlog.value == pytest.approx(1.645 * 2)
    assert flow.backlog.quality == "C"


def test_the_night_counts_nothing_without_a_word_from_the_cameras_of_the_gate():
    """A gate's camera may sleep while the gate is shut; nothing passes then."""
    story = Story().beats(CAMERA_IN, clock("0:00", -1), clock("8:00")).counted(clock("19:00", -1), 10)

    flow = _flow(story, "6:00")

    assert flow.backlog.value == 10


def test_the_expected_wait_goes_through_the_night():
    """25 ahead at 10 an hour from 17:00: ten by 18:00, the 26th after 1.6 h more, at 08:36 in the morning."""
    story = Story()
    for day in range(-3, 1):
        for camera in (CAMERA_IN, CAMERA_OUT):
            story.beats(camera, clock("0:00", day), clock("24:00", day))
        story.vehicles("gate_out", clock("7:00", day), clock("17:00", day), 100, CAMERA_OUT)
    story.counted(clock("17:00"), 25)

    flow = _flow(story, "17:00")

    assert flow.capacity.value == 10
    assert flow.expected.crosses_at == clock("8:36", 1)
    assert flow.expected.value_s == timedelta(hours=15, minutes=36).total_seconds()
    assert flow.expected.is_today is False
    assert flow.days_of_work.value == 0.25


def test_followed_vehicles_tell_how_long_it_took():
    """Six vehicles took 60 to 110 minutes; the seventh stayed the night and is no wait."""
    story = _open_day()
    for n in range(6):
        token = f"{n:032x}"
        begins = clock("8:00") + timedelta(minutes=n)
        story.vehicles("arrived", begins, begins, 1, CAMERA_IN, plate_token=token)
        ends = begins + timedelta(minutes=60 + 10 * n)
        story.vehicles("gate_out", ends, ends, 1, CAMERA_OUT, plate_token=token)
    story.vehicles("arrived", clock("12:00", -1), clock("12:00", -1), 1, CAMERA_IN, plate_token="f" * 32)
    story.vehicles("gate_out", clock("9:30"), clock("9:30"), 1, CAMERA_OUT, plate_token="f" * 32)

    times = _flow(story, "10:30").actual_crossing

    assert (times.n, times.n_outside, times.matched) == (6, 1, 1.0)
    assert (times.p50_s, times.p90_s) == (85 * 60, 105 * 60)


def test_too_few_followed_vehicles_tell_nothing():
    """Four are less than five."""
    story = _open_day()
    for n in range(4):
        token = f"{n:032x}"
        story.vehicles("arrived", clock("8:00"), clock("8:00"), 1, CAMERA_IN, plate_token=token)
        story.vehicles("gate_out", clock("9:00"), clock("9:00"), 1, CAMERA_OUT, plate_token=token)

    times = _flow(story, "9:30").actual_crossing

    assert (times.p50_s, times.n) == (None, 4)


def test_a_feed_is_silent_only_in_its_hours():
    """The gate's camera need not be heard at night; five minutes and two of grace after opening it must be."""
    story = Story().beats(CAMERA_OUT, clock("7:00", -1), clock("18:00", -1))
    projection = story.projection()

    def silent_since(now: str):
        sources = take_snapshot(BORDER, FEEDS, projection, clock(now)).sources
        return next(s.silent_since for s in sources if s.source == CAMERA_OUT)

    assert silent_since("3:00") is None
    assert silent_since("7:06") is None
    assert silent_since("7:08") == clock("7:00")


def test_the_province_is_known_once_every_counted_flow_is():
    """Its colour is the national map's."""
    snapshot = take_snapshot(BORDER, FEEDS, _open_day().counted(clock("8:00"), 600).projection(), clock("8:30"))

    assert (snapshot.present.value, snapshot.national_colour) == (600, "yellow")
