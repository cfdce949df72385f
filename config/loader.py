"""From files to a checked border, and from a border to one of its scenarios."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from gatewatch.config import checks, faults
from gatewatch.config.csv_files import csv_path, read_rows, read_values
from gatewatch.config.errors import ConfigError, Fault, known_names, one_fault
from gatewatch.config.origins import Document, overlay, read_tree
from gatewatch.config.reading import border_files, is_like_a_file, read_border, read_toml, shown_path
from gatewatch.config.scenarios import InitialState, Scenario
from gatewatch.config.schema import Border

__all__ = [
    "LoadedBorder",
    "check_everything",
    "fingerprint",
    "load_border",
    "load_initial_state",
    "read_rows",
    "read_values",
    "shipped_border_folder",
]


@dataclass(frozen=True, slots=True)
class LoadedBorder:
    """
    A checked border with where each of its values was written.

    Args:
        border: The border as data.
        document: The same as a plain tree, with origins.
        root: Folder or file that it was read from.
        sha256: Hash of every file read.
    """

    border: Border
    document: Document
    root: FilePath
    sha256: str

    def scenario(self, name: str) -> tuple[LoadedBorder, Scenario]:
        """
        Return a scenario by name or by path of a TOML file, with the border as the scenario restates it.

        Raises:
            ConfigError: There is no such scenario, or what it restates is at fault.
        """
        loaded = self._with_scenario_file(FilePath(name)) if name.endswith(".toml") else self
        name = FilePath(name).stem if name.endswith(".toml") else name
        if name not in loaded.border.scenarios and is_like_a_file(name):
            raise one_fault(name, "", "no scenario", "the file of a scenario is TOML, and its name ends in .toml")
        if name not in loaded.border.scenarios:
            known = known_names("scenario", name, loaded.border.scenarios)
            raise one_fault(shown_path(self.root, self.root), "scenarios", f'"{name}"', known)
        change = _restated(loaded.document, name)
        if not change.marked:
            return loaded, loaded.border.scenarios[name]
        document = overlay(loaded.document, change)
        border = _validated(document, loaded.root, name)
        return replace(loaded, border=border, document=document), border.scenarios[name]

    def _with_scenario_file(self, path: FilePath) -> LoadedBorder:
        raw, digest = read_toml(path, str(path))
        at = ("scenarios", path.stem)
        document = overlay(self.document.without(at), read_tree(raw, str(path), at))
        return LoadedBorder(_validated(document, self.root), document, self.root, _sha256([self.sha256, digest]))


def shipped_border_folder() -> FilePath:
    """Return the folder of the border of Lang Son that ships with Gatewatch."""
    return FilePath(str(resources.files("gatewatch.config")))


def load_border(root: FilePath | str | None = None) -> LoadedBorder:
    """
    Return the border described in a folder or in one TOML file; without a path, the shipped one.

    Raises:
        ConfigError: With every fault found in every file.
    """
    folder = _root(root)
    loaded = _load_cached(folder, tuple(_stamp(file) for file in border_files(folder)))
    tables = sorted(set(named_csv_files(loaded.document.tree)))
    if not tables:
        return loaded
    # The stamp knows the TOML files only: a CSV file may have changed since.
    found = list(checks.csv_faults(loaded.border, loaded.document, folder))
    if found:
        raise ConfigError(found)
    return replace(loaded, sha256=_sha256([loaded.sha256, *(_csv_sha256(folder, name) for name in tables)]))


def _stamp(file: FilePath) -> tuple[str, int, int]:
    """Return what changes with the file; one that is not there is reported when it is read."""
    found = file.stat() if file.exists() else None
    return (str(file), found.st_mtime_ns, found.st_size) if found else (str(file), 0, 0)


@lru_cache(maxsize=8)
def _load_cached(root: FilePath, stamp: tuple[tuple[str, int, int], ...]) -> LoadedBorder:  # noqa: ARG001
    reading = read_border(root)
    border, found = _judged(reading.document, root) if reading.is_complete else (None, [])
    if border is None or found or reading.faults:
        raise ConfigError([*reading.faults, *found])
    return LoadedBorder(border, reading.document, root, _sha256(sorted(reading.digests)))


def check_everything(root: FilePath | str | None = None) -> list[Fault]:
    """Return every fault of a border, those of its scenarios' restated borders too, in order."""
    folder = _root(root)
    try:
        reading = read_border(folder)
    except ConfigError as error:
        return list(error.faults)
    found = set(reading.faults)
    if reading.is_complete:
        found.update(_judged(reading.document, folder)[1])
        for name in reading.document.tree.get("scenarios", {}):
            change = _restated(reading.document, name)
            if change.marked:
                found.update(_judged(overlay(reading.document, change), folder, name)[1])
    return sorted(found)


def _root(root: FilePath | str | None) -> FilePath:
    return FilePath(root).resolve() if root is not None else shipped_border_folder()


def _restated(document: Document, scenario: str) -> Document:
    """Return what a scenario says anew about the border."""
    return document.below(("scenarios", scenario, "border"))


def _judged(document: Document, root: FilePath, scenario: str | None = None) -> tuple[Border | None, list[Fault]]:
    """Return the border, if the document is one, and every fault."""
    try:
        border = Border.model_validate(document.tree)
    except ValidationError as error:
        return None, faults.from_validation(error, document, root=shown_path(root, root))
    return border, list(checks.all_faults(border, document, root, scenario))


def _validated(document: Document, root: FilePath, scenario: str | None = None) -> Border:
    border, found = _judged(document, root, scenario)
    if border is None or found:
        raise ConfigError(found)
    return border


def load_initial_state(path: FilePath | str, loaded: LoadedBorder) -> InitialState:
    """
    Return the vehicles inside at the start from a TOML file with `[[vehicles]]`.

    Raises:
        ConfigError: The file is not readable, or does not fit the border.
    """
    raw, _ = read_toml(FilePath(path), str(path))
    document = read_tree(raw, str(path))
    try:
        state = InitialState.model_validate(document.tree)
    except ValidationError as error:
        raise ConfigError(faults.from_validation(error, document, InitialState, str(path))) from None
    found = list(checks.initial_state_faults(state, loaded.border, document))
    if found:
        raise ConfigError(found)
    return state


def named_csv_files(node: Any) -> Iterator[str]:
    """Yield the CSV files that measured laws and recorded arrivals name, in scenarios too."""
    if isinstance(node, dict):
        if (node.get("law") == "empirical" or node.get("kind") == "trace") and "file" in node:
            yield str(node["file"])
        for value in node.values():
            yield from named_csv_files(value)
    elif isinstance(node, list):
        for value in node:
            yield from named_csv_files(value)


def _csv_sha256(root: FilePath, name: str) -> str:
    file = csv_path(root, name)
    return f"{name}:{hashlib.sha256(file.read_bytes()).hexdigest()}" if file.is_file() else f"{name}:missing"


def _sha256(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def fingerprint(value: Any) -> str:
    """Return the SHA-256 of a JSON-like value, the same on every machine."""
    text = json.dumps(value, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
