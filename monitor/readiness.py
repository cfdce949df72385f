"""Word to systemd, when it started us and asked for it (sd_notify(3))."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Final

_VARIABLE: Final = "NOTIFY_SOCKET"


def tell_systemd(message: str) -> None:
    """Send "READY=1", "WATCHDOG=1" or "STOPPING=1"; without systemd nothing happens."""
    path = os.environ.get(_VARIABLE)
    if not path:
        return
    address = f"\0{path[1:]}" if path.startswith("@") else path
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.sendto(message.encode(), address)
