"""From replications to intervals: Student's t for means, distribution-free intervals for percentiles, censoring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from gatewatch.simulator.measures.base import Sample

Floats = NDArray[np.float64]

CONFIDENCE = 0.95
PERCENTILES = (50, 90, 95)
_SHARES = np.array(PERCENTILES) / 100
MOST_CENSORED = 0.1  # share of censored times up to which Kaplan-Meier is trusted
FEW = 1_000  # below this many values a replication's percentile is too rough to average (methods.md 3)
_RESAMPLES = 500
_GRID = 512  # values at which the pooled distribution is read: finer than any interval is wide


@dataclass(frozen=True, slots=True)
class Summary:
    """
    What one replication keeps of a figure.

    Args:
        mean: The value, or the mean of the sample (restricted to the longest time seen when it is censored; a lower
            bound when more than a tenth is censored).
        percentiles: 50th, 90th and 95th of the sample; NaN where censoring hides them; None for a plain value.
        n: Values in the sample, censored ones included; 0 for a plain value.
        values: The sample itself where it is small, for pooling.
        censored: Its censored part.
        n_censored: Values known only to be longer than they were seen to be.
    """

    mean: float
    percentiles: tuple[float, ...] | None = None
    n: int = 0
    values: Floats | None = None
    censored: Floats | None = None
    n_censored: int = 0

    @property
    def is_bound(self) -> bool:
        """Whether so many values are censored that the mean is only a lower bound."""
        return self.n_censored > MOST_CENSORED * self.n


def summarise(value: float | Sample) -> Summary | None:
    """
    Return what is kept of a figure; None for an empty sample.

    Kaplan and Meier take it that a time is censored whatever its length. In a growing queue the longest waits are
    censored first, so with more than a tenth censored the mean is given as a lower bound (what has been waited so
    far) and the percentiles are withheld.
    """
    if not isinstance(value, Sample):
        return Summary(float(value))
    censored, n = value.censored if value.censored is not None else np.empty(0), len(value)
    if n == 0:
        return None
    mean, percentiles = kaplan_meier(value.values, censored)
    # Copies: a part of a larger array would keep all of that for as long as the replication is kept.
    values, cut = (value.values.copy(), censored.copy()) if n < FEW else (None, None)
    summary = Summary(mean, percentiles, n, values, cut, len(censored))
    if not summary.is_bound:
        return summary
    hidden = (float("nan"),) * len(PERCENTILES)
    return replace(summary, mean=float(np.concatenate([value.values, censored]).mean()), percentiles=hidden)


def kaplan_meier(values: Floats, censored: Floats) -> tuple[float, tuple[float, ...]]:
    """
    Return the mean and the percentiles of times of which some are only known to be longer.

    Kaplan & Meier (1958). The mean is restricted to the longest time seen; a percentile that the censored times
    hide is NaN.
    """
    n = len(values) + len(censored)
    whole = np.sort(np.concatenate([values, censored]) if len(censored) else values)
    if not len(censored):
        ranks = np.ceil(n * _SHARES - 1).astype(np.int64)
        return float(values.sum() / n), tuple(whole[np.maximum(ranks, 0)].tolist())
    edges = np.concatenate([[0], np.flatnonzero(whole[1:] > whole[:-1]) + 1, [n]])  # of what is tied
    times, at_risk = whole[edges[:-1]], n - edges[:-1]
    lost = np.bincount(np.searchsorted(times, censored), minlength=len(times))
    left = np.cumprod((n - edges[1:] + lost) / at_risk)
    steps = times.copy()
    steps[1:] = left[:-1] * (times[1:] - times[:-1])
    mean = steps.sum()
    reached = [np.count_nonzero(left > limit) for limit in 1 - _SHARES + 1e-12]
    return float(mean), tuple(float(times[place]) if place < len(times) else float("nan") for place in reached)


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

    Replications of over 1,000 values: Student's t over their percentiles. Fewer: the percentile of all values
    pooled, with a bootstrap that resamples whole replications (values of one replication depend on each other);
    of a single replication, the order statistics. What censored times hide is NaN.
    """
    samples = [s for s in summaries if s.percentiles is not None]
    if not samples:
        return None
    if any(s.is_bound for s in samples):
        return _interval(float("nan"), None, None, "too many are still inside")
    found = np.array([s.percentiles[which] for s in samples if s.percentiles is not None])
    if len(samples) == 1:
        return _of_one(samples[0], float(found[0]), PERCENTILES[which] / 100, confidence)
    if any(s.values is None for s in samples):
        mean, half = t_interval(found, confidence)
        half = 0.0 if half is None else half
        return _interval(mean, mean - half, mean + half, "t over replications")
    return _pooled(samples, which, confidence)


def _of_one(sample: Summary, value: float, share: float, confidence: float) -> dict[str, Any]:
    if sample.values is None:
        return _interval(value, None, None, "one replication")
    known, censored = sample.values, _censored(sample)
    # A censored time is at least as long as it was seen to be, and may be of any length.
    low, _ = order_statistics_interval(np.concatenate([known, censored]), share, confidence)
    _, high = order_statistics_interval(np.concatenate([known, np.full(len(censored), np.inf)]), share, confidence)
    return _interval(value, low, high, "order statistics")


def _censored(sample: Summary) -> Floats:
    return np.empty(0) if sample.censored is None else sample.censored


def _pooled(samples: Sequence[Summary], which: int, confidence: float) -> dict[str, Any]:
    """Return a percentile of all values together (Kaplan & Meier), its interval by resampling replications."""
    n, share = len(samples), PERCENTILES[which] / 100
    found = resampled_percentiles(samples, picks(n, _RESAMPLES), [share])[:, 0]
    tail = (1 - confidence) / 2
    low, high = np.quantile(found, [tail, 1 - tail], method="inverted_cdf")
    value = pooled_percentiles(samples)[which]
    return _interval(value, min(float(low), value), max(float(high), value), "bootstrap over replications")


def pooled_percentiles(samples: Sequence[Summary]) -> tuple[float, ...]:
    """Return the percentiles of all values together (Kaplan & Meier); the samples must keep their values."""
    return kaplan_meier(
        np.concatenate([_complete(s) for s in samples]), np.concatenate([_censored(s) for s in samples])
    )[1]


def picks(n: int, resamples: int) -> Floats:
    """Return how often each of `n` replications is picked in each resample, shape (resamples, n); always the same."""
    return np.random.Generator(np.random.PCG64DXSM(n)).multinomial(n, np.full(n, 1 / n), size=resamples).astype(float)


def resampled_percentiles(samples: Sequence[Summary], times_picked: Floats, shares: Sequence[float]) -> Floats:
    """
    Return the pooled percentiles of resampled replications, shape (resamples, shares); infinite where hidden.

    Args:
        samples: One for each replication, with its values.
        times_picked: How often each is picked, shape (resamples, replications).
        shares: Percentiles as shares of 1.
    """
    complete, censored = [_complete(s) for s in samples], [_censored(s) for s in samples]
    whole = np.sort(np.concatenate([*complete, *censored]))
    grid = whole[np.unique(np.linspace(0, len(whole) - 1, min(len(whole), _GRID)).astype(np.int64))]
    ended = _up_to(grid, complete, times_picked)
    cut = _up_to(grid, censored, times_picked) if any(map(len, censored)) else np.zeros_like(ended)
    if cut.any():
        at_risk = (ended + cut)[:, -1:] - np.pad((ended + cut)[:, :-1], ((0, 0), (1, 0)))
        left = np.cumprod(1 - np.diff(ended, prepend=0, axis=1) / np.maximum(at_risk, 1), axis=1)
    else:
        left = 1 - ended / np.maximum(ended[:, -1:], 1)
    found = []
    for share in shares:
        is_reached = left <= 1 - share + 1e-9
        found.append(np.where(is_reached.any(axis=1), grid[np.argmax(is_reached, axis=1)], np.inf))
    return np.stack(found, axis=1)


def _complete(sample: Summary) -> Floats:
    return np.empty(0) if sample.values is None else sample.values


def _up_to(grid: Floats, groups: Sequence[Floats], times_picked: Floats) -> Floats:
    """Return how many values of each resample lie up to each point of the grid, shape (resamples, points)."""
    counts = np.stack([np.searchsorted(np.sort(values), grid, side="right") for values in groups])
    # Not `@`: for so little a matrix library loses more by starting threads than it gains.
    return np.asarray(np.einsum("br,rt->bt", times_picked, counts.astype(np.float64)))


def _interval(value: float, low: float | None, high: float | None, method: str) -> dict[str, Any]:
    known = [None if x is None or not np.isfinite(x) else x for x in (low, high)]
    return {"value": value, "low": known[0], "high": known[1], "method": method}
