"""Kinds of channels: one file each, found by scanning this folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gatewatch.config.records import Record
from gatewatch.config.scanning import description, modules_with
from gatewatch.monitor.channels.channel import Message

_PACKAGE = __name__.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Kind:
    """
    A kind of channel.

    Args:
        name: Name of its module.
        settings: What can be set for a channel of this kind.
        fault_in_address: Returns what an address should be, or None when it is one for these settings.
        send: Delivers a message within a time [s]; raises `NotNowError` or `RefusedError` when it did not.
        leaves: Whether messages leave this machine.
        address: What an address is, for people.
        description: What it does, as the docstring of its module says.
    """

    name: str
    settings: type[Record]
    fault_in_address: Callable[[str, Any], str | None]
    send: Callable[[Message, Any, float], None]
    leaves: bool
    address: str
    description: str


@cache
def list_kinds() -> Mapping[str, Kind]:
    """Return every kind by name: the modules of this folder that have `Settings` and `send`."""
    return {
        name: Kind(
            name, module.Settings, module.fault_in_address, module.send, module.LEAVES, module.ADDRESS,
            description(module),
        )
        for name, module in modules_with(_PACKAGE, "Settings", "send").items()
    }  # fmt: skip
