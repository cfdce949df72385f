"""Acknowledging: a person has taken an alert on, for a time; then it counts as nobody's again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from gatewatch.monitor.alerting.lifecycle import RANKS, Alert, Alerts
from gatewatch.monitor.live.level import Level

LASTING: Final = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """
    Who has an alert.

    Args:
        alert_id: The alert; a later one about the same key is another.
        author: Who took it on.
        at: Aware UTC.
        ends: From then on nobody has it.
        level: How bad it was then; worse than that is news.
    """

    alert_id: str
    author: str
    at: datetime
    ends: datetime
    level: Level

    def holds(self, alert: Alert, now: datetime) -> bool:
        """Return whether it still says that somebody has the alert."""
        return self.alert_id == alert.id and self.at <= now < self.ends and alert.rank <= RANKS[self.level]


def acknowledge(
    found: Iterable[Acknowledgement], alert: Alert, author: str, now: datetime, lasting: timedelta = LASTING
) -> tuple[Acknowledgement, ...]:
    """
    Return the acknowledgements with a new one, which replaces an earlier one of the same alert.

    Raises:
        ValueError: The alert does not fire, nobody is named, or the time is not above zero.
    """
    if not alert.is_firing:
        raise ValueError(f"alert {alert.id} is {alert.state}; only one that fires can be acknowledged")
    if not author.strip() or lasting <= timedelta():
        raise ValueError("an acknowledgement needs a person and a time above zero")
    others = tuple(one for one in found if one.alert_id != alert.id)
    return (*others, Acknowledgement(alert.id, author, now, now + lasting, alert.level))


def give_back(found: Iterable[Acknowledgement], alert_id: str, now: datetime) -> tuple[Acknowledgement, ...]:
    """Return the acknowledgements after a person gave an alert back: nobody has it from now on."""
    return tuple(replace(one, ends=min(one.ends, now)) if one.alert_id == alert_id else one for one in found)


def find_acknowledgement(found: Iterable[Acknowledgement], alert: Alert, now: datetime) -> Acknowledgement | None:
    """Return the acknowledgement that holds, or None when nobody has the alert."""
    return next((one for one in found if one.holds(alert, now)), None)


def nobody_has_since(found: Iterable[Acknowledgement], alert: Alert, now: datetime) -> datetime | None:
    """
    Return the instant from which a firing alert waits for a person, None when it does not fire.

    That is when it came to its level, or when the last acknowledgement of it ran out.
    """
    if alert.level_at is None:
        return None
    own = (one for one in found if one.alert_id == alert.id and alert.rank <= RANKS[one.level])
    ended = (one.ends for one in own if one.ends <= now)
    return max([alert.level_at, *ended])


def prune(found: Iterable[Acknowledgement], alerts: Alerts) -> tuple[Acknowledgement, ...]:
    """Return the acknowledgements of the alerts that still fire."""
    ids = {alert.id for alert in alerts.firing()}
    return tuple(one for one in found if one.alert_id in ids)
