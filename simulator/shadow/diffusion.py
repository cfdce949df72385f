"""
What chance adds to a fluid near load 1: days differ, and a full day leaves a stock that the next one inherits.

The stock left at the end of a day is followed as a walk with normal daily surpluses, reflected at nought. Its mean and
its variance of a day are those of the diffusion approximation (methods.md section 6): demand times the squared
coefficients of variation of arrivals and services, plus the variance of the day factor, which dominates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

CELLS = 400
"""Cells in which the stock is followed."""

LOW, HIGH = 0.1, 0.9


@dataclass(frozen=True, slots=True)
class Stock:
    """The stock left by each day, arrays of shape (days,) [veh]: mean, 10 % and 90 % point, and without chance."""

    mean: Floats
    low: Floats
    high: Floats
    fluid: Floats


def stock(demand: Floats, capacity: Floats, variance: Floats, initial: float = 0.0) -> Stock:
    """
    Return the stock that days leave when the surplus of each is normal.

    Args:
        demand: Mean vehicles that come to the resource on each day, shape (days,) [veh].
        capacity: Vehicles that it can serve on each day, shape (days,) [veh].
        variance: Variance of demand less service of each day, shape (days,) [veh²].
        initial: Stock at the start [veh].

    >>> quiet = stock(np.full(3, 50.0), np.full(3, 100.0), np.full(3, 50.0))
    >>> float(quiet.mean.max()) < 1e-3
    True
    """
    without = _reflected(demand - capacity, initial)
    top = max(float(without.max(initial=initial)), 1.0) + 5 * float(np.sqrt(variance.sum())) + 1
    width = top / CELLS
    cells = np.zeros(CELLS + 1)
    place = initial / width
    low_cell = int(place)
    cells[low_cell], cells[low_cell + 1] = 1 - (place - low_cell), place - low_cell
    values = np.arange(CELLS + 1) * width
    columns: list[tuple[float, float, float]] = []
    steps = np.arange(-CELLS, CELLS + 1)
    for surplus, spread in zip(demand - capacity, np.sqrt(variance), strict=True):
        if spread < 1e-9:
            moved = np.maximum(values + surplus, 0.0)
            cells = _shared_out(moved / width, cells)
        else:
            moves = _move_chances(np.asarray(steps * width, dtype=np.float64), surplus, spread, width)
            full = np.convolve(cells, moves)
            kept = full[CELLS : 2 * CELLS + 1].copy()
            kept[0] += full[:CELLS].sum() + max(0.0, 1 - moves.sum()) * (surplus < 0)
            kept[-1] += full[2 * CELLS + 1 :].sum()
            cells = kept / kept.sum()
        below = np.cumsum(cells)
        low, high = (float(values[min(int(np.searchsorted(below, q)), CELLS)]) for q in (LOW, HIGH))
        columns.append((float(cells @ values), low, high))
    table = np.array(columns).reshape(-1, 3)
    return Stock(table[:, 0], table[:, 1], table[:, 2], without)


def _reflected(surplus: Floats, initial: float) -> Floats:
    walked = np.concatenate([[initial], surplus]).cumsum()
    lowest = np.minimum(np.minimum.accumulate(walked), 0.0)
    return np.asarray((walked - lowest)[1:])


def _move_chances(moves: Floats, mean: float, spread: float, width: float) -> Floats:
    """Return the chance of each move, linear between cells so that mean and variance are kept."""
    z = (np.concatenate([moves - width / 2, [moves[-1] + width / 2]]) - mean) / spread
    return np.asarray(np.diff(special.ndtr(z)))


def _shared_out(places: Floats, cells: Floats) -> Floats:
    result = np.zeros(CELLS + 1)
    low = np.minimum(places.astype(np.int64), CELLS)
    part = places - low
    np.add.at(result, low, cells * (1 - part))
    np.add.at(result, np.minimum(low + 1, CELLS), cells * part)
    return result
