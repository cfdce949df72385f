from __future__ import annotations

from datetime import timedelta

from gatewatch.monitor.live.curves import curves
from tests.monitor.stories import BORDER, CAMERA_IN, CAMERA_OUT, FEEDS, Story, clock


def morning() -> Story:
    """Twelve are counted at seven; then four come and two go in each quarter of an hour until eight."""
    story = Story().beats(CAMERA_IN, clock("0:00"), clock("9:00")).beats(CAMERA_OUT, clock("7:00"), clock("9:00"))
    story.counted(clock("7:00"), 12, error=2)
    story.vehicles("arrived", clock("7:00"), clock("8:00"), 16, CAMERA_IN)
    return story.vehicles("gate_out", clock("7:00"), clock("8:00"), 8, CAMERA_OUT)


def test_a_morning_by_hand() -> None:
    """Cumulative arrivals less clearances, on top of what was counted, is what is inside."""
    found = curves(BORDER, FEEDS, morning().projection(), "north", "export", clock("7:00"), clock("8:10"))

    assert [q.arrived for q in found.quarters] == [4, 4, 4, 4, 0]
    assert [q.cleared for q in found.quarters] == [2, 2, 2, 2, 0]
    assert [q.backlog for q in found.quarters] == [14, 16, 18, 20, 20]
    assert [(a.at, a.value) for a in found.anchors] == [(clock("7:00"), 12)]
    assert found.quarters[-1].ends - found.quarters[-1].begins == timedelta(minutes=10)
    assert [(s.begins, s.ends) for s in found.own] == [(clock("7:00"), clock("18:00"))]


def test_what_was_not_heard_is_a_gap() -> None:
    """A quarter-hour without its camera is null, not zero; nor is anything known before the first count."""
    story = Story().beats(CAMERA_IN, clock("0:00"), clock("7:30")).beats(CAMERA_IN, clock("8:15"), clock("9:00"))
    story.beats(CAMERA_OUT, clock("7:00"), clock("9:00")).counted(clock("7:15"), 5)
    found = curves(BORDER, FEEDS, story.projection(), "north", "export", clock("7:00"), clock("9:00"))

    assert found.quarters[0].backlog == 5  # at its end it was just counted
    assert found.quarters[3].arrived is None
    assert found.quarters[3].cleared == 0
    assert found.quarters[-1].backlog is None


def test_a_later_count_mends_what_comes_after_it_only() -> None:
    """The past stays as it was reckoned; the jump is where somebody counted."""
    story = morning().counted(clock("7:30"), 30, error=1)
    found = curves(BORDER, FEEDS, story.projection(), "north", "export", clock("7:00"), clock("8:00"))

    assert [q.backlog for q in found.quarters] == [14, 30, 32, 34]
    assert [q.high - q.low < 8 for q in found.quarters if q.high is not None and q.low is not None] == [True] * 4


def test_lanes_as_last_reported() -> None:
    """The last word about each lane, for its direction."""
    story = Story()
    for at, lane, state in (("7:00", "1", "open"), ("8:00", "1", "closed"), ("7:30", "2", "open")):
        story.tell("lane.state", clock(at), "person", gate="north", lane=lane, state=state, reason="barrier")
    found = curves(BORDER, FEEDS, story.projection(), "north", "export", clock("7:00"), clock("9:00"))

    assert [(n.lane, n.is_open, n.since) for n in found.lanes] == [
        ("1", False, clock("8:00")),
        ("2", True, clock("7:30")),
    ]
