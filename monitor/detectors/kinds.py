"""Detectors: one file each, found by scanning this folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal

from gatewatch.config.scanning import description, modules_with
from gatewatch.config.thresholds import Placed, Rule
from gatewatch.monitor.detectors.finding import Finding
from gatewatch.monitor.detectors.history import History
from gatewatch.monitor.detectors.sentences import Sentence
from gatewatch.monitor.live.snapshot import Snapshot

About = Literal["congestion", "closure", "data", "service"]
_PACKAGE = __name__.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Detector:
    """
    A detector.

    Args:
        name: Name of its module.
        about: What it tells of: `congestion` of a gate, `closure` of a side or lane, the `data`, the `service` itself.
        unit: Unit of its value and thresholds.
        settings: What can be set for it.
        sentences: What it says, by case.
        inspect: Returns what it finds; depends on nothing but what it is given, and keeps nothing.
        description: What it looks for, as the docstring of its module says.
        is_learnt: Whether its level `busy` depends on what is usual at a place, so that days before can suggest one.
        stays_while_shut: Whether what it tells of stands through a closure, in which it finds nothing: an alert that
            fires at closing fires on, as it was, until the first finding after the opening, two days at most.
    """

    name: str
    about: About
    unit: str
    settings: type[Rule]
    sentences: Mapping[str, Sentence]
    inspect: Callable[[Snapshot, Placed[Any], datetime, History], list[Finding]]
    description: str
    is_learnt: bool = False
    stays_while_shut: bool = False


@cache
def list_detectors() -> Mapping[str, Detector]:
    """Return every detector by name: the modules of this folder that have `Settings` and `inspect`."""
    return {
        name: Detector(
            name, module.ABOUT, module.UNIT, module.Settings, module.SENTENCES, module.inspect, description(module),
            bool(getattr(module, "IS_LEARNT", False)), bool(getattr(module, "STAYS_WHILE_SHUT", False)),
        )
        for name, module in modules_with(_PACKAGE, "Settings", "inspect").items()
    }  # fmt: skip


def settings_classes() -> dict[str, type[Rule]]:
    """Return the class of each detector's settings, as `load_thresholds` asks for them."""
    return {name: detector.settings for name, detector in list_detectors().items()}
