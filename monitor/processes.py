"""The processes of the service: which programs there are, and how settings are handed to them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import SecretStr

from gatewatch.monitor.settings import PREFIX, Settings
from gatewatch.monitor.supervisor import Program


def with_settings(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment that says these settings and no others; no other user sees a process's environment."""
    found = {name: value for name, value in environment.items() if not name.startswith(PREFIX)}
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        if value is not None and value != "":
            text = str(value.absolute()) if isinstance(value, Path) else str(value)
            found[f"{PREFIX}{(field.alias or name).upper()}"] = text
    return found


def programs(settings: Settings, environment: Mapping[str, str], options: Sequence[str] = ()) -> list[Program]:
    """
    Return the processes of the service in the order of their start.

    Args:
        settings: How it runs.
        environment: Of the supervisor.
        options: Further arguments of the core.
    """
    core = [sys.executable, "-m", "gatewatch.monitor.serving", "--supervised", *options]
    notifier = [sys.executable, "-m", "gatewatch.monitor.notifying", "--supervised"]
    variables = with_settings(settings, environment)
    return [Program("core", core, variables), Program("notifier", notifier, variables)]
