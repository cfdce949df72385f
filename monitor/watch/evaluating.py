"""What one evaluation comes to: live state is looked at, rules are judged, and what follows is put into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog

from gatewatch.config.feeds import Feed
from gatewatch.config.schema import Border
from gatewatch.config.thresholds import Thresholds
from gatewatch.monitor.alerting import AlertKey, Evaluated, Judged, evaluate, is_background, judge
from gatewatch.monitor.alerting.messages import Composer
from gatewatch.monitor.detectors import Finding, History, Inspection, SelfState, inspect_all, list_detectors
from gatewatch.monitor.detectors.outlook import Outlook
from gatewatch.monitor.detectors.sentences import sentence
from gatewatch.monitor.detectors.taking import take_history
from gatewatch.monitor.live.snapshot import Snapshot, take_snapshot
from gatewatch.monitor.projection.projecting import Projection
from gatewatch.monitor.projector import Projector
from gatewatch.monitor.store.alert_book import Change, RuleHealth, Saying
from gatewatch.monitor.watch.board import Board, Decision
from gatewatch.monitor.watch.composing import compose_all
from gatewatch.monitor.watch.recording import record

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the detectors were shown and what they found; None where live state itself could not be had."""

    snapshot: Snapshot | None
    inspection: Inspection


class Evaluator:
    """
    Evaluates all rules over a running service; it decides, and keeps nothing.

    Args:
        border: The border watched.
        feeds: Feeds declared, by source.
        thresholds: Settings of the detectors.
        projector: Knows what is observed.
        own: Returns what the service knows of itself.
        composer: Puts into words what is to be delivered.
        outlooks: Returns what the last forecast says.
    """

    def __init__(
        self,
        border: Border,
        feeds: Mapping[str, Feed],
        thresholds: Thresholds,
        projector: Projector,
        own: Callable[[datetime], SelfState],
        composer: Composer,
        outlooks: Callable[[], Mapping[tuple[str, str], Outlook]] = dict,
    ) -> None:
        self.thresholds = thresholds
        self._border, self._feeds, self._composer = border, feeds, composer
        self._projector, self._own, self._outlooks = projector, own, outlooks
        self._wordless: set[str] = set()  # rules whose missing sentence was logged

    def look(self, now: datetime) -> Seen:
        """Return what the detectors find; a fault of ours is told of every rule, and is no statement on the border."""
        try:
            snapshot, history = self._take(now)
        except Exception as error:  # noqa: BLE001 - whatever it is, what is remembered goes on
            reason = f"{type(error).__name__}: {error}"
            return Seen(None, Inspection((), dict.fromkeys(list_detectors(), reason)))
        return Seen(snapshot, inspect_all(snapshot, self.thresholds, now, history))

    def decide(self, seen: Seen, board: Board, health: Mapping[str, RuleHealth], now: datetime) -> Decision:
        """
        Return what an evaluation changes.

        Args:
            seen: What the detectors found.
            board: Alerts as the last decision left them.
            health: How each rule does that ever failed.
            now: Aware UTC.
        """
        judged = judge(seen.inspection, seen.snapshot, self.thresholds, board.alerting.alerts, now)
        evaluated = evaluate(board.alerting, judged.judgements, board.settings, now, judged.retired)
        recorded = record(board.alerts, evaluated, self._sayings(judged, evaluated))
        rules = tuple(_news_of_rules(seen.inspection.failed, health, now))
        outgoing = compose_all(self._composer, evaluated.bundles, judged.findings, seen.snapshot)
        change = Change(board.remembered, evaluated.alerting, recorded.changed, recorded.events, (), rules, outgoing)
        return Decision(change, recorded.alerts)

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


def _news_of_rules(
    failed: Mapping[str, str], health: Mapping[str, RuleHealth], now: datetime
) -> list[RuleHealth]:  # fmt: skip
    """Return how rules do where that is news, and log it."""
    news = []
    for name in sorted({*failed, *health}):
        reason, old = failed.get(name), health.get(name)
        was_failing = old is not None and old.failure is not None
        if reason is not None and not was_failing:
            _log.error("rule failed", rule=name, reason=reason)
            news.append(RuleHealth(name, reason, now, 1 + (old.n_failures if old is not None else 0)))
        elif reason is None and was_failing and old is not None:
            _log.info("rule works again", rule=name)
            news.append(replace(old, failure=None, since=now))
    return news
