"""What kinds of policies and their settings are called, in the languages of forms."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Final

from gatewatch.simulator.policies.kinds import Kind

Said = dict[str, str]
LANGUAGES: Final = ("en", "vi", "zh")


@cache
def texts() -> dict[str, dict[str, Said]]:
    """Return every text by section and key, in each language."""
    return tomllib.loads(resources.files("gatewatch.simulator.policies").joinpath("words.toml").read_text("utf-8"))


def kind_title(kind: str) -> Said:
    """Return what a kind is called; its name where nothing else is known."""
    return texts()["kind"].get(kind) or dict.fromkeys(LANGUAGES, kind)


def setting_title(kind: str, setting: str) -> Said:
    """Return what a setting of a kind is called; its name where nothing else is known."""
    own = texts()["setting_of"].get(f"{kind}.{setting}")
    return own or texts()["setting"].get(setting) or dict.fromkeys(LANGUAGES, setting)


def settings_titles(kind: Kind) -> dict[str, Said]:
    """Return what each setting of a kind is called."""
    return {setting: setting_title(kind.name, setting) for setting in kind.schema()["properties"]}
