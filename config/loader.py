"""From files to a border: the only code of this room that opens files."""

from __future__ import annotations

import csv
import hashlib
import json
import tomllib
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from gatewatch.config import checks, faults
from gatewatch.config.errors import ConfigError, Fault, known_names, one_fault
from gatewatch.config.origins import Document, Origin, Path, overlay, read_tree
from gatewatch.config.scenarios import InitialState, Scenario
from gatewatch.config.schema import Border

SECTIONS = tuple(name for name in Border.model_fields)
GATE_DEFAULTS = "gate_defaults"
NAMED_SECTIONS = frozenset(SECTIONS) - {"border", "prices", "eligibility"}


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
        if name not in loaded.border.scenarios:
            known = known_names("scenario", name, loaded.border.scenarios)
            raise one_fault(_shown(self.root, self.root), "scenarios", f'"{name}"', known)
        change = loaded.document.below(("scenarios", name, "border"))
        if not change.marked:
            return loaded, loaded.border.scenarios[name]
        document = overlay(loaded.document, change)
        border = _validated(document, loaded.root)
        return replace(loaded, border=border, document=document), border.scenarios[name]

    def _with_scenario_file(self, path: FilePath) -> LoadedBorder:
        raw, digest = _read_toml(path, str(path))
        document = overlay(self.document, read_tree(raw, str(path), ("scenarios", path.stem)))
        sha256 = hashlib.sha256((self.sha256 + digest).encode()).hexdigest()
        return LoadedBorder(_validated(document, self.root), document, self.root, sha256)

    def file_of(self, path: Path) -> str:
        """Return the file that states the value at `path`."""
        origin = self.document.origin(path)
        return origin.file if origin else _shown(self.root, self.root)


def shipped_border_folder() -> FilePath:
    """Return the folder of the border of Lang Son that ships with Gatewatch."""
    return FilePath(str(resources.files("gatewatch.config")))


def load_border(root: FilePath | str | None = None) -> LoadedBorder:
    """
    Return the border described in a folder or in one TOML file; without a path, the shipped one.

    Raises:
        ConfigError: With every fault found in every file.
    """
    return _load(FilePath(root).resolve() if root is not None else shipped_border_folder())


@lru_cache(maxsize=8)
def _load_cached(root: FilePath, stamp: tuple[tuple[str, int, int], ...]) -> LoadedBorder:
    files = border_files(root)
    found: list[Fault] = []
    document, digests = Document({}), []
    defaults = Document({})
    gates: list[Document] = []
    for file in files:
        shown = _shown(file, root)
        try:
            raw, digest = _read_toml(file, shown)
        except ConfigError as error:
            found.extend(error.faults)
            continue
        digests.append(f"{shown}:{digest}")
        for part in _placed(raw, file, root, shown, found):
            below = part.below((GATE_DEFAULTS,))
            if below.marked:
                defaults = overlay(defaults, below)
                continue
            _report_twice(document, part, shown, found)
            if "gates" in part.tree:
                gates.append(part)
            else:
                document = overlay(document, part)
    for part in gates:
        for gate_id in part.marked["gates"]:
            own = part.below(("gates", gate_id))
            document = overlay(document, _inherited(defaults, own).placed_at(("gates", gate_id)))
    if found:
        raise ConfigError(found)
    sha256 = hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()
    return LoadedBorder(_validated(document, root), document, root, sha256)


def _load(root: FilePath) -> LoadedBorder:
    stamp = tuple((str(f), f.stat().st_mtime_ns, f.stat().st_size) for f in border_files(root))
    return _load_cached(root, stamp)


def border_files(root: FilePath) -> list[FilePath]:
    """
    Return the TOML files of a border, in order of name.

    Raises:
        ConfigError: There is no such file or folder, or no TOML file in it.
    """
    if root.is_file():
        return [root]
    if not root.is_dir():
        raise one_fault(str(root), "", "missing", "a border is a folder of TOML files or one TOML file")
    folders = [root, *(root / section for section in SECTIONS)]
    files = sorted(file for folder in folders for file in folder.glob("*.toml"))
    if not files:
        raise one_fault(str(root), "", "a folder without TOML files", "put the border's TOML files there")
    return files


def _read_toml(file: FilePath, shown: str) -> tuple[dict[str, Any], str]:
    try:
        data = file.read_bytes()
        return tomllib.loads(data.decode()), hashlib.sha256(data).hexdigest()
    except OSError as error:
        raise one_fault(shown, "", "not readable", f"{error.strerror or error}") from None
    except UnicodeDecodeError:
        raise one_fault(shown, "", "not UTF-8", "save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise one_fault(shown, "", "no valid TOML", f"{error}") from None


def _placed(
    raw: dict[str, Any], file: FilePath, root: FilePath, shown: str, found: list[Fault]
) -> list[Document]:
    """Return one document for each entry of the file, set at its place in the border."""
    section = file.parent.name if file.parent != root and root.is_dir() else None
    if section in NAMED_SECTIONS:
        return [read_tree(raw, shown, (section, file.stem))]
    parts = []
    for key, table in raw.items():
        if key not in (*SECTIONS, GATE_DEFAULTS):
            found.append(Fault(shown, key, "no section of a border", known_names("section", key, SECTIONS)))
        elif not isinstance(table, dict):
            found.append(Fault(shown, key, faults.shown(table), f"write it as a table: [{key}]"))
        elif key in NAMED_SECTIONS:
            for name, entry in table.items():
                if isinstance(entry, dict):
                    parts.append(read_tree(entry, shown, (key, name)))
                else:
                    found.append(
                        Fault(
                            shown,
                            f"{key}.{name}",
                            faults.shown(entry),
                            f"write it as a table: [{key}.{name}]",
                        )
                    )
        else:
            parts.append(read_tree(table, shown, (key,)))
    return parts


def _inherited(defaults: Document, own: Document) -> Document:
    """Return a gate over what every gate inherits, unless it says `inherits = false`."""
    rest = Document({key: value for key, value in own.marked.items() if key != "inherits"})
    return overlay(defaults, rest) if own.tree.get("inherits", True) else rest


def _report_twice(document: Document, part: Document, shown: str, found: list[Fault]) -> None:
    for section, entries in part.marked.items():
        if section in NAMED_SECTIONS:
            for name in entries:
                if name in document.marked.get(section, {}):
                    first = document.origin((section, name)) or Origin("another file")
                    found.append(
                        Fault(shown, f"{section}.{name}", f"already given in {first.file}", "give it once")
                    )


def _validated(document: Document, root: FilePath) -> Border:
    try:
        border = Border.model_validate(document.tree)
    except ValidationError as error:
        raise ConfigError(faults.from_validation(error, document)) from None
    found = list(checks.all_faults(border, document, root))
    if found:
        raise ConfigError(found)
    return border


def load_initial_state(path: FilePath | str, loaded: LoadedBorder) -> InitialState:
    """
    Return the vehicles inside at the start from a TOML file with `[[vehicles]]`.

    Raises:
        ConfigError: The file is not readable, or does not fit the border.
    """
    path = FilePath(path)
    raw, _ = _read_toml(path, str(path))
    document = read_tree(raw, str(path))
    try:
        state = InitialState.model_validate(document.tree)
    except ValidationError as error:
        raise ConfigError(faults.from_validation(error, document, InitialState)) from None
    found = list(checks.initial_state_faults(state, loaded.border, str(path)))
    if found:
        raise ConfigError(found)
    return state


def read_values(root: FilePath, file: str, column: str) -> list[str]:
    """Return one column of a CSV file that a border names; empty cells are left out."""
    return [row[column] for row in read_rows(root, file) if row.get(column)]


def read_rows(root: FilePath, file: str) -> list[dict[str, str]]:
    """
    Return the rows of a CSV file that a border names, beside the border's files.

    Raises:
        ConfigError: The file is not readable.
    """
    folder = root if root.is_dir() else root.parent
    try:
        with (folder / file).open(newline="", encoding="utf-8-sig") as stream:
            return list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError) as error:
        raise one_fault(
            file, "", "not readable", f"put the CSV file beside the border's files: {error}"
        ) from None


def _shown(file: FilePath, root: FilePath) -> str:
    """Return a path as a person knows it: from the border's folder on, with its name."""
    return str(file.relative_to(root.parent)) if file.is_relative_to(root.parent) else str(file)


def fingerprint(value: Any) -> str:
    """Return the SHA-256 of a JSON-like value, the same on every machine."""
    text = json.dumps(value, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
