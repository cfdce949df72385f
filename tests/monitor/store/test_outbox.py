"""The outbox: put once, leased, settled, tried again, given up; nothing is lost between two steps (P7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gatewatch.monitor.alerting.outgoing import News, Outgoing
from gatewatch.monitor.store import Leader, Outbox
from gatewatch.monitor.store.outbox import GIVE_UP_AFTER, LEASE, LONGEST_PAUSE, MOST_OF_A_CHANNEL
from tests.monitor.conftest import NOW

SECOND = timedelta(seconds=1)


def message(n: int, destination: str = "board", channel: str = "mail") -> Outgoing:
    """Return a message about an alert."""
    key = f"alert-{n}/firing/{destination}"
    news = (News(f"alert-{n}", key, "firing", "congested", "backlog_sustained", "huu_nghi", "export"),)
    return Outgoing(
        key, destination, channel, "", "vi", "Nguy cơ ùn ứ", "Tồn 412 xe.", "Tồn 412", "congested", news=news
    )


class Play:
    """An outbox and one who delivers from it."""

    def __init__(self, leader: Leader) -> None:
        self.leader, self.outbox = leader, Outbox(leader.store)

    def put(self, *messages: Outgoing) -> list[bool]:
        """Put messages in, each in the transaction of its alert."""
        with self.leader.writing() as connection:
            return [Outbox.put(connection, one, NOW) for one in messages]

    def lease(self, after: timedelta = timedelta(), holder: str = "a", most: int = 100, **more):
        """Lease at an instant."""
        with self.leader.writing() as connection:
            return Outbox.lease(connection, holder, NOW + after, most, **more)

    def settle(self, leased, result: str, after: timedelta = timedelta(), retry: timedelta | None = None, **more):
        """Settle at an instant."""
        retry_at = None if retry is None else NOW + after + retry
        with self.leader.writing() as connection:
            return Outbox.settle(connection, leased.number, leased.lease, result, NOW + after, "why", retry_at, **more)


@pytest.fixture
def play(leader: Leader) -> Play:
    """An empty outbox, on each backend."""
    return Play(leader)


def test_a_message_put_twice_is_there_once(play: Play) -> None:
    """The key holds alert, transition and destination."""
    first, again = play.put(message(1)), play.put(message(1), message(2))

    assert (first, again) == ([True], [False, True])
    assert play.outbox.condition(NOW).waiting == 2
    assert play.outbox.counts(["alert-1", "alert-9"])["alert-1"].waiting == 1
    assert "alert-9" not in play.outbox.counts(["alert-9"])


def test_it_is_there_with_its_alert_or_not_at_all(play: Play) -> None:
    """What fails in the transaction takes the message with it."""

    def fail() -> None:
        with play.leader.writing() as connection:
            Outbox.put(connection, message(1), NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert play.outbox.condition(NOW).waiting == 0


def test_what_is_sent_is_settled_and_not_leased_again(play: Play) -> None:
    """And the alert tells that it was delivered, with each try."""
    play.put(message(1))
    (leased,) = play.lease()
    meanwhile = play.lease(SECOND)
    state = play.settle(leased, "sent", SECOND)
    (found,) = play.outbox.of_alert("alert-1")

    assert meanwhile == []
    assert state == "sent"
    assert not play.outbox.has_due("a", NOW + timedelta(days=1))
    assert leased.outgoing == message(1)
    assert (found.state, found.settled_at, found.is_doubtful) == ("sent", NOW + SECOND, False)
    assert [(one.n, one.result) for one in found.tries] == [(1, "sent")]
    assert play.settle(leased, "sent") is None


def test_a_destination_gets_one_at_a_time_and_in_order(play: Play) -> None:
    """Another destination does not wait for it."""
    play.put(message(1), message(2), message(1, "duty"))
    first = play.lease()
    play.settle(first[0], "sent")
    second = play.lease()

    assert [one.outgoing.key for one in first] == ["alert-1/firing/board", "alert-1/firing/duty"]
    assert [one.outgoing.key for one in second] == ["alert-2/firing/board"]


def test_a_channel_carries_few_at_once(play: Play) -> None:
    """So that one that is stuck leaves room for the others."""
    play.put(*(message(n, f"mail-{n}") for n in range(20)), message(99, "phone", "sms"))
    leased = play.lease(most=10)

    assert [one.outgoing.channel for one in leased] == ["mail"] * MOST_OF_A_CHANNEL + ["sms"]


def test_a_destination_that_takes_nothing_keeps_its_order(play: Play) -> None:
    """What stands behind the message that failed waits as long as it does; a refused one lets others pass."""
    play.put(message(1), message(2), message(3, "duty"), message(4, "duty"))
    down, refused = play.lease()
    play.settle(down, "failed", retry=10 * SECOND, waits_all=True)
    play.settle(refused, "failed", retry=10 * SECOND)
    soon = play.lease(SECOND)
    play.settle(soon[0], "sent", SECOND)
    later = play.lease(10 * SECOND)

    assert [one.outgoing.key for one in soon] == ["alert-4/firing/duty"]
    assert [one.outgoing.key for one in later] == ["alert-1/firing/board", "alert-3/firing/duty"]
    assert [one.n_tries for one in later] == [1, 1]


@pytest.mark.parametrize(("after", "holder"), [(LEASE, "a"), (SECOND, "b")], ids=["expired", "another holder"])
def test_a_lease_without_a_word_leaves_a_doubt(play: Play, after: timedelta, holder: str) -> None:
    """Whoever held it may have sent it: the next try says so, and a word that comes late is not heard."""
    play.put(message(1))
    (lost,) = play.lease()
    (again,) = play.lease(after, holder)
    late = play.settle(lost, "sent", after)
    play.settle(again, "sent", after)
    (found,) = play.outbox.of_alert("alert-1")

    assert (lost.is_doubtful, again.is_doubtful, again.n_tries) == (False, True, 1)
    assert late is None
    assert [one.result for one in found.tries] == ["unknown", "sent"]
    assert found.is_doubtful


def test_what_never_reached_its_holder_is_no_double(play: Play) -> None:
    """The answer to a lease was lost: who asks again says what he has, and gets it without a mark."""
    play.put(message(1), message(2, "duty"))
    one, lost = play.lease()
    (again,) = play.lease(SECOND, under_way=[one.number])
    kept = play.lease(10 * LEASE, under_way=[one.number, again.number])

    assert (again.number, again.is_doubtful, again.n_tries) == (lost.number, False, 0)
    assert kept == []
    assert play.settle(one, "sent", 10 * LEASE) == "sent"


def test_a_late_word_counts_while_nobody_else_has_it(play: Play) -> None:
    """A sender that slept longer than its lease did send it."""
    play.put(message(1))
    (leased,) = play.lease()

    assert play.settle(leased, "sent", 10 * LEASE) == "sent"


def test_it_is_given_up_a_day_after_its_first_try(play: Play) -> None:
    """Not a day after it was made: a notifier that was away for a week still tries."""
    week = timedelta(days=7)
    play.put(message(1))
    (first,) = play.lease(week)
    kept = play.settle(first, "failed", week, SECOND)
    (last,) = play.lease(week + GIVE_UP_AFTER)
    given_up = play.settle(last, "failed", week + GIVE_UP_AFTER, SECOND)
    condition = play.outbox.condition(NOW + week)
    (dead,) = play.outbox.dead()

    assert (kept, given_up) == ("waiting", "dead")
    assert (condition.waiting, condition.dead, condition.dead_lately) == (0, 1, 1)
    assert play.outbox.condition(NOW + 2 * week).dead_lately == 0
    assert dead.tries[-1].said == "why"
    assert play.outbox.failures() == {"mail": 2}
    assert play.outbox.counts(["alert-1"])["alert-1"].failed == 1


def test_what_was_given_up_can_be_tried_again(play: Play) -> None:
    """By a person who has mended the channel; it then has another day."""
    play.put(message(1))
    (leased,) = play.lease()
    with play.leader.writing() as connection:
        early = Outbox.revive(connection, leased.number, NOW)
    play.settle(leased, "failed", GIVE_UP_AFTER)
    with play.leader.writing() as connection:
        revived = Outbox.revive(connection, leased.number, NOW + GIVE_UP_AFTER)
    (again,) = play.lease(GIVE_UP_AFTER)

    assert (early, revived) == (False, True)
    assert again.outgoing == message(1)


def test_a_clock_that_was_set_back_holds_nothing_back(play: Play) -> None:
    """A retry or a lease that lies further ahead than it can is of no account."""
    play.put(message(1), message(2, "duty"))
    one, _ = play.lease(timedelta(days=2))
    play.settle(one, "failed", timedelta(days=2), LONGEST_PAUSE)

    assert [found.outgoing.destination for found in play.lease()] == ["board", "duty"]


def test_the_age_is_that_of_the_oldest_that_waits(play: Play) -> None:
    """Zero when none waits."""
    empty = play.outbox.condition(NOW).age_s(NOW + 60 * SECOND)
    play.put(message(1))

    assert empty == 0
    assert play.outbox.condition(NOW).age_s(NOW + 60 * SECOND) == 60
