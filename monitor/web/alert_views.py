"""The board of alerts into what is sent of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast

from gatewatch.monitor.alerting import AlertKey
from gatewatch.monitor.alerting.lifecycle import RANKS
from gatewatch.monitor.detectors.runbooks import runbook
from gatewatch.monitor.store.alert_book import AlertEvent, KeptAlert, KeptSilence, Saying
from gatewatch.monitor.store.outbox import Counts, Delivery
from gatewatch.monitor.store.usefulness import last_said
from gatewatch.monitor.watch import Board
from gatewatch.monitor.watch.quality import Quality, Repeated
from gatewatch.monitor.web import alert_schemas as schemas
from gatewatch.monitor.web.schemas import Level

Gates = frozenset[str] | None
Deliveries = Mapping[str, Counts]
_ORDER = ("firing", "recovering", "pending", "resolved", "inactive")


@dataclass(frozen=True)
class AlertsText:
    """
    The active alerts as they are sent, written out once for each scope.

    Args:
        board: All alerts.
        counts: Messages that tell of each.
        now: Aware UTC.
    """

    board: Board
    counts: Deliveries
    now: datetime
    _texts: dict[Gates, bytes] = field(default_factory=dict)

    @property
    def rev(self) -> int:
        """Revision of the board."""
        return self.board.rev

    def text(self, gates: Gates) -> bytes:
        """Return them as JSON in one line, for who may see these gates."""
        known = self._texts.get(gates)
        if known is None:
            known = self._texts[gates] = (
                listed(self.board, self.board.alerts.values(), self.counts, gates, self.now).model_dump_json().encode()
            )
        return known


def may_see(gate: str | None, gates: Gates) -> bool:
    """Return whether something of a gate may be seen; what is of no gate is everybody's."""
    return gate is None or gates is None or gate in gates


def listed(
    board: Board, found: Iterable[KeptAlert], counts: Deliveries, gates: Gates, now: datetime
) -> schemas.AlertsModel:
    """Return alerts of the gates that may be seen, the worst first, and what cannot be judged at present."""
    seen = [kept for kept in found if may_see(kept.gate, gates)]
    return schemas.AlertsModel.model_construct(
        rev=board.rev,
        at=board.at,
        alerts=[alert(board, kept, counts, now) for kept in sorted(seen, key=_urgency)],
        doubts=[
            schemas.DoubtModel.model_construct(
                rule=doubt.key.rule,
                gate=doubt.key.get("gate") or None,
                direction=_direction(doubt.key),
                labels=dict(doubt.key.labels),
                state=cast("Literal['no_data', 'error']", doubt.doubt),
                since=doubt.active_at,
            )
            for doubt in board.doubts()
            if may_see(doubt.key.get("gate") or None, gates)
        ],
    )


def alert(board: Board, kept: KeptAlert, counts: Deliveries, now: datetime) -> schemas.AlertModel:
    """Return an alert."""
    return schemas.AlertModel.model_construct(**_values(board, kept, counts, now))


def detail(
    board: Board, kept: KeptAlert, timeline: Iterable[AlertEvent], messages: Iterable[Delivery], now: datetime
) -> schemas.AlertDetail:
    """Return an alert with its timeline and the messages that tell of it."""
    found, events = list(messages), list(timeline)
    states = Counter(message.state for message in found)
    counts = {kept.id: Counts(states["waiting"], states["sent"], states["dead"])}
    return schemas.AlertDetail.model_construct(
        **_values(board, kept, counts, now),
        rev=board.rev,
        usefulness=_usefulness(events),
        timeline=[_entry(event) for event in events],
        messages=[_message(message) for message in found],
    )


def silence(kept: KeptSilence, now: datetime) -> schemas.SilenceModel:
    """Return a silence."""
    one = kept.silence
    return schemas.SilenceModel.model_construct(
        id=one.id,
        matchers=[str(matcher) for matcher in one.matchers],
        author=one.author,
        reason=one.reason,
        begins=one.begins,
        until=one.ends,
        is_in_force=one.is_in_force(now),
        ended_by=kept.ended_by,
    )


def both(saying: Saying) -> schemas.BothLanguages:
    """Return a saying in both languages."""
    return schemas.BothLanguages.model_construct(vi=saying.vi, en=saying.en)


def quality(found: Quality, board: Board, counts: Deliveries, gates: Gates, now: datetime) -> schemas.QualityModel:
    """Return how good the alarms were."""
    return schemas.QualityModel.model_construct(
        begins=found.begins,
        ends=found.ends,
        hours=(found.ends - found.begins).total_seconds() / 3_600,
        n_fired=found.n_fired,
        per_operator_hour=found.per_hour,
        n_critical=found.n_critical,
        busiest_10_min=found.busiest,
        flood_share=found.flood_share,
        chattering=[_repeating(one) for one in found.chattering],
        stale=[alert(board, kept, counts, now) for kept in found.stale if may_see(kept.gate, gates)],
        top=[_repeating(one) for one in found.top],
        rules=[
            schemas.RuleQualityModel.model_construct(
                rule=one.rule, n_fired=one.n_fired, n_useful=one.n_useful, n_useless=one.n_useless
            )
            for one in found.rules
        ],
        acknowledged_share=found.acknowledged_share,
        median_to_acknowledge_s=found.to_acknowledge_s,
    )


def _repeating(one: Repeated) -> schemas.Repeating:
    return schemas.Repeating.model_construct(labels=dict(one.key.labels), n=one.n, share=one.share)


def _message(message: Delivery) -> schemas.DeliveryModel:
    return schemas.DeliveryModel.model_construct(
        number=message.number,
        destination=message.outgoing.destination,
        channel=message.outgoing.channel,
        state=message.state,
        subject=message.outgoing.subject,
        made_at=message.made_at,
        settled_at=message.settled_at,
        is_doubtful=message.is_doubtful,
        tries=[schemas.TryModel.model_construct(at=one.at, result=one.result, said=one.said) for one in message.tries],
    )


def _values(board: Board, kept: KeptAlert, counts: Deliveries, now: datetime) -> dict[str, Any]:
    one, key = kept.alert, kept.alert.key
    cause, what_to_do = board.causes.get(key), runbook(key.rule)
    is_over, told = one.phase == "resolved", counts.get(kept.id, Counts())
    return {
        "id": kept.id,
        "rule": key.rule,
        "gate": kept.gate,
        "direction": _direction(key),
        "labels": dict(key.labels),
        "state": one.state,
        "level": one.level,
        "level_before": kept.level_before,
        "value": one.value,
        "unit": kept.saying.unit,
        "threshold": kept.saying.threshold,
        "since": one.active_at,
        "fired_at": one.fired_at,
        "resolved_at": one.resolved_at,
        "sentence": both(kept.saying),
        "runbook": schemas.BothLanguages.model_construct(vi=what_to_do.vi, en=what_to_do.en),
        "acknowledged": _acknowledged(board, kept, now),
        "assigned_to": kept.assigned_to,
        "silence": None if is_over else _silenced(board, kept, now),
        "inhibited_by": None if cause is None or is_over else dict(cause.labels),
        "next_escalation_at": board.next_step_at(kept, now),
        "deliveries": schemas.DeliveriesModel.model_construct(waiting=told.waiting, sent=told.sent, failed=told.failed),
        "n_notes": kept.n_notes,
    }


def _acknowledged(board: Board, kept: KeptAlert, now: datetime) -> schemas.AcknowledgedModel | None:
    found = board.acknowledgement(kept, now)
    if found is None:
        return None
    return schemas.AcknowledgedModel.model_construct(by=found.author, at=found.at, until=found.ends)


def _usefulness(timeline: Iterable[AlertEvent]) -> schemas.UsefulnessModel | None:
    said = last_said((event.kind, event.who, event.at) for event in timeline)
    if said is None:
        return None
    return schemas.UsefulnessModel.model_construct(useful=said.useful, by=said.by, at=said.at)


def _silenced(board: Board, kept: KeptAlert, now: datetime) -> schemas.SilenceBrief | None:
    found = board.silence(kept, now)
    if found is None:
        return None
    return schemas.SilenceBrief.model_construct(id=found.id, reason=found.reason, until=found.ends)


def _entry(event: AlertEvent) -> schemas.TimelineEntry:
    return schemas.TimelineEntry.model_construct(
        at=event.at,
        kind=event.kind,
        by=event.who or None,
        text=event.text,
        sentence=both(event.saying) if event.saying.vi else None,
        level=cast("Level | None", event.level),
    )


def _direction(key: AlertKey) -> Literal["export", "import"] | None:
    return cast("Literal['export', 'import'] | None", key.get("direction") or None)


def _urgency(kept: KeptAlert) -> tuple[int, int, float, str]:
    one = kept.alert
    ended = one.resolved_at or one.fired_at or one.active_at
    return _ORDER.index(one.phase), -RANKS[one.level], -ended.timestamp(), one.id
