"""One evaluation of all alerts: a function of what is known, what the rules say, the settings and the instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from gatewatch.monitor.alerting import contacts as limits
from gatewatch.monitor.alerting.acknowledgement import (
    Acknowledgement,
    find_acknowledgement,
    nobody_has_since,
    prune,
)
from gatewatch.monitor.alerting.contacts import Contact, Mailbox
from gatewatch.monitor.alerting.escalation import Escalating, Step, escalate
from gatewatch.monitor.alerting.grouping import Group, Quiet, Route, gather, look
from gatewatch.monitor.alerting.hours import Duty
from gatewatch.monitor.alerting.inhibition import Inhibition, find_causes, find_inhibitor
from gatewatch.monitor.alerting.labels import AlertKey
from gatewatch.monitor.alerting.lifecycle import Alerts, Clocks, Judgement, Transition, retire, step
from gatewatch.monitor.alerting.notification import Bundle, Notification
from gatewatch.monitor.alerting.silences import Silence, find_silence

SILENCES_KEPT = timedelta(days=7)  # after their end, for whoever asks why nothing was told


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What is told to whom.

    Args:
        rules: Clocks by the name of the rule.
        routes: In the order in which they are tried; the last takes every alert.
        inhibitions: What explains what.
        steps: Escalation of critical alerts that nobody has.
        duties: Names that stand for whoever is on duty.
        contacts: Limits of destinations.

    Raises:
        ValueError: The last route does not take every alert, a name of a route, duty or contact stands twice, or the
            steps do not follow each other.
    """

    rules: Mapping[str, Clocks]
    routes: tuple[Route, ...]
    inhibitions: tuple[Inhibition, ...] = ()
    steps: tuple[Step, ...] = ()
    duties: tuple[Duty, ...] = ()
    contacts: tuple[Contact, ...] = ()

    def __post_init__(self) -> None:
        if not self.routes or self.routes[-1].matchers:
            raise ValueError("the last route must have no matchers, so that no alert is left without a route")
        names = [route.name for route in self.routes]
        others = [duty.name for duty in self.duties] + [contact.destination for contact in self.contacts]
        if len(set(names)) < len(names) or len(set(others)) < len(others):
            raise ValueError("two routes, or two duties or contacts, have the same name")
        if list(self.steps) != sorted(self.steps, key=lambda one: one.after):
            raise ValueError("each step of the escalation must come after the one before it")


@dataclass(frozen=True, slots=True)
class Alerting:
    """All that alerting remembers; what persons do (acknowledge, silence) is put in between evaluations."""

    alerts: Alerts = field(default_factory=Alerts)
    groups: tuple[Group, ...] = ()
    escalating: tuple[Escalating, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    silences: tuple[Silence, ...] = ()
    mailboxes: tuple[Mailbox, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluated:
    """
    What an evaluation made.

    Args:
        alerting: To be kept; the next evaluation begins with it.
        transitions: What changed, for the record of each alert.
        bundles: To be delivered; kept in the same transaction as `alerting`, none is lost and none is made twice.
    """

    alerting: Alerting
    transitions: tuple[Transition, ...]
    bundles: tuple[Bundle, ...]


def evaluate(
    alerting: Alerting,
    judgements: Iterable[Judgement],
    settings: Settings,
    now: datetime,
    retired: Iterable[AlertKey] = (),
) -> Evaluated:
    """
    Return what comes of the judgements of all rules at an instant.

    Args:
        alerting: As the last evaluation left it.
        judgements: At most one for a key.
        settings: What is told to whom.
        now: Aware UTC.
        retired: Keys that are watched no more, as of a gate that was taken out; so are those of rules that are gone.

    Raises:
        ValueError: Two judgements of one key, or one of an unknown rule.
    """
    gone = {*retired, *(alert.key for alert in alerting.alerts.alerts if alert.key.rule not in settings.rules)}
    alerts, ends = retire(alerting.alerts, gone, now)
    alerts, transitions = step(alerts, judgements, settings.rules, now)
    return _tell(replace(alerting, alerts=alerts), (*ends, *transitions), settings)


def _tell(alerting: Alerting, transitions: tuple[Transition, ...], settings: Settings) -> Evaluated:
    alerts, now = alerting.alerts, alerting.alerts.at
    acknowledgements = prune(alerting.acknowledgements, alerts)
    silences = tuple(silence for silence in alerting.silences if now < silence.ends + SILENCES_KEPT)
    muted = find_muted(replace(alerting, silences=silences), settings)
    acknowledged = {
        alert.id for alert in alerts.firing() if find_acknowledgement(acknowledgements, alert, now) is not None
    }
    groups = gather(alerting.groups, alerts.alerts, settings.routes, now)
    groups, told = look(
        groups,
        {route.name: route for route in settings.routes},
        Quiet(muted.__contains__, acknowledged.__contains__),
        now,
    )
    waiting = {
        alert.id: since
        for alert in alerts.firing()
        if alert.level == "critical" and alert.id not in acknowledged and alert.key not in muted
        if (since := nobody_has_since(acknowledgements, alert, now)) is not None
    }
    escalating, escalated = escalate(alerting.escalating, waiting, alerts.alerts, settings.steps, now)
    duties = {duty.name: duty for duty in settings.duties}
    mailboxes = limits.put(alerting.mailboxes, _to_persons((*told, *escalated), duties, now))
    mailboxes, bundles = limits.collect(mailboxes, {one.destination: one for one in settings.contacts}, now)
    after = Alerting(alerts, groups, escalating, acknowledgements, silences, mailboxes)
    return Evaluated(after, transitions, bundles)


def find_muted(alerting: Alerting, settings: Settings) -> dict[AlertKey, Silence | AlertKey]:
    """
    Return what keeps alerts quiet, by the key of those kept quiet: a silence, or the key of another alert.

    An alert of which nobody can say at present whether it holds keeps no other quiet.
    """
    now = alerting.alerts.at
    firing = (alert.key for alert in alerting.alerts.firing() if alert.doubt is None)
    causes = find_causes(firing, settings.inhibitions)
    keys = {alert.key for alert in alerting.alerts.alerts}
    keys |= {member.key for group in alerting.groups for member in group.members}
    muted: dict[AlertKey, Silence | AlertKey] = {}
    for key in sorted(keys):
        by = find_silence(key, alerting.silences, now) or find_inhibitor(key, causes)
        if by is not None:
            muted[key] = by
    return muted


def _to_persons(
    notifications: Iterable[Notification], duties: Mapping[str, Duty], now: datetime
) -> Iterable[Notification]:
    """Yield notifications with whoever is on duty in the place of a duty; one that two ways lead to comes once."""
    seen: set[tuple[str, str]] = set()
    for notification in notifications:
        duty = duties.get(notification.destination)
        for destination in duty.on_duty(now) if duty is not None else (notification.destination,):
            notices = tuple(replace(notice, destination=destination) for notice in notification.notices)
            found = replace(notification, destination=destination, notices=notices)
            if (destination, found.key) not in seen:
                seen.add((destination, found.key))
                yield found
