"""
The parts of the traffic that figures are given for, and how figures of the smallest add up to those of the larger.

A leaf is one class of one group. Counts, sums and samples by leaf are all that is needed of the vehicles; those of
two stretches of a run add up too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.calendars import DirectionName
from gatewatch.simulator.grouping import Grouped
from gatewatch.simulator.kept import once
from gatewatch.simulator.network import Network

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
_N = TypeVar("_N", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Slice:
    """
    Some of the vehicles: those of a gate, direction and class; None means all of them together.

    Args:
        gate: Name of the gate.
        direction: `export` or `import`.
        class_: Name of the class.
        runs: First leaf, and the one after the last, of each run of leaves.
    """

    gate: str | None
    direction: DirectionName | None
    class_: str | None
    runs: tuple[tuple[int, int], ...]

    def of(self, by_leaf: Grouped, values: NDArray[_N]) -> NDArray[_N]:
        """Return what belongs to the slice of values in the order of `by_leaf.rows`."""
        parts = [values[by_leaf.edges[first] : by_leaf.edges[last]] for first, last in self.runs]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


@dataclass(frozen=True, slots=True)
class Slices:
    """
    Slices in the order in which they are told.

    Args:
        parts: The slices.
        holds: 1 where a slice holds a leaf, else 0; shape (slices, leaves).
    """

    parts: tuple[Slice, ...]
    holds: Ints

    def __iter__(self) -> Iterator[Slice]:
        return iter(self.parts)

    def fold(self, by_leaf: Ints) -> Ints:
        """Return the sums of each slice, shape (slices, ...), of counts or sums of shape (leaves, ...)."""
        if by_leaf.ndim == 1:
            return np.asarray(self.holds @ by_leaf)
        # Whole numbers are multiplied one by one: where they are many, adding up is quicker.
        return np.stack([sum(by_leaf[first:last].sum(axis=0) for first, last in part.runs) for part in self.parts])


class Leaves:
    """
    The vehicles of a run by leaf.

    Args:
        leaf: Leaf of each vehicle, shape (vehicles,).
        n: Number of leaves.
    """

    def __init__(self, leaf: Ints, n: int) -> None:
        self.leaf, self.n = leaf, n
        self._vehicles = Grouped.by(leaf, n)

    def count(self, chosen: Bools) -> Ints:
        """Return the number of chosen vehicles by leaf."""
        return np.bincount(np.compress(chosen, self.leaf), minlength=self.n)

    def total(self, amounts: Ints) -> Ints:
        """Return the sums of whole numbers by leaf, exact."""
        return self._vehicles.total(amounts[self._vehicles.rows])

    def pick(self, chosen: Bools) -> Grouped:
        """Return the chosen vehicles."""
        return self._vehicles.keep(chosen)


@once
def slices_of(network: Network, *, by_class: bool) -> Slices:
    """Return all vehicles, each direction, each gate, each gate and direction, and each of their classes."""
    n_classes, groups = len(network.classes), network.groups

    def slice_of(gate: str | None, direction: DirectionName | None) -> Slice:
        numbers = [
            n for n, group in enumerate(groups) if gate in (None, group.gate) and direction in (None, group.direction)
        ]
        return Slice(gate, direction, None, _runs(numbers, n_classes))

    parts = [slice_of(None, None)]
    ways: tuple[DirectionName, ...] = ("export", "import")
    parts += [slice_of(None, way) for way in ways if any(way == group.direction for group in groups)]
    for gate in dict.fromkeys(group.gate for group in groups):
        parts.append(slice_of(gate, None))
        for number, group in enumerate(groups):
            if group.gate == gate:
                parts.append(slice_of(gate, group.direction))
                leaves = enumerate(network.classes if by_class else (), number * n_classes)
                parts += [Slice(gate, group.direction, name, ((leaf, leaf + 1),)) for leaf, name in leaves]
    holds = np.zeros((len(parts), len(groups) * n_classes), dtype=np.int64)
    for row, part in zip(holds, parts, strict=True):
        for first, last in part.runs:
            row[first:last] = 1
    return Slices(tuple(parts), holds)


def _runs(numbers: list[int], n_classes: int) -> tuple[tuple[int, int], ...]:
    """Return the leaves of some groups as runs."""
    cuts = [0, *(n for n in range(1, len(numbers)) if numbers[n] != numbers[n - 1] + 1), len(numbers)]
    return tuple((numbers[a] * n_classes, (numbers[b - 1] + 1) * n_classes) for a, b in pairwise(cuts))
