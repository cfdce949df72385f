"""The commands that run the answers of an optimisation again, with every measure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, Final

from gatewatch.simulator.optimisation import Optimisation

_ROLES: Final = {"cheapest": "the cheapest", "least_total": "the least total cost"}
_OPTIONS: Final = {"border": "--border", "days": "--days", "warmup_days": "--warmup-days"}


def compare_commands(found: Optimisation, asked: Mapping[str, Any], engine: str | None) -> dict[str, str]:
    """
    Return by answer the line that compares it with the present; nothing for the present itself.

    Args:
        found: What the optimisation gave.
        asked: Arguments of the optimisation.
        engine: Name of the engine; None for the usual one.
    """
    by_line: dict[str, list[str]] = {}
    for role, words in _ROLES.items():
        policies: list[str] = next((row["policies"] for row in found.answers if row["role"] == role), [])
        if policies:
            by_line.setdefault(_line("+".join(policies), asked, engine), []).append(words)
    return {" and ".join(words): line for line, words in by_line.items()}


def _line(policies: str, asked: Mapping[str, Any], engine: str | None) -> str:
    parts = ["gatewatch", "compare", str(asked["scenario"]), "--policy", policies]
    for key, option in _OPTIONS.items():
        if asked[key] is not None:
            parts += [option, str(asked[key])]
    if asked["seed"] != 1:
        parts += ["--seed", str(asked["seed"])]
    if engine is not None:
        parts += ["--engine", engine]
    return shlex.join(parts)
