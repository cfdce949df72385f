"""From TOML files to one document: what stands where, and what each gate inherits."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Any

from gatewatch.config.errors import ConfigError, Fault, known_names, one_fault
from gatewatch.config.faults import shown
from gatewatch.config.origins import Document, overlay, read_tree
from gatewatch.config.schema import Border

SECTIONS = tuple(Border.model_fields)
GATE_DEFAULTS = "gate_defaults"
TEAMS_FILE = "teams.toml"  # who is told of alerts: read by itself, no part of the border
NAMED_SECTIONS = frozenset(SECTIONS) - {"border", "prices", "eligibility"}


@dataclass(slots=True)
class Reading:
    """
    What the files of a border say, before anyone asks whether it makes sense.

    Args:
        document: Every section, gates with what they inherit.
        digests: SHA-256 of each file, with its name.
        faults: Mistakes that show in a file by itself.
        is_complete: Every part could be read; without that, what is missing may stand in the unread one.
    """

    document: Document = field(default_factory=lambda: Document({}))
    digests: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    is_complete: bool = True

    def add_unread(self, *found: Fault) -> None:
        """Note faults that leave a part of the border unread."""
        self.faults.extend(found)
        self.is_complete = False


def _refuse_misspelt(root: FilePath) -> None:
    """Refuse folders of TOML files whose name is nearly that of a section: nobody would read them."""
    faults = [
        Fault(shown_path(folder, root), "", "no section of a border", known_names("section", folder.name, SECTIONS))
        for folder in sorted(root.iterdir())
        if folder.is_dir()
        and folder.name not in SECTIONS
        and get_close_matches(folder.name, SECTIONS, n=1, cutoff=0.75)
        and any(folder.glob("*.toml"))
    ]
    if faults:
        raise ConfigError(faults)


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
    _refuse_misspelt(root)
    folders = [root, *(root / section for section in SECTIONS)]
    files = sorted(file for folder in folders for file in folder.glob("*.toml") if file != root / TEAMS_FILE)
    if not files:
        raise one_fault(str(root), "", "a folder without TOML files", "put the border's TOML files there")
    return files


def read_border(root: FilePath) -> Reading:
    """
    Return what all files of a border say together.

    Raises:
        ConfigError: There is no border at `root`.
    """
    reading = Reading()
    gates: list[Document] = []
    defaults, given_in = Document({}), dict[tuple[str, ...], str]()
    for file in border_files(root):
        name = shown_path(file, root)
        try:
            raw, digest = read_toml(file, name)
        except ConfigError as error:
            reading.add_unread(*error.faults)
            continue
        reading.digests.append(f"{name}:{digest}")
        section = file.parent.name if root.is_dir() and file.parent != root else None
        for at, part in _parts(raw, section, file.stem, name, reading):
            if at in given_in:
                found = f"already given in {given_in[at]}"
                reading.faults.append(Fault(name, ".".join(at), found, "give it once"))
            given_in.setdefault(at, name)
            if at == (GATE_DEFAULTS,):
                defaults = part.below(at)
            elif at[0] == "gates":
                gates.append(part)
            else:
                reading.document = overlay(reading.document, part)
    for gate in gates:
        reading.document = overlay(reading.document, _inheriting(gate, defaults, reading.faults))
    return reading


def read_toml(file: FilePath, name: str) -> tuple[dict[str, Any], str]:
    """
    Return a TOML file and its SHA-256.

    Raises:
        ConfigError: The file cannot be read.
    """
    try:
        data = file.read_bytes()
        return tomllib.loads(data.decode("utf-8-sig")), hashlib.sha256(data).hexdigest()
    except OSError as error:
        raise one_fault(name, "", "not readable", (error.strerror or str(error)).lower()) from None
    except UnicodeDecodeError:
        raise one_fault(name, "", "not UTF-8", "save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        reason = str(error)
        raise one_fault(name, "", "no valid TOML", reason[:1].lower() + reason[1:]) from None


def is_like_a_file(name: str) -> bool:
    """Return whether who gave a name seems to have meant a file or a folder."""
    return "/" in name or FilePath(name).suffix.lower() in {".yaml", ".yml", ".json", ".csv", ".txt", ".ini"}


def shown_path(file: FilePath, root: FilePath) -> str:
    """Return a path as a person knows it: from the border's folder on, with its name."""
    return str(file.relative_to(root.parent)) if file.is_relative_to(root.parent) else str(file)


def _parts(
    raw: dict[str, Any], section: str | None, stem: str, name: str, reading: Reading
) -> list[tuple[tuple[str, ...], Document]]:
    """Return the entries of a file, each set at its place in the border, with that place."""
    if section in NAMED_SECTIONS:
        return [((section, stem), read_tree(raw, name, (section, stem)))]
    parts: list[tuple[tuple[str, ...], Document]] = []
    for key, table in raw.items():
        if key not in (*SECTIONS, GATE_DEFAULTS):
            expected = known_names("section", key, SECTIONS)
            reading.faults.append(Fault(name, key, "no section of a border", expected))
        elif not isinstance(table, dict):
            reading.add_unread(Fault(name, key, shown(table), f"write it as a table: [{key}]"))
        elif key not in NAMED_SECTIONS:
            parts.append(((key,), read_tree(table, name, (key,), (key,))))
        else:
            for entry, own in table.items():
                if isinstance(own, dict):
                    parts.append(((key, entry), read_tree(own, name, (key, entry), (key, entry))))
                else:
                    expected = f"write it as a table: [{key}.{entry}]"
                    reading.add_unread(Fault(name, f"{key}.{entry}", shown(own), expected))
    return parts


def _inheriting(gate: Document, defaults: Document, found: list[Fault]) -> Document:
    """Return a gate over what every gate inherits, unless it says `inherits = false`."""
    ((gate_id, tree),) = gate.tree["gates"].items()
    inherits = tree.get("inherits", True)
    place = gate.place(("gates", gate_id, "inherits"))
    own = gate.without(("gates", gate_id, "inherits"))
    if not isinstance(inherits, bool) and place is not None:
        found.append(Fault(place[0], ".".join(str(part) for part in place[1]), shown(inherits), "use true or false"))
    if not inherits or not defaults.marked:
        return own
    return overlay(defaults.placed_at(("gates", gate_id)), own if own.tree["gates"][gate_id] else Document({}))
