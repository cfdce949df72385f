"""
Screening and variance shares by SALib: where to look, and how far each input moves an output.

Morris (1991) with the absolute means of Campolongo et al. (2007) to screen; total effects by the design of Saltelli
et al. (2010) for the inputs that are left. Points in, values out: nothing here knows of borders.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from SALib.analyze import morris as morris_analysis
from SALib.analyze import sobol as sobol_analysis
from SALib.sample import morris as morris_sample
from SALib.sample import sobol as sobol_sample

Floats = NDArray[np.float64]

RESAMPLES = 1_000
"""Bootstrap samples behind each 95 % bar."""

LEVELS = 4
FEWEST_TRAJECTORIES = 2
FEWEST_BLOCKS = 8


@dataclass(frozen=True, slots=True)
class Effects:
    """
    What screening says of each input, arrays of shape (inputs,), unit of the output per whole range of the input.

    Args:
        strength: Mean of the absolute elementary effects.
        half_width: Of its 95 % interval.
        mean: Mean of the effects; its sign says which way.
        spread: Standard deviation of the effects: interaction, or no straight line.
    """

    strength: Floats
    half_width: Floats
    mean: Floats
    spread: Floats


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the variance of the output, arrays of shape (inputs,): alone, and with all interactions; 95 % bars."""

    first: Floats
    first_half_width: Floats
    total: Floats
    total_half_width: Floats


def _problem(bounds: Sequence[tuple[float, float]]) -> dict[str, Any]:
    names = [f"x{n}" for n in range(len(bounds))]
    return {"num_vars": len(bounds), "names": names, "bounds": [list(pair) for pair in bounds]}


def screening_points(bounds: Sequence[tuple[float, float]], trajectories: int, seed: int) -> Floats:
    """Return the points of the trajectories, shape (trajectories * (inputs + 1), inputs)."""
    points = morris_sample.sample(_problem(bounds), trajectories, num_levels=LEVELS, seed=seed)
    return np.asarray(points, dtype=np.float64)


def screening_effects(
    bounds: Sequence[tuple[float, float]], points: Floats, values: Floats, seed: int
) -> Effects | None:
    """
    Return the effects from the trajectories that are whole, or None with fewer than two.

    Args:
        bounds: Range of each input.
        points: From `screening_points`.
        values: The output at the first of them, shape (values,).
        seed: Of the bootstrap.
    """
    length = len(bounds) + 1
    whole = len(values) // length * length
    if whole < FEWEST_TRAJECTORIES * length:
        return None
    found = morris_analysis.analyze(
        _problem(bounds), points[:whole], np.asarray(values[:whole], dtype=np.float64), num_resamples=RESAMPLES,
        num_levels=LEVELS, seed=seed,
    )  # fmt: skip
    columns = (np.asarray(found[name], dtype=np.float64) for name in ("mu_star", "mu_star_conf", "mu", "sigma"))
    return Effects(*columns)


def share_points(bounds: Sequence[tuple[float, float]], blocks: int, seed: int) -> Floats:
    """Return the points of the blocks, shape (blocks * (inputs + 2), inputs); `blocks` is a power of two."""
    points = sobol_sample.sample(_problem(bounds), blocks, calc_second_order=False, seed=seed)
    return np.asarray(points, dtype=np.float64)


def blocks_within(budget: int, inputs: int) -> int:
    """
    Return the largest power of two of blocks that a budget of runs allows, at least the fewest that say anything.

    >>> blocks_within(512, inputs=6)
    64
    """
    blocks = FEWEST_BLOCKS
    while 2 * blocks * (inputs + 2) <= budget:
        blocks *= 2
    return blocks


def shares(bounds: Sequence[tuple[float, float]], values: Floats, seed: int) -> Shares | None:
    """
    Return the shares from the blocks that are whole, or None with fewer than eight.

    An output that does not move has no variance to share: all shares are nought.

    Args:
        bounds: Range of each input.
        values: The output at the first of `share_points`, shape (values,).
        seed: Of the bootstrap.
    """
    length = len(bounds) + 2
    whole = len(values) // length * length
    if whole < FEWEST_BLOCKS * length:
        return None
    kept = np.asarray(values[:whole], dtype=np.float64)
    if np.ptp(kept) <= 1e-12 * max(1.0, float(np.abs(kept).max())):
        return Shares(*(np.zeros(len(bounds)) for _ in range(4)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SALib tells of bootstrap samples without variance
        found = sobol_analysis.analyze(
            _problem(bounds), kept, calc_second_order=False, num_resamples=RESAMPLES, seed=seed + 1
        )
    columns = (np.asarray(found[name], dtype=np.float64) for name in ("S1", "S1_conf", "ST", "ST_conf"))
    return Shares(*columns)
