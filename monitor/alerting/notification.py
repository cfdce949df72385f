"""What people are told: one message about a group of alerts to one destination, and the key that tells doubles."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from gatewatch.monitor.alerting.labels import AlertKey
from gatewatch.monitor.live.level import Level

Reason = Literal["firing", "level", "resolved", "repeat", "escalated"]


@dataclass(frozen=True, slots=True)
class Subject:
    """
    An alert as a message names it.

    Args:
        key: What it is about.
        alert_id: Names it.
        level: How bad it is, or was.
        value: Number that was judged last; None when there is none.
        fired_at: Aware UTC.
        resolved_at: Aware UTC; None while it fires.
    """

    key: AlertKey
    alert_id: str
    level: Level
    value: float | None
    fired_at: datetime
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """
    One alert's news for one destination.

    The key holds alert, transition and destination: what carries a key that was delivered tells nothing new.

    Args:
        alert_id: The alert.
        reason: What is news about it.
        destination: Contact that is told.
        at: Evaluation at which it was due.
        level_before: Level that was told last; None when it was not told as firing.
    """

    alert_id: str
    reason: Reason
    destination: str
    at: datetime
    level_before: Level | None = None

    @property
    def key(self) -> str:
        """Stands for this news wherever it is sent, stored or repeated."""
        return f"{self.alert_id}/{self.reason}-{self.at.astimezone(UTC):%Y%m%dT%H%M%S%f}/{self.destination}"


@dataclass(frozen=True, slots=True)
class Notification:
    """
    One message about a group of alerts to one destination.

    Args:
        destination: Contact that is told.
        route: Route that the group belongs to; `escalation` when it came by a step.
        group: Labels that the alerts have in common.
        reason: Why now, the gravest reason first.
        firing: Alerts of the group that fire.
        resolved: Alerts of the group that ended since the last message.
        notices: What is news in it, at least one.
        at: Evaluation at which it was due.
    """

    destination: str
    route: str
    group: tuple[tuple[str, str], ...]
    reason: Reason
    firing: tuple[Subject, ...]
    resolved: tuple[Subject, ...]
    notices: tuple[Notice, ...]
    at: datetime

    @property
    def key(self) -> str:
        """Stands for this message."""
        return _joined(notice.key for notice in self.notices)

    @property
    def is_urgent(self) -> bool:
        """Whether it may wake somebody: it has news of a critical alert that still fires."""
        new = {notice.alert_id for notice in self.notices}
        return any(one.level == "critical" and one.alert_id in new for one in self.firing)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The notifications that one contact gets in one delivery, oldest first."""

    destination: str
    at: datetime
    notifications: tuple[Notification, ...]

    @property
    def key(self) -> str:
        """Stands for this delivery."""
        return _joined(notification.key for notification in self.notifications)


def _joined(keys: Iterable[str]) -> str:
    """Return one key for several; a single one stays readable."""
    found = tuple(keys)
    return found[0] if len(found) == 1 else hashlib.sha256("\n".join(found).encode()).hexdigest()[:32]
