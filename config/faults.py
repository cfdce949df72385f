"""From a validation error to faults that name file, key, value and remedy."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from gatewatch.config.errors import Fault, known_names
from gatewatch.config.origins import Document, Path
from gatewatch.config.schema import Border


def shown(value: Any) -> str:
    """Return a value as a person would recognise it from the file."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list" if len(str(value)) > 60 else str(value)
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


def from_validation(
    error: ValidationError, document: Document, model: type[BaseModel] = Border
) -> list[Fault]:
    """Return a fault for every mistake in a validation error."""
    found = []
    for detail in error.errors(include_url=False):
        path = _tree_path(detail["loc"], document.tree, detail["type"])
        origin = document.origin(path)
        file = origin.file if origin else "border"
        found.append(Fault(file, key_text(path), *_said(dict(detail), path, document, model)))
    return found


def _tree_path(loc: tuple[int | str, ...], tree: Any, kind: str) -> Path:
    """Return the path in the file; the validator's own steps (the tags of unions) are left out."""
    path: list[str | int] = []
    node = tree
    for n, part in enumerate(loc):
        if (isinstance(node, dict) and part in node) or (
            isinstance(node, list) and isinstance(part, int) and part < len(node)
        ):
            path.append(part)
            node = node[part]
        elif n == len(loc) - 1 and kind == "missing":
            path.append(part)
    return tuple(path)


def _said(detail: dict[str, Any], path: Path, document: Document, model: type[BaseModel]) -> tuple[str, str]:
    """Return what was found and what is expected."""
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind == "missing":
        return "missing", "it must be given"
    if kind == "extra_forbidden":
        fields = sorted(set(_field_names(model, path[:-1], document.tree)))
        return "unknown", known_names("key", str(path[-1]), fields)
    if kind == "value_error":
        return shown(value), str(context["error"])
    if kind in ("union_tag_invalid", "literal_error"):
        expected = context.get("expected_tags") or context.get("expected", "")
        if isinstance(value, dict):
            value = value.get(str(context.get("discriminator", "")).strip("'"), value)
        return shown(value), f"use one of {expected}"
    if kind == "union_tag_not_found":
        return "without a key " + str(context.get("discriminator", "")).strip(
            "'"
        ), "add the key that says which kind it is"
    message = str(detail["msg"])
    return shown(value), message[:1].lower() + message[1:]


def _field_names(model: Any, path: Path, tree: Any) -> Iterator[str]:
    """Yield the keys that the table at `path` may have."""
    for candidate in _models_at(model, path, tree):
        for name, field in candidate.model_fields.items():
            yield field.alias or name
    yield from ("basis", "source")


def _models_at(annotation: Any, path: Path, node: Any) -> Iterator[type[BaseModel]]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _models_at(get_args(annotation)[0], path, node)
    elif origin in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from _models_at(member, path, node)
    elif origin in (dict, list):
        if path and isinstance(node, dict | list):
            yield from _models_at(get_args(annotation)[-1], path[1:], node[path[0]])  # type: ignore[call-overload]
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if not path:
            if _fits(annotation, node):
                yield annotation
            return
        for name, field in annotation.model_fields.items():
            if path[0] in (name, field.alias) and isinstance(node, dict) and path[0] in node:
                yield from _models_at(field.annotation, path[1:], node[path[0]])


def _fits(model: type[BaseModel], node: Any) -> bool:
    for tag in ("law", "kind"):
        field = model.model_fields.get(tag)
        if field is not None and get_origin(field.annotation) is Literal and isinstance(node, dict):
            tags = get_args(field.annotation)
            return len(tags) > 1 or node.get(tag) in tags
    return True
