"""The watch: evaluates every rule by the clock, keeps what came of it in one transaction, and lets people act."""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from gatewatch.config.feeds import Feed
from gatewatch.config.schema import Border
from gatewatch.config.thresholds import Thresholds
from gatewatch.monitor.access import NotKnownError, RefusedError
from gatewatch.monitor.alerting import (
    AlertKey,
    Evaluated,
    Judged,
    Matcher,
    Settings,
    Silence,
    acknowledge,
    end_silence,
    evaluate,
    find_muted,
    find_silence,
    give_back,
    is_background,
    judge,
)
from gatewatch.monitor.alerting.messages import Composer
from gatewatch.monitor.detectors import Finding, History, Inspection, SelfState, inspect_all, list_detectors
from gatewatch.monitor.detectors.outlook import Outlook
from gatewatch.monitor.detectors.sentences import sentence
from gatewatch.monitor.detectors.taking import take_history
from gatewatch.monitor.failpoints import reach
from gatewatch.monitor.live.snapshot import Snapshot, take_snapshot
from gatewatch.monitor.projection.projecting import Projection
from gatewatch.monitor.projector import Projector
from gatewatch.monitor.store import Deed
from gatewatch.monitor.store.alert_book import (
    AlertBook,
    AlertEvent,
    Change,
    KeptAlert,
    KeptSilence,
    OutOfStepError,
    Remembered,
    RuleHealth,
    Saying,
)
from gatewatch.monitor.store.usefulness import KINDS
from gatewatch.monitor.watch.board import STATES, Board, WatchHealth
from gatewatch.monitor.watch.composing import compose_all
from gatewatch.monitor.watch.recording import record
from gatewatch.monitor.writer import Writer

LONGEST_ACKNOWLEDGEMENT: Final = timedelta(hours=24)

_log: Final = structlog.get_logger(__name__)
Listener = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, and where the request came from."""

    who: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the detectors were shown and what they found; None where live state itself could not be had."""

    snapshot: Snapshot | None
    inspection: Inspection


class Watch:
    """
    Keeps watch over a running service.

    Everything is decided on the thread that asks, from what the last evaluation remembered, and kept with its
    deliveries in one transaction: what a crash cuts off is decided again by the next evaluation, from the same stored
    instants. Nothing is adopted that was not kept, so that a core that leads no more changes nothing.

    Args:
        border: The border watched.
        feeds: Feeds declared, by source.
        thresholds: Settings of the detectors.
        settings: Who is told what.
        projector: Knows what is observed.
        writer: Keeps what is decided.
        book: Where it is kept.
        own: Returns what the service knows of itself.
        composer: Puts into words what is to be delivered.
        outlooks: Returns what the last forecast says.
    """

    def __init__(
        self,
        border: Border,
        feeds: Mapping[str, Feed],
        thresholds: Thresholds,
        settings: Settings,
        projector: Projector,
        writer: Writer,
        book: AlertBook,
        own: Callable[[datetime], SelfState],
        composer: Composer,
        outlooks: Callable[[], Mapping[tuple[str, str], Outlook]] = dict,
    ) -> None:
        self._border, self._feeds, self._thresholds, self._composer = border, feeds, thresholds, composer
        self._projector, self._writer, self._own = projector, writer, own
        self._outlooks = outlooks
        self.book, self.settings = book, settings
        self._lock = threading.Lock()  # one decision at a time
        self._listeners: list[Listener] = []
        self._remembered = Remembered()
        self._rules: dict[str, RuleHealth] = {}
        self._board = Board(0, {}, self._remembered.alerting, {}, settings)
        self._health = WatchHealth()
        self._wordless: set[str] = set()  # rules whose missing sentence was logged

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
        return self._thresholds

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
        seen = self._look(now)
        reach("evaluation: inspected")
        with self._lock:
            self._decide(lambda: self._evaluated(seen, now), now)
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
        if not timedelta() < lasting <= LONGEST_ACKNOWLEDGEMENT:
            raise RefusedError("an acknowledgement lasts between 1 min and 24 h; take the alert on anew after that.")

        def decide() -> tuple[Change, Mapping[str, KeptAlert]]:
            kept = self._active(alert_id)
            try:
                found = acknowledge(self._remembered.alerting.acknowledgements, kept.alert, by.who, now, lasting)
            except ValueError as error:
                raise RefusedError(f"{error}.") from None
            event = AlertEvent(alert_id, now, "acknowledged", by.who, note)
            detail = {"until": (now + lasting).isoformat(), "note": note}
            alerting = replace(self._remembered.alerting, acknowledgements=found)
            deed = Deed(by.who, "alert.acknowledged", alert_id, detail, by.address)
            return Change(self._remembered, alerting, (), (event,), deed=deed), self._board.alerts

        self._act(decide, now)
        return self._active(alert_id)

    def give_back(self, alert_id: str, by: By, now: datetime) -> KeptAlert:
        """
        Note that nobody has an alert any more.

        Raises:
            NotKnownError: There is no such alert.
            RefusedError: Nobody has it.
        """

        def decide() -> tuple[Change, Mapping[str, KeptAlert]]:
            kept = self._active(alert_id)
            if self._board.acknowledgement(kept, now) is None:
                raise RefusedError(f"nobody has alert {alert_id} at present; there is nothing to give back.")
            found = give_back(self._remembered.alerting.acknowledgements, alert_id, now)
            alerting = replace(self._remembered.alerting, acknowledgements=found)
            deed = Deed(by.who, "alert.given_back", alert_id, {}, by.address)
            event = AlertEvent(alert_id, now, "given_back", by.who)
            return Change(self._remembered, alerting, (), (event,), deed=deed), self._board.alerts

        self._act(decide, now)
        return self._active(alert_id)

    def note(self, alert_id: str, text: str, by: By, now: datetime) -> KeptAlert:
        """
        Put a note into an alert's timeline.

        Raises:
            NotKnownError: No such alert has fired.
        """
        deed = Deed(by.who, "alert.noted", alert_id, {"note": text}, by.address)
        event = AlertEvent(alert_id, now, "note", by.who, text)
        return self._recorded(event, deed, lambda kept: replace(kept, n_notes=kept.n_notes + 1), now)

    def assign(self, alert_id: str, to: str | None, by: By, now: datetime) -> KeptAlert:
        """
        Give an alert to somebody to look after, or to nobody.

        Raises:
            NotKnownError: No such alert has fired.
        """
        deed = Deed(by.who, "alert.assigned", alert_id, {"to": to}, by.address)
        event = AlertEvent(alert_id, now, "assigned", by.who, to or "")
        return self._recorded(event, deed, lambda kept: replace(kept, assigned_to=to), now)

    def say_useful(self, alert_id: str, *, useful: bool | None, note: str, by: By, now: datetime) -> KeptAlert:
        """
        Note whether an alert was of use, or that what was said of it holds no more; what was said last counts.

        Raises:
            NotKnownError: There is no such alert.
            RefusedError: It has not fired.
        """
        deed = Deed(by.who, "alert.found_useful", alert_id, {"useful": useful, "note": note}, by.address)
        event = AlertEvent(alert_id, now, KINDS[useful], by.who, note)
        return self._recorded(event, deed, lambda kept: kept, now)

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

        def decide() -> tuple[Change, Mapping[str, KeptAlert]]:
            alerting = self._remembered.alerting
            detail = {"matchers": [str(one) for one in matchers], "reason": reason, "until": until.isoformat()}
            events = self._events_of(made, "silenced", by, now, reason)
            deed = Deed(by.who, "silence.made", made.id, detail, by.address)
            after = replace(alerting, silences=(*alerting.silences, made))
            change = Change(self._remembered, after, (), events, (KeptSilence(made),), deed=deed)
            return change, self._board.alerts

        self._act(decide, now)
        return made

    def end_silence(self, silence_id: str, by: By, now: datetime) -> Silence:
        """
        End a silence before its time.

        Raises:
            NotKnownError: There is no such silence.
            RefusedError: It is over.
        """

        def decide() -> tuple[Change, Mapping[str, KeptAlert]]:
            alerting = self._remembered.alerting
            old = self.find_silence(silence_id)
            if old.ends <= now:
                raise RefusedError(f"silence {silence_id} is over already.")
            after = replace(alerting, silences=end_silence(alerting.silences, silence_id, now))
            ended = next(one for one in after.silences if one.id == silence_id)
            events = self._events_of(old, "silence_ended", by, now)
            deed = Deed(by.who, "silence.ended", silence_id, {}, by.address)
            change = Change(self._remembered, after, (), events, (KeptSilence(ended, by.who),), deed=deed)
            return change, self._board.alerts

        self._act(decide, now)
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

    def _look(self, now: datetime) -> Seen:
        """Return what the detectors find; a fault of ours is told of every rule, and is no statement on the border."""
        try:
            snapshot, history = self._take(now)
        except Exception as error:  # noqa: BLE001 - whatever it is, what is remembered goes on
            reason = f"{type(error).__name__}: {error}"
            return Seen(None, Inspection((), dict.fromkeys(list_detectors(), reason)))
        return Seen(snapshot, inspect_all(snapshot, self._thresholds, now, history))

    def _take(self, now: datetime) -> tuple[Snapshot, History]:
        """Return live state and its history, of the same version."""
        own, outlooks = self._own(now), self._outlooks()
        known = self._projector.live(now)

        def look(projection: Projection) -> tuple[Snapshot, History]:
            snapshot = known
            if projection.last_seq != known.rev:  # something came in between
                snapshot = take_snapshot(self._border, self._feeds, projection, now)
            return snapshot, take_history(self._border, self._feeds, projection, snapshot, own, outlooks)

        return self._projector.read(look)

    def _evaluated(self, seen: Seen, now: datetime) -> tuple[Change, Mapping[str, KeptAlert]]:
        before = self._remembered
        judged = judge(seen.inspection, seen.snapshot, self._thresholds, before.alerting.alerts, now)
        evaluated = evaluate(before.alerting, judged.judgements, self.settings, now, judged.retired)
        recorded = record(self._board.alerts, evaluated, self._sayings(judged, evaluated))
        rules = tuple(self._news_of_rules(seen.inspection.failed, now))
        outgoing = compose_all(self._composer, evaluated.bundles, judged.findings, seen.snapshot)
        change = Change(before, evaluated.alerting, recorded.changed, recorded.events, (), rules, outgoing)
        return change, recorded.alerts

    def _sayings(self, judged: Judged, evaluated: Evaluated) -> dict[AlertKey, Saying]:
        """Return what is said of each alert that people are shown."""
        shown = {alert.key for alert in evaluated.alerting.alerts.alerts if alert.phase != "inactive"}
        return {
            key: self._saying(finding)
            for key, finding in judged.findings.items()
            if key in shown and not is_background(key)
        }

    def _saying(self, finding: Finding) -> Saying:
        detector = list_detectors()[finding.detector]
        try:
            vi, en = (
                sentence(finding, detector.sentences, language, self._border, self._feeds) for language in ("vi", "en")
            )
        except Exception:  # noqa: BLE001 - an alert without words is told all the same
            if finding.detector not in self._wordless:
                self._wordless.add(finding.detector)
                _log.exception("no sentence", rule=finding.detector, said=finding.said)
            vi = en = finding.detector
        return Saying(vi, en, finding.unit, finding.threshold if finding.steps else None)

    def _news_of_rules(self, failed: Mapping[str, str], now: datetime) -> list[RuleHealth]:
        """Return how rules do where that is news, and log it."""
        news = []
        for name in sorted({*failed, *self._rules}):
            reason, old = failed.get(name), self._rules.get(name)
            was_failing = old is not None and old.failure is not None
            if reason is not None and not was_failing:
                _log.error("rule failed", rule=name, reason=reason)
                news.append(RuleHealth(name, reason, now, 1 + (old.n_failures if old is not None else 0)))
            elif reason is None and was_failing and old is not None:
                _log.info("rule works again", rule=name)
                news.append(replace(old, failure=None, since=now))
        return news

    def _active(self, alert_id: str) -> KeptAlert:
        found = self._board.alerts.get(alert_id)
        if found is not None:
            return found
        ended = self.find(alert_id)
        raise RefusedError(f"alert {alert_id} has ended ({ended.alert.state}).")

    def _recorded(
        self, event: AlertEvent, deed: Deed, change: Callable[[KeptAlert], KeptAlert], now: datetime
    ) -> KeptAlert:
        """Change the record of an alert, with a line in its timeline."""
        done: list[KeptAlert] = []

        def decide() -> tuple[Change, Mapping[str, KeptAlert]]:
            kept = self.find(event.alert_id)
            if kept.alert.fired_at is None:
                raise RefusedError(f"alert {kept.id} has not fired yet; it may pass by itself.")
            after = change(kept)
            done[:] = [after]
            alerts = self._board.alerts
            board = {**alerts, kept.id: after} if kept.id in alerts else alerts
            return Change(self._remembered, self._remembered.alerting, (after,), (event,), deed=deed), board

        self._act(decide, now)
        return done[0]

    def _events_of(self, silence: Silence, kind: str, by: By, now: datetime, text: str = "") -> list[AlertEvent]:
        """Return a line for each alert that a silence keeps quiet now."""
        return [
            AlertEvent(kept.id, now, kind, by.who, text)
            for kept in self._board.alerts.values()
            if kept.alert.fired_at is not None and find_silence(kept.alert.key, (silence,), now) is not None
        ]

    def _act(self, decide: Callable[[], tuple[Change, Mapping[str, KeptAlert]]], now: datetime) -> None:
        with self._lock:
            self._decide(decide, now)
        self._tell()

    def _decide(self, decide: Callable[[], tuple[Change, Mapping[str, KeptAlert]]], now: datetime) -> None:
        """Decide, keep, adopt; where a commit whose answer never came is found, decide anew from what it kept."""
        change, alerts = decide()
        reach("evaluation: decided")
        try:
            remembered = self._keep(change, now)
        except OutOfStepError:
            self._read()
            change, alerts = decide()
            remembered = self._keep(change, now)
        reach("evaluation: durable")
        self._rules |= {rule.rule: rule for rule in change.rules}
        self._adopt(remembered, alerts)

    def _keep(self, change: Change, now: datetime) -> Remembered:
        return self._writer.write(lambda connection: AlertBook.keep(connection, change, now)).result()

    def _read(self) -> None:
        remembered = self.book.remembered()
        self._rules = self.book.rules()
        alerts = remembered.alerting.alerts.alerts
        active = [one for one in alerts if one.phase not in {"inactive", "resolved"} and not is_background(one.key)]
        kept = {one.id: one for one in self.book.alerts([alert.id for alert in active])}
        found = {one.id: replace(kept.get(one.id, KeptAlert(one)), alert=one) for one in active}
        self._adopt(remembered, found)

    def _adopt(self, remembered: Remembered, alerts: Mapping[str, KeptAlert]) -> None:
        muted = find_muted(remembered.alerting, self.settings)
        causes = {key: by for key, by in muted.items() if isinstance(by, AlertKey)}
        self._remembered = remembered
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
