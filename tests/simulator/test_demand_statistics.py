"""Drawn demand beside its laws: hours, days, over-dispersion, and luck that is shared."""

import numpy as np
import pytest
from scipy import stats

from gatewatch.simulator.demand import draw_arrivals
from gatewatch.simulator.network import build_network
from gatewatch.simulator.streams import Streams

PROFILE = [0, 0, 0, 0, 0, 1, 4, 9, 9, 8, 6, 3, 2, 5, 8, 9, 7, 5, 3, 1, 0, 0, 0, 0]
ROAD = """
[gates.NAME.stations.road]
[gates.NAME.export.stages.road]
service = <1 min>
"""
FLOW = """
[demand.test.flows.NAME]
gate = "NAME"
direction = "export"
arrivals = { kind = "poisson", per_day = 100, day_factor_cv = CV, day_factor_of = "WHOSE" }
"""
HOUR_US = 3_600_000_000


def arrivals(builder, border, flow="a", days=400, replication=0):
    """Return the arrivals of a flow over many days [us]."""
    plan = builder.plan(border, days=days)
    network = build_network(plan.loaded, plan)
    data = network.border.demand["test"].flows[flow]
    return draw_arrivals(network, flow, data, Streams(plan.seed, replication)).times_us


def by_day(times_us, days=400):
    """Return the arrivals of each day."""
    return np.bincount(times_us // (24 * HOUR_US), minlength=days)


def flows(cv, whose, names="a"):
    """Return a border with a flow of a hundred a day for each gate."""
    return "".join(ROAD.replace("NAME", name) for name in names) + "".join(
        FLOW.replace("NAME", name).replace("CV", str(cv)).replace("WHOSE", whose) for name in names
    )


def test_counts_by_hour_follow_the_profile(builder):
    """Forty thousand vehicles in the fifteen hours that have any; none in the others."""
    border = flows(0.0, "flow").replace("per_day = 100", 'per_day = 100, hours = "work"')
    times = arrivals(builder, border + f"[hour_profiles.work]\nweights = {PROFILE}\n")
    counts = np.bincount(times // HOUR_US % 24, minlength=24)
    weights = np.array(PROFILE)
    expected = weights[weights > 0] / weights.sum() * counts.sum()

    assert (counts[weights == 0] == 0).all()
    assert stats.chisquare(counts[weights > 0], expected).pvalue > 0.001


def test_within_an_hour_all_minutes_are_alike(builder):
    """Uniform over each part of the profile."""
    border = flows(0.0, "flow").replace("per_day = 100", 'per_day = 100, hours = "work"')
    times = arrivals(builder, border + f"[hour_profiles.work]\nweights = {PROFILE}\n")

    assert stats.kstest(times % HOUR_US / HOUR_US, "uniform").pvalue > 0.001


def test_counts_by_day_are_poisson(builder):
    """The index of dispersion times its degrees of freedom is chi-squared, and so is the mean right."""
    counts = by_day(arrivals(builder, flows(0.0, "flow")))
    dispersion = (len(counts) - 1) * counts.var(ddof=1) / counts.mean()
    low, high = stats.chi2.ppf([0.0005, 0.9995], len(counts) - 1)

    assert low < dispersion < high
    assert counts.mean() == pytest.approx(100, abs=3.3 * 10 / len(counts) ** 0.5)


def test_gaps_of_an_even_day_are_exponential(builder):
    """A Poisson process without a profile; the days join without a seam."""
    gaps_s = np.diff(np.sort(arrivals(builder, flows(0.0, "flow"), days=100))) / 1e6

    assert stats.kstest(gaps_s, stats.expon(scale=864).cdf).pvalue > 0.001


@pytest.mark.parametrize("cv", [0.1, 0.3])
def test_a_gamma_day_factor_makes_days_differ(builder, cv):
    """The index of dispersion is 1 + mean · cv² (within what the bootstrap of the days allows)."""
    counts = by_day(arrivals(builder, flows(cv, "flow"), days=3_000), days=3_000)
    resampled = np.random.default_rng(0).choice(counts, (400, len(counts)))
    indices = resampled.var(axis=1, ddof=1) / resampled.mean(axis=1)
    low, high = np.quantile(indices, [0.0025, 0.9975])

    assert low < 1 + 100 * cv**2 < high
    assert counts.mean() == pytest.approx(100, abs=4 * (100 + 1e4 * cv**2) ** 0.5 / 3_000**0.5)


def test_counts_with_a_gamma_factor_are_negative_binomial(builder):
    """A Poisson count with a gamma mean; twelve classes of equal chance."""
    cv = 0.3
    counts = by_day(arrivals(builder, flows(cv, "flow"), days=3_000), days=3_000)
    known = stats.nbinom(cv**-2, 1 / (1 + 100 * cv**2))
    edges = known.ppf(np.arange(1, 12) / 12)
    observed = np.bincount(np.searchsorted(edges, counts), minlength=12)
    expected = np.diff(np.concatenate([[0], known.cdf(edges), [1]])) * len(counts)

    assert stats.chisquare(observed, expected).pvalue > 0.001


@pytest.mark.parametrize(("whose", "correlation"), [("border", 0.9), ("gate", 0.0), ("flow", 0.0)])
def test_a_shared_day_factor_makes_gates_busy_together(builder, whose, correlation):
    """Shared by the border it is mean · cv² / (1 + mean · cv²); by gate or flow there is none."""
    border = flows(0.3, whose, "ab")
    first, second = (by_day(arrivals(builder, border, flow)) for flow in "ab")

    assert np.corrcoef(first, second)[0, 1] == pytest.approx(
        correlation, abs=4 / 400**0.5 if correlation == 0 else 0.04
    )


def test_flows_of_a_gate_share_its_factor(builder):
    """Two flows of one gate: the luck of the gate is theirs, though each has arrivals of its own."""
    border = flows(0.3, "gate") + FLOW.replace("flows.NAME", "flows.more").replace("NAME", "a").replace(
        "CV", "0.3"
    ).replace("WHOSE", "gate")
    first, second = (by_day(arrivals(builder, border, flow)) for flow in ("a", "more"))

    assert np.corrcoef(first, second)[0, 1] == pytest.approx(0.9, abs=0.04)
    assert (first != second).any()


def test_replications_are_independent(builder):
    """The counts of two replications have nothing to do with each other."""
    border = flows(0.3, "border")
    first, second = (by_day(arrivals(builder, border, replication=n)) for n in range(2))

    assert abs(np.corrcoef(first, second)[0, 1]) < 4 / 400**0.5


def test_days_are_independent(builder):
    """The luck of a day says nothing of the next."""
    counts = by_day(arrivals(builder, flows(0.3, "flow")))

    assert abs(np.corrcoef(counts[:-1], counts[1:])[0, 1]) < 4 / 400**0.5


def test_weekdays_and_seasons_scale_the_mean(builder):
    """Sundays at a quarter: the mean of the other days is untouched."""
    border = flows(0.0, "flow").replace("per_day = 100", 'per_day = 100, weekdays = "week"')
    week = "[weekday_profiles.week]\nfactors = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.25]\n"
    counts = by_day(arrivals(builder, border + week, days=700), days=700).reshape(100, 7).mean(axis=0)

    assert counts[:6] == pytest.approx(100, abs=4)
    assert counts[6] == pytest.approx(25, abs=2)


def test_renewal_gaps_follow_their_law(builder):
    """Gamma gaps of an hour with a coefficient of variation of one half."""
    border = (
        ROAD.replace("NAME", "a")
        + """
    [demand.test.flows.a]
    gate = "a"
    direction = "export"
    arrivals = { kind = "renewal", gap = { law = "gamma", mean = 1, cv = 0.5, unit = "h" } }
    """
    )
    times = arrivals(builder, border, days=200)
    gaps_h = np.diff(np.concatenate([[0], times])) / HOUR_US

    assert stats.kstest(gaps_h, stats.gamma(4, scale=0.25).cdf).pvalue > 0.001
