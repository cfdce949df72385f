"""Rows put in the order of the group that each belongs to, so that what belongs to a group lies together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
_N = TypeVar("_N", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Grouped:
    """
    Rows by group; within one in the order of their numbers.

    Args:
        rows: Numbers of the rows, shape (n,).
        edges: Where each group begins in `rows`, and the end of the last, shape (groups + 1,).
    """

    rows: NDArray[Any]
    edges: Ints

    @classmethod
    def by(cls, group: NDArray[Any], n_groups: int, rows: NDArray[Any] | None = None) -> Grouped:
        """
        Return rows by their groups.

        Args:
            group: Group of each row, from 0 to `n_groups` - 1.
            n_groups: Number of groups.
            rows: Their numbers in rising order; without it, from 0 on.
        """
        # NumPy sorts short whole numbers in linear time.
        order = np.argsort(group.astype(np.min_scalar_type(n_groups)), kind="stable")
        return cls(order if rows is None else rows[order], _edges(np.bincount(group, minlength=n_groups)))

    def of(self, group: int) -> NDArray[Any]:
        """Return the rows of a group."""
        return self.rows[self.edges[group] : self.edges[group + 1]]

    def keep(self, chosen: Bools) -> Grouped:
        """Return those of the rows that are chosen; `chosen` has an entry for each number of a row."""
        kept = chosen[self.rows]
        return Grouped(np.compress(kept, self.rows), _edges(kept)[self.edges])

    def split(self, values: NDArray[_N]) -> list[NDArray[_N]]:
        """Return values in the order of `rows` by group."""
        return np.split(values, self.edges[1:-1])

    def total(self, amounts: Ints) -> Ints:
        """Return the sum by group of whole numbers in the order of `rows`, exact."""
        return np.diff(_edges(amounts)[self.edges])

    @property
    def sizes(self) -> Ints:
        """The number of rows of each group."""
        return np.diff(self.edges)

    @property
    def group(self) -> Ints:
        """The group of each of the rows."""
        return np.repeat(np.arange(len(self.edges) - 1), self.sizes)


def _edges(sizes: NDArray[Any]) -> Ints:
    """Return where each of some parts begins, and the end of the last."""
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
