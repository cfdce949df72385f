"""What a channel is given, and what it says when a message was not taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gatewatch.monitor.alerting.outgoing import Outgoing


@dataclass(frozen=True, slots=True)
class Message:
    """
    A message on its way.

    Args:
        outgoing: What is told, with the key that tells doubles.
        is_doubtful: An earlier try may have arrived; the message says so.
        at: When it leaves, aware UTC.
    """

    outgoing: Outgoing
    is_doubtful: bool
    at: datetime


class NotNowError(Exception):
    """
    The destination takes nothing at present: no connection, no answer in time, a fault of its own.

    Args:
        reason: Why, for people.
        is_doubtful: Everything was sent and no answer came: it may have arrived.
    """

    def __init__(self, reason: str, *, is_doubtful: bool = False) -> None:
        super().__init__(reason)
        self.is_doubtful = is_doubtful


class RefusedError(Exception):
    """The destination takes this message not; another one it may take."""


def read_secret(path: Path, what: str) -> str:
    """
    Return what a file holds on its one line.

    Raises:
        NotNowError: It cannot be read, or is empty.
    """
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NotNowError(f"the file of the {what}, {path}, cannot be read: {error}.") from None
    if not text or not text.isprintable():
        raise NotNowError(f"the file of the {what}, {path}, must hold it on one line.")
    return text
