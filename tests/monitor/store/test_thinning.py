"""What is let go of after a while: nothing that still happens, and no figure of the time that is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gatewatch.monitor.alerting import Alert, Alerting, AlertKey, Silence, parse_matcher
from gatewatch.monitor.alerting.lifecycle import Alerts
from gatewatch.monitor.alerting.outgoing import News, Outgoing
from gatewatch.monitor.letting_go import LettingGo
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.store import Journal, Leader, Outbox, Store
from gatewatch.monitor.store.alert_book import AlertBook, AlertEvent, Change, KeptAlert, KeptSilence, Remembered
from gatewatch.monitor.store.outbox import GIVE_UP_AFTER
from gatewatch.monitor.store.thinning import thin_alerts, thin_messages
from gatewatch.monitor.watch.quality import Quality, judge_quality
from gatewatch.monitor.writer import Writer
from tests.monitor.conftest import NOW

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
KEY = AlertKey.of(alertname="backlog_sustained", about="congestion", gate="huu_nghi", direction="export")


class Years:
    """A store in which alerts fire, are told of, and end."""

    def __init__(self, store: Store, writer: Writer) -> None:
        self.store, self.writer = store, writer
        self.book, self.outbox = AlertBook(store), Outbox(store)

    def fires(self, days_ago: float, *, ends: bool = True, told: str = "sent", fails: int = 0) -> str:
        """Let an alert fire so long ago, have one told of it, and let it end an hour later; return its id."""
        at = NOW - days_ago * DAY
        one = Alert(KEY, "firing", None, "congested", 412.0, at, at, at, at)
        self._keep(KeptAlert(one), AlertEvent(one.id, at, "firing"), at)
        self._keep(KeptAlert(one), AlertEvent(one.id, at + HOUR / 2, "acknowledged", "account:lan"), at)
        self._keep(KeptAlert(one), AlertEvent(one.id, at + HOUR / 2, "useful", "account:lan"), at)
        self._tell(one.id, at, told, fails)
        if ends:
            over = replace(one, phase="resolved", resolved_at=at + HOUR)
            self._keep(KeptAlert(over), AlertEvent(one.id, at + HOUR, "resolved"), at + HOUR)
        return one.id

    def silences(self, days_ago: float) -> None:
        """Have a silence end so long ago."""
        ends = NOW - days_ago * DAY
        made = Silence(f"s{days_ago:g}", (parse_matcher('gate="huu_nghi"'),), "lan", "a convoy", ends - HOUR, ends)
        before = self.book.remembered()
        self._write(Change(before, before.alerting, (), (), (KeptSilence(made),)), ends)

    def let_go(self, **settings: int) -> None:
        """Do the job of the night."""
        LettingGo(self.writer, load_settings({}, **settings)).look(NOW)

    def left(self, *ids: str) -> list[tuple[bool, int, int]]:
        """Return of each alert whether it is known, the lines of its timeline, and the messages that tell of it."""
        return [
            (self.book.find(one) is not None, len(self.book.timeline(one)), len(self.outbox.of_alert(one)))
            for one in ids
        ]

    def quality(self, days: int) -> Quality:
        """Return how good the alarms of the last days were, as the API asks for it."""
        begins, book = NOW - days * DAY, self.book
        return judge_quality(
            book.of_period(begins, NOW), book.first_acknowledged(begins), begins, NOW, book.found_useful(begins)
        )

    def _keep(self, kept: KeptAlert, event: AlertEvent, at: datetime) -> None:
        before = self.book.remembered()
        self._write(Change(before, Alerting(Alerts((), at)), (kept,), (event,)), at)

    def _write(self, change: Change, at: datetime) -> Remembered:
        return self.writer.write(lambda connection: AlertBook.keep(connection, change, at)).result(30)

    def _tell(self, alert_id: str, at: datetime, state: str, fails: int) -> None:
        key = f"{alert_id}/firing/board"
        news = (News(alert_id, key, "firing", "congested", "backlog_sustained", "huu_nghi", "export"),)
        told = Outgoing(key, "board", "mail", "", "vi", "Ùn ứ", "Tồn 412 xe.", "Tồn 412", "congested", news=news)
        self.writer.write(lambda connection: Outbox.put(connection, told, at)).result(30)
        for n in range(fails):
            self._try("failed", at + n * HOUR, at + (n + 1) * HOUR)
        if state == "sent":
            self._try("sent", at + fails * HOUR, None)
        if state == "dead":
            self._try("failed", at, at)
            self._try("failed", at + GIVE_UP_AFTER, None)

    def _try(self, result: str, at: datetime, retry_at: datetime | None) -> None:
        (leased,) = self.writer.write(lambda connection: Outbox.lease(connection, "a", at, 9)).result(30)
        self.writer.write(
            lambda connection: Outbox.settle(connection, leased.number, leased.lease, result, at, "no", retry_at)
        ).result(30)


@pytest.fixture
def years(store: Store, run_writer: Callable[..., Writer], leader: Leader) -> Years:
    """Nothing yet, on each backend."""
    return Years(store, run_writer(Writer(leader, Journal(leader.store))))


def test_alerts_and_messages_of_long_ago_go_and_others_stay(years: Years) -> None:
    """Kept are 400 days and 60: the alert of two years ago goes whole, that of 100 days ago loses its messages."""
    ancient, old, late = years.fires(730), years.fires(100), years.fires(7)
    years.silences(730)
    years.silences(100)
    before = years.left(ancient, old, late)
    years.let_go()

    assert before == [(True, 4, 1)] * 3
    assert years.left(ancient, old, late) == [(False, 0, 0), (True, 4, 0), (True, 4, 1)]
    assert [one.silence.id for one in years.book.silences(NOW - 9999 * DAY)] == ["s100"]


def test_nothing_that_still_happens_is_touched(years: Years) -> None:
    """An alert that has not ended, a message that waits, one that was given up: as old as they are."""
    active = years.fires(730, ends=False)
    dead = years.fires(720, told="dead")
    waiting = years.fires(710, told="waiting")
    years.let_go()

    assert years.left(active, dead, waiting) == [(True, 3, 1), (True, 4, 1), (True, 4, 1)]
    condition = years.outbox.condition(NOW)
    assert (condition.waiting, condition.dead) == (1, 1)


def test_the_figures_of_the_time_that_is_kept_stay_the_same(years: Years) -> None:
    """How good the alarms of a year were, and how many tries failed since ever."""
    for days in (900, 500, 401, 399.5, 366, 300, 61, 59, 3, 0.5):
        years.fires(days, fails=2)
    before = [years.quality(days) for days in (7, 90, 366)], years.outbox.failures()
    years.let_go()
    years.let_go()

    assert ([years.quality(days) for days in (7, 90, 366)], years.outbox.failures()) == before
    assert before[1] == {"mail": 20}
    assert before[0][2].n_fired == 5
    assert before[0][2].acknowledged_share == 1.0


def test_much_goes_a_part_at_a_time(years: Years) -> None:
    """Each call forgets no more than it is told to, the oldest messages first."""
    ids = [years.fires(800 - n) for n in range(5)]
    years.fires(1)
    n = [years.writer.write(lambda c: thin_messages(c, NOW - 60 * DAY, 2)).result(30) for _ in range(4)]
    m = [years.writer.write(lambda c: thin_alerts(c, NOW - 400 * DAY, 3)).result(30) for _ in range(3)]

    assert (n, m) == ([2, 2, 1, 0], [3, 2, 0])
    assert years.left(*ids) == [(False, 0, 0)] * 5


def test_no_number_is_given_twice(years: Years) -> None:
    """Screens ask for what came after a number: the newest message stays, however old it is, and so does its alert."""
    years.fires(730)
    last = years.fires(720)
    years.let_go()
    (kept,) = years.outbox.of_alert(last)
    later = years.fires(1)

    assert years.left(last) == [(True, 4, 1)]
    assert years.outbox.of_alert(later)[0].number > kept.number


@pytest.mark.parametrize(("key", "value"), [("alerts_kept_days", 366), ("messages_kept_days", 7)])
def test_what_screens_look_back_on_cannot_be_let_go_of(key: str, value: int) -> None:
    """Figures go back 366 days, the lists of the day seven."""
    with pytest.raises(Exception, match=key):
        load_settings({}, **{key: value})
