"""The tolerance rule: what agrees, and that nothing else does."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.verification.case import CLOCK, Law, Mean, Same
from gatewatch.simulator.verification.cases import list_cases
from gatewatch.simulator.verification.judging import CONFIDENCE, judge
from gatewatch.simulator.verification.runner import n_figures, run_case, verify


def mean_of(exact, precision=0.01):
    """A mean whose exact value is said to be `exact`."""
    return Mean("mean wait", "min", lambda: exact, lambda _: 0.0, precision)


def normal(n, mean=10.0, deviation=0.2, seed=1):
    """Values of n replications."""
    return list(np.random.default_rng(seed).normal(mean, deviation, n))


def test_a_mean_within_the_limit_of_student_agrees():
    """30 replications of mean 10 and standard error 0.4 %."""
    figure = judge("x", mean_of(10.0), normal(30), n_figures=100)

    assert figure.passed
    assert figure.fault == ""
    assert figure.half_width == pytest.approx(
        stats.t.ppf(1 - (1 - CONFIDENCE) / 200, 29) * np.std(normal(30), ddof=1) / 30**0.5
    )


@pytest.mark.parametrize("wrong", [9.7, 10.3])
def test_a_wrong_exact_value_does_not_agree(wrong):
    """Three per cent off is seen where the standard error is 0.4 %."""
    figure = judge("x", mean_of(wrong), normal(30), n_figures=100)

    assert not figure.passed
    assert figure.fault.startswith("off by")


def test_noise_does_not_pass_for_agreement():
    """A standard error of 9 % covers any value; the figure fails all the same."""
    figure = judge("x", mean_of(10.0), normal(30, deviation=5.0), n_figures=100)

    assert abs(figure.found - 10) < figure.half_width
    assert not figure.passed
    assert figure.fault.startswith("too noisy")


def test_a_single_replication_tells_nothing():
    """Without a second one there is no standard error."""
    assert not judge("x", mean_of(10.0), [10.0], n_figures=1).passed


@pytest.mark.parametrize("quantity", [mean_of(10.0), Same("start", CLOCK, 10.0, lambda _: 0.0)])
def test_a_value_that_is_not_known_never_agrees(quantity):
    """NaN stands for a vehicle that should have left and has not."""
    assert not judge("x", quantity, [10.0, float("nan"), 10.0], n_figures=1).passed


def test_a_time_that_is_a_microsecond_off_does_not_agree():
    """Hand calculations have no tolerance, even two days after the start."""
    quantity = Same("start", CLOCK, 1.728e11, lambda _: 0.0)

    assert judge("x", quantity, [1.728e11, 1.728e11], n_figures=1).passed
    assert not judge("x", quantity, [1.728e11, 1.728e11 + 1], n_figures=1).passed


def test_another_law_and_too_few_values_do_not_agree():
    """Exponential values: against their law, against a gamma law of the same mean, and only fifty of them."""
    values = np.random.default_rng(1).exponential(2.0, 20_000)
    right = Law("gaps", "min", lambda x: stats.expon.cdf(x, scale=2), lambda _: values)
    wrong = replace(right, cumulative=lambda x: stats.gamma.cdf(x, 1.2, scale=2 / 1.2))

    assert judge("x", right, [values[:9_000], values[9_000:]], n_figures=100).passed
    assert judge("x", wrong, [values], n_figures=100).fault == "another law"
    assert judge("x", right, [values[:50]], n_figures=100).fault == "too noisy: 50 values"
    assert judge("x", right, [values], 100).found == pytest.approx(stats.kstest(values, "expon", args=(0, 2)).statistic)


def test_a_faultless_simulator_is_hardly_ever_accused():
    """The limit holds at the stated confidence: of 4,000 faultless figures about 4 are off."""
    off = sum(not judge("x", mean_of(10.0), normal(20, seed=seed), n_figures=1).passed for seed in range(4_000))

    assert off <= stats.poisson.ppf(0.9999, 4_000 * (1 - CONFIDENCE))


def test_every_mean_and_law_of_the_shipped_cases_shares_the_confidence():
    """The limits do not get narrower when fewer cases are asked for."""
    case = list_cases()["full_queue"]
    found = run_case(case, range(30), 1, "kernel")
    alone = judge(case.name, case.quantities()[0], [values[0] for values in found], n_figures())

    assert n_figures() > 100
    assert verify(["full_queue"])[0] == alone


@pytest.mark.parametrize("name", ["md1", "full_queue", "recursions"])
def test_a_planted_wrong_exact_value_is_noticed_in_every_figure_of_a_case(name):
    """Exact values that are 6 % too high, and paths that are a microsecond off."""
    case = list_cases()[name]
    found = run_case(case, range(30 if name != "recursions" else 2), 1, "kernel")
    for place, quantity in enumerate(case.quantities()):
        if isinstance(quantity, Mean):
            wrong = replace(quantity, exact=lambda exact=quantity.exact: 1.06 * exact())
        else:
            wrong = replace(quantity, exact=quantity.exact + 1)

        assert not judge(name, wrong, [values[place] for values in found], n_figures()).passed


def test_a_time_that_is_off_is_told_in_seconds():
    """A person reads neither microseconds since midnight nor the number that stands for never."""
    quantity = Same("start", CLOCK, 28_800e6, lambda _: 0.0)

    assert judge("x", quantity, [28_830e6], n_figures=1).fault == "off by 30.000000 s"
    assert judge("x", quantity, [float(NOT_YET)], n_figures=1).fault == "did not happen"
