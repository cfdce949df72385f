"""How good alarms are, by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gatewatch.monitor.alerting import Alert, AlertKey
from gatewatch.monitor.store.alert_book import KeptAlert
from gatewatch.monitor.watch.quality import judge_quality
from tests.monitor.stories import clock

BEGINS, ENDS = clock("0:00"), clock("0:00", 2)
QUEUE = AlertKey.of(alertname="backlog_sustained", gate="north")
FEED = AlertKey.of(alertname="silent_feed", source="camera/in")


def fired(key: AlertKey, at: datetime, lasting: timedelta | None = timedelta(minutes=2)) -> KeptAlert:
    """Return an alert that fired at once."""
    ended = None if lasting is None else at + lasting
    phase = "firing" if ended is None else "resolved"
    return KeptAlert(Alert(key, phase, None, "congested", 1.0, at, at, at, at, None, ended))


def test_by_hand() -> None:
    """Three of one feed within forty minutes, one of the queue for thirty hours: four in two days."""
    chatter = [fired(FEED, clock("8:00") + timedelta(minutes=20 * n)) for n in range(3)]
    long = fired(QUEUE, clock("10:00"), None)
    found = judge_quality([*chatter, long], {long.id: clock("10:05")}, BEGINS, ENDS)

    assert (found.n_fired, found.n_critical, found.busiest, found.flood_share) == (4, 0, 1, 0.0)
    assert found.per_hour == pytest.approx(4 / 48)
    assert [(one.key, one.n, one.share) for one in found.top] == [(FEED, 3, 0.75), (QUEUE, 1, 0.25)]
    assert [one.key for one in found.chattering] == [FEED]
    assert found.stale == (long,)
    assert (found.acknowledged_share, found.to_acknowledge_s) == (0.25, 300.0)


def test_what_people_said_counts_for_the_rule() -> None:
    """Of three alerts of one rule one was useful and one was not; of the third, and of the other rule, nobody said."""
    feeds = [fired(FEED, clock("8:00") + timedelta(hours=n)) for n in range(3)]
    queue = fired(QUEUE, clock("10:00"))
    said = {feeds[0].id: True, feeds[2].id: False, "of another period": True}
    found = judge_quality([*feeds, queue], {}, BEGINS, ENDS, said)

    assert [(one.rule, one.n_fired, one.n_useful, one.n_useless) for one in found.rules] == [
        ("silent_feed", 3, 1, 1), ("backlog_sustained", 1, 0, 0),
    ]  # fmt: skip


def test_a_flood_is_more_than_ten_in_ten_minutes() -> None:
    """Eleven within five minutes: one ten-minute span of the 288 of two days."""
    found = judge_quality(
        [fired(QUEUE, clock("8:00") + timedelta(seconds=27 * n)) for n in range(11)], {}, BEGINS, ENDS
    )

    assert (found.busiest, found.flood_share) == (11, pytest.approx(1 / 288))


def test_what_fired_before_is_not_counted_but_may_be_stale() -> None:
    """Nothing fired: no share is made up."""
    found = judge_quality([fired(QUEUE, clock("10:00", -3), None)], {}, BEGINS, ENDS)

    assert (found.n_fired, found.per_hour, found.acknowledged_share, found.to_acknowledge_s) == (0, 0.0, None, None)
    assert len(found.stale) == 1
