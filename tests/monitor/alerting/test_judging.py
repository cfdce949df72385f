"""From findings to judgements: levels that stick, rules that fail or cannot apply, closures as planned."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gatewatch.config.thresholds import load_thresholds
from gatewatch.monitor.alerting import Alerts, Clocks, Judged, Judgement, judge, key_of, rules_of, step
from gatewatch.monitor.alerting.judging import PLANNED_CLOSURE
from gatewatch.monitor.detectors import Evidence, Finding, Inspection, Level, Step, settings_classes
from gatewatch.monitor.live.snapshot import Snapshot, take_snapshot
from tests.monitor.stories import BORDER, FEEDS, Story, clock

THRESHOLDS = load_thresholds(BORDER, settings_classes(), Path("a border without thresholds"))
STEPS = (Step(Level.BUSY, 150, 120), Step(Level.CONGESTED, 300, 240))
AT = clock("10:00")


def found(value: float | None, level: Level, detector: str = "backlog_sustained", gate: str = "north") -> Finding:
    """Return a finding about exports."""
    return Finding(detector, gate, "export", level, value, "veh", STEPS, "", {}, Evidence(None, AT))


def snapshot_at(at: datetime, story: Story | None = None) -> Snapshot:
    """Return live state of the small border."""
    return take_snapshot(BORDER, FEEDS, (story or Story()).projection(), at)


def judged(alerts: Alerts, *findings: Finding, at: datetime = AT, failed: tuple[str, ...] = ()) -> Judged:
    """Return what the rules say of findings at ten in the morning."""
    inspection = Inspection(findings, dict.fromkeys(failed, "ValueError: no"))
    return judge(inspection, snapshot_at(at), THRESHOLDS, alerts, at)


def after(*findings: Finding) -> Alerts:
    """Return the alerts that findings make when no rule waits."""
    judgements = [replace(one, clocks=Clocks()) for one in judged(Alerts(), *findings).judgements]
    return step(Alerts(), judgements, rules_of(THRESHOLDS), AT - timedelta(seconds=15))[0]


def only(said: Judged) -> Judgement:
    """Return the one judgement that is no closure."""
    (one,) = (one for one in said.judgements if one.key.rule != PLANNED_CLOSURE)
    return one


@pytest.mark.parametrize(
    ("value", "level", "said"),
    [
        (350, Level.CONGESTED, ("true", "congested")),
        (250, Level.BUSY, ("true", "congested")),  # above the leaving threshold of its level
        (230, Level.BUSY, ("true", "busy")),
        (130, Level.CLEAR, ("true", "busy")),
        (110, Level.CLEAR, ("false", "clear")),
        (None, Level.UNKNOWN, ("no_data", "unknown")),
    ],
)
def test_a_level_is_kept_until_its_leaving_threshold_is_passed(
    value: float | None, level: Level, said: tuple[str, str]
) -> None:
    """By hand, from the thresholds 150 and 300 that are left below 120 and 240."""
    one = only(judged(after(found(350, Level.CONGESTED)), found(value, level)))

    assert (one.state, one.level) == said


def test_a_level_that_was_left_must_be_reached_anew() -> None:
    """While an alert recovers, a value between the thresholds does not bring it back."""
    alerts = after(found(350, Level.CONGESTED))
    recovering = Alerts(tuple(replace(alert, phase="recovering") for alert in alerts.alerts), alerts.at)

    assert only(judged(recovering, found(250, Level.BUSY))).level == "busy"
    assert only(judged(recovering, found(130, Level.CLEAR))).state == "false"


def test_a_rule_that_cannot_apply_any_more_does_not_hold() -> None:
    """A gate that shuts as planned has no throughput: its alert ends by the rule's clocks, and is not in doubt."""
    alerts = after(found(0.1, Level.CRITICAL, "throughput_collapse"))

    assert only(judged(alerts)).state == "false"


@pytest.mark.parametrize("rule", ["expected_wait", "unfinished_today"])
def test_what_stands_through_a_closure_stays_as_it_was_at_closing(rule: str) -> None:
    """A queue does not go home at night: level, number and evidence are those of the last finding."""
    alerts = after(found(350, Level.CONGESTED, rule))
    (fired,) = (one for one in alerts.alerts if one.key.rule == rule)
    said = only(judged(alerts, at=AT + timedelta(hours=12)))

    assert fired.phase == "firing"
    assert (said.state, said.level, said.value, said.at) == ("true", "congested", 350, AT)


@pytest.mark.parametrize(("hours", "state"), [(48, "true"), (48.01, "false")])
def test_an_alert_does_not_outlast_a_long_closure(hours: float, state: str) -> None:
    """A night or a day off; at a gate that is shut for weeks nobody knows who still waits."""
    alerts = after(found(350, Level.CONGESTED, "expected_wait"))

    assert only(judged(alerts, at=AT + timedelta(hours=hours))).state == state


@pytest.mark.parametrize("phase", ["pending", "recovering"])
def test_a_closure_counts_for_no_clock(phase: str) -> None:
    """What had not fired yet at closing begins anew, and what was no longer true ends by the rule's clocks."""
    alerts = after(found(350, Level.CONGESTED, "expected_wait"))
    waiting = Alerts(tuple(replace(alert, phase=phase) for alert in alerts.alerts), alerts.at)

    assert only(judged(waiting)).state == "false"


@pytest.mark.parametrize("doubt", ["no_data", "error"])
def test_what_was_in_doubt_at_closing_is_in_doubt_overnight(doubt: str) -> None:
    """A closure tells nobody whether it holds."""
    alerts = after(found(350, Level.CONGESTED, "expected_wait"))
    doubted = Alerts(tuple(replace(alert, doubt=doubt) for alert in alerts.alerts), alerts.at)

    assert only(judged(doubted)).state == doubt


def test_a_night_makes_no_second_alert_and_an_end_is_told_at_the_opening() -> None:
    """Fires at closing, the same through the night and next morning; then over, and a new one when it comes again."""
    finding, alerts, ids = found(350, Level.CONGESTED, "expected_wait"), Alerts(), []
    rules = rules_of(THRESHOLDS)
    for hour in range(40):  # from ten: shut from 18:00, open from 07:00, over from 09:00 to 11:00
        at, clock_hour = AT + timedelta(hours=hour), (10 + hour) % 24
        is_open, is_over = 7 <= clock_hour < 18, hour in {23, 24}
        now = () if not is_open else (replace(finding, value=9, level=Level.CLEAR) if is_over else finding,)
        alerts, _ = step(alerts, judge(Inspection(now, {}), None, THRESHOLDS, alerts, at).judgements, rules, at)
        ids.append(next((one.id for one in alerts.firing()), None))

    assert len(set(ids[1:23])) == 1  # pending at ten, firing from eleven
    assert ids[24] is None
    assert ids[26] not in {None, ids[1]}


def test_a_rule_that_fails_is_an_error_for_each_of_its_alerts_and_one_of_its_own() -> None:
    """Others are judged as ever."""
    collapse = found(0.1, Level.CRITICAL, "throughput_collapse")
    said = judged(after(collapse), found(350, Level.CONGESTED), failed=("throughput_collapse",))

    states = {(one.key.rule, one.key.get("gate")): one.state for one in said.judgements}
    assert states == {
        ("backlog_sustained", "north"): "true",
        ("throughput_collapse", ""): "error",
        ("throughput_collapse", "north"): "error",
    }


def test_what_is_watched_no_more_is_retired() -> None:
    """A gate that was taken out, a rule switched off there, a source that nobody declares."""
    gone = found(350, Level.CONGESTED, gate="south")
    feed = replace(found(9, Level.CONGESTED, "silent_feed"), direction=None, source="camera/old")
    alerts = after(gone, feed)

    assert set(judged(alerts).retired) == {key_of(gone), key_of(feed)}
    assert judge(Inspection((), {}), None, THRESHOLDS, alerts, AT).retired == ()


def test_a_closure_as_planned_is_known_and_one_that_is_not_is_none() -> None:
    """At night the calendar shuts the gate; at noon a report does."""
    shut = Story().tell("gate.state", clock("11:00"), "person", gate="north", side="own", state="shut")
    night = judge(Inspection((), {}), snapshot_at(clock("3:00")), THRESHOLDS, Alerts(), clock("3:00"))
    noon = judge(Inspection((), {}), snapshot_at(clock("12:00"), shut), THRESHOLDS, Alerts(), clock("12:00"))

    assert [(one.key.rule, one.key.get("gate"), one.state) for one in night.judgements] == [
        (PLANNED_CLOSURE, "north", "true")
    ]
    assert noon.judgements == ()


def test_the_clocks_are_those_of_the_place(tmp_path: Path) -> None:
    """A gate may wait longer than the others."""
    (tmp_path / "thresholds").mkdir()
    (tmp_path / "thresholds" / "north.toml").write_text("[export.backlog_sustained]\nfor = 45\n")
    own = load_thresholds(BORDER, settings_classes(), tmp_path)
    said = judge(Inspection((found(350, Level.CONGESTED),), {}), None, own, Alerts(), AT)

    assert only(said).clocks == Clocks(timedelta(minutes=45), timedelta(minutes=10))
    assert rules_of(own)["backlog_sustained"] == Clocks(timedelta(minutes=15), timedelta(minutes=10))
