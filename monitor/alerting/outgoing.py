"""What leaves for one contact: a rendered message, and the key by which a double is known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class News:
    """
    One alert's news in a message.

    Args:
        alert_id: The alert.
        key: Of the notice: alert, transition and destination.
        reason: What is news about it.
        level: How bad it is, or was.
        rule: Name of the rule.
        gate: Gate; empty for what concerns no single one.
        direction: Direction; empty for both.
    """

    alert_id: str
    key: str
    reason: str
    level: str
    rule: str
    gate: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """
    A message as it leaves; what it says is what was known when it was made.

    Args:
        key: Stands for this delivery; alert, transition and destination are in it.
        destination: Contact that is told.
        channel: Channel that it goes over.
        address: Where the channel delivers it, as the channel writes addresses.
        language: Of the texts.
        subject: One line.
        text: All of it, several lines.
        short: The news in at most 160 characters.
        level: The worst level that it tells of.
        is_urgent: Whether it may wake somebody.
        link: Address at which more is shown; empty when the service has none that others reach.
        news: What is told of each alert.
        brief: The news in at most 70 characters.
    """

    key: str
    destination: str
    channel: str
    address: str
    language: str
    subject: str
    text: str
    short: str
    level: str
    is_urgent: bool = False
    link: str = ""
    news: tuple[News, ...] = ()
    brief: str = ""
