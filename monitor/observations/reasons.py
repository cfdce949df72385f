"""Why something is no observation, in sentences with key, value and remedy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from gatewatch.config.errors import Fault
from gatewatch.config.faults import from_validation, key_text
from gatewatch.config.origins import Document, Leaf, Origin, Path
from gatewatch.monitor.observations.fields import without_unprintable

_DEEPEST: Final = 6  # a correction with a heartbeat goes down five steps
_LARGEST: Final = 200  # values; a heartbeat may hold 64 counters


def is_oversized(raw: object) -> bool:
    """Return whether tables and lists are nested deeper, or hold more values, than in any observation."""
    level: list[Any] = [raw]
    n_values = 1
    for _ in range(_DEEPEST):
        n_parts, deeper = 0, []
        for node in level:
            parts = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
            n_parts += len(parts)
            deeper += [part for part in parts if isinstance(part, dict | list)]
        if not n_parts:
            return False
        n_values += n_parts
        if n_values > _LARGEST:
            return True
        level = deeper
    return True


def reasons_of(error: ValidationError, model: type[BaseModel], raw: Mapping[str, Any], at: Path = ()) -> list[str]:
    """
    Return a sentence for every mistake in a validation error.

    Args:
        error: What the validator says.
        model: The table that was expected.
        raw: What was sent.
        at: Path of the table within the event.
    """
    document = Document(_marked(dict(raw), ()))
    prefix = key_text(at)
    found = from_validation(error, document, model, root="")
    return [f"{_joined(prefix, fault.key)} is {_told(fault)}; {fault.expected}." for fault in found]


def _told(fault: Fault) -> str:
    """Return what was found, fit for a log: nothing that may be a plate, nothing that no encoding can carry."""
    if "plate" in fault.expected and fault.found not in {"missing", "unknown"}:
        return "not told here"
    return without_unprintable(fault.found)


def _joined(prefix: str, key: str) -> str:
    return without_unprintable(".".join(part for part in (prefix, key) if part)) or "the event"


def _marked(node: Any, path: Path) -> Any:
    """Return a tree whose leaves say where they stand, as the faults of files need it."""
    if isinstance(node, dict) and node:
        return {key: _marked(value, (*path, str(key))) for key, value in node.items()}
    if isinstance(node, list) and node:
        return [_marked(value, (*path, n)) for n, value in enumerate(node)]
    return Leaf(node, Origin("", key=path))
