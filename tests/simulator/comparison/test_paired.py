"""Paired differences against SciPy, by hand, and by how often their intervals cover the truth."""

import numpy as np
import pytest
from scipy import stats

from gatewatch.simulator.comparison.paired import BY_RESAMPLING, paired_means, paired_percentiles, percentiles_of
from gatewatch.simulator.measures.base import Sample
from gatewatch.simulator.output_analysis import PERCENTILES, summarise


@pytest.fixture
def two_scenarios():
    """Return twelve replications of two scenarios that share most of their luck."""
    generator = np.random.default_rng(5)
    shared = generator.normal(100, 20, 12)
    return shared + generator.normal(0, 2, 12), shared + generator.normal(3, 2, 12)


def test_the_paired_test_is_the_one_of_scipy(two_scenarios):
    """Difference, interval and p are those of the paired t test."""
    before, after = two_scenarios
    effect = paired_means(before, after)
    expected = stats.ttest_rel(after, before)
    low, high = expected.confidence_interval(0.95)

    assert effect.p_value() == pytest.approx(expected.pvalue)
    assert effect.difference - effect.half_width() == pytest.approx(low)
    assert effect.difference + effect.half_width() == pytest.approx(high)


def test_the_unpaired_half_width_is_welchs(two_scenarios):
    """What independent replications would have given comes from Welch's interval."""
    before, after = two_scenarios
    low, high = stats.ttest_ind(after, before, equal_var=False).confidence_interval(0.95)

    assert paired_means(before, after).unpaired_half_width() == pytest.approx((high - low) / 2)


def test_two_one_sided_tests_are_those_of_scipy(two_scenarios):
    """The p of a difference that matters is the larger of the two one-sided ones."""
    before, after = two_scenarios
    change = after - before
    above = stats.ttest_1samp(change, -5, alternative="greater").pvalue
    below = stats.ttest_1samp(change, 5, alternative="less").pvalue

    assert paired_means(before, after).p_beyond(5) == pytest.approx(max(above, below))


def test_two_one_sided_tests_by_hand():
    """Differences 1, 2, 3: mean 2, standard error 1/sqrt(3); within 4 by t = 2 sqrt(3) of 2 degrees."""
    effect = paired_means([0.0, 0.0, 0.0], [1.0, 2.0, 3.0])
    by_hand = 1 - stats.t.cdf(2 * np.sqrt(3), 2)

    assert effect.p_beyond(4) == pytest.approx(by_hand)
    assert effect.p_value() == pytest.approx(2 * by_hand)


def test_the_reduction_is_negative_where_pairing_harms():
    """Opposite luck makes the paired difference more uncertain, and it is said so."""
    before = [1.0, 2.0, 3.0, 4.0]

    assert paired_means(before, before[::-1]).reduction == pytest.approx(-1)
    assert paired_means(before, [2.0, 3.0, 4.0, 5.0]).reduction == pytest.approx(1)


def test_equal_scenarios_differ_by_exactly_nothing(two_scenarios):
    """The same values give a difference of 0 with certainty, and no p says otherwise."""
    effect = paired_means(two_scenarios[0], two_scenarios[0])

    assert (effect.difference, effect.error, effect.p_value(), effect.p_beyond(1e-9)) == (0, 0, 1, 0)


def test_pooled_percentiles_of_equal_scenarios_are_equal():
    """Both are resampled alike, so what is the same stays the same to the last bit."""
    generator = np.random.default_rng(1)
    samples = [summarise(Sample(generator.exponential(60, 80))) for _ in range(8)]
    found = percentiles_of(samples)
    effect = paired_percentiles(found, found, PERCENTILES.index(95))

    assert effect is not None
    assert (effect.method, effect.difference, effect.error) == (BY_RESAMPLING, 0, 0)


def test_the_paired_interval_covers_the_truth_nineteen_times_in_twenty():
    """Over 4,000 experiments of 10 pairs the 95 % interval holds the true difference 95 % of the time."""
    generator = np.random.default_rng(2)
    shared = generator.gamma(4, 25, (4_000, 10))
    change = 5 + 0.1 * shared + generator.normal(0, 4, shared.shape)
    effects = [paired_means(before, before + d) for before, d in zip(shared, change, strict=True)]
    covered = np.mean([abs(effect.difference - 15) <= effect.half_width() for effect in effects])

    assert 0.938 <= covered <= 0.962


@pytest.mark.parametrize("replications", [10, 30])
def test_the_interval_of_a_pooled_percentile_covers_the_truth(replications):
    """
    Resampled replications bound the difference of two 90th percentiles about as often as they claim.

    Vehicles of a replication share its luck, and both scenarios share vehicles: waits are exponential with a mean that
    differs by replication, in the second scenario 1.2 times as long. The truth comes from a million vehicles.
    """
    generator = np.random.default_rng(3)

    def waits(n):
        scale = generator.gamma(25, 2, n)
        return generator.exponential(1, (n, 60)) * scale[:, None]

    truth = 0.2 * np.quantile(waits(20_000), 0.9)
    covered = 0
    for _ in range(400):
        vehicles = waits(replications)
        before = percentiles_of([summarise(Sample(row)) for row in vehicles])
        after = percentiles_of([summarise(Sample(1.2 * row)) for row in vehicles])
        effect = paired_percentiles(before, after, PERCENTILES.index(90))
        assert effect is not None
        covered += abs(effect.difference - truth) <= effect.half_width()

    assert 0.91 <= covered / 400 <= 0.985
