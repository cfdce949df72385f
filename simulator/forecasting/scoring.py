"""
How good forecasts were: each held against what was seen, and against the baselines.

The score of a distribution is the CRPS, from its quantiles by `scoringrules`; that of a baseline, which says one
number, is its absolute error, which is what the CRPS of a point comes to. Both are in vehicles and fair to compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewatch.simulator.forecasting.bands import BAND_LEVELS, LEVELS
from gatewatch.simulator.forecasting.baselines import BASELINES


@dataclass(frozen=True, slots=True)
class Score:
    """
    One forecast of the backlog of one gate and direction at one hour ahead, and what came.

    Args:
        gate: Gate.
        direction: Direction.
        horizon_h: How far ahead [h].
        seen: The backlog that was seen [veh].
        median: What was expected [veh].
        is_inside: Whether it lay in the band from p10 to p90, the ends included.
        crps: Of the forecast [veh].
        pinball: At p10, p50 and p90 [veh].
        baselines: Absolute error of each baseline [veh]; None where it had nothing to say.
    """

    gate: str
    direction: str
    horizon_h: int
    seen: float
    median: float
    is_inside: bool
    crps: float
    pinball: tuple[float, ...]
    baselines: tuple[float | None, ...]


def score(flow: dict[str, Any], look: int, seen: float) -> Score:
    """
    Return the score of one hour of a forecast.

    Args:
        flow: A row of `Forecast.flows`, of doing nothing or of what was decided.
        look: Hours ahead.
        seen: The backlog that was seen then [veh].
    """
    import scoringrules  # noqa: PLC0415 - it compiles for seconds when it is loaded; scores are made at night

    levels = np.array(flow["backlog_levels"][look], dtype=float)
    band = {name: float(flow["hours"]["backlog"][name][look]) for name in BAND_LEVELS}
    return Score(
        gate=flow["gate"],
        direction=flow["direction"],
        horizon_h=look,
        seen=seen,
        median=band["p50"],
        is_inside=band["p10"] <= seen <= band["p90"],
        crps=float(scoringrules.crps_quantile(seen, levels, np.array(LEVELS), backend="numpy")),
        pinball=tuple(_pinball(band[name], seen, level) for name, level in BAND_LEVELS.items()),
        baselines=tuple(
            None if (said := flow["baselines"][name][look]) is None else abs(float(said) - seen) for name in BASELINES
        ),
    )


def _pinball(said: float, seen: float, level: float) -> float:
    """Return the loss of a quantile: what it is short by counts `level`, what it is over counts the rest [veh]."""
    return (level if seen >= said else level - 1) * (seen - said)
