"""What a contact can take: so many deliveries in so long, none but urgent ones at night; what waits comes together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gatewatch.monitor.alerting.hours import WeeklyHours
from gatewatch.monitor.alerting.notification import Bundle, Notification


@dataclass(frozen=True, slots=True)
class Contact:
    """
    Limits of a destination; what they hold back waits and is never dropped.

    Args:
        destination: Names it.
        most: Deliveries within any `within`.
        within: Stretch of time that `most` is meant for.
        urgent_gap: Between a delivery and an urgent one, which neither `most` nor the night holds back.
        quiet_hours: Local hours in which only urgent notifications are delivered.

    Raises:
        ValueError: `most` is not above zero.
    """

    destination: str
    most: int = 6
    within: timedelta = timedelta(minutes=15)
    urgent_gap: timedelta = timedelta(minutes=1)
    quiet_hours: tuple[WeeklyHours, ...] = ()

    def __post_init__(self) -> None:
        if self.most < 1:
            raise ValueError("a contact must be allowed one delivery at least; without any, everything would wait")

    def is_quiet(self, now: datetime) -> bool:
        """Return whether only urgent notifications are delivered now."""
        return any(hours.covers(now) for hours in self.quiet_hours)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """What waits for a destination, oldest first, and when it got its last deliveries."""

    destination: str
    waiting: tuple[Notification, ...] = ()
    delivered_at: tuple[datetime, ...] = ()


def put(mailboxes: Iterable[Mailbox], notifications: Iterable[Notification]) -> tuple[Mailbox, ...]:
    """Return the mailboxes with more notifications in them, in the order of the destinations."""
    found = {mailbox.destination: mailbox for mailbox in mailboxes}
    for notification in notifications:
        old = found.get(notification.destination, Mailbox(notification.destination))
        found[old.destination] = Mailbox(old.destination, (*old.waiting, notification), old.delivered_at)
    return tuple(found[name] for name in sorted(found))


def collect(
    mailboxes: Iterable[Mailbox], contacts: Mapping[str, Contact], now: datetime
) -> tuple[tuple[Mailbox, ...], tuple[Bundle, ...]]:
    """
    Return the mailboxes after everything that may be delivered was taken out, and the bundles with it.

    A destination gets at most one bundle, with all that waits for it; a destination without limits of its own has the
    ordinary ones.
    """
    kept: list[Mailbox] = []
    bundles: list[Bundle] = []
    for mailbox in mailboxes:
        contact = contacts.get(mailbox.destination, Contact(mailbox.destination))
        span = max(contact.within, contact.urgent_gap)
        recent = tuple(at for at in mailbox.delivered_at if timedelta() <= now - at < span)
        waiting = mailbox.waiting
        if waiting and _may_deliver(contact, waiting, recent, now):
            bundles.append(Bundle(mailbox.destination, now, waiting))
            recent, waiting = (*recent, now), ()
        if waiting or recent:
            kept.append(Mailbox(mailbox.destination, waiting, recent))
    return tuple(kept), tuple(bundles)


def _may_deliver(
    contact: Contact, waiting: tuple[Notification, ...], recent: tuple[datetime, ...], now: datetime
) -> bool:
    within = sum(now - at < contact.within for at in recent)
    if within < contact.most and not contact.is_quiet(now):
        return True
    is_urgent = any(notification.is_urgent for notification in waiting)
    return is_urgent and (not recent or now - recent[-1] >= contact.urgent_gap)
