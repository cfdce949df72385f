"""Verdicts: Holm by hand and by statsmodels, two one-sided tests, lower bounds, and how many more replications."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from gatewatch.simulator.comparison.paired import Effect, paired_means
from gatewatch.simulator.comparison.verdicts import holm, holm_level, judge, more_replications

ps = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def effect(difference, error, n=10):
    """Return an effect with this difference and standard error."""
    return Effect(100, 1, 100 + difference, 1, difference, error, n)


def test_holm_by_hand():
    """Of 0.01, 0.02, 0.03, 0.04: 4 x 0.01, then 3 x 0.02, then never less than before."""
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])


@settings(max_examples=8, deadline=None)  # statsmodels collects garbage at every call
@given(ps)
def test_holm_is_the_one_of_statsmodels(p):
    """Another implementation gives the same adjusted values."""
    assert holm(p) == pytest.approx(list(multipletests(p, method="holm")[1]))


@given(ps)
def test_the_interval_at_holms_level_agrees_with_holms_verdict(p):
    """A p is below one minus its level exactly where Holm rejects: interval and verdict never contradict each other."""
    rejected = [adjusted <= 0.05 for adjusted in holm(p)]

    for n, value in enumerate(p):
        alpha = 1 - holm_level(p, n)
        if not math.isclose(value, alpha, rel_tol=1e-9):
            assert (value < alpha) == rejected[n]


@pytest.mark.parametrize(
    ("difference", "better", "verdict"),
    [
        (8.0, "higher", "better"),
        (8.0, "lower", "worse"),
        (-8.0, "lower", "better"),
        (8.0, "neither", "more"),
        (-8.0, "neither", "less"),
    ],
)
def test_a_clear_difference_is_judged_by_the_better_direction(difference, better, verdict):
    """Higher may be better, worse, or only more."""
    assert judge([effect(difference, 1)], 3, better)[0].verdict == verdict


def test_a_certain_difference_too_small_to_matter_is_the_same():
    """Significant is not important: 0.5 ±0.2 with a margin of 3 is the same for practical purposes."""
    judgement = judge([effect(0.5, 0.1)], 3, "higher")[0]

    assert judgement.verdict == "same"
    assert judgement.p_adjusted is not None
    assert judgement.p_adjusted < 0.05


def test_no_clear_difference_is_undecided_with_a_number_of_replications():
    """The interval covers zero and reaches beyond the margin: it takes more replications."""
    judgement = judge([effect(1.0, 2.0)], 3, "higher")[0]

    assert judgement.verdict == "undecided"
    assert judgement.more is not None
    assert judgement.more > 0


def test_more_scenarios_ask_for_more_certainty():
    """The same difference is told alone, and not told among six."""
    alone = judge([effect(2.5, 1)], 0.1, "higher")[0]
    among = judge([effect(2.5, 1)] + 5 * [effect(0.1, 1)], 0.1, "higher")[0]

    assert alone.verdict == "better"
    assert among.verdict == "undecided"


def test_the_order_of_the_scenarios_changes_no_verdict():
    """Each scenario is judged the same wherever it stands."""
    effects = [effect(d, 1.0) for d in (0.1, 2.6, -4.0, 9.0)]
    forwards, backwards = judge(effects, 1, "higher"), judge(effects[::-1], 1, "higher")

    assert forwards == backwards[::-1]


def test_the_further_replications_are_those_of_the_formula():
    """With no difference seen, n = (t s / margin)^2: for s = 10, margin 2 and t about 1.98 that is 99 pairs."""
    more = more_replications(effect(0.0, 10 / math.sqrt(10)), 2.0)

    assert more == pytest.approx((1.984 * 10 / 2) ** 2 - 10, abs=2)


def test_the_further_replications_do_tell():
    """With twice as many as were named, most experiments are decided."""
    generator = np.random.default_rng(4)
    first = judge([paired_means(np.zeros(10), generator.normal(0, 10, 10))], 3, "higher")[0]
    assert first.more is not None
    n = 10 + 2 * first.more
    told = [judge([paired_means(np.zeros(n), generator.normal(0, 10, n))], 3, "higher")[0].verdict for _ in range(200)]

    assert first.verdict == "undecided"
    assert told.count("undecided") < 60


def test_too_many_replications_are_not_promised():
    """What takes over a hundred thousand is not told by replications."""
    assert more_replications(effect(0.0, 1_000.0), 0.01) is None


def test_a_lower_bound_proves_only_its_own_side():
    """
    A wait that is at least so long may be worse, never better or the same.

    With a bound of the scenario the true difference is at least the one seen; with one of the baseline at most.
    """
    worse, better, both = [
        judge([effect(d, 1)], 3, "lower", [bound])[0]
        for d, bound in ((9.0, "at least"), (-9.0, "at most"), (9.0, "unknown"))
    ]
    wrong_side = [judge([effect(d, 1)], 3, "lower", [b])[0] for d, b in ((-9.0, "at least"), (9.0, "at most"))]
    tiny = judge([effect(0.0, 0.01)], 3, "lower", ["at least"])[0]

    assert [worse.verdict, better.verdict, both.verdict] == ["worse", "better", "unknown"]
    assert [j.verdict for j in wrong_side] == ["undecided", "undecided"]
    assert [j.more for j in wrong_side] == [None, None]
    assert tiny.verdict == "undecided"


def test_a_verdict_is_wrong_for_any_of_five_scenarios_at_most_one_time_in_twenty():
    """Of five scenarios that change nothing, one or more is called better or worse in at most 5 % of experiments."""
    generator = np.random.default_rng(6)
    wrong = 0
    for _ in range(2_000):
        baseline = generator.normal(0, 1, 10)
        effects = [paired_means(baseline, generator.normal(0, 1, 10)) for _ in range(5)]
        wrong += any(j.verdict in {"better", "worse"} for j in judge(effects, 0.01, "higher"))

    assert wrong / 2_000 <= 0.06
