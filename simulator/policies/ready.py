"""Policies as planners name them: ready ones from files, and kinds with settings given on the spot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any

from pydantic import Field, ValidationError

from gatewatch.config import faults
from gatewatch.config.errors import ConfigError, Fault, known_names, one_fault
from gatewatch.config.faults import shown
from gatewatch.config.loader import LoadedBorder, shipped_border_folder
from gatewatch.config.origins import Document, overlay, read_tree
from gatewatch.config.reading import is_like_a_file, read_toml, shown_path
from gatewatch.config.records import Record
from gatewatch.simulator.policies.kinds import Kind, list_kinds
from gatewatch.simulator.policies.typed import read_settings

FOLDER = "policies"
_NO_LEVER = 99
_CERTAINTY = ("assumed", "inferred", "reported")
_TEXT = re.compile(r"(?P<name>.*?\.toml|[^:]*)(?::(?P<settings>.*))?", re.DOTALL)


class PolicyFile(Record):
    """A ready policy as its file states it; `basis` and `source` may stand beside any of its values."""

    kind: str = Field(description="Kind of policy.")
    title: str = Field(description="Name for people.")
    title_vi: str = Field(default="", description="Name for people, Vietnamese.")
    lever: str = Field(default="", description="Number in the record's list of levers, L1 to L21.")
    conditions: str = Field(default="", description="What it needs, and where it misleads.")
    conditions_vi: str = Field(default="", description="The same in Vietnamese.")
    effect: str = Field(default="", description="What was reported after it, with what else changed at the time.")
    effect_vi: str = Field(default="", description="The same in Vietnamese.")
    sources: list[str] = Field(default=[], description="Keys of the sources of conditions and effect.")
    not_with: list[str] = Field(default=[], description="Ready policies that are the same thing done otherwise.")
    settings: dict[str, Any] = Field(default={}, description="Settings of the kind.")


@dataclass(frozen=True)
class Policy:
    """
    A kind of policy with settings.

    Args:
        name: As it was asked for: `NAME`, `NAME:key=value,…`, or the stem of a file.
        kind: Kind of policy.
        settings: Its settings, checked by themselves.
        title: Name for people.
        title_vi: Name for people, Vietnamese.
        lever: Number in the record's list of levers; empty for a kind given on the spot.
        basis: The least certain of the bases of its settings.
        source: Source of the settings, where the basis is not `assumed`.
        conditions: What it needs, and where it misleads.
        conditions_vi: The same in Vietnamese.
        effect: What was reported after it.
        effect_vi: The same in Vietnamese.
        sources: Keys of the sources of conditions and effect.
        not_with: Ready policies that are the same thing done otherwise, and make no sense beside it.
        document: The settings with the place where each was written.
    """

    name: str
    kind: Kind
    settings: Record
    title: str
    title_vi: str = ""
    lever: str = ""
    basis: str = "assumed"
    source: str | None = None
    conditions: str = ""
    conditions_vi: str = ""
    effect: str = ""
    effect_vi: str = ""
    sources: tuple[str, ...] = ()
    not_with: tuple[str, ...] = ()
    document: Document = field(default_factory=lambda: Document({}))

    @property
    def ready_name(self) -> str:
        """Return its name without the settings that were given on the spot."""
        return self.name.partition(":")[0]

    @property
    def place(self) -> str:
        """Return how faults name it."""
        return f"policy {self.name}"

    @property
    def lever_number(self) -> int:
        """Return the number of the lever, for lists; those without one come last."""
        digits = self.lever.removeprefix("L")
        return int(digits) if digits.isdigit() else _NO_LEVER

    @property
    def text(self) -> str:
        """Return kind and settings in the form that `find_policy` reads: what a manifest keeps."""
        pairs = ",".join(f"{key}={shown_whole(value)}" for key, value in self.stated().items() if value is not None)
        return f"{self.kind.name}:{pairs}"

    def stated(self) -> dict[str, Any]:
        """Return the settings as a file would state them."""
        return self.settings.model_dump(by_alias=True, exclude_unset=True)


def shown_whole(value: Any) -> str:
    """Return a value as TOML, however long."""
    if isinstance(value, list):
        return f"[{', '.join(shown_whole(item) for item in value)}]"
    return shown(value)


def list_policies(loaded: LoadedBorder | None = None) -> dict[str, Policy]:
    """
    Return the ready policies of a border by name, those of the border of Lang Son without one.

    Raises:
        ConfigError: With every fault of their files.
    """
    root = shipped_border_folder() if loaded is None else loaded.root
    found: dict[str, Policy] = {}
    wrong: list[Fault] = []
    for file in sorted((root / FOLDER).glob("*.toml")):
        try:
            found[file.stem] = read_policy(file, shown_path(file, root), file.stem)
        except ConfigError as error:
            wrong += error.faults
    if wrong:
        raise ConfigError(wrong)
    return found


def find_policy(text: str, loaded: LoadedBorder | None = None) -> Policy:
    """
    Return the policy that a text names.

    Args:
        text: `NAME`, `NAME:key=value,…` or `FILE.toml[:key=value,…]`; a name is that of a ready policy or of a kind.
            Values are TOML, quotes may be left out.
        loaded: The border whose ready policies are meant; without it, that of Lang Son.

    Raises:
        ConfigError: There is no such policy, kind or key, or a value does not fit.
    """
    match = _TEXT.fullmatch(text.strip())
    assert match is not None
    name, given = match["name"].strip(), match["settings"]
    settings = {} if given is None else read_settings(given, f"policy {name}")
    label = text.strip() if settings else name
    if name.endswith(".toml"):
        ready = read_policy(FilePath(name), name, FilePath(name).stem)
        return _with_settings(ready, settings, label.replace(name, ready.name, 1))
    policies, kinds = list_policies(loaded), list_kinds()
    if name in policies:
        return _with_settings(policies[name], settings, label)
    if name in kinds:
        document = read_tree(settings, f"policy {name}")
        own = _checked(kinds[name], document, f"policy {name}")
        return Policy(label, kinds[name], own, title=kinds[name].summary, document=document)
    if is_like_a_file(name):
        raise one_fault("--policy", "", f'"{name}"', "the file of a policy is TOML, and its name ends in .toml")
    raise one_fault("--policy", "", f'"{name}"', known_names("policy or kind", name, [*policies, *kinds]))


def read_policy(file: FilePath, shown_as: str, name: str) -> Policy:
    """
    Return the policy of a file.

    Raises:
        ConfigError: With every fault of the file.
    """
    raw, _ = read_toml(file, shown_as)
    document = read_tree(raw, shown_as)
    try:
        data = PolicyFile.model_validate(document.tree)
    except ValidationError as error:
        raise ConfigError(faults.from_validation(error, document, PolicyFile, shown_as)) from None
    kinds = list_kinds()
    if data.kind not in kinds:
        raise one_fault(shown_as, "kind", shown(data.kind), known_names("kind of policy", data.kind, kinds))
    settings = document.below(("settings",))
    basis, source = _basis(settings)
    return Policy(
        name=name,
        kind=kinds[data.kind],
        settings=_checked(kinds[data.kind], settings, shown_as),
        basis=basis,
        source=source,
        document=settings,
        sources=tuple(data.sources),
        not_with=tuple(data.not_with),
        **{
            key: getattr(data, key)
            for key in ("title", "title_vi", "lever", "conditions", "conditions_vi", "effect", "effect_vi")
        },
    )


def _with_settings(policy: Policy, settings: Mapping[str, Any], name: str) -> Policy:
    """Return a policy with some settings given anew; what a planner types is assumed."""
    if not settings:
        return policy
    document = overlay(policy.document, read_tree(settings, f"policy {name}"))
    own = _checked(policy.kind, document, f"policy {name}")
    return replace(policy, name=name, settings=own, document=document, basis="assumed", source=None)


def _checked(kind: Kind, document: Document, place: str) -> Record:
    try:
        return kind.settings.model_validate(document.tree)
    except ValidationError as error:
        raise ConfigError(faults.from_validation(error, document, kind.settings, place)) from None


def _basis(settings: Document) -> tuple[str, str | None]:
    """Return the least certain basis of some settings, `assumed` where nothing is said, and its source."""
    labels = [(origin.basis or "assumed", origin.source) for origin in settings.origins.values()]
    if not labels:
        return "assumed", None
    basis, source = min(labels, key=lambda label: _CERTAINTY.index(label[0]) if label[0] in _CERTAINTY else 0)
    return basis, source if basis != "assumed" else None
