"""A sensitivity study read back from what `gatewatch sensitivity --json` printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from gatewatch.config.errors import ConfigError, one_fault
from gatewatch.simulator.sensitivity import ROW_KEYS, Sensitivity

OPTION: Final = "--sensitivity"
_REMEDY: Final = "give what `gatewatch sensitivity SCENARIO --policy … --json` prints"
_SWITCH_KEYS: Final = frozenset({"parameter", "unit", "base", "at", "effect_below", "effect_above"})


def read_sensitivity(path: Path, scenario: str) -> Sensitivity:
    """
    Return a study of a scenario from its file.

    Raises:
        ConfigError: The file cannot be read, is none of these, or is about another scenario.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise one_fault(OPTION, "", f'"{path}"', f"the system says: {error.strerror or error}; {_REMEDY}") from None
    except ValueError:
        raise _refused(path, "no JSON") from None
    if not _is_study(body):
        raise _refused(path, "no such study")
    if body["scenario"] != scenario:
        raise _refused(path, f'about the scenario "{body["scenario"]}", not "{scenario}"')
    return Sensitivity(**{**body, "policies": tuple(body["policies"])})


def _is_study(body: Any) -> bool:
    if not isinstance(body, dict) or body.keys() != Sensitivity.__dataclass_fields__.keys():
        return False
    rows, switches = body["rows"], body["switches"]
    return (
        isinstance(rows, list) and all(isinstance(row, dict) and set(ROW_KEYS) <= row.keys() for row in rows)
        and isinstance(switches, list)
        and all(isinstance(row, dict) and row.keys() >= _SWITCH_KEYS for row in switches)
    )  # fmt: skip


def _refused(path: Path, what: str) -> ConfigError:
    return one_fault(OPTION, "", f'"{path}", which is {what}', _REMEDY)
