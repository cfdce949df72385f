"""
Figures of a run that add up: over its vehicles, so that a long run can let go of those that have left.

A function that is `summed`, `greatest` or `joined` looks at the vehicles of one record. Of a run in stretches each
vehicle is in one record only, the one after it has left, and the figures of the last record are those of the run.
A figure that is `swept` is about all vehicles of an instant instead (the most at once). It is asked of records of all
those that were there in a stretch of time, `record.between_us`, and these stretches are apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from gatewatch.simulator.grouping import Grouped
from gatewatch.simulator.record import RunRecord

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_P = ParamSpec("_P")
_A = TypeVar("_A", bound=np.generic)
_T = TypeVar("_T")
_Figure = Callable[Concatenate[RunRecord, _P], _T]

_FOLDED = "folded"
_swept: list[Callable[[RunRecord], Any]] = []


def summed(function: _Figure[_P, NDArray[_A]]) -> _Figure[_P, NDArray[_A]]:
    """Return a function of counts or sums; arguments beside the record must be hashable, names and functions."""
    return _folded(function, lambda before, more: before + more)


def greatest(function: _Figure[_P, NDArray[_A]]) -> _Figure[_P, NDArray[_A]]:
    """Return a function of the largest values, place by place."""
    return _folded(function, np.maximum)


def joined(function: _Figure[_P, Times]) -> _Figure[_P, Times]:
    """Return a function of times of vehicles."""
    return _folded(function, lambda before, more: before.and_those(more))


def swept(function: Callable[[RunRecord], _T]) -> Callable[[RunRecord], _T]:
    """Return a figure of all vehicles that are there at each instant of `record.between_us`."""
    _swept.append(function)
    return function


def sweep(record: RunRecord) -> dict[object, object]:
    """Return the figures that are swept, of this record and those before."""
    for function in _swept:
        function(record)
    return figures_so_far(record)


def is_swept(key: object) -> bool:
    """Return whether a figure so far is one of those that are swept."""
    return isinstance(key, tuple) and key[1] in _swept


def figures_so_far(record: RunRecord) -> dict[object, object]:
    """Return what the figures have come to, for the next record of a run in stretches."""
    return {key: value for key, value in record.kept.items() if isinstance(key, tuple) and key[0] is _FOLDED}


def _folded(function: _Figure[_P, _T], together: Callable[[Any, Any], Any]) -> _Figure[_P, _T]:
    @wraps(function)
    def found(record: RunRecord, /, *args: Any, **kwargs: Any) -> Any:
        key = (_FOLDED, found, args, tuple(kwargs.items()))
        if key not in record.kept:
            mine = function(record, *args, **kwargs)
            record.kept[key] = together(record.so_far[key], mine) if key in record.so_far else mine
            if not record.is_last:
                return mine  # nobody reads it, and what is joined is long
        return record.kept[key]

    return found


@dataclass(frozen=True, slots=True)
class Times:
    """
    Times of vehicles or visits by group; those of no length, which are many, are only counted.

    Args:
        zeros: How many have no length, shape (groups,).
        parts: For each record, where each group begins, shape (groups + 1,), and the others by group [us].
    """

    zeros: Ints
    parts: tuple[tuple[Ints, Ints], ...]

    @classmethod
    def by(cls, group: Grouped, times_us: Ints) -> Times:
        """Return times in the order of `group.rows`."""
        lasts = times_us != 0
        before = np.concatenate([[0], np.cumsum(lasts)])
        edges = before[group.edges]
        return cls(group.sizes - np.diff(edges), ((edges, np.compress(lasts, times_us)),))

    def and_those(self, more: Times) -> Times:
        """Return these times and others."""
        return Times(self.zeros + more.zeros, self.parts + more.parts)

    @property
    def sizes(self) -> Ints:
        """The number of times of each group."""
        return self.zeros + sum(np.diff(edges) for edges, _ in self.parts)

    def of(self, runs: Iterable[tuple[int, int]]) -> Floats:
        """Return the times of some groups, given as runs from one up to another [s]."""
        found: list[Ints] = []
        for first, last in runs:
            found.append(np.zeros(self.zeros[first:last].sum(), dtype=np.int64))
            found += [times[edges[first] : edges[last]] for edges, times in self.parts]
        return np.concatenate(found) / 1e6
