"""The watch over a running core: alerts through the real store, rules that fail, what people do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from gatewatch.monitor.access import NotKnownError, RefusedError
from gatewatch.monitor.alerting import parse_matcher
from gatewatch.monitor.core import Core
from gatewatch.monitor.detectors import Finding, backlog_sustained, inspecting, list_detectors
from gatewatch.monitor.store import Deed
from gatewatch.monitor.store.alert_book import AlertBook, Change, OutOfStepError, Remembered
from gatewatch.monitor.watch import By
from tests.monitor.stories import clock
from tests.monitor.watch.guards import FINE, MINUTE, Guard, watch_over

LAN = By("account:lan", "10.0.0.9")
HOUR = timedelta(hours=1)


@pytest.fixture
def crowded(guard: Guard) -> Guard:
    """A queue of 320, counted at ten, a minute ago."""
    guard.hear(clock("10:00"), queue=320)
    guard.pass_by(MINUTE)
    return guard


def test_an_alert_waits_fires_and_ends_with_every_step_in_its_timeline(crowded: Guard) -> None:
    """A count of 320 vehicles must last for 15 minutes; a count of 20 ends it ten minutes later."""
    before = crowded.states()["backlog_sustained"]
    crowded.pass_by(15 * MINUTE)
    fired = crowded.alert("backlog_sustained")
    crowded.pass_by(MINUTE)
    crowded.hear(crowded.now, queue=20)
    crowded.pass_by(16 * MINUTE)

    assert (before, fired.alert.state, fired.alert.level) == ("pending", "firing", "congested")
    assert fired.alert.fired_at == clock("10:16")
    assert (fired.saying.unit, fired.saying.threshold) == ("veh", 300)
    assert "320" in fired.saying.vi
    assert "backlog_sustained" not in crowded.states()
    kinds = crowded.kinds(fired.id)
    assert kinds == ["pending", "firing", "told", "recovering", "resolved", "told"]
    ended = crowded.watch.find(fired.id)
    assert (ended.alert.state, ended.alert.resolved_at) == ("resolved", clock("10:28"))
    assert crowded.watch.book.resolved(clock("10:00"), 10) == [ended]


def test_an_alert_that_never_fires_leaves_no_record(crowded: Guard) -> None:
    """It waits on the board and goes."""
    waiting = crowded.alert("backlog_sustained")
    crowded.hear(crowded.now, queue=20)
    crowded.pass_by(MINUTE)

    assert "backlog_sustained" not in crowded.states()
    assert crowded.watch.book.find(waiting.id) is None


def test_a_rule_that_raises_is_an_error_and_the_others_go_on(crowded: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is kept since when and of what it fails, and when it works again."""

    def broken(*_: Any) -> list[Finding]:
        raise ZeroDivisionError("no lanes")

    detectors = dict(list_detectors())
    failing = {**detectors, "lane_closed": replace(detectors["lane_closed"], inspect=broken)}
    monkeypatch.setattr(inspecting, "list_detectors", lambda: failing)
    crowded.pass_by(MINUTE)
    doubts = {doubt.key.rule: doubt.state for doubt in crowded.watch.board.doubts()}
    failed = crowded.watch.health().rules
    monkeypatch.undo()
    crowded.pass_by(MINUTE)

    assert doubts["lane_closed"] == "error"
    assert crowded.states()["backlog_sustained"] == "pending"
    assert failed["lane_closed"].failure == "ZeroDivisionError: no lanes"
    assert crowded.watch.health().rules == {}
    assert crowded.watch.book.rules()["lane_closed"].n_failures == 1
    assert "lane_closed" not in {doubt.key.rule for doubt in crowded.watch.board.doubts()}


def test_without_live_state_every_rule_is_in_error_and_nothing_is_forgotten(
    crowded: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fired goes on firing, in doubt."""
    crowded.pass_by(15 * MINUTE)

    def broken(_now: datetime) -> Any:
        raise RuntimeError("no state")

    monkeypatch.setattr(crowded.core.projector, "live", broken)
    crowded.pass_by(MINUTE)

    one = crowded.alert("backlog_sustained").alert
    assert (one.phase, one.doubt) == ("firing", "error")
    assert {doubt.key.rule for doubt in crowded.watch.board.doubts()} >= {"days_of_work", "unplanned_closure"}


def test_a_sentence_that_cannot_be_made_does_not_hold_the_alert_back(
    crowded: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It bears the name of its rule."""
    monkeypatch.setitem(backlog_sustained.SENTENCES, "waiting", None)  # type: ignore[arg-type]
    monkeypatch.setattr("gatewatch.monitor.watch.evaluating.sentence", lambda *_: 1 / 0)
    crowded.pass_by(15 * MINUTE)

    assert crowded.alert("backlog_sustained").saying.vi == "backlog_sustained"


def test_a_restart_takes_up_what_was_remembered(crowded: Guard, begin: Callable[[], Core]) -> None:
    """Board, records and clocks are those of before."""
    crowded.pass_by(16 * MINUTE)
    fired = crowded.alert("backlog_sustained")
    crowded.watch.acknowledge(fired.id, HOUR, "I go there", LAN, crowded.now)
    crowded.watch.note(fired.id, "two lanes are shut", LAN, crowded.now)
    before = crowded.watch.board
    after = watch_over(begin()).board

    assert after.alerts.keys() == before.alerts.keys()
    assert (after.rev, after.alerting, after.causes) == (before.rev, before.alerting, before.causes)
    found = after.alerts[fired.id]
    assert (found.n_notes, found.saying) == (1, fired.saying)
    assert found.alert == before.alerts[fired.id].alert


def test_a_person_takes_an_alert_on_for_a_time_and_may_give_it_back(crowded: Guard) -> None:
    """Meanwhile nothing escalates; afterwards nobody has it."""
    crowded.pass_by(15 * MINUTE)
    watch, alert_id = crowded.watch, crowded.alert("backlog_sustained").id
    kept = watch.acknowledge(alert_id, HOUR, "", LAN, crowded.now)
    taken = watch.board.acknowledgement(kept, crowded.now + HOUR - MINUTE)
    late = watch.board.acknowledgement(kept, crowded.now + HOUR)
    watch.give_back(alert_id, LAN, crowded.now)

    assert taken is not None
    assert taken.author == "account:lan"
    assert late is None
    assert watch.board.acknowledgement(kept, crowded.now) is None
    with pytest.raises(RefusedError, match="nobody has"):
        watch.give_back(alert_id, LAN, crowded.now)
    assert crowded.kinds(alert_id)[-2:] == ["acknowledged", "given_back"]
    deeds = [row.deed for row in crowded.core.audit.rows()][-2:]
    assert [(deed.who, deed.action, deed.subject, deed.address) for deed in deeds] == [
        ("account:lan", "alert.acknowledged", alert_id, "10.0.0.9"),
        ("account:lan", "alert.given_back", alert_id, "10.0.0.9"),
    ]


def test_an_alert_that_ends_while_it_is_taken_on_is_returned_as_it_ended(crowded: Guard) -> None:
    """An evaluation comes between the deed and its answer: who asked is not refused what was done."""
    crowded.pass_by(15 * MINUTE)
    alert_id, told = crowded.alert("backlog_sustained").id, list[int]()

    def go_on(rev: int) -> None:
        told.append(rev)
        if len(told) == 1:  # of the deed; the others are of the evaluations here
            crowded.hear(crowded.now, queue=20)
            crowded.pass_by(16 * MINUTE)

    crowded.watch.listen(go_on)
    kept = crowded.watch.acknowledge(alert_id, HOUR, "", LAN, crowded.now)

    assert kept.alert.state == "resolved"
    assert "acknowledged" in crowded.kinds(alert_id)


def test_what_cannot_be_done_is_refused_and_changes_nothing(crowded: Guard) -> None:
    """An alert that waits, one that nobody knows, one that has ended, times that are too long."""
    watch, rev = crowded.watch, crowded.watch.board.rev
    waiting = crowded.alert("backlog_sustained").id
    with pytest.raises(RefusedError, match="only one that fires"):
        watch.acknowledge(waiting, HOUR, "", LAN, crowded.now)
    with pytest.raises(RefusedError, match="not fired yet"):
        watch.note(waiting, "soon", LAN, crowded.now)
    with pytest.raises(NotKnownError, match="no alert"):
        watch.acknowledge("nothing", HOUR, "", LAN, crowded.now)
    with pytest.raises(RefusedError, match="24 h"):
        watch.acknowledge(waiting, 25 * HOUR, "", LAN, crowded.now)
    with pytest.raises(RefusedError, match="7 days"):
        watch.silence([parse_matcher('gate="north"')], "Tet", crowded.now + timedelta(days=8), LAN, crowded.now)
    with pytest.raises(RefusedError, match="in the future"):
        watch.silence([parse_matcher('gate="north"')], "Tet", crowded.now, LAN, crowded.now)

    assert watch.board.rev == rev


def test_a_silence_keeps_alerts_quiet_until_its_end_and_can_be_ended_early(crowded: Guard) -> None:
    """It is in the timeline of what it keeps quiet; nothing is told meanwhile."""
    crowded.pass_by(14 * MINUTE)
    watch, matchers = crowded.watch, [parse_matcher('gate="north"')]
    made = watch.silence(matchers, "convoy announced", crowded.now + HOUR, LAN, crowded.now)
    crowded.pass_by(3 * MINUTE)
    fired = crowded.alert("backlog_sustained")
    quiet = watch.board.silence(fired, crowded.now)
    ended = watch.end_silence(made.id, By("account:minh"), crowded.now)
    crowded.pass_by(6 * MINUTE)

    assert quiet is not None
    assert quiet.reason == "convoy announced"
    assert ended.ends < made.ends
    assert crowded.kinds(fired.id) == ["pending", "firing", "silence_ended", "told"]
    (kept,) = watch.book.silences(clock("10:00"))
    assert (kept.silence, kept.ended_by) == (ended, "account:minh")
    with pytest.raises(RefusedError, match="over already"):
        watch.end_silence(made.id, LAN, crowded.now)


def test_notes_and_assignments_stay_with_an_alert_that_has_ended(crowded: Guard) -> None:
    """What was learnt afterwards belongs to it."""
    crowded.pass_by(15 * MINUTE)
    alert_id = crowded.alert("backlog_sustained").id
    crowded.watch.assign(alert_id, "minh", LAN, crowded.now)
    crowded.hear(crowded.now, queue=20)
    crowded.pass_by(11 * MINUTE)
    kept = crowded.watch.note(alert_id, "the scanner was broken", LAN, crowded.now)

    assert (kept.alert.phase, kept.assigned_to, kept.n_notes) == ("resolved", "minh", 1)
    assert crowded.watch.find(alert_id) == kept


def test_a_commit_whose_answer_never_came_is_found_and_decided_from(crowded: Guard) -> None:
    """The book went on without this watch: it reads it again instead of writing over it."""
    other = watch_over(crowded.core)
    other.evaluate(crowded.now + MINUTE)
    crowded.now += MINUTE
    crowded.pass_by(MINUTE)

    assert crowded.watch.board.rev == other.board.rev + 1


def test_a_change_that_began_with_something_else_is_refused(guard: Guard) -> None:
    """Nothing of it is kept."""
    guard.watch.evaluate(guard.now)
    change = Change(Remembered(rev=0), guard.watch.board.alerting, deed=Deed("account:lan", "x", "y", {}))
    keeping = guard.core.writer.write(lambda connection: AlertBook.keep(connection, change, guard.now))

    with pytest.raises(OutOfStepError, match="at revision 1, not at 0"):
        keeping.result()
    assert "x" not in {row.deed.action for row in guard.core.audit.rows()}


def test_a_listener_that_fails_does_not_stop_the_others(guard: Guard) -> None:
    """Nor the evaluation, which is kept."""
    heard: list[int] = []
    guard.watch.listen(lambda rev: heard.append(rev // 0))
    guard.watch.listen(heard.append)
    guard.watch.evaluate(guard.now)

    assert heard == [1]
    assert guard.watch.health().n_evaluations == 1


def test_the_service_watches_itself(guard: Guard) -> None:
    """A disk with 2 % room, and a backup that is two days old."""
    watch = watch_over(guard.core, own=replace(FINE, disk_free=0.02, backup_age_s=48 * 3_600.0))
    poor = Guard(guard.core, watch)
    poor.pass_by(6 * MINUTE)

    assert {"disk_low": "firing", "backup_old": "firing"}.items() <= poor.states().items()
    assert poor.alert("disk_low").alert.level == "critical"
