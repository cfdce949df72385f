"""Escalation: a critical alert that nobody takes on is told to more people, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gatewatch.monitor.alerting.lifecycle import Alert
from gatewatch.monitor.alerting.notification import Notice, Notification, Subject

ROUTE = "escalation"


@dataclass(frozen=True, slots=True)
class Step:
    """Whom to tell, and how long after the alert began to wait for a person."""

    after: timedelta
    destination: str


@dataclass(frozen=True, slots=True)
class Escalating:
    """
    How far an alert has been escalated.

    Args:
        alert_id: The alert.
        since: From when it has waited for a person; while it does not, the last evaluation.
        n_sent: Steps taken since then.
        is_waiting: False while somebody has it or it is kept quiet.
    """

    alert_id: str
    since: datetime
    n_sent: int = 0
    is_waiting: bool = True


def escalate(
    escalating: Iterable[Escalating],
    waiting: Mapping[str, datetime],
    alerts: Iterable[Alert],
    steps: Sequence[Step],
    now: datetime,
) -> tuple[tuple[Escalating, ...], tuple[Notification, ...]]:
    """
    Return how far every alert has been escalated and whom to tell now.

    The steps are counted from the stored instant, so that a late evaluation takes every step that has come due, each
    once. An alert that somebody had, or that was kept quiet, begins with the first step when it waits anew.

    Args:
        escalating: As the last evaluation left it.
        waiting: For each alert that waits for a person, by id, the instant from which it does.
        alerts: All alerts; what is kept of one that fires no more is dropped.
        steps: In the order in which they are taken.
        now: Aware UTC.
    """
    before = {one.alert_id: one for one in escalating}
    kept: list[Escalating] = []
    due: list[Notification] = []
    for alert in alerts:
        if not alert.is_firing or alert.level_at is None:
            continue
        old = before.get(alert.id)
        since = waiting.get(alert.id)
        if since is None:
            if old is not None or alert.level == "critical":
                kept.append(Escalating(alert.id, now, is_waiting=False))
            continue
        if old is not None and old.is_waiting and (since <= old.since or since > now):
            one = replace(old, since=min(old.since, now))
        else:
            one = Escalating(alert.id, min(since if old is None else max(since, old.since), now))
        reached = sum(one.since + step.after <= now for step in steps)
        due += [_told(alert, step, now) for step in steps[one.n_sent : reached]]
        kept.append(replace(one, n_sent=max(reached, one.n_sent)))
    return tuple(kept), tuple(due)


def _told(alert: Alert, step: Step, now: datetime) -> Notification:
    assert alert.fired_at is not None  # it has come to its level
    return Notification(
        step.destination,
        ROUTE,
        alert.key.labels,
        "escalated",
        (Subject(alert.key, alert.id, alert.level, alert.value, alert.fired_at),),
        (),
        (Notice(alert.id, "escalated", step.destination, now),),
        now,
    )
