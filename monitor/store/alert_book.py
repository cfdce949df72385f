"""The book of alerts: what alerting remembers as one value, and the record of every alert that fired."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Row, Table, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from gatewatch.monitor.alerting import Alert, Alerting, AlertKey, Silence, from_json, parse_matcher, to_json
from gatewatch.monitor.alerting.outgoing import Outgoing
from gatewatch.monitor.failpoints import reach
from gatewatch.monitor.live.level import Level
from gatewatch.monitor.observations import from_us, to_us
from gatewatch.monitor.store.alert_tables import alert, alert_event, alerting, rule_health, silence
from gatewatch.monitor.store.audit import Audit, Deed
from gatewatch.monitor.store.engine import Store
from gatewatch.monitor.store.errors import StoreError
from gatewatch.monitor.store.nullable import at_or_none, us_or_none
from gatewatch.monitor.store.outbox import Outbox
from gatewatch.monitor.store.usefulness import said_since

_ONE = 1


class OutOfStepError(StoreError):
    """The book was written by somebody else meanwhile; read it again. Nothing was kept."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What a rule said of an alert, in both languages, with the number judged."""

    vi: str = ""
    en: str = ""
    unit: str = ""
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class KeptAlert:
    """
    An alert with what people need to know of it.

    Args:
        alert: The alert, as alerting sees it.
        saying: What its rule said last.
        level_before: Level that it had before its present one.
        assigned_to: Account of whoever is to look after it.
        n_notes: Notes in its timeline.
    """

    alert: Alert
    saying: Saying = Saying()
    level_before: Level | None = None
    assigned_to: str | None = None
    n_notes: int = 0

    @property
    def id(self) -> str:
        """Names the alert."""
        return self.alert.id

    @property
    def gate(self) -> str | None:
        """Gate; None for the province or the service."""
        return self.alert.key.get("gate") or None


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """
    A line of an alert's timeline.

    Args:
        alert_id: The alert.
        at: Aware UTC.
        kind: State that it came to, `level`, `told`, or what a person did.
        who: Account or key; empty for the service.
        text: Note, reason, or destination.
        saying: What the rule said then; empty where nothing was judged.
        level: Level then; None where it is not about one.
    """

    alert_id: str
    at: datetime
    kind: str
    who: str = ""
    text: str = ""
    saying: Saying = Saying()
    level: str | None = None


@dataclass(frozen=True, slots=True)
class KeptSilence:
    """A silence, and who ended it early, if somebody did."""

    silence: Silence
    ended_by: str | None = None


@dataclass(frozen=True, slots=True)
class RuleHealth:
    """
    How the evaluation of a rule does.

    Args:
        rule: Name of the rule.
        failure: What the last evaluation failed of; None when it did not.
        since: Since when that is so, aware UTC.
        n_failures: Times that it began to fail.
    """

    rule: str
    failure: str | None
    since: datetime
    n_failures: int = 0


@dataclass(frozen=True, slots=True)
class Remembered:
    """What alerting remembers, at a revision of the book; 0 before the first evaluation."""

    rev: int = 0
    alerting: Alerting = field(default_factory=Alerting)


@dataclass(frozen=True, slots=True)
class Change:
    """
    What an evaluation or a deed changes, kept together or not at all.

    Args:
        before: What it began with.
        alerting: To be remembered.
        alerts: Records that are new or different.
        events: Lines of timelines.
        silences: Silences that are new or different.
        rules: How rules do, where that is news.
        outgoing: Messages, for the outbox.
        deed: What a person did, for the audit.
    """

    before: Remembered
    alerting: Alerting
    alerts: Sequence[KeptAlert] = ()
    events: Sequence[AlertEvent] = ()
    silences: Sequence[KeptSilence] = ()
    rules: Sequence[RuleHealth] = ()
    outgoing: Sequence[Outgoing] = ()
    deed: Deed | None = None


class AlertBook:
    """Reads and writes the book of alerts of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @staticmethod
    def keep(connection: Connection, change: Change, now: datetime) -> Remembered:
        """
        Keep a change in the transaction under way, and return what is remembered from then on.

        Raises:
            OutOfStepError: The book is not at the revision that the change began with.
        """
        rev = connection.scalar(select(alerting.c.rev)) or 0
        if rev != change.before.rev:
            raise OutOfStepError(f"the book of alerts is at revision {rev}, not at {change.before.rev}.")
        body = to_json(change.alerting)
        digest = hashlib.sha256(body.encode()).digest()
        at_us = to_us(change.alerting.alerts.at) if change.alerting.alerts.at.year > 1 else 0
        row = {"id": _ONE, "rev": rev + 1, "at_us": at_us, "sha256": digest, "body": body}
        _put(connection, alerting, ["id"], [row])
        reach("evaluation: state written")
        _put(connection, alert, ["id"], [_alert_values(kept) for kept in change.alerts])
        _append(connection, change.events)
        _put(connection, silence, ["id"], [_silence_values(kept) for kept in change.silences])
        _put(connection, rule_health, ["rule"], [_health_values(health) for health in change.rules])
        for outgoing in change.outgoing:
            reach("evaluation: message written")
            Outbox.put(connection, outgoing, now)
        if change.deed is not None:
            Audit.append(connection, change.deed, now)
        reach("evaluation: written")
        return Remembered(rev + 1, change.alerting)

    def remembered(self) -> Remembered:
        """
        Return what alerting remembers.

        Raises:
            StoreError: It was damaged.
        """
        row = self._store.find_row(select(alerting))
        if row is None:
            return Remembered()
        if hashlib.sha256(row.body.encode()).digest() != bytes(row.sha256):
            raise StoreError("what alerting remembers is damaged; restore the last backup that was tried.")
        return Remembered(row.rev, from_json(row.body))

    def alerts(self, ids: Collection[str]) -> list[KeptAlert]:
        """Return the records of these alerts, as far as they have fired."""
        return [_alert(row) for row in self._store.rows(select(alert).where(alert.c.id.in_(list(ids))))]

    def find(self, alert_id: str) -> KeptAlert | None:
        """Return an alert that has fired, or None."""
        return next(iter(self.alerts([alert_id])), None)

    def resolved(self, since: datetime, limit: int) -> list[KeptAlert]:
        """Return the alerts that ended since an instant, the last first."""
        query = (
            select(alert).where(alert.c.resolved_us >= to_us(since)).order_by(alert.c.resolved_us.desc(), alert.c.id)
        )
        return [_alert(row) for row in self._store.rows(query.limit(limit))]

    def of_period(self, begins: datetime, ends: datetime) -> list[KeptAlert]:
        """Return the alerts that fired up to `ends` and had not ended by `begins`, in the order of firing."""
        kept = alert.c
        is_open = kept.resolved_us.is_(None) | (kept.resolved_us >= to_us(begins))
        query = select(alert).where(kept.fired_us <= to_us(ends), is_open).order_by(kept.fired_us, kept.id)
        return [_alert(row) for row in self._store.rows(query)]

    def first_acknowledged(self, since: datetime) -> dict[str, datetime]:
        """Return when each alert was first acknowledged since an instant, by id."""
        kept = alert_event.c
        query = select(kept.alert_id, func.min(kept.at_us)).where(
            kept.kind == "acknowledged", kept.at_us >= to_us(since)
        )
        with self._store.reading() as connection:
            return {row[0]: from_us(row[1]) for row in connection.execute(query.group_by(kept.alert_id))}

    def found_useful(self, since: datetime) -> dict[str, bool]:
        """Return by id whether people found each alert useful, of those that they said so of since an instant."""
        with self._store.reading() as connection:
            return said_since(connection, since)

    def timeline(self, alert_id: str) -> list[AlertEvent]:
        """Return what happened to an alert, in its order."""
        kept = alert_event.c
        query = select(alert_event).where(kept.alert_id == alert_id).order_by(kept.at_us, kept.number)
        return [_event(row) for row in self._store.rows(query)]

    def silences(self, since: datetime) -> list[KeptSilence]:
        """Return the silences that had not ended by an instant, the last first."""
        kept = silence.c
        query = select(silence).where(kept.ends_us >= to_us(since)).order_by(kept.begins_us.desc(), kept.id)
        return [_silence(row) for row in self._store.rows(query)]

    def rules(self) -> dict[str, RuleHealth]:
        """Return how each rule does that ever failed."""
        with self._store.reading() as connection:
            rows = connection.execute(select(rule_health).order_by(rule_health.c.rule))
            return {row.rule: RuleHealth(row.rule, row.failure, from_us(row.since_us), row.n_failures) for row in rows}


def _put(connection: Connection, table: Table, keys: list[str], values: Sequence[Mapping[str, Any]]) -> None:
    """Write rows; those that are there already are replaced."""
    if not values:
        return
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(table)
    changed = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), list(values))


def _append(connection: Connection, events: Iterable[AlertEvent]) -> None:
    number = int(connection.scalar(select(func.max(alert_event.c.number))) or 0)
    values = [
        {
            "number": number + n,
            "alert_id": event.alert_id,
            "at_us": to_us(event.at),
            "kind": event.kind,
            "who": event.who,
            "text": event.text,
            "sentence_vi": event.saying.vi,
            "sentence_en": event.saying.en,
            "level": event.level,
        }
        for n, event in enumerate(events, 1)
    ]
    if values:
        connection.execute(insert(alert_event), values)


def _alert_values(kept: KeptAlert) -> dict[str, Any]:
    one = kept.alert
    assert one.fired_at is not None, one.id  # only what has fired is recorded
    return {
        "id": one.id,
        "rule": one.key.rule,
        "gate": one.key.get("gate"),
        "direction": one.key.get("direction"),
        "labels": json.dumps(dict(one.key.labels), separators=(",", ":"), ensure_ascii=False),
        "phase": one.phase,
        "doubt": one.doubt,
        "level": one.level,
        "level_before": kept.level_before,
        "value": one.value,
        "unit": kept.saying.unit,
        "threshold": kept.saying.threshold,
        "sentence_vi": kept.saying.vi,
        "sentence_en": kept.saying.en,
        "evidence_us": to_us(one.evidence_at),
        "active_us": to_us(one.active_at),
        "fired_us": to_us(one.fired_at),
        "level_us": to_us(one.level_at or one.fired_at),
        "recovering_us": us_or_none(one.recovering_at),
        "resolved_us": us_or_none(one.resolved_at),
        "assigned_to": kept.assigned_to,
        "n_notes": kept.n_notes,
    }


def _alert(row: Row[Any]) -> KeptAlert:
    key = AlertKey(tuple(json.loads(row.labels).items()))
    one = Alert(
        key, row.phase, row.doubt, row.level, row.value, from_us(row.evidence_us), from_us(row.active_us),
        from_us(row.fired_us), from_us(row.level_us), at_or_none(row.recovering_us), at_or_none(row.resolved_us),
    )  # fmt: skip
    saying = Saying(row.sentence_vi, row.sentence_en, row.unit, row.threshold)
    return KeptAlert(one, saying, cast("Level | None", row.level_before), row.assigned_to, row.n_notes)


def _event(row: Row[Any]) -> AlertEvent:
    saying = Saying(row.sentence_vi, row.sentence_en)
    return AlertEvent(row.alert_id, from_us(row.at_us), row.kind, row.who, row.text, saying, row.level)


def _silence_values(kept: KeptSilence) -> dict[str, Any]:
    one = kept.silence
    return {
        "id": one.id,
        "matchers": json.dumps([str(matcher) for matcher in one.matchers], ensure_ascii=False),
        "author": one.author,
        "reason": one.reason,
        "begins_us": to_us(one.begins),
        "ends_us": to_us(one.ends),
        "ended_by": kept.ended_by,
    }


def _silence(row: Row[Any]) -> KeptSilence:
    matchers = tuple(parse_matcher(text) for text in json.loads(row.matchers))
    one = Silence(row.id, matchers, row.author, row.reason, from_us(row.begins_us), from_us(row.ends_us))
    return KeptSilence(one, row.ended_by)


def _health_values(health: RuleHealth) -> dict[str, Any]:
    return {
        "rule": health.rule,
        "failure": health.failure,
        "since_us": to_us(health.since),
        "n_failures": health.n_failures,
    }
