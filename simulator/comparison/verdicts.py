"""The verdict on a difference: better, worse, the same for practical purposes, or how much more it takes to tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from gatewatch.simulator.comparison.paired import Effect, t_limit
from gatewatch.simulator.measures.base import Better
from gatewatch.simulator.output_analysis import CONFIDENCE

Verdict = Literal["better", "worse", "more", "less", "same", "undecided", "unknown"]
Bound = Literal["exact", "at least", "at most", "unknown"]  # what the difference of two means says of the true one

MOST_REPLICATIONS: Final = 100_000  # as many as a scenario may ask for; what takes more is not told by replications
_ALPHA: Final = 1 - CONFIDENCE


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    What is said of a difference.

    Args:
        verdict: In one word; `more` and `less` where the measure has no better direction, `unknown` where there is no
            difference to judge.
        p: Two-sided p of no difference, by itself.
        p_adjusted: The same by Holm over the scenarios.
        p_same: p that the difference matters (two one-sided tests), by Holm over the scenarios; small means the same.
        level: Confidence level at which Holm tests this scenario; the interval at this level covers 0 exactly where
            Holm finds no difference.
        more: Further replications that it takes to tell, about; None where it is told or no number would do.
    """

    verdict: Verdict
    p: float | None = None
    p_adjusted: float | None = None
    p_same: float | None = None
    level: float | None = None
    more: int | None = None


def judge(
    effects: Sequence[Effect | None], margin: float, better: Better, bounds: Sequence[Bound] | None = None
) -> list[Judgement]:
    """
    Return what is said of one figure in every scenario, judged together.

    A difference is told from zero by Holm (1979) over the scenarios at 5 %. It is the same for practical purposes where
    two one-sided tests, by Holm too, put it within the margin; that goes first, so a difference that is certain and too
    small to matter is "the same". Where the difference is only bounded, it is told on the side on which the bound
    leaves no doubt, and never called the same.

    Args:
        effects: One for each scenario; None where there is nothing to compare.
        margin: Smallest difference that matters, in the unit of the figure.
        better: The better direction of the measure.
        bounds: What each difference says of the true one; without it, all exact.
    """
    bounds = ["exact"] * len(effects) if bounds is None else bounds
    known = [n for n, effect in enumerate(effects) if effect is not None and bounds[n] != "unknown"]
    found = [effects[n] for n in known]
    tests = [effect for effect in found if effect is not None]
    p = [effect.p_value() for effect in tests]
    p_adjusted = holm(p)
    p_same = holm([1.0 if bounds[n] != "exact" else e.p_beyond(margin) for n, e in zip(known, tests, strict=True)])
    result = [Judgement("unknown")] * len(effects)
    for at, n in enumerate(known):
        effect, bound = tests[at], bounds[n]
        level = holm_level(p, at)
        verdict = _verdict(effect, p_adjusted[at], p_same[at], better, bound)
        more = more_replications(effect, margin, level) if verdict == "undecided" and bound == "exact" else None
        result[n] = Judgement(verdict, p[at], p_adjusted[at], p_same[at], level, more)
    return result


def _verdict(effect: Effect, p_adjusted: float, p_same: float, better: Better, bound: Bound) -> Verdict:
    if p_same <= _ALPHA:
        return "same"
    is_up = effect.difference > 0
    if p_adjusted > _ALPHA or bound not in {"exact", "at least" if is_up else "at most"}:
        return "undecided"
    if better == "neither":
        return "more" if is_up else "less"
    return "better" if is_up == (better == "higher") else "worse"


def holm(p: Sequence[float]) -> list[float]:
    """
    Return p values adjusted for being several (Holm 1979).

    Not by statsmodels, whose `multipletests` collects garbage at every call: a tenth of a second each for thousands.

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    adjusted, order, reached = [0.0] * len(p), np.argsort(p, kind="stable"), 0.0
    for step, at in enumerate(order):
        reached = max(reached, min(1.0, float(p[at]) * (len(p) - step)))
        adjusted[at] = reached
    return adjusted


def holm_level(p: Sequence[float], which: int) -> float:
    """
    Return the confidence level at which Holm's procedure tests one of several p values.

    The smallest p is tested at alpha over their number, the next at alpha over one less, until one is not below its
    level; the rest is left at the level of that one.

    >>> [round(holm_level([0.001, 0.5, 0.4], n), 4) for n in range(3)]
    [0.9833, 0.975, 0.975]
    """
    order = np.argsort(p, kind="stable")
    for step, at in enumerate(order):
        alpha = _ALPHA / (len(p) - step)
        if at == which or p[at] > alpha:
            return 1 - alpha
    raise IndexError(which)


def more_replications(effect: Effect, margin: float, level: float = CONFIDENCE) -> int | None:
    """
    Return about how many further replications tell a difference from nought or from one that matters.

    n = (t s / e)^2 with the standard deviation s of the paired differences. e is the margin, or what the difference
    seen leaves towards the nearer way of telling: half the margin at the least. None where it takes more than 100,000.
    """
    spread = effect.error * math.sqrt(effect.replications)
    seen = abs(effect.difference)
    wanted = min(margin, max(seen, margin - seen)) if margin > 0 else seen
    if wanted == 0:
        return None
    low, high = effect.replications, effect.replications
    while t_limit(level, high - 1) * spread / math.sqrt(high) > wanted:
        low, high = high, 2 * high
        if high > 2 * MOST_REPLICATIONS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        is_enough = t_limit(level, middle - 1) * spread / math.sqrt(middle) <= wanted
        low, high = (low, middle) if is_enough else (middle, high)
    n = max(high - effect.replications, 1)
    return n if n <= MOST_REPLICATIONS else None
