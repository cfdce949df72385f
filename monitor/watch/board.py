"""The board: what is known of all alerts at one revision, immutable, for everybody who reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from gatewatch.monitor.alerting import (
    Acknowledgement,
    Alert,
    Alerting,
    AlertKey,
    Settings,
    Silence,
    find_acknowledgement,
    find_silence,
    is_background,
)
from gatewatch.monitor.store.alert_book import Change, KeptAlert, Remembered, RuleHealth


@dataclass(frozen=True, slots=True)
class Board:
    """
    All alerts at one revision.

    Args:
        rev: Grows with every evaluation and every deed.
        alerts: Those that wait, fire or recover, by id.
        alerting: What is remembered.
        causes: What explains an alert: the key of another one.
        settings: Who is told what.
    """

    rev: int
    alerts: Mapping[str, KeptAlert]
    alerting: Alerting
    causes: Mapping[AlertKey, AlertKey]
    settings: Settings

    @property
    def at(self) -> datetime | None:
        """When was evaluated last, aware UTC; None: not yet."""
        at = self.alerting.alerts.at
        return None if at.year == 1 else at

    @property
    def remembered(self) -> Remembered:
        """What alerting remembers, as the book has it."""
        return Remembered(self.rev, self.alerting)

    def doubts(self) -> list[Alert]:
        """Return the keys that have no alert, and of which nobody can say at present whether they should."""
        alerts = self.alerting.alerts.alerts
        return [one for one in alerts if one.phase == "inactive" and one.doubt and not is_background(one.key)]

    def acknowledgement(self, kept: KeptAlert, now: datetime) -> Acknowledgement | None:
        """Return who has an alert, or None."""
        if not kept.alert.is_firing:
            return None
        return find_acknowledgement(self.alerting.acknowledgements, kept.alert, now)

    def silence(self, kept: KeptAlert, now: datetime) -> Silence | None:
        """Return the silence that keeps an alert quiet, or None."""
        return find_silence(kept.alert.key, self.alerting.silences, now)

    def next_step_at(self, kept: KeptAlert, now: datetime) -> datetime | None:
        """Return when the next step of an escalation is due; None where none is to come."""
        if self.acknowledgement(kept, now) is not None or self.silence(kept, now) is not None:
            return None
        for one in self.alerting.escalating:
            if one.alert_id == kept.id and one.is_waiting and one.n_sent < len(self.settings.steps):
                return one.since + self.settings.steps[one.n_sent].after
        return None


class Decision(NamedTuple):
    """What is to be kept, and the alerts on the board once it is: those that wait, fire or recover, by id."""

    change: Change
    alerts: Mapping[str, KeptAlert]


@dataclass(frozen=True, slots=True)
class WatchHealth:
    """
    How the watch does.

    Args:
        n_evaluations: Since the start.
        last_s: How long the last one took [s].
        spent_s: All of them together [s].
        by_state: Alerts by state, and keys in doubt.
        rules: Rules that failed in the last evaluation.
    """

    n_evaluations: int = 0
    last_s: float | None = None
    spent_s: float = 0.0
    by_state: Mapping[str, int] = field(default_factory=dict)
    rules: Mapping[str, RuleHealth] = field(default_factory=dict)


STATES = ("pending", "firing", "recovering", "no_data", "error")
RECENT = timedelta(days=7)
