"""Intervals and percentiles, against published examples, hand values and seeded coverage."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from gatewatch.simulator.measures.base import Sample
from gatewatch.simulator.output_analysis import (
    FEW,
    PERCENTILES,
    kaplan_meier,
    order_statistics_interval,
    percentile_interval,
    summarise,
    t_interval,
)

P50, P95 = 0, 2


def generator(seed):
    """Return a stream of random numbers."""
    return np.random.Generator(np.random.PCG64DXSM(seed))


def samples(groups, censored=None):
    """Return the summary of each replication's values."""
    cut = [[]] * len(groups) if censored is None else censored
    pairs = zip(groups, cut, strict=True)
    return [summarise(Sample(np.array(v, dtype=float), np.array(c, dtype=float))) for v, c in pairs]


def test_kaplan_meier_gives_the_example_of_its_authors():
    """
    Kaplan & Meier (1958), section 2: deaths at 0.8, 3.1, 5.4, 9.2; losses at 1.0, 2.7, 7.0, 12.1.

    The survival falls to 7/8, 7/10, 21/40 and 21/80; the area under it up to 12.1 is 7.17875.
    """
    mean, (p50, p90, p95) = kaplan_meier(np.array([0.8, 3.1, 5.4, 9.2]), np.array([1.0, 2.7, 7.0, 12.1]))

    assert mean == pytest.approx(0.8 + 2.3 * 7 / 8 + 2.3 * 7 / 10 + 3.8 * 21 / 40 + 2.9 * 21 / 80)
    assert p50 == 9.2
    assert np.isnan([p90, p95]).all()


def test_without_censoring_it_is_mean_and_ordered_values():
    """Of twenty values the tenth, the eighteenth and the nineteenth."""
    mean, percentiles = kaplan_meier(np.arange(1.0, 21.0), np.empty(0))

    assert mean == 10.5
    assert percentiles == (10, 18, 19)


@given(
    st.lists(st.integers(0, 9), max_size=30),
    st.lists(st.integers(0, 9), max_size=12),
)
def test_kaplan_meier_is_that_of_scipy(values, censored):
    """SciPy's survival function, tied times and none too; the mean is the area under it up to the longest time."""
    assume(values or censored)
    found = stats.ecdf(stats.CensoredData(uncensored=values, right=censored)).sf
    times, left = np.asarray(found.quantiles, dtype=float), np.asarray(found.probabilities)
    area = np.sum(np.concatenate([[1.0], left[:-1]]) * np.diff(times, prepend=0.0))
    mean, percentiles = kaplan_meier(np.array(values, dtype=float), np.array(censored, dtype=float))

    assert mean == pytest.approx(area)
    for p, percentile in zip(PERCENTILES, percentiles, strict=True):
        reached = times[left <= 1 - p / 100 + 1e-12]
        assert percentile == reached[0] if len(reached) else np.isnan(percentile)


def test_values_that_are_all_censored_give_the_longest_time_seen():
    """The mean is restricted to it, no percentile is known."""
    mean, percentiles = kaplan_meier(np.empty(0), np.array([2.0, 5.0]))

    assert mean == 5
    assert np.isnan(percentiles).all()


def test_t_interval_is_students():
    """Four values with mean 5 and standard deviation 2: 3.182446 times 2 over 2."""
    mean, half = t_interval(np.array([5 - 3**0.5, 5 - 3**0.5, 5 + 3**0.5, 5 + 3**0.5]))

    assert mean == 5
    assert half == pytest.approx(3.182446, rel=1e-6)


def test_t_interval_of_one_replication_has_no_width():
    """One value says nothing of its spread."""
    assert t_interval([3.0]) == (3.0, None)


def test_order_statistics_cover_the_percentile_as_promised():
    """Of 2,000 samples of 60 exponential values, 95 % or a few more hold the median or 90th percentile."""
    draws = generator(1).exponential(size=(2_000, 60))
    for share in (0.5, 0.9):
        truth = -np.log(1 - share)
        intervals = np.array([order_statistics_interval(row, share) for row in draws])
        covered = ((intervals[:, 0] <= truth) & (truth <= intervals[:, 1])).mean()

        assert 0.94 <= covered <= 0.99


def test_the_pooled_bootstrap_covers_when_values_of_a_replication_depend_on_each_other():
    """
    Twenty replications of forty values that share a shift; the true median is 0.

    Resampling single values would cover in less than half of the cases; whole replications nearly keep the
    promise (the bootstrap of twenty is known to be a little short).
    """
    random, covered = generator(2), []
    for _ in range(200):
        values = random.normal(size=(20, 1)) + random.normal(size=(20, 40))
        found = percentile_interval(samples(values), P50)
        covered.append(found["low"] <= 0 <= found["high"])

    assert found["method"] == "bootstrap over replications"
    assert 0.87 <= np.mean(covered) <= 0.99


def test_pooled_percentiles_are_those_of_all_values_together():
    """With fewer values than points of the grid the interval's ends are values, too."""
    found = percentile_interval(samples([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), P50)

    assert found["value"] == 5
    assert found["low"] in range(1, 6)
    assert found["high"] in range(5, 10)


def test_pooled_percentiles_are_aware_of_censoring():
    """Three of four of each replication are only known to be longer than 2: the median is not known."""
    found = percentile_interval(samples([[1], [1]], censored=[[2, 2, 2], [2, 2, 2]]), P50)

    assert np.isnan(found["value"])
    assert found["high"] is None


def test_an_open_upper_end_is_null():
    """One replication: the 95th percentile is at least so much, and censoring hides how much more."""
    found = percentile_interval(samples([np.arange(95)], censored=[np.full(5, 100)]), P95)

    assert found["method"] == "order statistics"
    assert found["low"] > 85
    assert found["high"] is None


def test_large_replications_are_averaged_even_if_one_is_a_little_smaller():
    """A slice of about a thousand vehicles must not be judged by its small replications alone."""
    large, small = np.full(FEW, 10.0), np.full(FEW - 1, 13.0)
    found = percentile_interval(samples([large, large, small]), P50)

    assert found["method"] == "t over replications"
    assert found["value"] == pytest.approx(11)


def test_a_plain_value_has_no_percentiles():
    """It is one number, not a sample."""
    assert percentile_interval([summarise(1.0), summarise(2.0)], P50) is None


def test_an_empty_sample_says_nothing():
    """No row comes of it."""
    assert summarise(Sample(np.empty(0))) is None
