"""Quarter-hours as they were shown: provisional, final, and anew when something late comes."""

from __future__ import annotations

from datetime import datetime, timedelta

from gatewatch.monitor.observations import Observation, to_us
from gatewatch.monitor.projection.projecting import Projection
from gatewatch.monitor.projection.windows import Version, Windows
from tests.monitor.stories import CAMERA_IN, CAMERA_OUT, FEEDS, LOOP_OUT, Story, clock


def _followed(story: Story, received: list[datetime] | None = None) -> list[tuple[str, str, Version]]:
    """Return quarter, class and version of every window of clearances shown, in order."""
    applied: dict[tuple[str, str], Observation] = {}
    projection, windows, found = Projection(applied.get), Windows(FEEDS), []
    times = received or [o.occurred_at for o in story.observations]
    for n, (observation, at) in enumerate(zip(story.observations, times, strict=True), 1):
        projection.apply(observation, n, at)
        applied[observation.source, observation.id] = observation
        shown = windows.follow(projection, to_us(at))
        for window, name, version in shown:
            if window.place.what == "gate_out":
                quarter = clock("0:00") + timedelta(minutes=15 * window.quarter) - (clock("0:00") - _epoch())
                found.append((f"{quarter:%H:%M}", name, version))
    return found


def _epoch() -> datetime:
    return datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def test_a_window_grows_and_becomes_final_two_minutes_after_its_end():
    """Three vehicles from 09:00; something of another feed at 09:18 settles it."""
    story = Story().vehicles("gate_out", clock("9:00"), clock("9:12"), 3, CAMERA_OUT, vehicle_class="fruit")
    story.beats(CAMERA_IN, clock("9:18"), clock("9:19"))

    assert _followed(story) == [
        ("09:00", "fruit", Version(1, 1, is_final=False)),
        ("09:00", "fruit", Version(1, 2, is_final=False)),
        ("09:00", "fruit", Version(1, 3, is_final=False)),
        ("09:00", "fruit", Version(1, 3, is_final=True)),
    ]


def test_a_late_passage_makes_a_new_version():
    """It comes an hour late; the window that was final is shown anew, final at once."""
    story = Story().vehicles("gate_out", clock("9:00"), clock("9:05"), 1, CAMERA_OUT)
    story.beats(CAMERA_IN, clock("9:20"), clock("9:21"))
    story.vehicles("gate_out", clock("9:07"), clock("9:10"), 1, CAMERA_OUT)

    found = _followed(story, [clock("9:00"), clock("9:20"), clock("10:07")])

    assert found[-1] == ("09:00", "", Version(2, 2, is_final=True))


def test_a_feed_that_is_heard_counts_its_zero_and_outranks_the_backup():
    """The loop counted two; then a late heartbeat says that the camera did look and saw none."""
    story = Story().vehicles("gate_out", clock("9:00"), clock("9:05"), 2, LOOP_OUT)
    story.beats(CAMERA_OUT, clock("9:06"), clock("9:07"))

    assert _followed(story)[-1] == ("09:00", "", Version(1, 0, is_final=False))


def test_versions_kept_and_read_again_are_the_same():
    """What is provisional stays so."""
    applied: dict[tuple[str, str], Observation] = {}
    projection, windows = Projection(applied.get), Windows(FEEDS)
    (passage,) = Story().vehicles("gate_out", clock("9:00"), clock("9:05"), 1, CAMERA_OUT).observations
    projection.apply(passage, 1, passage.occurred_at)
    list(windows.follow(projection, to_us(passage.occurred_at)))

    again = Windows.from_lines(FEEDS, windows.to_lines())

    assert (again.shown, again.provisional) == (windows.shown, windows.provisional)
    assert len(again.provisional) == 1
