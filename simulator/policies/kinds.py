"""Kinds of policies: one file a kind, found by scanning this folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gatewatch.config.errors import ConfigError, one_fault
from gatewatch.config.records import Record
from gatewatch.config.scanning import description, modules_with
from gatewatch.config.schema import Border

_PACKAGE = __name__.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Kind:
    """
    A kind of policy.

    Args:
        name: Name of its module.
        settings: What a planner can set.
        apply: Border and settings to another border; leaves the given one as it is.
        neutral: Settings, as a file would state them, that change nothing on the shipped border.
        description: What it does, as the docstring of its module says.
        opposed: Of two settings: in words what they say against each other, whatever their order; None for nothing.
    """

    name: str
    settings: type[Record]
    apply: Callable[[Border, Any], Border]
    neutral: Mapping[str, Any]
    description: str
    opposed: Callable[[Any, Any], str | None] | None = None

    @property
    def summary(self) -> str:
        """Return what it does in one sentence."""
        return self.description.partition("\n")[0]

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the settings; each field says its unit and its meaning."""
        body = self.settings.model_json_schema(by_alias=True)
        properties = {key: _flat(field) for key, field in body["properties"].items()}
        return {**body, "title": self.name, "description": self.description, "properties": properties}


def _flat(field: dict[str, Any]) -> dict[str, Any]:
    """Return a field that may be left out as the field itself, which forms know how to draw."""
    members = [member for member in field.get("anyOf", []) if member.get("type") != "null"]
    if len(members) != 1:
        return field
    return {**{key: value for key, value in field.items() if key != "anyOf"}, **members[0]}


@cache
def list_kinds() -> dict[str, Kind]:
    """Return every kind by name: the modules of this folder that have `Settings` and `apply`."""
    return {
        name: Kind(
            name, module.Settings, module.apply, module.NEUTRAL, description(module), getattr(module, "opposed", None)
        )
        for name, module in modules_with(_PACKAGE, "Settings", "apply").items()
    }


def refused(key: str, found: str, expected: str) -> ConfigError:
    """Return the error for a setting that does not fit the border; `apply_policies` adds which policy it is."""
    return one_fault("policy", key, found, expected)
