"""Every feed silenced in every order: what can still be told, and nothing else, is told (promise P5)."""

from __future__ import annotations

from functools import cache
from itertools import permutations
from pathlib import Path

from gatewatch.config.thresholds import load_thresholds
from gatewatch.monitor.detectors import Level, inspect_all, settings_classes
from gatewatch.monitor.detectors.taking import take_history
from gatewatch.monitor.live.snapshot import take_snapshot
from tests.monitor.stories import BORDER, BULLETIN, CAMERA_IN, CAMERA_OUT, FEEDS, LOOP_OUT, Story, clock

SOURCES = (CAMERA_IN, CAMERA_OUT, LOOP_OUT, BULLETIN)
NOW, BROKE = clock("12:00"), clock("8:00")
THRESHOLDS = load_thresholds(BORDER, settings_classes(), Path("a border without thresholds"))
# Which feeds each figure needs: one of every group.
NEEDS = {
    "arrivals_over_clearances": [{CAMERA_IN}],  # what was cleared is filled in for these hours, arrivals are heard
    "backlog_peak": [{CAMERA_IN}, {CAMERA_OUT, LOOP_OUT}],
    "backlog_sustained": [{CAMERA_IN}, {CAMERA_OUT, LOOP_OUT}],
    "expected_wait": [{CAMERA_IN}, {CAMERA_OUT, LOOP_OUT}],
    "national_colour": [{CAMERA_IN}, {CAMERA_OUT, LOOP_OUT}],
    "throughput_collapse": [{CAMERA_IN}, {CAMERA_OUT, LOOP_OUT}],
    "unfinished_today": [{CAMERA_IN}, {CAMERA_OUT, LOOP_OUT}],
    "unplanned_closure": [{CAMERA_OUT, LOOP_OUT}],
}


@cache
def _found(silent: frozenset[str]) -> dict[tuple[str, str], Level]:
    """Return the levels by detector and source or subject with some feeds silent since eight in the morning."""
    story = Story()
    for source in (CAMERA_IN, CAMERA_OUT, LOOP_OUT):
        until = BROKE if source in silent else NOW
        story.beats(source, clock("0:00", -6), until, minutes=15).beats(source, clock("7:45"), until)
    for day in range(-6, 1):
        story.vehicles("arrived", clock("7:00", day), clock("11:00", day), 40, CAMERA_IN)
        if day or CAMERA_OUT not in silent:
            story.vehicles("gate_out", clock("8:00", day), clock("12:00", day), 40, CAMERA_OUT)
        story.vehicles("gate_out", clock("8:00", day), clock("8:00", day), 1, LOOP_OUT)
    if CAMERA_IN in silent:
        story.observations = [o for o in story.observations if o.source != CAMERA_IN or o.occurred_at < BROKE]
    story.counted(clock("7:30"), 5)
    story.tell("device.heartbeat", clock("21:00", -4 if BULLETIN in silent else -1), BULLETIN)
    projection = story.projection()
    snapshot = take_snapshot(BORDER, FEEDS, projection, NOW)
    inspection = inspect_all(snapshot, THRESHOLDS, NOW, take_history(BORDER, FEEDS, projection, snapshot))
    assert inspection.failed == {}
    return {(f.detector, f.source or f.subject): f.level for f in inspection.findings}


def test_a_figure_is_clear_only_while_what_it_needs_is_heard() -> None:
    """24 orders of four feeds, each with five stages, against the table above."""
    for order in permutations(SOURCES):
        for n in range(len(order) + 1):
            silent = frozenset(order[:n])
            heard = set(SOURCES) - silent
            for (detector, _), level in _found(silent).items():
                if detector in NEEDS:
                    is_known = all(group & heard for group in NEEDS[detector])
                    assert (level is Level.CLEAR) is is_known, (detector, level, silent)
                    assert level in {Level.CLEAR, Level.UNKNOWN}, (detector, level, silent)


def test_each_silent_feed_is_told_of_and_no_other() -> None:
    """Critical where nothing replaces it."""
    for order in permutations(SOURCES):
        for n in range(len(order) + 1):
            silent = frozenset(order[:n])
            told = {source: level for (name, source), level in _found(silent).items() if name == "silent_feed"}

            assert {source for source, level in told.items() if level > Level.CLEAR} == silent
            assert told[CAMERA_IN] in {Level.CLEAR, Level.CRITICAL}
            out = Level.CRITICAL if {CAMERA_OUT, LOOP_OUT} <= silent else Level.CONGESTED
            assert told[LOOP_OUT] is (out if LOOP_OUT in silent else Level.CLEAR)
            assert told[BULLETIN] is (Level.CONGESTED if BULLETIN in silent else Level.CLEAR)
