"""What a field may hold, in the words of a person who edits TOML: for faults and the data dictionary."""

from __future__ import annotations

import types
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, BaseModel
from pydantic.fields import FieldInfo

from gatewatch.config.origins import Path
from gatewatch.config.units import Span

AS_UNIT = "as `unit`"

_PLAIN: dict[Any, str] = {
    bool: "true or false",
    str: "a text in quotes",
    date: "a date such as 2025-07-01",
    datetime: "a date and time such as 2025-07-01T07:00:00",
}
_FORMS = {
    "HH:MM": 'a time of day such as "20:00"',
    "HH:MM-HH:MM": 'hours such as "07:00-18:00"',
    "IANA time zone": 'a time zone such as "Asia/Ho_Chi_Minh"',
    "RFC 3339": 'a time with its offset such as "2026-01-15T07:00:00+07:00"',
}


@cache
def hints(model: type[BaseModel]) -> dict[str, Any]:
    """Return the annotations of a model's fields with their bounds and units."""
    found = get_type_hints(model, include_extras=True)
    return {name: Annotated[found[name], field] for name, field in model.model_fields.items()}


def key_of(name: str, model: type[BaseModel]) -> str:
    """Return the key of a field as it is written in a file."""
    return model.model_fields[name].alias or name


def unit_of(annotation: Any) -> str | None:
    """Return the unit that a type carries, or None."""
    for extra in _extras(annotation):
        if isinstance(extra, FieldInfo) and isinstance(extra.json_schema_extra, dict):
            unit = extra.json_schema_extra.get("unit")
            if unit is not None:
                return str(unit)
    return next((unit for part in get_args(_bare(annotation)) if (unit := unit_of(part)) is not None), None)


def words(annotation: Any, *, with_unit: bool = True) -> str:
    """
    Return what may be written.

    >>> from gatewatch.config.units import ServerCount
    >>> words(ServerCount)
    'a whole number from 0 to 100000 [servers]'
    """
    bare, unit = _bare(annotation), _own_unit(annotation)
    if unit in _FORMS:
        return _FORMS[unit]
    if bare in _PLAIN:
        return _PLAIN[bare]
    if bare in (int, float):
        number = f"a {'whole ' if bare is int else ''}number{_bounds(annotation)}"
        return f"{number} [{unit}]" if with_unit and unit not in (None, "-", AS_UNIT) else number
    return _compound(bare, annotation, with_unit=with_unit)


def _compound(bare: Any, annotation: Any, *, with_unit: bool) -> str:
    origin, parts = get_origin(bare), get_args(bare)
    if origin is Literal:
        known = [f'"{choice}"' for choice in parts]
        return known[0] if len(known) == 1 else f"one of {', '.join(known)}"
    if origin is list:
        least, most = _sizes(annotation)
        frame = f"a list of {least}" if least and least == most else "a list"
        is_simple = _is_simple(_bare(parts[0]))
        return (
            f"{frame}: [ … ], each entry {words(parts[0], with_unit=with_unit)}" if is_simple else f"{frame} of tables"
        )
    if origin is dict:
        is_simple = _is_simple(_bare(parts[1])) or get_origin(_bare(parts[1])) is list
        entry = f", each {words(parts[1], with_unit=with_unit)}" if is_simple else ""
        return f"a table of named entries{entry}"
    if origin in (Union, types.UnionType):
        members = [part for part in parts if part is not type(None)]
        for tag in ("law", "kind"):
            if len(members) > 1 and all(_has_field(part, tag) for part in members):
                return f"a table with `{tag}`"
        return " or ".join(dict.fromkeys(words(part, with_unit=with_unit) for part in members))
    return "a table"


def _is_simple(bare: Any) -> bool:
    return bare in _PLAIN or bare in (int, float, Span) or get_origin(bare) is Literal


def _has_field(annotation: Any, name: str) -> bool:
    bare = _bare(annotation)
    return isinstance(bare, type) and issubclass(bare, BaseModel) and name in bare.model_fields


def _bare(annotation: Any) -> Any:
    """Return a type without its annotations; the union of a type and None is the type."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        members = [part for part in get_args(annotation) if part is not type(None)]
        if len(members) == 1:
            return _bare(members[0])
    return annotation


def _extras(annotation: Any) -> Iterator[Any]:
    """Yield the annotations of a type, the inner ones of a union with None too."""
    while get_origin(annotation) is Annotated:
        yield from get_args(annotation)[1:]
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        members = [part for part in get_args(annotation) if part is not type(None)]
        if len(members) == 1:
            yield from _extras(members[0])


def _own_unit(annotation: Any) -> str | None:
    if any(isinstance(extra, AfterValidator) for extra in _extras(annotation)) and unit_of(annotation) is None:
        return None
    return unit_of(annotation) if _is_simple(_bare(annotation)) else None


def _limits(annotation: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for extra in _extras(annotation):
        for constraint in extra.metadata if isinstance(extra, FieldInfo) else [extra]:
            for name in ("ge", "gt", "le", "lt", "min_length", "max_length"):
                if getattr(constraint, name, None) is not None:
                    found.setdefault(name, getattr(constraint, name))
    return found


def _bounds(annotation: Any) -> str:
    limits = _limits(annotation)
    if "ge" in limits and "le" in limits:
        return f" from {limits['ge']} to {limits['le']}"
    if "gt" in limits:
        return f" above {limits['gt']}" + (f", at most {limits['le']}" if "le" in limits else "")
    return f" of {limits['ge']} or more" if "ge" in limits else ""


def _sizes(annotation: Any) -> tuple[int | None, int | None]:
    limits = _limits(annotation)
    return limits.get("min_length"), limits.get("max_length")


def size_words(annotation: Any) -> str:
    """Return how many entries a list or table needs."""
    least, most = _sizes(annotation)
    if least == most:
        return f"exactly {least} entries"
    return f"at least {least} {'entry' if least == 1 else 'entries'}" if least else f"at most {most} entries"


def choices(annotation: Any) -> list[str]:
    """Return the words a type allows, or nothing when it allows anything else."""
    bare = _bare(annotation)
    return [str(choice) for choice in get_args(bare)] if get_origin(bare) is Literal else []


def alternatives(annotation: Any) -> list[Any]:
    """Return the types that a union leaves open; another type is its own only alternative."""
    bare = _bare(annotation)
    if get_origin(bare) not in (Union, types.UnionType):
        return [annotation]
    return [part for member in get_args(bare) if member is not type(None) for part in alternatives(member)]


def is_number(annotation: Any) -> bool:
    """Return whether a type is a number."""
    return _bare(annotation) in (int, float)


def annotations_at(model: Any, path: Path, node: Any) -> Iterator[Any]:
    """Yield the types that the value at `path` below `node` may have, most often one."""
    bare = _bare(model)
    if not path:
        yield model
    elif get_origin(bare) in (Union, types.UnionType):
        for member in get_args(bare):
            yield from annotations_at(member, path, node)
    elif get_origin(bare) is dict and isinstance(node, dict):
        yield from annotations_at(get_args(bare)[1], path[1:], node.get(path[0]))
    elif get_origin(bare) is list and isinstance(node, list) and isinstance(path[0], int):
        yield from annotations_at(get_args(bare)[0], path[1:], node[path[0]])
    elif isinstance(bare, type) and issubclass(bare, BaseModel) and isinstance(node, dict) and fits(bare, node):
        for name, hint in hints(bare).items():
            if path[0] == key_of(name, bare):
                yield from annotations_at(hint, path[1:], node.get(path[0]))


def models_in(annotation: Any, node: Any = None) -> Iterator[type[BaseModel]]:
    """Yield the tables a type allows; with a `node`, only those of its law or kind."""
    bare = _bare(annotation)
    if get_origin(bare) in (Union, types.UnionType, list, dict):
        for part in get_args(bare):
            yield from models_in(part, node)
    elif isinstance(bare, type) and issubclass(bare, BaseModel) and fits(bare, node):
        yield bare


def fits(model: type[BaseModel], node: Any) -> bool:
    """Return whether a table's `law` or `kind` is the one of `model`; a table without fits every model."""
    for tag in ("law", "kind"):
        field = model.model_fields.get(tag)
        if field is not None and get_origin(field.annotation) is Literal and isinstance(node, dict):
            tags = get_args(field.annotation)
            return len(tags) > 1 or node.get(tag) in (None, *tags)
    return True
