"""Channels: how a message reaches a contact. One file a kind, found by scanning this folder."""

from gatewatch.monitor.channels.channel import Message, NotNowError, RefusedError
from gatewatch.monitor.channels.kinds import Kind, list_kinds

__all__ = ["Kind", "Message", "NotNowError", "RefusedError", "list_kinds"]
