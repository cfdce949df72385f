"""From a validation error to faults that name file, key, value and remedy."""

from __future__ import annotations

from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gatewatch.config.errors import Fault, known_names
from gatewatch.config.origins import Document, Path
from gatewatch.config.plain_words import (
    alternatives,
    annotations_at,
    choices,
    hints,
    is_number,
    key_of,
    models_in,
    size_words,
    words,
)
from gatewatch.config.schema import Border

_LONGEST = 70
_BOUND_ERRORS = frozenset({"greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number"})


def shown(value: Any) -> str:
    """
    Return a value as a person would recognise it from the file.

    >>> shown({"law": "uniform", "low": 5, "high": 3})
    '{ law = "uniform", low = 5, high = 3 }'
    """
    text = _toml(value)
    if len(text) <= _LONGEST:
        return text
    return "a table" if isinstance(value, dict) else "a list" if isinstance(value, list) else f"{text[:_LONGEST]}…"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def key_text(path: Path) -> str:
    """
    Return a path as it would be written in TOML.

    >>> key_text(("export", "stages", 0, "law"))
    'export.stages[0].law'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def fault_at(document: Document, path: Path, found: str, expected: str, root: str = "border") -> Fault:
    """
    Return a fault with the file and the key in which the value at `path` was written.

    Args:
        document: The border with its origins.
        path: Place of the value in the border.
        found: What stands there.
        expected: What to write instead.
        root: Shown when no file states anything near.
    """
    file, key = document.place(path) or (root, path)
    return Fault(file, key_text(key), found, expected)


def from_validation(
    error: ValidationError, document: Document, model: type[BaseModel] = Border, root: str = "border"
) -> list[Fault]:
    """Return a fault for every mistake in a validation error."""
    found = []
    for detail in error.errors(include_url=False):
        path = _tree_path(detail["loc"], document.tree, detail["type"])
        tag = str(detail.get("ctx", {}).get("discriminator", "")).strip("'")
        if tag.isidentifier():
            path = (*path, tag)
        if detail["type"] == "missing" and len(path) == 1:
            found.append(Fault(root, key_text(path), *_said(detail, path, document, model)))
        else:
            found.append(fault_at(document, path, *_said(detail, path, document, model), root))
    return found


def at_odds(error: ValidationError) -> str | None:
    """Return what a model says of values that do not fit together; None where what is wrong is single values."""
    for detail in error.errors():
        if detail["loc"] == ():
            return str(detail.get("ctx", {}).get("error", detail["msg"]))
    return None


def _tree_path(loc: tuple[int | str, ...], tree: Any, kind: str) -> Path:
    """Return the path in the file; the validator's own steps (the tags of unions) are left out."""
    path: list[str | int] = []
    node: Any = tree
    for n, part in enumerate(loc):
        is_key = isinstance(node, dict) and part in node
        is_entry = isinstance(node, list) and isinstance(part, int) and part < len(node)
        if is_key or is_entry:
            path.append(part)
            node = node[part]
        elif n == len(loc) - 1 and kind == "missing":
            path.append(part)
    return tuple(path)


def _said(detail: ErrorDetails, path: Path, document: Document, model: type[BaseModel]) -> tuple[str, str]:
    """Return what was found and what is expected."""
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    allowed = list(annotations_at(model, path, document.tree))
    known = [choice for annotation in allowed for choice in choices(annotation)]
    if kind in ("missing", "union_tag_not_found"):
        return "missing", f"give {_one_of(known) if len(known) > 1 else _any_of(allowed)}"
    if kind == "extra_forbidden":
        return "unknown", known_names("key", str(path[-1]), _keys(model, path[:-1], document.tree))
    if kind == "value_error":
        return shown(value), str(context["error"])
    if kind == "union_tag_invalid":
        return _unknown_choice(str(context["tag"]), str(context["expected_tags"]).replace("'", "").split(", "))
    if kind in ("too_short", "too_long"):
        n = context["actual_length"]
        return ("empty" if n == 0 else shown(value)), f"give {size_words(allowed[0])}"
    if kind == "literal_error" and isinstance(value, str):
        return _unknown_choice(value, known) if len(known) > 1 else (shown(value), f"use {_any_of(allowed)}")
    if kind in _BOUND_ERRORS:
        allowed = [part for annotation in allowed for part in alternatives(annotation) if is_number(part)]
    return shown(value), f"use {_any_of(allowed)}"


def _any_of(allowed: list[Any]) -> str:
    return " or ".join(dict.fromkeys(words(annotation) for annotation in allowed)) or "a value"


def _unknown_choice(value: str, known: list[str]) -> tuple[str, str]:
    close = get_close_matches(value, known, n=1)
    hint = f'did you mean "{close[0]}"? Use' if close else "use"
    return shown(value), f"{hint} {_one_of(known)}"


def _one_of(known: list[str]) -> str:
    return f"one of {', '.join(shown(choice) for choice in known)}"


def _keys(model: type[BaseModel], path: Path, tree: Any) -> set[str]:
    """Return the keys that the table at `path` may have."""
    node: Any = tree
    for part in path:
        node = node[part]
    tables = [table for annotation in annotations_at(model, path, tree) for table in models_in(annotation, node)]
    return {key_of(name, table) for table in tables for name in hints(table)}
