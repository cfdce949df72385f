"""
Everything else by a URL of Apprise: some hundred services, from ntfy in the own house to messengers abroad.

An address is such a URL, or `file:/PATH` of a file that holds it, as most hold a token. A channel reaches only the
schemes that it lists: none ships listed, Telegram's (`tgram`) neither. These services know no key: a double cannot be
told by its receiver, so the text says so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pydantic import Field

from gatewatch.config.records import Record
from gatewatch.monitor.channels.channel import Message, NotNowError, RefusedError, read_secret

LEAVES: Final = True
ADDRESS: Final = "URL of Apprise, or file:/PATH of a file that holds it"

_FILE: Final = "file:"
_TYPES: Final = {"critical": "failure", "congested": "warning", "busy": "warning", "clear": "success"}


class Settings(Record):
    """Which services may be reached."""

    schemes: list[str] = Field(
        min_length=1, description="Beginnings of URLs that may be used, such as `ntfys`; each is a service."
    )


def fault_in_address(address: str, settings: Settings) -> str | None:
    """Return what an address should be, or None when it is one that may be used."""
    if address.startswith(_FILE):
        return None if address.startswith(f"{_FILE}/") else "write file: and the whole path, from / on"
    scheme, mark, rest = address.partition("://")
    if not mark or not rest or not address.isprintable():
        return "write a URL of Apprise, such as ntfys://HOST/TOPIC, or file:/PATH of a file that holds it"
    if scheme.lower() not in settings.schemes:
        return f'the channel may not use "{scheme}"; add it to `schemes` of the channel'
    return None


def send(message: Message, settings: Settings, within_s: float) -> None:
    """
    Hand a message to a service.

    Raises:
        NotNowError: It was not taken; Apprise does not tell whether it ever will be.
        RefusedError: The address is none, or may not be used.
    """
    import apprise  # noqa: PLC0415 - some hundred files: only who uses it waits for them

    outgoing = message.outgoing
    url = outgoing.address
    if url.startswith(_FILE):
        url = read_secret(Path(url.removeprefix(_FILE)), "address")
    fault = fault_in_address(url, settings)
    if fault is not None or url.startswith(_FILE):
        raise RefusedError(f"{fault or 'a file of an address holds the URL itself'}.")
    service = apprise.Apprise.instantiate(url, asset=apprise.AppriseAsset(async_mode=False), suppress_exceptions=True)
    if service is None:
        raise RefusedError("Apprise cannot read this URL.")
    service.socket_connect_timeout = service.socket_read_timeout = within_s / 2
    double = {"vi": "(Có thể đã gửi trước đó.)\n", "en": "(May have been sent before.)\n"}
    text = (double.get(outgoing.language, "") if message.is_doubtful else "") + outgoing.text
    kind = _TYPES.get(outgoing.level, "info")
    if not _within(within_s, lambda: bool(service.notify(body=text, title=outgoing.subject, notify_type=kind))):
        raise NotNowError(
            f"{service.service_name} did not take it within {within_s:g} s, or not at all; Apprise does not say which.",
            is_doubtful=True,
        )


def _within(within_s: float, work: Callable[[], bool]) -> bool:
    """Return what work gives; False when it takes too long: nobody can cut it, it is left to end by itself."""
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(work()), name="gatewatch-apprise", daemon=True)
    thread.start()
    thread.join(within_s)
    return found == [True]
