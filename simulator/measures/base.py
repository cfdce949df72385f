"""What a measure is: a function of a finished run with a name, a unit, a definition and a better direction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gatewatch.simulator.record import RunRecord

Floats = NDArray[np.float64]
Better = Literal["higher", "lower", "neither"]


@dataclass(frozen=True, slots=True)
class Sample:
    """
    Values of many vehicles, or of many days.

    Args:
        values: Complete values, shape (n,).
        censored: Values known only to be longer than this, of vehicles still inside at the end, shape (m,).
    """

    values: Floats
    censored: Floats | None = None

    def __len__(self) -> int:
        return len(self.values) + (0 if self.censored is None else len(self.censored))


@dataclass(frozen=True, slots=True)
class Value:
    """One figure of one replication; keys that do not apply are None."""

    gate: str | None
    direction: str | None
    class_: str | None
    station: str | None  # station, yard, or cause
    value: float | Sample


@dataclass(frozen=True, slots=True)
class Measure:
    """A named result."""

    name: str
    unit: str
    better: Better
    definition: str
    values: Callable[[RunRecord], Iterator[Value]]


_found: dict[str, Measure] = {}


def measure(
    name: str, unit: str, better: Better
) -> Callable[[Callable[[RunRecord], Iterator[Value]]], Callable[[RunRecord], Iterator[Value]]]:
    """
    Register a function as a measure; its docstring is the definition that users read.

    Args:
        name: Name in results, by the glossary.
        unit: Unit of the values.
        better: Which direction is better for those who wait and those who work there.
    """

    def register(function: Callable[[RunRecord], Iterator[Value]]) -> Callable[[RunRecord], Iterator[Value]]:
        definition = " ".join((function.__doc__ or "").split())
        if not definition or name in _found:
            raise ValueError(f"measure {name!r} needs a docstring and a name of its own")
        _found[name] = Measure(name, unit, better, definition, function)
        return function

    return register


def registered() -> dict[str, Measure]:
    """Return the measures registered so far, by name, in the order of files, whichever was imported first."""
    return dict(sorted(_found.items(), key=lambda item: item[1].values.__module__))
