"""Where each number comes from: the file and key it stands under, its basis, and the key of its source."""

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
    """
    Where a value was written and what is said of where it comes from.

    Args:
        file: File, as shown to a person.
        basis: What the nearest `basis` above it says.
        source: What the nearest `source` above it says, unless a `basis` stands nearer.
        key: Path of the value within its file.
        basis_key: Path of the `basis` within the file.
        source_key: Path of the `source` within the file.
    """

    file: str
    basis: str | None = None
    source: str | None = None
    key: Path = ()
    basis_key: Path = ()
    source_key: Path = ()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value with its origin."""

    value: Any
    origin: Origin


@dataclass(frozen=True)
class Document:
    """A tree of tables and lists whose leaves know their origin."""

    marked: Any

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
        found = self._nearest(path)
        return found[1] if found else None

    def place(self, path: Path) -> tuple[str, Path] | None:
        """
        Return the file that states the value at `path` and the key to look for in that file.

        A value that is missing has the place where it would be added. None when the document is empty.
        """
        found = self._nearest(path)
        if found is None:
            return None
        leaf, origin = found
        shared = next(
            (n for n, (a, b) in enumerate(zip(leaf, path, strict=False)) if a != b), min(len(leaf), len(path))
        )
        below = len(leaf) - shared
        if below > len(origin.key):
            return origin.file, path
        return origin.file, origin.key[: len(origin.key) - below] + path[shared:]

    def _nearest(self, path: Path) -> tuple[Path, Origin] | None:
        nodes: list[tuple[Path, Any]] = [((), self.marked)]
        for n, part in enumerate(path):
            node = nodes[-1][1]
            is_key = isinstance(node, dict) and part in node
            is_entry = isinstance(node, list) and isinstance(part, int) and part < len(node)
            if not is_key and not is_entry:
                break
            nodes.append((path[: n + 1], node[part]))
        for at, node in reversed(nodes):
            for leaf in _origins(node, at):
                return leaf
        return None

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

    def without(self, path: Path) -> Document:
        """Return the document without what stands under `path`."""
        return Document(_without(self.marked, path))


def _without(node: Any, path: Path) -> Any:
    if not isinstance(node, dict) or path[0] not in node:
        return node
    if len(path) == 1:
        return {key: value for key, value in node.items() if key != path[0]}
    return {**node, path[0]: _without(node[path[0]], path[1:])}


def read_tree(raw: Mapping[str, Any], file: str, at: Path = (), key: Path = ()) -> Document:
    """
    Return a document from a table as parsed from TOML.

    A parameter is written plainly (`places = 450`) or with where it comes from
    (`places = { value = 450, basis = "reported", source = "EIN230609" }`). The keys `basis` and `source` in a
    table hold for everything in it that does not say otherwise.

    Args:
        raw: The parsed table.
        file: Its file, as shown to a person.
        at: Where in the border the table stands.
        key: Where in its file the table stands.
    """
    marked = _marked(dict(raw), Origin(file, key=key), labelled=at[:1] != ("sources",))
    return Document(marked).placed_at(at)


def _marked(node: Any, here: Origin, labelled: bool = True) -> Any:  # noqa: FBT001, FBT002
    if isinstance(node, dict):
        own = _labelled(here, node) if labelled else here
        if labelled and "value" in node and set(node) <= _WRAPPER_KEYS and len(node) > 1:
            return _marked(node["value"], own)
        stated = {key: value for key, value in node.items() if not (labelled and key in _LABELS)}
        if not stated:
            return Leaf({}, own)
        return {key: _marked(value, _step(own, key), labelled) for key, value in stated.items()}
    if isinstance(node, list) and any(isinstance(item, dict | list) for item in node):
        return [_marked(item, _step(here, n), labelled) for n, item in enumerate(node)]
    return Leaf(node, here)


def _step(origin: Origin, part: str | int) -> Origin:
    return replace(origin, key=(*origin.key, part))


def _labelled(here: Origin, node: Mapping[str, Any]) -> Origin:
    own = here
    if "basis" in node:
        own = replace(own, basis=str(node["basis"]), source=None, basis_key=(*own.key, "basis"), source_key=())
    if "source" in node:
        own = replace(own, source=str(node["source"]), source_key=(*own.key, "source"))
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

    Tables are merged key by key. Replaced whole are lists, tables that `change` leaves empty, and what is
    given anew by its kind: a table with `law`, and `arrivals` with `kind`.
    """
    return Document(_overlay(base.marked, change.marked))


def _overlay(old: Any, new: Any, name: str | None = None) -> Any:
    is_whole = isinstance(new, dict) and ("law" in new or (name == "arrivals" and "kind" in new))
    if is_whole or not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return {
        **old,
        **{key: _overlay(old[key], value, key) if key in old else value for key, value in new.items()},
    }
