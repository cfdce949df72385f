"""The targets of the design beside what was measured: told, not asserted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """
    One line of the last table.

    Args:
        name: What is measured.
        wanted: The target in words.
        measured: What was measured.
        is_met: Whether it is met; None where the design only asks to print it.
    """

    name: str
    wanted: str
    measured: str
    is_met: bool | None


def show_targets(targets: Sequence[Target]) -> None:
    """Print a line for each target."""
    print("\ntargets")
    for target in targets:
        verdict = {True: "met", False: "NOT MET", None: ""}[target.is_met]
        print(f"  {target.name:<42}{target.wanted:<32}{target.measured:<34}{verdict}")
