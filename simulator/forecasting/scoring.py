"""
How good forecasts were: each held against what was seen, and against the baselines.

The score of a distribution is the CRPS, from its quantiles by `scoringrules`; that of a baseline, which says one
number, is its absolute error, which is what the CRPS of a point comes to. Both are in vehicles and fair to compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import scoringrules

from gatewatch.simulator.forecasting.bands import BAND_LEVELS, LEVELS
from gatewatch.simulator.forecasting.baselines import BASELINES

NOMINAL: Final = 0.8  # what the band from p10 to p90 is to hold
FEWEST: Final = 20  # scores below which nothing is said of skill


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


@dataclass(frozen=True, slots=True)
class Skill:
    """
    How good the forecasts of one gate, direction and horizon were; None stands for all of them.

    Args:
        gate: Gate.
        direction: Direction.
        horizon_h: How far ahead [h].
        n: Forecasts scored.
        coverage: Share that lay in the 80 % band.
        bias: Mean of expected less seen [veh].
        crps: Mean [veh].
        pinball: Means at p10, p50 and p90 [veh].
        baselines: Mean absolute error of each baseline over the forecasts that it had something to say to [veh].
        against: CRPS of the forecasts over the same ones [veh].
        worse_than: Baselines that were better.
    """

    gate: str | None
    direction: str | None
    horizon_h: int | None
    n: int
    coverage: float
    bias: float
    crps: float
    pinball: tuple[float, ...]
    baselines: tuple[float | None, ...]
    against: tuple[float | None, ...]
    worse_than: tuple[str, ...]


def score(flow: dict[str, Any], look: int, seen: float) -> Score:
    """
    Return the score of one hour of a forecast.

    Args:
        flow: A row of `Forecast.flows`, of doing nothing or of what was decided.
        look: Hours ahead.
        seen: The backlog that was seen then [veh].
    """
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


def summarise(scores: Iterable[Score]) -> list[Skill]:
    """Return the skill over all scores, by horizon, and by gate, direction and horizon; nothing without scores."""
    scores = list(scores)
    groups: dict[tuple[str | None, str | None, int | None], list[Score]] = {}
    for each in scores:
        for key in (
            (None, None, None),
            (None, None, each.horizon_h),
            (each.gate, each.direction, None),
            (each.gate, each.direction, each.horizon_h),
        ):
            groups.setdefault(key, []).append(each)
    return [_skill(key, groups[key]) for key in sorted(groups, key=_order)]


def _order(key: tuple[str | None, str | None, int | None]) -> tuple[str, str, int]:
    return key[0] or "", key[1] or "", -1 if key[2] is None else key[2]


def _skill(key: tuple[str | None, str | None, int | None], scores: Sequence[Score]) -> Skill:
    baselines: list[float | None] = []
    against: list[float | None] = []
    for n in range(len(BASELINES)):
        pairs = [(error, s.crps) for s in scores if (error := s.baselines[n]) is not None]
        baselines.append(float(np.mean([error for error, _ in pairs])) if pairs else None)
        against.append(float(np.mean([crps for _, crps in pairs])) if pairs else None)
    worse = [
        name
        for name, theirs, ours in zip(BASELINES, baselines, against, strict=True)
        if theirs is not None and ours is not None and len(scores) >= FEWEST and ours > theirs
    ]
    return Skill(
        *key,
        n=len(scores),
        coverage=float(np.mean([s.is_inside for s in scores])),
        bias=float(np.mean([s.median - s.seen for s in scores])),
        crps=float(np.mean([s.crps for s in scores])),
        pinball=tuple(float(np.mean([s.pinball[k] for s in scores])) for k in range(len(BAND_LEVELS))),
        baselines=tuple(baselines),
        against=tuple(against),
        worse_than=tuple(worse),
    )
