"""Where each number comes from: the file it stands in, its basis, and the key of its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

Path = tuple[str | int, ...]

_WRAPPER_KEYS = frozenset({"value", "basis", "source", "note"})
_LABELS = frozenset({"basis", "source"})


@dataclass(frozen=True, slots=True)
class Origin:
    """The file a value was written in and what is said of where it comes from."""

    file: str
    basis: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value with its origin."""

    value: Any
    origin: Origin


@dataclass(frozen=True)
class Document:
    """A tree of tables and lists whose leaves know their origin."""

    marked: dict[str, Any]

    @cached_property
    def tree(self) -> dict[str, Any]:
        """The plain values."""
        plain = _plain(self.marked)
        assert isinstance(plain, dict)
        return plain

    @cached_property
    def origins(self) -> dict[Path, Origin]:
        """The origin of every leaf, by path."""
        return dict(_origins(self.marked, ()))

    def origin(self, path: Path) -> Origin | None:
        """Return the origin of the value at `path`, or of the first one below it, or of the nearest above."""
        node: Any = self.marked
        above: Any = node
        for part in path:
            above = node
            if isinstance(node, dict) and part in node:
                node = node[part]
            elif isinstance(node, list) and isinstance(part, int) and part < len(node):
                node = node[part]
            else:
                node = above
                break
        return next((origin for _, origin in _origins(node, ())), None) or next(
            (origin for _, origin in _origins(above, ())), None
        )

    def below(self, path: Path) -> Document:
        """Return the part of the document under `path` as a document of its own; empty when there is none."""
        node: Any = self.marked
        for part in path:
            node = node.get(part, {}) if isinstance(node, dict) else {}
        return Document(node if isinstance(node, dict) else {})

    def placed_at(self, path: Path) -> Document:
        """Return the document set under `path`."""
        marked = self.marked
        for part in reversed(path):
            marked = {str(part): marked}
        return Document(marked)


def read_tree(raw: Mapping[str, Any], file: str, at: Path = ()) -> Document:
    """
    Return a document from a table as parsed from TOML.

    A parameter is written plainly (`places = 450`) or with where it comes from
    (`places = { value = 450, basis = "reported", source = "EIN230609" }`). The keys `basis` and `source` in a
    table hold for everything in it that does not say otherwise.

    Args:
        raw: The parsed table.
        file: Its file, as shown to a person.
        at: Where in the border the table stands.
    """
    marked = _marked(raw, Origin(file), labelled=at[:1] != ("sources",))
    return Document(marked).placed_at(at)


def _marked(node: Any, inherited: Origin, labelled: bool = True) -> Any:
    if isinstance(node, dict):
        own = _labelled(inherited, node) if labelled else inherited
        if labelled and "value" in node and set(node) <= _WRAPPER_KEYS and len(node) > 1:
            return _marked(node["value"], own)
        if not node:
            return Leaf({}, own)
        return {
            key: _marked(value, own, labelled)
            for key, value in node.items()
            if not (labelled and key in _LABELS)
        }
    if isinstance(node, list) and any(isinstance(item, dict | list) for item in node):
        return [_marked(item, inherited, labelled) for item in node]
    return Leaf(node, inherited)


def _labelled(inherited: Origin, node: Mapping[str, Any]) -> Origin:
    own = inherited
    if "basis" in node:
        own = Origin(own.file, str(node["basis"]), None)
    if "source" in node:
        own = replace(own, source=str(node["source"]))
    return own


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(item) for item in node]
    return node.value


def _origins(node: Any, path: Path) -> Iterator[tuple[Path, Origin]]:
    if isinstance(node, Leaf):
        yield path, node.origin
    else:
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _origins(value, (*path, key))


def overlay(base: Document, change: Document) -> Document:
    """
    Return `base` with every key that `change` states replaced.

    Tables are merged key by key; lists and laws (tables with a key `law` or `kind`) are replaced whole.
    """
    merged = _overlay(base.marked, change.marked)
    assert isinstance(merged, dict)
    return Document(merged)


def _overlay(old: Any, new: Any) -> Any:
    if not (_is_open(old) and _is_open(new)):
        return new
    return {**old, **{key: _overlay(old[key], value) if key in old else value for key, value in new.items()}}


def _is_open(node: Any) -> bool:
    return isinstance(node, dict) and "law" not in node and "kind" not in node
