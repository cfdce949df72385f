"""
The life of an alert: inactive, pending, firing, recovering, resolved, by the clocks of Prometheus.

Every clock is a stored instant that is compared with the instant of the evaluation. A restart, a late evaluation or a
missed one therefore neither starts a clock anew nor stops it. A stored instant that lies ahead, as after the machine's
clock was set back, counts as now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from gatewatch.monitor.alerting.labels import AlertKey
from gatewatch.monitor.live.level import Level

Verdict = Literal["true", "false", "no_data", "error"]
Phase = Literal["inactive", "pending", "firing", "recovering", "resolved"]
Doubt = Literal["no_data", "error"]
State = Literal["inactive", "pending", "firing", "recovering", "resolved", "no_data", "error"]

RANKS: Final[Mapping[Level, int]] = {"clear": 0, "unknown": 1, "busy": 1, "congested": 2, "critical": 3}
RESOLVED_KEPT: Final = timedelta(minutes=15)  # for whoever looks; the same span as in Prometheus

_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Clocks:
    """
    How long a rule waits.

    Args:
        for_: The condition must have held this long before the alert fires.
        keep_firing_for: The alert fires this much longer after the condition was last met.
    """

    for_: timedelta = timedelta()
    keep_firing_for: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    What a rule says of one key at one evaluation.

    Args:
        key: What it is about.
        state: Whether the condition holds; `no_data` and `error` when nobody can say.
        level: How bad it is; read only while the condition holds.
        value: The number judged; None when there is none.
        at: Aware UTC, of the evidence.
        clocks: Where the rule waits otherwise at this place; None for the clocks of the rule.
    """

    key: AlertKey
    state: Verdict
    level: Level
    value: float | None
    at: datetime
    clocks: Clocks | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """
    One alert, from its first true judgement until it is forgotten.

    Args:
        key: What it is about.
        phase: Where its clocks stand.
        doubt: Why nobody can say at present; the phase stays meanwhile, as no data is no good news.
        level: How bad it was when last judged true.
        value: Number when last judged.
        evidence_at: Instant of the last evidence.
        active_at: First evaluation at which the condition held.
        fired_at: Evaluation from which it fires.
        level_at: Evaluation from which a firing alert has its level.
        recovering_at: First evaluation at which the condition of a firing alert no longer held.
        resolved_at: Evaluation at which it ended.
    """

    key: AlertKey
    phase: Phase
    doubt: Doubt | None
    level: Level
    value: float | None
    evidence_at: datetime
    active_at: datetime
    fired_at: datetime | None = None
    level_at: datetime | None = None
    recovering_at: datetime | None = None
    resolved_at: datetime | None = None

    @property
    def id(self) -> str:
        """Names this alert and no later one about the same key."""
        return f"{self.key.fingerprint}-{self.active_at.astimezone(UTC):%Y%m%dT%H%M%S%f}"

    @property
    def state(self) -> State:
        """What people are shown."""
        return self.doubt or self.phase

    @property
    def is_firing(self) -> bool:
        """Whether people are to know of it: it fires, or recovers and may come back."""
        return self.phase in {"firing", "recovering"}

    @property
    def rank(self) -> int:
        """How bad it is, as a number."""
        return RANKS[self.level]


@dataclass(frozen=True, slots=True)
class Transition:
    """
    A change of an alert: of its state, or of the level of one that fires.

    Args:
        alert: The alert afterwards.
        before: State before.
        after: State afterwards.
        level_before: Level before; None when the alert was not there.
        at: Evaluation that made it.
    """

    alert: Alert
    before: State
    after: State
    level_before: Level | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Alerts:
    """All alerts by key, and the last evaluation; a key that is not here is inactive."""

    alerts: tuple[Alert, ...] = ()
    at: datetime = _BEGINNING

    def find(self, alert_id: str) -> Alert | None:
        """Return the alert with an id, or None."""
        return next((alert for alert in self.alerts if alert.id == alert_id), None)

    def firing(self) -> tuple[Alert, ...]:
        """Return the alerts that fire or recover."""
        return tuple(alert for alert in self.alerts if alert.is_firing)


def step(
    alerts: Alerts, judgements: Iterable[Judgement], rules: Mapping[str, Clocks], now: datetime
) -> tuple[Alerts, tuple[Transition, ...]]:
    """
    Return the alerts after an evaluation and what changed, in the order of the keys.

    A key that has an alert and is not judged counts as `no_data`.

    Args:
        alerts: As the evaluation before left them.
        judgements: Of every rule, at most one for a key.
        rules: Clocks by the name of the rule.
        now: Aware UTC, of this evaluation.

    Raises:
        ValueError: Two judgements of one key, or one of an unknown rule.
    """
    judged: dict[AlertKey, Judgement] = {}
    for judgement in judgements:
        if judgement.key in judged or judgement.key.rule not in rules:
            raise ValueError(f"{judgement.key} is judged twice or by an unknown rule")
        judged[judgement.key] = judgement
    found = {alert.key: alert for alert in alerts.alerts}
    kept: list[Alert] = []
    transitions: list[Transition] = []
    for key in sorted({*found, *judged}):
        before = found.get(key)
        after = _next(before, judged.get(key), rules.get(key.rule, Clocks()), now)
        if after is not None:
            kept.append(after)
            transitions += _changes(before, after, now)
        elif before is not None:
            transitions += _end(before, now)
    return Alerts(tuple(kept), now), tuple(transitions)


def retire(alerts: Alerts, keys: Iterable[AlertKey], now: datetime) -> tuple[Alerts, tuple[Transition, ...]]:
    """Return the alerts after the end of some whose gate or rule is there no more, and what changed by that."""
    gone = set(keys)
    kept: list[Alert] = []
    transitions: list[Transition] = []
    for alert in alerts.alerts:
        if alert.key not in gone:
            kept.append(alert)
        elif alert.is_firing:
            ended = replace(alert, phase="resolved", doubt=None, resolved_at=now)
            kept.append(ended)
            transitions += _changes(alert, ended, now)
        else:
            transitions += _end(alert, now)
    return Alerts(tuple(kept), now), tuple(transitions)


def _next(alert: Alert | None, judgement: Judgement | None, clocks: Clocks, now: datetime) -> Alert | None:
    """Return what becomes of an alert, None when nothing is left to tell."""
    if alert is not None and alert.resolved_at is not None and abs(now - alert.resolved_at) > RESOLVED_KEPT:
        alert = None
    if judgement is None or judgement.state in {"no_data", "error"}:
        return _doubted(alert, judgement, now)
    clocks = judgement.clocks or clocks
    if judgement.state == "true":
        return _met(alert, judgement, clocks, now)
    return _unmet(alert, judgement, clocks, now)


def _doubted(alert: Alert | None, judgement: Judgement | None, now: datetime) -> Alert | None:
    doubt: Doubt = "error" if judgement is not None and judgement.state == "error" else "no_data"
    if alert is not None and alert.phase != "resolved":
        return replace(alert, doubt=doubt)
    if judgement is None:
        return alert
    return Alert(judgement.key, "inactive", doubt, "unknown", judgement.value, judgement.at, now)


def _met(alert: Alert | None, judgement: Judgement, clocks: Clocks, now: datetime) -> Alert:
    is_ahead = alert is not None and alert.phase == "pending" and alert.active_at > now
    if alert is None or alert.phase in {"inactive", "resolved"} or is_ahead:
        alert = Alert(judgement.key, "pending", None, judgement.level, judgement.value, judgement.at, now)
    level_at = alert.level_at if judgement.level == alert.level else now
    alert = replace(
        alert,
        doubt=None,
        level=judgement.level,
        value=judgement.value,
        evidence_at=judgement.at,
        level_at=level_at if alert.is_firing else None,
        recovering_at=None,
    )
    if alert.is_firing:
        return replace(alert, phase="firing")
    if now - alert.active_at >= clocks.for_:
        return replace(alert, phase="firing", fired_at=now, level_at=now)
    return alert


def _unmet(alert: Alert | None, judgement: Judgement, clocks: Clocks, now: datetime) -> Alert | None:
    if alert is None or alert.phase in {"inactive", "pending"}:
        return None
    if alert.phase == "resolved":
        return alert
    since = min(alert.recovering_at or now, now)
    seen = replace(alert, doubt=None, value=judgement.value, evidence_at=judgement.at, recovering_at=since)
    if now - since < clocks.keep_firing_for:
        return replace(seen, phase="recovering")
    return replace(seen, phase="resolved", resolved_at=now)


def _changes(before: Alert | None, after: Alert, now: datetime) -> list[Transition]:
    if before is None or (before.phase == "resolved" and before.active_at != after.active_at):
        return [Transition(after, "inactive", after.state, None, now)]
    is_other_level = before.is_firing and before.level != after.level
    if before.state == after.state and not is_other_level:
        return []
    return [Transition(after, before.state, after.state, before.level, now)]


def _end(alert: Alert, now: datetime) -> list[Transition]:
    """Return the change of an alert that is let go of: none when people think it gone already."""
    if alert.phase == "resolved":
        return []
    return [Transition(replace(alert, phase="inactive", doubt=None), alert.state, "inactive", alert.level, now)]
