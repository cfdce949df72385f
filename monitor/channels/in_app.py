"""
On the screens of this service: the message stays in the store, where the alarm page reads it.

Nothing leaves the machine. It is delivered as soon as it is kept.
"""

from __future__ import annotations

from typing import Final

from gatewatch.config.records import Record
from gatewatch.monitor.channels.channel import Message

LEAVES: Final = False
ADDRESS: Final = "none"


class Settings(Record):
    """Nothing can be set."""


def fault_in_address(address: str, _settings: Settings) -> str | None:
    """Return what an address should be."""
    return "a screen has no address; leave it out" if address else None


def send(_message: Message, _settings: Settings, _within_s: float) -> None:
    """Leave the message where it is kept."""
