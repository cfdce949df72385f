"""
Grouping: alerts with common labels are told together, by the waits of Alertmanager.

A group waits `group_wait` after its first alert, then looks every `group_interval` whether there is something to tell:
a new alert, a worse level, an end. Without news it tells again when more than `repeat_interval` has passed, at the look
after that. The instants of the looks are stored: a late evaluation does not move the later ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gatewatch.monitor.alerting.labels import AlertKey, Matcher, all_match
from gatewatch.monitor.alerting.lifecycle import RANKS, Alert
from gatewatch.monitor.alerting.notification import Notice, Notification, Reason, Subject
from gatewatch.monitor.live.level import Level


@dataclass(frozen=True, slots=True)
class Route:
    """
    Which alerts go where, and how often.

    Args:
        name: Names it among the routes.
        destinations: Contacts or duties that are told; without any, the alerts are kept from the routes after it.
        matchers: Of its alerts; without any, all.
        group_by: Labels that the alerts of a group have in common.
        group_wait: From a group's first alert to its first message.
        group_interval: From one look to the next.
        repeat_interval: How long nothing is told without news.
        repeat_interval_critical: The same while a critical alert is in the group; None for no difference.
        sends_resolved: Tell also when alerts end.
        continues: Alerts of this route are tried on the routes after it as well.
    """

    name: str
    destinations: tuple[str, ...] = ()
    matchers: tuple[Matcher, ...] = ()
    group_by: tuple[str, ...] = ("gate",)
    group_wait: timedelta = timedelta(seconds=30)
    group_interval: timedelta = timedelta(minutes=5)
    repeat_interval: timedelta = timedelta(hours=4)
    repeat_interval_critical: timedelta | None = timedelta(hours=1)
    sends_resolved: bool = True
    continues: bool = False

    def labels_of(self, key: AlertKey) -> tuple[tuple[str, str], ...]:
        """Return the labels that name the group of an alert."""
        return tuple((name, key.get(name)) for name in self.group_by if key.get(name))


def routes_of(key: AlertKey, routes: Iterable[Route]) -> Iterable[Route]:
    """Yield the routes of an alert: those that match, up to the first that does not continue."""
    for route in routes:
        if all_match(route.matchers, key):
            yield route
            if not route.continues:
                return


@dataclass(frozen=True, slots=True)
class Told:
    """The last message of a group: what fired in it, how badly, and what had ended."""

    firing: tuple[tuple[AlertKey, Level], ...]
    resolved: tuple[AlertKey, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """
    The alerts of a route that have labels in common, until all have ended and that was looked at.

    Args:
        route: Name of the route.
        labels: What they have in common.
        members: The alerts, in the order of their keys.
        looks_at: Next look.
        told: Last message; None before the first.
        heard: Members that some message told as firing, by id, with the level that was told last: what was kept quiet
            meanwhile, as overnight, is no new alert when it is told again.
    """

    route: str
    labels: tuple[tuple[str, str], ...]
    members: tuple[Subject, ...]
    looks_at: datetime
    told: Told | None = None
    heard: tuple[tuple[str, Level], ...] = ()


@dataclass(frozen=True, slots=True)
class Quiet:
    """Which alerts are not told, and which need no repeating, as the other parts of alerting say it."""

    is_muted: Callable[[AlertKey], bool]
    is_acknowledged: Callable[[str], bool]


def gather(
    groups: Sequence[Group], alerts: Iterable[Alert], routes: Sequence[Route], now: datetime
) -> tuple[Group, ...]:
    """
    Return the groups after every alert that fires or has ended found its place.

    An alert that no group knows and that has ended already is not taken in. A level that rises brings the
    next look of its group forward to `group_wait` from now.

    Args:
        groups: As the last evaluation left them; what does not belong there by the present routes is taken out.
        alerts: All alerts.
        routes: In the order in which they are tried.
        now: Aware UTC.
    """
    found: dict[tuple[str, tuple[tuple[str, str], ...]], Group] = {}
    for group in groups:
        members = tuple(one for one in group.members if _belongs(one.key, group, routes))
        if members:
            found[group.route, group.labels] = replace(group, members=members)
    for alert in alerts:
        if alert.fired_at is None:
            continue
        subject = Subject(alert.key, alert.id, alert.level, alert.value, alert.fired_at, alert.resolved_at)
        for route in routes_of(alert.key, routes):
            place = route.name, route.labels_of(alert.key)
            known = found.get(place)
            if known is None:
                if alert.is_firing:
                    found[place] = Group(*place, (subject,), now + route.group_wait)
            elif (joined := _join(known, subject, now + route.group_wait)) is not None:
                found[place] = joined
    return tuple(found[place] for place in sorted(found))


def _belongs(key: AlertKey, group: Group, routes: Sequence[Route]) -> bool:
    return any(r.name == group.route and r.labels_of(key) == group.labels for r in routes_of(key, routes))


def _join(group: Group, subject: Subject, soon: datetime) -> Group | None:
    """Return a group with the present subject of an alert, None when nothing changes."""
    members = {member.key: member for member in group.members}
    known = members.get(subject.key)
    is_other = known is None or known.alert_id != subject.alert_id
    if known == subject or (is_other and subject.resolved_at is not None):
        return None
    members[subject.key] = subject
    is_worse = known is not None and RANKS[subject.level] > RANKS[known.level] and subject.resolved_at is None
    looks_at = min(group.looks_at, soon) if is_worse else group.looks_at
    return replace(group, members=tuple(members[key] for key in sorted(members)), looks_at=looks_at)


def look(
    groups: Iterable[Group], routes: Mapping[str, Route], quiet: Quiet, now: datetime
) -> tuple[tuple[Group, ...], tuple[Notification, ...]]:
    """
    Return the groups after those whose look is due were looked at, and what is to be told to the routes' destinations.

    Args:
        groups: As `gather` gave them.
        routes: By name.
        quiet: What is not told.
        now: Aware UTC.
    """
    kept: list[Group] = []
    due: list[Notification] = []
    for group in groups:
        route = routes[group.route]
        ahead = group.looks_at - now
        if timedelta() < ahead <= max(route.group_wait, route.group_interval):  # further ahead: the clock was set back
            kept.append(group)
            continue
        after, notifications = _look(group, route, quiet, now)
        due += notifications
        lasting = tuple(member for member in after.members if member.resolved_at is None)
        if lasting:
            passed = (now - group.looks_at) // route.group_interval
            looks_at = group.looks_at + (passed + 1) * route.group_interval
            ids = {member.alert_id for member in lasting}
            heard = tuple(one for one in after.heard if one[0] in ids)
            kept.append(replace(after, members=lasting, looks_at=looks_at, heard=heard))
    return tuple(kept), tuple(due)


def _look(group: Group, route: Route, quiet: Quiet, now: datetime) -> tuple[Group, list[Notification]]:
    visible = [member for member in group.members if not quiet.is_muted(member.key)]
    firing = tuple(member for member in visible if member.resolved_at is None)
    resolved = tuple(member for member in visible if member.resolved_at is not None)
    heard = dict(group.heard)
    news = _news(group.told, heard, firing, resolved, route)
    if not news and _is_to_repeat(group.told, firing, route, quiet, now):
        news = {subject.key: "repeat" for subject in firing}
    if not news:
        return group, []
    levels = dict(group.told.firing) if group.told is not None else {}
    told = Told(tuple((one.key, one.level) for one in firing), tuple(one.key for one in resolved), now)
    after = replace(group, told=told, heard=tuple({**heard, **{one.alert_id: one.level for one in firing}}.items()))
    if not firing and not route.sends_resolved:
        return after, []
    ordered = [subject for subject in (*firing, *resolved) if subject.key in news]
    reason = next(one for one in _GRAVEST if one in news.values())
    notifications = [
        Notification(
            destination,
            route.name,
            group.labels,
            reason,
            firing,
            resolved if route.sends_resolved else (),
            tuple(
                Notice(s.alert_id, news[s.key], destination, now, levels.get(s.key, heard.get(s.alert_id)))
                for s in ordered
            ),
            now,
        )
        for destination in route.destinations
    ]
    return after, notifications


_GRAVEST: tuple[Reason, ...] = ("firing", "level", "resolved", "repeat")


def _news(
    told: Told | None,
    heard: Mapping[str, Level],
    firing: Sequence[Subject],
    resolved: Sequence[Subject],
    route: Route,
) -> dict[AlertKey, Reason]:
    """
    Return what a group has to tell by key, none when the last message still says it all.

    An alert that the last message left out and an earlier one told, as it was kept quiet in between, is told again as
    one that still holds.
    """
    known = dict(told.firing) if told is not None else {}
    news: dict[AlertKey, Reason] = {}
    for subject in firing:
        before = known.get(subject.key, heard.get(subject.alert_id))
        if before is None:
            news[subject.key] = "firing"
        elif RANKS[subject.level] > RANKS[before]:
            news[subject.key] = "level"
        elif subject.key not in known:
            news[subject.key] = "repeat"
    ended = [subject.key for subject in resolved]
    if not firing:
        is_ended_news = bool(known)
    else:
        is_ended_news = route.sends_resolved and told is not None and not set(ended) <= set(told.resolved)
    if is_ended_news or news:
        news |= dict.fromkeys(ended, "resolved")
    return news


def _is_to_repeat(told: Told | None, firing: Sequence[Subject], route: Route, quiet: Quiet, now: datetime) -> bool:
    if told is None or all(quiet.is_acknowledged(subject.alert_id) for subject in firing):
        return False
    is_critical = any(subject.level == "critical" for subject in firing)
    interval = route.repeat_interval_critical if is_critical else None
    return abs(now - told.at) > (interval or route.repeat_interval)
