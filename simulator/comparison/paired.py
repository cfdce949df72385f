"""What a scenario changes in one figure, by replications that are paired on common random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from gatewatch.simulator.output_analysis import (
    CONFIDENCE,
    PERCENTILES,
    Summary,
    picks,
    pooled_percentiles,
    resampled_percentiles,
)

Floats = NDArray[np.float64]

BY_REPLICATION = "t over replications"
BY_RESAMPLING = "bootstrap over replications"
_RESAMPLES = 200  # enough for a standard error (Efron & Tibshirani 1993, 6.4)
_MOST_HIDDEN = 0.05  # share of resamples in which censored times may hide a percentile


@dataclass(frozen=True, slots=True)
class Effect:
    """
    A figure of the baseline and of a scenario, and their difference with its error.

    Args:
        baseline: Mean over replications, or percentile of all values.
        baseline_error: Its standard error.
        value: The same of the scenario.
        value_error: Its standard error.
        difference: Scenario minus baseline.
        error: Standard error of the difference, paired.
        replications: Pairs.
        method: Where the errors come from.
    """

    baseline: float
    baseline_error: float
    value: float
    value_error: float
    difference: float
    error: float
    replications: int
    method: str = BY_REPLICATION

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the paired error."""
        return self.replications - 1

    def half_width(self, confidence: float = CONFIDENCE) -> float:
        """Return the half width of Student's interval for the difference."""
        return t_limit(confidence, self.freedom) * self.error

    def p_value(self) -> float:
        """Return the two-sided p of no difference; 1 where every pair is equal."""
        if self.error == 0:
            return float(self.difference == 0)
        return float(2 * special.stdtr(self.freedom, -abs(self.difference) / self.error))

    def p_beyond(self, margin: float) -> float:
        """
        Return the p of a difference of `margin` or more, either way: small where both are practically the same.

        Two one-sided tests (Schuirmann 1987): the larger of the two p.
        """
        distance = margin - abs(self.difference)
        if self.error == 0:
            return float(distance <= 0 < abs(self.difference))
        return float(special.stdtr(self.freedom, -distance / self.error))

    @property
    def reduction(self) -> float | None:
        """Share of the variance that common random numbers take away; negative where they add to it."""
        apart = self.baseline_error**2 + self.value_error**2
        return None if apart == 0 else 1 - self.error**2 / apart

    def unpaired_half_width(self, confidence: float = CONFIDENCE) -> float:
        """Return the half width that independent replications would have (Welch 1947)."""
        parts = np.array([self.baseline_error, self.value_error]) ** 2
        if not parts.any():
            return 0.0
        freedom = parts.sum() ** 2 * self.freedom / (parts**2).sum()
        return t_limit(confidence, freedom) * float(np.sqrt(parts.sum()))


def t_limit(confidence: float, freedom: float) -> float:
    """Return Student's two-sided limit."""
    return float(special.stdtrit(freedom, (1 + confidence) / 2))


def paired_means(baseline: Sequence[float] | Floats, scenario: Sequence[float] | Floats) -> Effect:
    """
    Return the effect on a mean; the n-th values belong to the same streams. At least two pairs.

    >>> effect = paired_means([1.0, 2.0, 3.0], [2.0, 3.0, 5.0])
    >>> round(effect.difference, 3), round(effect.half_width(), 3)
    (1.333, 1.434)
    """
    before, after = np.asarray(baseline, dtype=float), np.asarray(scenario, dtype=float)
    change = after - before
    return Effect(
        baseline=float(before.mean()),
        baseline_error=_error(before),
        value=float(after.mean()),
        value_error=_error(after),
        difference=float(change.mean()),
        error=_error(change),
        replications=len(change),
    )


def _error(values: Floats) -> float:
    """Return the standard error of the mean; equal values have none, whatever their sum is rounded to."""
    return 0.0 if (values == values[0]).all() else float(values.std(ddof=1) / np.sqrt(len(values)))


@dataclass(frozen=True, slots=True)
class Percentiles:
    """
    The percentiles of a sample of one scenario.

    Args:
        each: Of every replication, shape (replications, percentiles).
        pooled: Of all values together, shape (percentiles,); None where replications are large enough by themselves.
        resampled: Of resampled replications, shape (resamples, percentiles); with `pooled`.
    """

    each: Floats
    pooled: Floats | None = None
    resampled: Floats | None = None


def percentiles_of(samples: Sequence[Summary]) -> Percentiles:
    """Return the percentiles of a scenario's replications, all of which have the sample."""
    each = np.array([s.percentiles for s in samples], dtype=float)
    if any(s.values is None for s in samples):
        return Percentiles(each)
    resampled = resampled_percentiles(samples, picks(len(samples), _RESAMPLES), [p / 100 for p in PERCENTILES])
    return Percentiles(each, np.array(pooled_percentiles(samples)), resampled)


def paired_percentiles(baseline: Percentiles, scenario: Percentiles, which: int) -> Effect | None:
    """
    Return the effect on a percentile, or None where censored times hide it.

    Where replications of both hold over 1,000 values, Student's t over their percentiles. Otherwise the percentiles
    of all values pooled; their errors come from resampling whole replications, the same ones in both, and are
    widened by R/(R-1), since what is resampled spreads less than what it stands for.
    """
    if baseline.pooled is None or baseline.resampled is None or scenario.pooled is None or scenario.resampled is None:
        before, after = baseline.each[:, which], scenario.each[:, which]
        return paired_means(before, after) if np.isfinite([before, after]).all() else None
    first, second = float(baseline.pooled[which]), float(scenario.pooled[which])
    before, after = baseline.resampled[:, which], scenario.resampled[:, which]
    is_seen = np.isfinite(before) & np.isfinite(after)
    if not np.isfinite([first, second]).all() or is_seen.mean() < 1 - _MOST_HIDDEN:
        return None
    before, after, n = before[is_seen], after[is_seen], len(baseline.each)
    widened = np.sqrt(n / (n - 1))
    return Effect(
        baseline=first,
        baseline_error=float(before.std() * widened),
        value=second,
        value_error=float(after.std() * widened),
        difference=second - first,
        error=float((after - before).std() * widened),
        replications=n,
        method=BY_RESAMPLING,
    )
