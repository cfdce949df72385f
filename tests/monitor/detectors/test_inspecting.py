"""All detectors together: over a day as it is observed, with one that fails, and with one that is left out."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gatewatch.config.thresholds import load_thresholds
from gatewatch.monitor.detectors import History, Inspection, Level, inspect_all, inspecting, list_detectors
from gatewatch.monitor.detectors import settings_classes as classes
from gatewatch.monitor.detectors.catalogue import README, catalogue
from gatewatch.monitor.detectors.sentences import sentence
from gatewatch.monitor.detectors.taking import take_history
from gatewatch.monitor.live.snapshot import take_snapshot
from tests.monitor.stories import BORDER, BULLETIN, CAMERA_IN, CAMERA_OUT, FEEDS, LOOP_OUT, PERSON, Story, clock

ALONE = (CAMERA_IN, CAMERA_OUT, LOOP_OUT)


def _inspected(story: Story, tmp_path: Path, now: str = "10:00") -> Inspection:
    projection, at = story.projection(), clock(now)
    snapshot = take_snapshot(BORDER, FEEDS, projection, at)
    return inspect_all(
        snapshot, load_thresholds(BORDER, classes(), tmp_path), at, take_history(BORDER, FEEDS, projection, snapshot)
    )


def _levels(inspection: Inspection, *names: str) -> dict[str, str]:
    return {
        f"{finding.detector} {finding.source or finding.subject}".strip(): finding.level.value
        for finding in inspection.findings
        if finding.detector in names
    }


def _morning(*cameras: str, days: int = 8) -> Story:
    story = Story()
    for camera in cameras:
        story.beats(camera, clock("0:00", -days), clock("10:00"), minutes=15)
        story.beats(camera, clock("9:50"), clock("10:00"), minutes=5)
    if CAMERA_OUT in cameras:
        for day in range(-days, 1):
            story.vehicles("gate_out", clock("7:00", day), clock("18:00" if day else "10:00", day), 66, CAMERA_OUT)
    return story.counted(clock("8:00"), 40)


def test_an_ordinary_morning_is_clear(tmp_path: Path) -> None:
    """All is heard, little is inside; of nobody's business is only what is never observed here."""
    story = _morning(*ALONE)
    story.tell("device.heartbeat", clock("21:00", -1), BULLETIN)

    inspection = _inspected(story, tmp_path)

    assert inspection.failed == {}
    assert {f.detector for f in inspection.findings if f.level > Level.UNKNOWN} == {"watchdog"}
    assert {f.detector for f in inspection.findings if f.level is Level.UNKNOWN} == {
        "backup_old",
        "days_of_work",
        "disk_low",
        "fsync_slow",
        "notifier_stuck",
    }


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        (ALONE, {"backlog_peak": "clear", "arrivals_over_clearances": "clear", "throughput_collapse": "clear"}),
        (
            (CAMERA_IN, CAMERA_OUT),
            {"backlog_peak": "clear", "arrivals_over_clearances": "clear", "throughput_collapse": "clear"},
        ),
        (
            (CAMERA_IN,),
            {"backlog_peak": "unknown", "arrivals_over_clearances": "unknown", "throughput_collapse": "unknown"},
        ),
        (
            (CAMERA_OUT, LOOP_OUT),
            {"backlog_peak": "unknown", "arrivals_over_clearances": "unknown", "throughput_collapse": "unknown"},
        ),
        ((), {"backlog_peak": "unknown", "arrivals_over_clearances": "unknown", "throughput_collapse": "unknown"}),
    ],
    ids=["all", "without the loop", "only arrivals", "only clearances", "none"],
)
def test_a_silent_feed_makes_unknown_what_rests_on_it(
    heard: tuple[str, ...], expected: dict[str, str], tmp_path: Path
) -> None:
    """A backup keeps it known; without one nothing is called clear (promise P5)."""
    inspection = _inspected(_morning(*heard), tmp_path)

    assert _levels(inspection, *expected) == expected
    silent = {f.source for f in inspection.findings if f.detector == "silent_feed" and f.level > Level.CLEAR}
    assert silent == {*ALONE, BULLETIN} - set(heard)


def test_a_detector_that_fails_is_told_of_and_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A fault of ours is no statement about the border."""

    def fail(*_: Any) -> list[Any]:
        raise ZeroDivisionError("division by zero")

    broken = replace(list_detectors()["backlog_peak"], inspect=fail)
    monkeypatch.setattr(inspecting, "list_detectors", lambda: {**list_detectors(), "backlog_peak": broken})

    inspection = _inspected(_morning(*ALONE), tmp_path)

    assert inspection.failed == {"backlog_peak": "ZeroDivisionError: division by zero"}
    assert {"backlog_sustained", "watchdog"} <= {finding.detector for finding in inspection.findings}
    assert "backlog_peak" not in {finding.detector for finding in inspection.findings}


def test_a_detector_that_is_not_enabled_says_nothing_there(tmp_path: Path) -> None:
    """Others are not concerned."""
    (tmp_path / "thresholds").mkdir()
    (tmp_path / "thresholds" / "north.toml").write_text("[export.backlog_peak]\nenabled = false\n")

    found = {finding.detector for finding in _inspected(_morning(*ALONE), tmp_path).findings}

    assert "backlog_peak" not in found
    assert "backlog_sustained" in found


def test_a_closure_is_told_in_both_languages(tmp_path: Path) -> None:
    """Gate, side, time and reason; what is not known is said to be not known."""
    story = _morning(*ALONE)
    state = {"gate": "north", "side": "counterpart", "state": "shut", "until": "2026-01-15T14:00:00+07:00"}
    story.tell("gate.state", clock("9:00"), PERSON, **state)

    inspection = _inspected(story, tmp_path)
    (finding,) = (f for f in inspection.findings if f.detector == "unplanned_closure" and f.level is Level.CRITICAL)
    said = [
        sentence(finding, list_detectors()["unplanned_closure"].sentences, language, BORDER, FEEDS)
        for language in ("vi", "en")
    ]
    assert said == [
        "north, chiều xuất: phía Trung Quốc đóng cửa ngoài kế hoạch, dự kiến đến 14:00. Lý do: chưa rõ.",
        (
            "north, exports: the Chinese side is shut against its calendar, until 14:00 as far as known. "
            "Reason: not known."
        ),
    ]


def test_the_service_about_itself_is_known_where_it_is_told(tmp_path: Path) -> None:
    """An empty history knows nothing of it."""
    snapshot = take_snapshot(BORDER, FEEDS, Story().projection(), clock("10:00"))
    inspection = inspect_all(snapshot, load_thresholds(BORDER, classes(), tmp_path), clock("10:00"), History())

    names = ("disk_low", "backup_old", "notifier_stuck", "fsync_slow")
    assert _levels(inspection, *names) == dict.fromkeys(names, "unknown")


def test_the_page_of_detectors_is_up_to_date() -> None:
    """Run `python -m gatewatch.monitor.detectors.catalogue --write` after a change."""
    assert README.read_text(encoding="utf-8") == catalogue()
