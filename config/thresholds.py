"""When something is worth telling: thresholds and durations of each detector, everywhere, at a gate, in a direction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Annotated, Any, Generic, Self, TypeVar, get_args

from pydantic import Field, ValidationError, model_validator

from gatewatch.config import faults
from gatewatch.config.calendars import DirectionName
from gatewatch.config.errors import ConfigError, Fault, known_names
from gatewatch.config.faults import shown
from gatewatch.config.loader import shipped_border_folder
from gatewatch.config.origins import Document, overlay, read_tree
from gatewatch.config.reading import read_toml, shown_path
from gatewatch.config.records import Record
from gatewatch.config.schema import Border
from gatewatch.config.units import MinutesLong

FOLDER = "thresholds"
DEFAULTS = "defaults"
DIRECTIONS: tuple[DirectionName, ...] = get_args(DirectionName)
STEPS = ("busy", "congested", "critical")

Number = Annotated[float, Field(ge=0, allow_inf_nan=False, json_schema_extra={"unit": "of the value"})]


class Rule(Record):
    """What every detector can be told."""

    enabled: bool = Field(default=True, description="Whether it is looked at here.", json_schema_extra={"unit": ""})
    for_: MinutesLong = Field(alias="for", description="How long it must last before it is an alert.")
    keep_firing_for: MinutesLong = Field(description="How long the alert stays after it was last true.")


class _Graded(Rule):
    busy: Number | None = Field(default=None, description="Threshold of the level `busy`.")
    congested: Number | None = Field(default=None, description="Threshold of the level `congested`.")
    critical: Number | None = Field(default=None, description="Threshold of the level `critical`.")
    leave: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False, json_schema_extra={"unit": "share"})] = Field(
        default=0.8,
        description="A level is left where the value is back by this share of its threshold (divided by it where "
        "low values are bad).",
    )

    def steps(self) -> list[tuple[str, float]]:
        """Return the levels that have a threshold, lowest level first."""
        return [(name, value) for name in STEPS if (value := getattr(self, name)) is not None]

    def _in_order(self, *, rising: bool) -> Self:
        steps = self.steps()
        if not steps:
            raise ValueError("give at least one of busy, congested and critical")
        for (lower, a), (higher, b) in pairwise(steps):
            if (b <= a) if rising else (b >= a):
                raise ValueError(f"{higher} must be {'above' if rising else 'below'} {lower}")
        return self


class Rising(_Graded):
    """A rule with thresholds that a value reaches from below."""

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        return self._in_order(rising=True)


class Falling(_Graded):
    """A rule with thresholds that a value reaches from above."""

    @model_validator(mode="after")
    def _descending(self) -> Self:
        return self._in_order(rising=False)


R = TypeVar("R", bound=Rule)
Where = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Placed(Generic[R]):
    """
    The settings of one detector.

    Args:
        everywhere: What holds where nothing else is said.
        by_place: By gate and direction; a gate without direction is what concerns both.
    """

    everywhere: R
    by_place: Mapping[Where, R] = field(default_factory=dict)

    def at(self, gate: str | None = None, direction: str | None = None) -> R:
        """Return the settings of a place, or of what contains it."""
        for where in ((gate, direction), (gate, None), (None, direction)):
            if where in self.by_place:
                return self.by_place[where]
        return self.everywhere


Thresholds = Mapping[str, Placed[Any]]


def load_thresholds(
    border: Border, kinds: Mapping[str, type[Rule]], root: FilePath | None = None
) -> dict[str, Placed[Any]]:
    """
    Return the settings of every detector.

    `defaults.toml` of the folder `thresholds` holds everywhere, `GATE.toml` at a gate; in both, a table stands for a
    detector, and what stands under `[export.DETECTOR]` or `[import.DETECTOR]` holds for that direction alone. Files
    of a border say what is different from those that ship.

    Args:
        border: The border that is watched.
        kinds: Detectors by name, with the class of their settings.
        root: Folder of the border; without it, the shipped one.

    Raises:
        ConfigError: With every fault found in every file.
    """
    root = root or shipped_border_folder()
    said, found = _read(border, kinds, root)
    placed: dict[str, Placed[Any]] = {}
    for name, kind in kinds.items():
        by_place: dict[Where, Any] = {}
        for where in _places(border):
            layers = [document.below((name,)) for document in _layers(said, where)]
            try:
                by_place[where] = kind.model_validate(_merged(layers).tree)
            except ValidationError as error:
                found += _faults(error, kind, layers, name)
        everywhere = by_place.pop((None, None), None)
        if everywhere is not None:
            differs = any(rule != everywhere for rule in by_place.values())
            placed[name] = Placed(everywhere, by_place if differs else {})
    if found:
        raise ConfigError(found)
    return placed


@dataclass(frozen=True, slots=True)
class Setting:
    """
    A setting with where it comes from.

    Args:
        value: The value.
        file: File that states it; None: no file does, and the rule has it so by itself.
        key: Key in that file.
        basis: How well founded it is, where that is said.
        source: Key of its source, where one is given.
    """

    value: Any
    file: str | None = None
    key: str = ""
    basis: str | None = None
    source: str | None = None


def told_settings(
    border: Border, kinds: Mapping[str, type[Rule]], root: FilePath | None = None
) -> dict[str, dict[Where, dict[str, Setting]]]:
    """
    Return every setting that holds at each place, with the file that states it; the places as `load_thresholds`.

    Raises:
        ConfigError: With every fault found in every file.
    """
    placed, root = load_thresholds(border, kinds, root), root or shipped_border_folder()
    said, _ = _read(border, kinds, root)
    found: dict[str, dict[Where, dict[str, Setting]]] = {}
    for name in kinds:
        for where in _places(border):
            merged = _merged([document.below((name,)) for document in _layers(said, where)])
            rule = placed[name].at(*where)
            found.setdefault(name, {})[where] = {
                field.alias or key: _setting(getattr(rule, key), merged, field.alias or key)
                for key, field in type(rule).model_fields.items()
            }
    return found


def _setting(value: Any, merged: Document, key: str) -> Setting:
    origin = merged.origins.get((key,))
    if origin is None:
        return Setting(value)
    return Setting(value, origin.file, ".".join(str(part) for part in origin.key), origin.basis, origin.source)


_Said = dict[Where, Document]  # what one folder states for a place


def _read(border: Border, kinds: Mapping[str, type[Rule]], root: FilePath) -> tuple[list[_Said], list[Fault]]:
    """Return what the shipped defaults and the border's own files state, with what cannot be read."""
    shipped = shipped_border_folder()
    files = [shipped / FOLDER / f"{DEFAULTS}.toml"]
    own = sorted((root / FOLDER).glob("*.toml"))
    folders, found = [], []
    for some in (files, [file for file in own if file not in files]):
        said: _Said = {}
        for file in some:
            name = shown_path(file, file.parent.parent)
            if file.stem != DEFAULTS and file.stem not in border.gates:
                expected = f'{known_names("gate", file.stem, border.gates)}; "{DEFAULTS}" holds everywhere'
                found.append(Fault(name, "", "named like no gate", expected))
                continue
            gate = None if file.stem == DEFAULTS else file.stem
            try:
                raw, _ = read_toml(file, name)
            except ConfigError as error:
                found += error.faults
                continue
            found += _take(said, raw, name, gate, _directions(border, gate), kinds)
        folders.append(said)
    return folders, found


def _take(
    said: _Said, raw: dict[str, Any], file: str, gate: str | None, directions: list[DirectionName],
    kinds: Mapping[str, type[Rule]],
) -> Iterator[Fault]:  # fmt: skip
    for key, table in raw.items():
        if not isinstance(table, dict):
            yield Fault(file, key, shown(table), f"write it as a table: [{key}]")
        elif key in DIRECTIONS and key not in directions:
            yield Fault(file, key, "a direction", "the gate has no such direction; leave it out")
        elif key in DIRECTIONS:
            for name, own in table.items():
                if isinstance(own, dict):
                    yield from _take_rule(said, (gate, key), own, name, file, (key, name), kinds)
                else:
                    yield Fault(file, f"{key}.{name}", shown(own), f"write it as a table: [{key}.{name}]")
        else:
            yield from _take_rule(said, (gate, None), table, key, file, (key,), kinds)


def _take_rule(
    said: _Said, where: Where, table: dict[str, Any], name: str, file: str, key: tuple[str, ...],
    kinds: Mapping[str, type[Rule]],
) -> Iterator[Fault]:  # fmt: skip
    if name not in kinds:
        yield Fault(file, ".".join(key), "unknown", known_names("detector", name, kinds))
        return
    said[where] = overlay(said.get(where, Document({})), read_tree(table, file, (name,), key))


def _directions(border: Border, gate: str | None) -> list[DirectionName]:
    return [d for d in DIRECTIONS if gate is None or border.gates[gate].direction(d) is not None]


def _places(border: Border) -> list[Where]:
    """Return everything that settings can be asked for, what contains others first."""
    gates = [None, *border.gates]
    return [(gate, direction) for gate in gates for direction in (None, *_directions(border, gate))]


def _layers(said: list[_Said], where: Where) -> list[Document]:
    """Return what is stated for a place, the most special last."""
    gate, direction = where
    order = dict.fromkeys([(None, None), (None, direction), (gate, None), (gate, direction)])
    return [folder[at] for at in order for folder in said if at in folder]


def _merged(layers: list[Document]) -> Document:
    merged = Document({})
    for layer in layers:
        merged = overlay(merged, layer)
    return merged


def _faults(error: ValidationError, kind: type[Rule], layers: list[Document], name: str) -> list[Fault]:
    """Return the faults of a rule; of one whose values do not fit together, where it was stated last."""
    if said := faults.at_odds(error):
        last = next((layer for layer in reversed(layers) if layer.marked), Document({}))
        file, key = last.place(("",)) or (f"{FOLDER}/{DEFAULTS}.toml", (name, ""))
        return [Fault(file, ".".join(str(part) for part in key[:-1]), "at odds with itself or its defaults", said)]
    return faults.from_validation(error, _merged(layers), kind, f"{FOLDER}/{DEFAULTS}.toml")
