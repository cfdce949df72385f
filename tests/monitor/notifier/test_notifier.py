"""The notifier: one stuck or broken destination holds no other up, and what cannot be delivered is told after a day."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from gatewatch.config.loader import load_border
from gatewatch.config.records import Record
from gatewatch.config.teams import Channel
from gatewatch.config.thresholds import load_thresholds
from gatewatch.monitor.channels import Kind, Message, NotNowError, RefusedError
from gatewatch.monitor.detectors import History, Level, SelfState, list_detectors, settings_classes
from gatewatch.monitor.notifier import CoreAwayError, Job, Notifier, Outcome
from gatewatch.monitor.store import Leader, Outbox
from tests.monitor.conftest import NOW
from tests.monitor.store.test_outbox import message

SOON_S = 60.0


@dataclass
class LocalCore:
    """The core's outbox without HTTP, on a clock that is moved by hand."""

    leader: Leader
    now: Any = NOW
    is_away: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def lease(self, most: int, under_way: Sequence[int]) -> list[Job]:
        """Lease from the store."""
        if self.is_away:
            raise CoreAwayError("away.")
        if not Outbox(self.leader.store).has_due("test", self.now, under_way):
            return []
        with self.lock, self.leader.writing() as connection:
            leased = Outbox.lease(connection, "test", self.now, most, under_way)
        return [Job(one.number, one.lease, one.outgoing, one.n_tries, one.is_doubtful) for one in leased]

    def settle(self, job: Job, outcome: Outcome, retry_after_s: float) -> None:
        """Settle in the store."""
        if self.is_away:
            raise CoreAwayError("away.")
        retry_at = self.now + timedelta(seconds=retry_after_s)
        with self.lock, self.leader.writing() as connection:
            Outbox.settle(
                connection, job.number, job.lease, outcome.result, self.now, outcome.said, retry_at,
                waits_all=outcome.waits_all,
            )  # fmt: skip

    def put(self, *messages: Any) -> None:
        """Put messages in."""
        with self.lock, self.leader.writing() as connection:
            for one in messages:
                Outbox.put(connection, one, self.now)


def kind(send: Callable[[Message], None]) -> Kind:
    """Return a kind of channel that does this."""
    return Kind("test", Record, lambda *_: None, lambda message, *_: send(message), True, "none", "Test.")


def notifier_of(core: LocalCore, **sends: Callable[[Message], None]) -> Notifier:
    """Return a notifier with these channels."""
    channels = {name: Channel(name, name, Record()) for name in sends}
    kinds = {name: kind(send) for name, send in sends.items()}
    return Notifier(core, channels, lambda: core.now, lambda: 1.0, kinds=kinds, poll_s=0.01)


@pytest.fixture
def core(sqlite_address: str, open_at: Any, lead: Any) -> LocalCore:
    """An empty outbox."""
    return LocalCore(lead(open_at(sqlite_address)))


def test_a_channel_that_fails_is_logged_and_stops_no_other(core: LocalCore) -> None:
    """Invariant 9: one raises what no channel should, one refuses, one is unknown; the fourth delivers."""
    taken: list[str] = []

    def breaks(_: Message) -> None:
        raise ZeroDivisionError

    def refuses(_: Message) -> None:
        raise RefusedError("never.")

    core.put(message(1, "a", "broken"), message(2, "b", "refusing"), message(3, "c", "gone"), message(4, "d", "well"))
    notifier = notifier_of(core, broken=breaks, refusing=refuses, well=lambda m: taken.append(m.outgoing.key))
    notifier.deliver()
    notifier._finish()
    outbox = Outbox(core.leader.store)
    said = {n: outbox.of_alert(f"alert-{n}")[0].tries[0] for n in (1, 2, 3, 4)}

    assert taken == ["alert-4/firing/d"]
    assert [said[n].result for n in (1, 2, 3, 4)] == ["unknown", "failed", "failed", "sent"]
    assert "ZeroDivisionError" in said[1].said
    assert 'no channel "gone" any more' in said[3].said


def test_a_destination_that_hangs_holds_no_other_up(core: LocalCore) -> None:
    """While one waits for its answer, ten messages go to another, in their order."""
    enough, release, taken = threading.Event(), threading.Event(), list[str]()

    def hangs(_: Message) -> None:
        assert release.wait(SOON_S)
        raise NotNowError("no answer.")

    def takes(told: Message) -> None:
        taken.append(told.outgoing.key)
        if len(taken) == 10:
            enough.set()

    core.put(message(0, "stuck", "slow"), *(message(n, "duty", "fast") for n in range(1, 11)))
    notifier = notifier_of(core, slow=hangs, fast=takes)
    runs = threading.Thread(target=notifier.run)
    runs.start()
    came = enough.wait(SOON_S)
    release.set()
    notifier.stop()
    runs.join(SOON_S)

    assert came
    assert taken == [f"alert-{n}/firing/duty" for n in range(1, 11)]
    assert Outbox(core.leader.store).of_alert("alert-0")[0].state == "waiting"


def test_a_stuck_channel_leaves_room_for_another(core: LocalCore) -> None:
    """Forty contacts of a dead mail server do not take every place."""
    release, came = threading.Event(), threading.Event()

    def hangs(_: Message) -> None:
        assert release.wait(SOON_S)

    core.put(*(message(n, f"mail-{n}", "slow") for n in range(40)), message(99, "phone", "fast"))
    notifier = notifier_of(core, slow=hangs, fast=lambda _: came.set())
    runs = threading.Thread(target=notifier.run)
    runs.start()
    has_come = came.wait(SOON_S)
    release.set()
    notifier.stop()
    runs.join(SOON_S)

    assert has_come


def test_a_core_that_is_away_while_a_message_is_sent_is_told_later(core: LocalCore) -> None:
    """It was sent: it is not sent again because the core did not hear it."""
    sent: list[str] = []

    def takes(told: Message) -> None:
        core.is_away = True
        sent.append(told.outgoing.key)
        threading.Timer(0.2, lambda: setattr(core, "is_away", False)).start()

    core.put(message(1, "a", "well"))
    notifier = notifier_of(core, well=takes)
    notifier.deliver()
    notifier._finish()

    assert sent == ["alert-1/firing/a"]
    assert Outbox(core.leader.store).of_alert("alert-1")[0].state == "sent"


def test_a_mail_server_that_is_down_for_a_day(core: LocalCore, record_property: Callable[[str, int], None]) -> None:
    """
    On a simulated clock, in steps of five minutes.

    Nothing is lost while it is down; no wait is longer than a quarter of an hour; what came before it was up again is
    delivered in order; a message that nobody took for a day is given up, and `notifier_stuck` tells.
    """
    is_down, taken = True, list[str]()

    def mail(told: Message) -> None:
        if is_down or told.outgoing.destination == "never":
            raise NotNowError("the server is down.")
        taken.append(told.outgoing.key)

    core.put(message(0, "never"), *(message(n) for n in range(1, 6)))
    notifier = notifier_of(core, mail=mail)
    for minute in range(0, 25 * 60, 5):
        core.now = NOW + timedelta(minutes=minute)
        is_down = minute < 23 * 60
        if minute == 12 * 60:
            core.put(message(6))
        while notifier.deliver():
            notifier._finish()
    outbox = Outbox(core.leader.store)
    (dead,) = outbox.dead()
    gaps = [b.at - a.at for a, b in zip(dead.tries, dead.tries[1:], strict=False)]
    condition = outbox.condition(core.now - timedelta(days=1))
    own = SelfState(undelivered_s=condition.age_s(core.now), n_dead_letters=condition.dead_lately)
    record_property("compared: tries of a message in a day without a mail server", len(dead.tries))

    assert taken == [f"alert-{n}/firing/board" for n in range(1, 7)]
    assert dead.outgoing.destination == "never"
    assert dead.settled_at is not None
    assert dead.settled_at - NOW >= timedelta(hours=24)
    assert max(gaps) <= timedelta(minutes=20)  # a quarter of an hour, on a clock of five minutes
    assert gaps == sorted(gaps)
    assert _stuck(own) is Level.CRITICAL
    assert _stuck(replace(own, n_dead_letters=0)) is Level.CLEAR


def _stuck(own: SelfState) -> Level:
    """Return what the service's own detector says."""
    detector = list_detectors()["notifier_stuck"]
    settings = load_thresholds(load_border().border, settings_classes())["notifier_stuck"]
    (found,) = detector.inspect(None, settings, NOW, History(own=own))
    return found.level
