"""
The tolerance rule: when a simulated figure agrees with its exact value.

- A mean agrees when it is off by no more than Student's limit over the replications, at a confidence that
  holds for all figures of all shipped cases together (Bonferroni), *and* its standard error is below a stated
  share of the exact value. A run that is too noisy to tell does not pass.
- A law agrees when the largest gap between the distributions is below the limit of Kolmogorov and Smirnov at
  the same confidence, and that limit is small enough.
- A figure without chance agrees when it is equal in every replication, times to the microsecond.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from gatewatch.config.units import US_PER_S
from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.output_analysis import t_interval
from gatewatch.simulator.verification.case import CLOCK, Floats, Law, Mean, Quantity, Same

CONFIDENCE = 0.999
"""Chance that a faultless simulator passes all figures of all shipped cases."""


@dataclass(frozen=True, slots=True)
class Figure:
    """
    One comparison.

    Args:
        case: Name of the case.
        figure: What is compared.
        unit: Its unit.
        exact: Exact value; 0 for the gap between two distributions.
        found: What the simulation gave.
        half_width: How far off it may be by chance.
        rule: The tolerance rule, in words.
        passed: Whether it agrees.
        fault: Why not, in words; empty when it agrees.
    """

    case: str
    figure: str
    unit: str
    exact: float
    found: float
    half_width: float
    rule: str
    passed: bool
    fault: str = ""


def judge(case: str, quantity: Quantity, values: Sequence[float | Floats], n_figures: int) -> Figure:
    """
    Return the comparison of a figure with its exact value.

    Args:
        case: Name of the case.
        quantity: What is compared.
        values: What each replication gave: numbers, or arrays for a law.
        n_figures: Figures with chance among which the confidence is shared.
    """
    confidence = 1 - (1 - CONFIDENCE) / n_figures
    match quantity:
        case Same():
            return _judge_same(case, quantity, np.asarray(values, dtype=float))
        case Law():
            return _judge_law(case, quantity, np.concatenate([np.atleast_1d(v) for v in values]), confidence)
        case Mean():
            return _judge_mean(case, quantity, np.asarray(values, dtype=float), confidence)


def _judge_mean(case: str, quantity: Mean, values: Floats, confidence: float) -> Figure:
    exact = quantity.exact()
    found, half = t_interval(values, confidence)
    error = stats.sem(values) if len(values) > 1 else float("inf")
    allowed = quantity.precision * abs(exact)
    faults = []
    if half is None or not abs(found - exact) <= half:
        faults.append(f"off by {_share(found - exact, exact)}")
    if not error <= allowed:
        faults.append(f"too noisy: standard error {_share(error, exact)}")
    half_width = float("inf") if half is None else half
    rule = f"Student over {len(values)}, s.e. ≤ {quantity.precision:.1%}"
    return Figure(case, quantity.name, quantity.unit, exact, found, half_width, rule, not faults, "; ".join(faults))


def _judge_same(case: str, quantity: Same, values: Floats) -> Figure:
    off = np.flatnonzero(~(values == quantity.exact))
    found = float(values[off[0]] if len(off) else quantity.exact)
    fault = _fault(found, quantity) if len(off) else ""
    return Figure(case, quantity.name, quantity.unit, quantity.exact, found, 0.0, "equal", not len(off), fault)


def _fault(found: float, quantity: Same) -> str:
    if quantity.unit != CLOCK:
        return f"off by {found - quantity.exact:g} {quantity.unit}"
    return "did not happen" if found == NOT_YET else f"off by {(found - quantity.exact) / US_PER_S:,.6f} s"


def _judge_law(case: str, quantity: Law, values: Floats, confidence: float) -> Figure:
    limit = float(stats.kstwo.ppf(confidence, len(values)))
    below = np.asarray(quantity.cumulative(np.sort(values)))
    steps = np.arange(len(values) + 1) / len(values)
    gap = float(max((steps[1:] - below).max(), (below - steps[:-1]).max()))
    faults = []
    if not gap <= limit:
        faults.append("another law")
    if not limit <= quantity.precision:
        faults.append(f"too noisy: {len(values)} values")
    rule = f"K-S over {len(values):,}, limit ≤ {quantity.precision:g}"
    return Figure(case, quantity.name, "gap", 0.0, gap, limit, rule, not faults, "; ".join(faults))


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.1%}" if whole else f"{part:.3g}"
