"""From replications to intervals: Student's t for means, distribution-free intervals for percentiles, censoring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from gatewatch.simulator.measures.base import Sample

Floats = NDArray[np.float64]

CONFIDENCE = 0.95
PERCENTILES = (50, 90, 95)
FEW = 1_000  # below this many values a replication's percentile is too rough to average (methods.md 3)
_RESAMPLES = 500
_GRID = 512  # values at which the pooled distribution is read: finer than any interval is wide


@dataclass(frozen=True, slots=True)
class Summary:
    """
    What one replication keeps of a figure.

    Args:
        mean: The value, or the mean of the sample (restricted to the longest time seen when it is censored).
        percentiles: 50th, 90th and 95th of the sample; NaN where censoring hides them; None for a plain value.
        n: Values in the sample, censored ones included; 0 for a plain value.
        values: The sample itself where it is small, for pooling.
        censored: Its censored part.
    """

    mean: float
    percentiles: tuple[float, ...] | None = None
    n: int = 0
    values: Floats | None = None
    censored: Floats | None = None


def summarise(value: float | Sample) -> Summary | None:
    """Return what is kept of a figure; None for an empty sample."""
    if not isinstance(value, Sample):
        return Summary(float(value))
    censored = value.censored if value.censored is not None else np.empty(0)
    n = len(value.values) + len(censored)
    if n == 0:
        return None
    mean, percentiles = kaplan_meier(value.values, censored)
    small = n < FEW
    return Summary(mean, percentiles, n, value.values if small else None, censored if small else None)


def kaplan_meier(values: Floats, censored: Floats) -> tuple[float, tuple[float, ...]]:
    """
    Return the mean and the percentiles of times of which some are only known to be longer.

    Kaplan & Meier (1958). The mean is restricted to the longest time seen; a percentile that the censored times
    hide is NaN.
    """
    if not len(censored):
        found = np.quantile(values, [p / 100 for p in PERCENTILES], method="inverted_cdf")
        return float(values.mean()), tuple(float(x) for x in found)
    survival = stats.ecdf(stats.CensoredData(uncensored=values, right=censored)).sf
    times, left = np.asarray(survival.quantiles), np.asarray(survival.probabilities)
    steps = np.concatenate([[1.0], left[:-1]])
    mean = float(np.sum(steps * np.diff(np.concatenate([[0.0], times]))))
    found = []
    for p in PERCENTILES:
        reached = np.flatnonzero(left <= 1 - p / 100 + 1e-12)
        found.append(float(times[reached[0]]) if len(reached) else float("nan"))
    return mean, tuple(found)


def t_interval(values: Sequence[float] | Floats, confidence: float = CONFIDENCE) -> tuple[float, float | None]:
    """
    Return the mean of independent replications and the half width of its Student interval.

    The half width is None for a single replication.

    >>> mean, half = t_interval([1.0, 2.0, 3.0])
    >>> round(mean, 3), round(half, 3)
    (2.0, 2.484)
    """
    array = np.asarray(values, dtype=float)
    n = len(array)
    if n < 2:
        return float(array.mean()), None
    limit = float(stats.t.ppf((1 + confidence) / 2, n - 1))
    return float(array.mean()), float(limit * array.std(ddof=1) / np.sqrt(n))


def order_statistics_interval(values: Floats, share: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """
    Return a distribution-free interval for a percentile from independent values (binomial ranks).

    Where the sample is too small to bound a side, that side is the smallest or largest value seen.
    """
    ordered, n = np.sort(values), len(values)
    tail = (1 - confidence) / 2
    low = int(stats.binom.ppf(tail, n, share))
    high = int(stats.binom.ppf(1 - tail, n, share))
    return float(ordered[max(low - 1, 0)]), float(ordered[min(high, n - 1)])


def percentile_interval(
    summaries: Sequence[Summary], which: int, confidence: float = CONFIDENCE
) -> dict[str, Any] | None:
    """
    Return a percentile over replications with its interval, or None when the figure has none.

    Replications of over 1,000 values each: Student's t over their percentiles. Fewer: the percentile of all values
    pooled, with a bootstrap that resamples whole replications (values of one replication depend on each other);
    of a single replication, the order statistics.
    """
    with_sample = [s for s in summaries if s.percentiles is not None]
    if not with_sample:
        return None
    if all(s.values is None for s in with_sample) and len(with_sample) > 1:
        found = np.array([s.percentiles[which] for s in with_sample if s.percentiles is not None])
        mean, half = t_interval(found, confidence)
        half = 0.0 if half is None else half
        return _interval(mean, mean - half, mean + half, "t over replications")
    pools = [_known(s) for s in with_sample if s.values is not None]
    share = PERCENTILES[which] / 100
    if len(pools) < 2:
        percentiles = with_sample[0].percentiles
        assert percentiles is not None
        if not pools:
            return _interval(percentiles[which], None, None, "one replication")
        low, high = order_statistics_interval(pools[0], share, confidence)
        return _interval(percentiles[which], low, high, "order statistics")
    return _pooled(pools, share, confidence)


def _known(summary: Summary) -> Floats:
    """Return the sample with censored values at the times seen: what is known of them at least."""
    assert summary.values is not None
    return np.concatenate([summary.values, summary.censored if summary.censored is not None else []])


def _pooled(pools: list[Floats], share: float, confidence: float) -> dict[str, Any]:
    whole = np.sort(np.concatenate(pools))
    grid = whole[np.unique(np.linspace(0, len(whole) - 1, min(len(whole), _GRID)).astype(np.int64))]
    generator = np.random.Generator(np.random.PCG64DXSM(len(pools)))
    times_picked = generator.multinomial(len(pools), np.full(len(pools), 1 / len(pools)), size=_RESAMPLES)
    below = np.stack([np.searchsorted(np.sort(pool), grid, side="right") for pool in pools])
    enough = times_picked @ below >= share * (times_picked @ np.array([len(pool) for pool in pools]))[:, None]
    found = grid[np.where(enough.any(axis=1), np.argmax(enough, axis=1), -1)]
    tail = (1 - confidence) / 2
    low, high = np.quantile(found, [tail, 1 - tail], method="inverted_cdf")
    value = float(np.quantile(whole, share, method="inverted_cdf"))
    return _interval(value, min(float(low), value), max(float(high), value), "bootstrap over replications")


def _interval(value: float, low: float | None, high: float | None, method: str) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high, "method": method}
