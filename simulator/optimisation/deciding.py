"""
On which side of 0 a mean lies, decided on independent values that come one after the other, with a bounded error.

The triangular continuation region of Kim & Nelson, ACM TOMACS 11 (2001) 251-273, with Student's bounds beside it.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


def eta(error: float, first: int) -> float:
    """
    Return the constant of the triangular region for a probability of leaving it on the wrong side.

    >>> round(eta(0.05 / 9, 10), 4)
    0.8591
    """
    return float(((2 * error) ** (-2 / (first - 1)) - 1) / 2)


def first_exit(differences: Floats, first: int, constant: float, slack: float) -> tuple[int, int] | None:
    """
    Return when the sum of the differences left the triangular region and on which side (-1, 0, 1), or None.

    The region after r values is |sum| < max(0, eta (n0 - 1) S^2 / slack - slack r / 2), S^2 from the first n0.
    The side is 0 for a tie: no variance and no difference.

    Args:
        differences: Independent values, shape (n,).
        first: Values before the first look (n0).
        constant: From `eta`.
        slack: A mean at least this far from 0 is told apart with the probability of the constant.
    """
    if len(differences) < first:
        return None
    variance = float(differences[:first].var(ddof=1))
    numbers = np.arange(first, len(differences) + 1)
    fence = np.maximum(0.0, constant * (first - 1) * variance / slack - slack * numbers / 2)
    sums = np.cumsum(differences)[first - 1 :]
    outside = np.flatnonzero(np.abs(sums) >= fence)
    return (int(numbers[outside[0]]), int(np.sign(sums[outside[0]]))) if len(outside) else None


def side_of(differences: Floats, first: int, most: int, error: float, slack: float) -> int | None:
    """
    Return the side of 0 on which the mean of differences lies (-1, 0 for a tie, 1), or None where it is not decided.

    Half of the allowed error is the triangle's. A triangle is slow where the mean is far away and the slack small, so
    a quarter goes to Student's one-sided bounds at the first look, and a quarter to these at the cap.

    Args:
        differences: Independent values, shape (n,).
        first: Values before the first look.
        most: Values at most: the last look.
        error: Probability of the wrong side, for a mean at least `slack` from 0.
        slack: Difference that matters.
    """
    n = len(differences)
    if n < first:
        return None
    side = _far_side(differences[:first], error / 4)
    if side is None:
        found = first_exit(differences, first, eta(error / 2, first), slack)
        side = None if found is None else found[1]
    return _far_side(differences[:most], error / 4) if side is None and n >= most > first else side


def _far_side(values: Floats, error: float) -> int | None:
    """Return the side of the mean when Student's one-sided bound tells it."""
    mean, bound = values.mean(), _student(error, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return int(np.sign(mean)) if abs(mean) > bound else None


@lru_cache
def _student(error: float, freedom: int) -> float:
    return float(stats.t.ppf(1 - error, freedom))
