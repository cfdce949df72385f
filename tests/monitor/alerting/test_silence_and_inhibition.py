from dataclasses import replace

import pytest

from gatewatch.monitor.alerting import (
    AlertKey,
    Inhibition,
    Settings,
    Silence,
    end_silence,
    find_muted,
    find_silence,
    parse_matcher,
)
from gatewatch.monitor.alerting.inhibition import find_causes, find_inhibitor
from tests.monitor.alerting.play import PLAIN, QUEUE, WAIT, Play, at

SILENT = AlertKey.of(alertname="feed_silent", gate="huu_nghi")
ELSEWHERE = AlertKey.of(alertname="feed_silent", gate="tan_thanh")
BY_FEED = Inhibition(
    "silent feed", (parse_matcher('alertname="feed_silent"'),), (parse_matcher('alertname=~"queue|wait"'),)
)
INHIBITED = replace(PLAIN, inhibitions=(BY_FEED,))


def silence(begins_s: int, ends_s: int) -> Silence:
    """Return a silence of the queue at Huu Nghi."""
    matchers = (parse_matcher('alertname="queue"'), parse_matcher('gate="huu_nghi"'))
    return Silence("one", matchers, "Lan", "convoy announced", at(begins_s), at(ends_s))


def test_a_silent_feed_keeps_the_alerts_that_hang_on_it_quiet():
    """Only the cause is told; the others show by what they are kept quiet, and are told when the cause is gone."""
    play = Play(INHIBITED)
    play.says(SILENT, "true")
    play.says(QUEUE, "true")
    play.run(0, 300)
    muted = find_muted(play.alerting, INHIBITED)
    play.says(SILENT, "false")
    play.run(301, 400)

    assert muted == {QUEUE: SILENT}
    assert [subject.key for subject in play.told[0][1].firing] == [SILENT]
    assert play.reasons() == [(30, "firing"), (330, "firing")]
    assert [subject.key for subject in play.told[1][1].firing] == [QUEUE]


def test_an_alert_that_was_kept_quiet_stands_in_the_message_that_all_is_over():
    """As in Alertmanager: both end together, and the message names both."""
    play = Play(INHIBITED)
    play.says(SILENT, "true")
    play.says(QUEUE, "true")
    play.run(0, 299)
    play.says(SILENT, "false")
    play.says(QUEUE, "false")
    play.run(300, 330)

    assert play.reasons() == [(30, "firing"), (330, "resolved")]
    assert {subject.key for subject in play.told[1][1].resolved} == {QUEUE, SILENT}


def test_another_gates_cause_explains_nothing():
    """`equal` gate."""
    assert find_inhibitor(QUEUE, find_causes([ELSEWHERE], [BY_FEED])) is None
    assert find_inhibitor(QUEUE, find_causes([ELSEWHERE, SILENT], [BY_FEED])) == SILENT


def test_two_alerts_do_not_keep_each_other_quiet():
    """What is source and target at once is told."""
    both = Inhibition(
        "either", (parse_matcher('alertname=~"queue|wait"'),), (parse_matcher('alertname=~"queue|wait"'),)
    )

    assert find_inhibitor(QUEUE, find_causes([QUEUE, WAIT], [both])) is None


def test_a_cause_that_nobody_can_confirm_keeps_nothing_quiet():
    """When in doubt, rather a message too many."""
    play = Play(INHIBITED)
    play.says(SILENT, "true")
    play.says(QUEUE, "true")
    play.run(0, 10)
    play.says(SILENT, "error")
    play.run(11, 60)

    assert {subject.key for subject in play.told[0][1].firing} == {QUEUE, SILENT}


def test_a_silence_holds_back_and_what_still_fires_afterwards_is_told():
    """Silenced until 320 s: nothing at 30, told at the look of 330."""
    play = Play()
    play.alerting = replace(play.alerting, silences=(silence(0, 320),))
    play.says(QUEUE, "true")
    play.run(0, 400)

    assert play.reasons() == [(330, "firing")]


def test_a_silence_ends_when_it_must_and_may_be_ended_before():
    """The end is excluded; ended early it is over at once, and one that had not begun never begins."""
    found = (silence(100, 200),)

    assert [find_silence(QUEUE, found, at(s)) is not None for s in (99, 100, 199, 200)] == [False, True, True, False]
    assert find_silence(WAIT, found, at(150)) is None
    assert find_silence(QUEUE, end_silence(found, "one", at(150)), at(150)) is None
    assert find_silence(QUEUE, end_silence(found, "one", at(50)), at(100)) is None
    assert end_silence(found, "one", at(900)) == found
    assert end_silence(found, "another", at(150)) == found


@pytest.mark.parametrize(
    "change",
    [
        {"author": " "},
        {"reason": ""},
        {"matchers": ()},
        {"ends": at(-1)},
        {"ends": at(7 * 86_400 + 1)},
    ],
)
def test_a_silence_needs_somebody_a_reason_and_an_end(change):
    """Nobody may make the whole border quiet for good."""
    with pytest.raises(ValueError, match="a silence"):
        replace(silence(0, 100), **change)


def test_a_silence_is_kept_for_a_week_after_its_end():
    """So that one can tell why nothing was said."""
    week = 7 * 86_400
    play = Play(Settings(PLAIN.rules, PLAIN.routes))
    play.alerting = replace(play.alerting, silences=(silence(0, 100),))
    play.evaluate(week + 99)
    kept = play.alerting.silences
    play.evaluate(week + 100)

    assert kept == (silence(0, 100),)
    assert play.alerting.silences == ()


@pytest.mark.parametrize(("level", "reason"), [("congested", "repeat"), ("critical", "level")])
def test_what_was_told_before_it_was_kept_quiet_is_told_again_as_one_that_still_holds(level: str, reason: str) -> None:
    """
    The queue is told at 30 s and quiet from 300 s on, when the silent feed is told alone; at 630 s it is no new alert.

    Alertmanager tells it at the same look; that it was told before is ours to say.
    """
    play = Play(INHIBITED)
    play.says(QUEUE, "true")
    play.run(0, 299)
    play.says(SILENT, "true")
    play.run(300, 400)
    play.says(SILENT, "false")
    play.says(QUEUE, "true", level)
    play.run(401, 700)

    assert [at for at, _ in play.reasons()][:2] == [30, 330]
    (notice,) = (
        notice for _, told in play.told[2:] for notice in told.notices if notice.alert_id == play.alert(QUEUE).id
    )
    assert (notice.reason, notice.level_before) == (reason, "congested")


def test_what_was_told_is_forgotten_with_its_alert() -> None:
    """A queue that ended and comes again is a new alert."""
    play = Play(INHIBITED)
    play.says(QUEUE, "true")
    play.says(WAIT, "true")
    play.run(0, 299)
    play.says(QUEUE, "false")
    play.run(300, 331)
    play.says(QUEUE, "true")
    play.run(332, 700)

    assert play.reasons() == [(30, "firing"), (330, "resolved"), (630, "firing")]
    (group,) = play.alerting.groups
    assert {alert_id for alert_id, _ in group.heard} == {play.alert(QUEUE).id, play.alert(WAIT).id}
