"""What a channel is given, and what it says when a message was not taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
    """The destination takes nothing at present: no connection, no answer in time, a fault of its own."""


class RefusedError(Exception):
    """The destination takes this message not; another one it may take."""
