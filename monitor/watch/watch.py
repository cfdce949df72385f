"""The watch: evaluates every rule by the clock, keeps what came of it in one transaction, and lets people act."""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from gatewatch.config.thresholds import Thresholds
from gatewatch.monitor.access import NotKnownError, RefusedError
from gatewatch.monitor.alerting import Alerting, AlertKey, Matcher, Settings, Silence, find_muted, is_background
from gatewatch.monitor.failpoints import reach
from gatewatch.monitor.store.alert_book import AlertBook, Change, KeptAlert, OutOfStepError, Remembered, RuleHealth
from gatewatch.monitor.watch import deeds
from gatewatch.monitor.watch.board import STATES, Board, Decision, WatchHealth
from gatewatch.monitor.watch.deeds import By
from gatewatch.monitor.watch.evaluating import Evaluator
from gatewatch.monitor.writer import Writer

_log: Final = structlog.get_logger(__name__)
Listener = Callable[[int], None]


class Watch:
    """
    Keeps watch over a running service.

    Everything is decided on the thread that asks, from what the last evaluation remembered, and kept with its
    deliveries in one transaction: what a crash cuts off is decided again by the next evaluation, from the same stored
    instants. Nothing is adopted that was not kept, so that a core that leads no more changes nothing.

    Args:
        evaluator: Evaluates the rules.
        settings: Who is told what.
        writer: Keeps what is decided.
        book: Where it is kept.
    """

    def __init__(self, evaluator: Evaluator, settings: Settings, writer: Writer, book: AlertBook) -> None:
        self._evaluator, self._writer = evaluator, writer
        self.book, self.settings = book, settings
        self._lock = threading.Lock()  # one decision at a time
        self._listeners: list[Listener] = []
        self._rules: dict[str, RuleHealth] = {}
        self._board = Board(0, {}, Alerting(), {}, settings)
        self._health = WatchHealth()

    def start(self) -> None:
        """Take up what was remembered."""
        with self._lock:
            self._read()

    def listen(self, listener: Listener) -> None:
        """Have each new revision told, on the thread that made it."""
        self._listeners.append(listener)

    @property
    def thresholds(self) -> Thresholds:
        """Settings of the detectors, by name."""
        return self._evaluator.thresholds

    @property
    def board(self) -> Board:
        """What is known of all alerts now."""
        return self._board

    def health(self) -> WatchHealth:
        """Return how the watch does."""
        return self._health

    def evaluate(self, now: datetime) -> None:
        """
        Evaluate all rules, and keep what changed with what is to be delivered.

        Raises:
            LeaderLostError: Another core has taken over; nothing was kept.
            StoreError: Nothing was kept; the next evaluation decides anew.
        """
        started = time.perf_counter()
        seen = self._evaluator.look(now)
        reach("evaluation: inspected")
        with self._lock:
            self._decide(lambda: self._evaluator.decide(seen, self._board, self._rules, now), now)
            took = time.perf_counter() - started
            self._health = WatchHealth(
                self._health.n_evaluations + 1,
                took,
                self._health.spent_s + took,
                _by_state(self._board),
                {name: rule for name, rule in self._rules.items() if rule.failure is not None},
            )
        self._tell()

    def acknowledge(self, alert_id: str, lasting: timedelta, note: str, by: By, now: datetime) -> KeptAlert:
        """
        Note that somebody has taken an alert on, for a time.

        Raises:
            NotKnownError: There is no such alert.
            RefusedError: It does not fire, or the time is too long.
        """
        self._act(lambda: deeds.acknowledged(self._board, self._active(alert_id), lasting, note, by, now), now)
        return self.find(alert_id)

    def give_back(self, alert_id: str, by: By, now: datetime) -> KeptAlert:
        """
        Note that nobody has an alert any more.

        Raises:
            NotKnownError: There is no such alert.
            RefusedError: Nobody has it.
        """
        self._act(lambda: deeds.given_back(self._board, self._active(alert_id), by, now), now)
        return self.find(alert_id)

    def note(self, alert_id: str, text: str, by: By, now: datetime) -> KeptAlert:
        """
        Put a note into an alert's timeline.

        Raises:
            NotKnownError: There is no such alert.
            RefusedError: It has not fired yet.
        """
        self._act(lambda: deeds.noted(self._board, self.find(alert_id), text, by, now), now)
        return self.find(alert_id)

    def assign(self, alert_id: str, to: str | None, by: By, now: datetime) -> KeptAlert:
        """
        Give an alert to somebody to look after, or to nobody.

        Raises:
            NotKnownError: There is no such alert.
            RefusedError: It has not fired yet.
        """
        self._act(lambda: deeds.assigned(self._board, self.find(alert_id), to, by, now), now)
        return self.find(alert_id)

    def say_useful(self, alert_id: str, *, useful: bool | None, note: str, by: By, now: datetime) -> KeptAlert:
        """
        Note whether an alert was of use, or that what was said of it holds no more; what was said last counts.

        Raises:
            NotKnownError: There is no such alert.
            RefusedError: It has not fired.
        """
        self._act(
            lambda: deeds.found_useful(self._board, self.find(alert_id), useful=useful, note=note, by=by, now=now), now
        )
        return self.find(alert_id)

    def silence(self, matchers: Sequence[Matcher], reason: str, until: datetime, by: By, now: datetime) -> Silence:
        """
        Keep alerts quiet for a reason and until an instant.

        Raises:
            RefusedError: No matcher or reason, or the end is past or more than seven days ahead.
        """
        if until <= now:
            raise RefusedError("a silence ends in the future; give a later end.")
        try:
            made = Silence(secrets.token_hex(6), tuple(matchers), by.who, reason, now, until)
        except ValueError as error:
            raise RefusedError(f"{error}.") from None
        self._act(lambda: deeds.silenced(self._board, made, by, now), now)
        return made

    def end_silence(self, silence_id: str, by: By, now: datetime) -> Silence:
        """
        End a silence before its time.

        Raises:
            NotKnownError: There is no such silence.
            RefusedError: It is over.
        """
        self._act(lambda: deeds.unsilenced(self._board, self.find_silence(silence_id), by, now), now)
        return self.find_silence(silence_id)

    def find_silence(self, silence_id: str) -> Silence:
        """
        Return a silence that is in force or ended within the last days.

        Raises:
            NotKnownError: There is none.
        """
        found = next((one for one in self._board.alerting.silences if one.id == silence_id), None)
        if found is None:
            raise NotKnownError(f'there is no silence "{silence_id}".')
        return found

    def find(self, alert_id: str) -> KeptAlert:
        """
        Return an alert, also one that has ended.

        Raises:
            NotKnownError: There is none.
        """
        found = self._board.alerts.get(alert_id) or self.book.find(alert_id)
        if found is None:
            raise NotKnownError(f'there is no alert "{alert_id[:100]}".')
        return found

    def _active(self, alert_id: str) -> KeptAlert:
        found = self._board.alerts.get(alert_id)
        if found is not None:
            return found
        ended = self.find(alert_id)
        raise RefusedError(f"alert {alert_id} has ended ({ended.alert.state}).")

    def _act(self, decide: Callable[[], Decision], now: datetime) -> None:
        with self._lock:
            self._decide(decide, now)
        self._tell()

    def _decide(self, decide: Callable[[], Decision], now: datetime) -> None:
        """Decide, keep, adopt; where a commit whose answer never came is found, decide anew from what it kept."""
        decision = decide()
        reach("evaluation: decided")
        try:
            remembered = self._keep(decision.change, now)
        except OutOfStepError:
            self._read()
            decision = decide()
            remembered = self._keep(decision.change, now)
        reach("evaluation: durable")
        self._rules |= {rule.rule: rule for rule in decision.change.rules}
        self._adopt(remembered, decision.alerts)

    def _keep(self, change: Change, now: datetime) -> Remembered:
        return self._writer.write(lambda connection: AlertBook.keep(connection, change, now)).result()

    def _read(self) -> None:
        remembered = self.book.remembered()
        self._rules = self.book.rules()
        alerts = remembered.alerting.alerts.alerts
        active = [one for one in alerts if one.phase not in {"inactive", "resolved"} and not is_background(one.key)]
        kept = {one.id: one for one in self.book.alerts([alert.id for alert in active])}
        self._adopt(remembered, {one.id: replace(kept.get(one.id, KeptAlert(one)), alert=one) for one in active})

    def _adopt(self, remembered: Remembered, alerts: Mapping[str, KeptAlert]) -> None:
        muted = find_muted(remembered.alerting, self.settings)
        causes = {key: by for key, by in muted.items() if isinstance(by, AlertKey)}
        self._board = Board(remembered.rev, alerts, remembered.alerting, causes, self.settings)

    def _tell(self) -> None:
        for listener in self._listeners:
            try:
                listener(self._board.rev)
            except Exception:  # noqa: BLE001 - one listener's fault is not the others'
                _log.exception("listener failed", rev=self._board.rev)


def _by_state(board: Board) -> dict[str, int]:
    counted: Counter[str] = Counter(kept.alert.state for kept in board.alerts.values())
    counted.update(doubt.state for doubt in board.doubts())
    return {state: counted[state] for state in STATES}
