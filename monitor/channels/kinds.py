"""Kinds of channels: one file each, found by scanning this folder."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from gatewatch.config.records import Record
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
    found = {}
    for name in sorted(module.name for module in iter_modules([str(Path(__file__).parent)])):
        module = import_module(f"{_PACKAGE}.{name}")
        if hasattr(module, "Settings") and hasattr(module, "send"):
            about = inspect.cleandoc(module.__doc__ or "")
            found[name] = Kind(
                name, module.Settings, module.fault_in_address, module.send, module.LEAVES, module.ADDRESS, about
            )
    return found
