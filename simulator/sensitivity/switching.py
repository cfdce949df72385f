"""One parameter at a time: the ends of its bar in a tornado, and where the value changes its sign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewatch.simulator.sensitivity.parameters import Parameter

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """
    The value along one parameter, the others as the border has them; arrays of shape (places,), in any order.

    Args:
        parameter: The parameter.
        places: Its values.
        values: The value there.
    """

    parameter: Parameter
    places: Floats
    values: Floats

    @property
    def at_low(self) -> float:
        """Return the value at the low end of the range."""
        return float(self.values[np.argmin(np.abs(self.places - self.parameter.low))])

    @property
    def at_high(self) -> float:
        """Return the value at the high end of the range."""
        return float(self.values[np.argmin(np.abs(self.places - self.parameter.high))])


def lines_at(parameter: Parameter) -> Floats:
    """Return where to look along a parameter: both ends, and between each and the middle, shape (4,)."""
    low, high = parameter.low, parameter.high
    middle = parameter.base if low < parameter.base < high else (low + high) / 2
    return np.array([low, (low + middle) / 2, (middle + high) / 2, high])


def switches(line: Line) -> Iterator[dict[str, Any]]:
    """
    Yield where the value changes its sign, interpolated between the places looked at.

    A value of nought counts to neither side: touching it is no change of sign.
    """
    order = np.argsort(line.places)
    points = [(float(line.places[n]), float(line.values[n])) for n in order if line.values[n] != 0]
    for (a, at_a), (b, at_b) in pairwise(points):
        if at_a * at_b < 0:
            at = a + (b - a) * at_a / (at_a - at_b)
            yield {
                "parameter": line.parameter.name, "unit": line.parameter.unit,
                "base": float(f"{line.parameter.base:.10g}"), "at": float(f"{at:.10g}"),
                "effect_below": float(f"{at_a:.10g}"), "effect_above": float(f"{at_b:.10g}"),
            }  # fmt: skip
