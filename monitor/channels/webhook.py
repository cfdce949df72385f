"""
A signed HTTP POST to a program, as the specification "Standard Webhooks" describes it.

`webhook-id` is the key by which a double is known, `webhook-signature` the HMAC-SHA256 of `id.timestamp.body`. The body
is JSON. A receiver must check the signature, and that the time is no older than some minutes. Redirects are not
followed, and only hosts that the channel names are reached.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import asdict
from typing import Any, Final

from pydantic import Field

from gatewatch.config.records import Record
from gatewatch.monitor.channels.channel import Message, read_secret
from gatewatch.monitor.channels.line import Allowed, ask, find_fault_in_url
from gatewatch.monitor.channels.paths import FilePathText

LEAVES: Final = True
ADDRESS: Final = "URL, such as https://hooks.example.vn/gatewatch"


class Settings(Record):
    """Where it may post, and what it signs with."""

    allow: Allowed
    secret_file: FilePathText = Field(description="File with the secret that both sides know, on one line.")
    ca_file: FilePathText | None = Field(
        default=None, description="Certificates of the office's own authority; without it, the system's."
    )


def fault_in_address(address: str, settings: Settings) -> str | None:
    """Return what an address should be, or None when it is one that may be reached."""
    return find_fault_in_url(address, settings.allow)


def send(message: Message, settings: Settings, within_s: float) -> None:
    """
    Post a message.

    Raises:
        NotNowError: The receiver takes nothing now.
        RefusedError: It will not take this, or may not be reached.
    """
    secret = read_secret(settings.secret_file, "secret")
    body = json.dumps(_content(message), ensure_ascii=False, separators=(",", ":")).encode()
    key, at = header_key(message.outgoing.key), str(int(message.at.timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "gatewatch",
        "webhook-id": key,
        "webhook-timestamp": at,
        "webhook-signature": signature(secret, key, at, body),
    }
    ask("POST", message.outgoing.address, body, headers, within_s, settings.allow, settings.ca_file)


def signature(secret: str, key: str, at: str, body: bytes) -> str:
    """
    Return the signature of a message.

    >>> signature("s", "k", "0", b"{}")
    'v1,HJBYVB+uwK77rgesA1nQH+laChZdGWyy8n+X3efkKiE='
    """
    made = hmac.new(secret.encode(), f"{key}.{at}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


def header_key(key: str) -> str:
    """Return a key as a header can carry it: itself, or its hash when it holds anything but plain characters."""
    is_plain = key.isascii() and key.isprintable() and " " not in key and len(key) <= 200
    return key if is_plain else hashlib.sha256(key.encode()).hexdigest()


def _content(message: Message) -> dict[str, Any]:
    outgoing = message.outgoing
    return {
        "type": "gatewatch.alerts",
        "timestamp": message.at.isoformat(),
        "data": {
            "key": outgoing.key,
            "possible_duplicate": message.is_doubtful,
            "destination": outgoing.destination,
            "language": outgoing.language,
            "level": outgoing.level,
            "is_urgent": outgoing.is_urgent,
            "subject": outgoing.subject,
            "text": outgoing.text,
            "short": outgoing.short,
            "link": outgoing.link,
            "news": [asdict(news) for news in outgoing.news],
        },
    }
