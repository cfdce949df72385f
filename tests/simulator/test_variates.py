"""Laws by inversion beside SciPy's: quantiles, means, and what is left of a service under way."""

import numpy as np
import pytest
from pydantic import TypeAdapter
from scipy import stats

from gatewatch.config.errors import ConfigError
from gatewatch.config.laws import Law
from gatewatch.simulator.variates import Variate, weibull_parameters

N = 20_000
SHARES = np.concatenate([[1e-9], np.linspace(0.001, 0.999, 999), [1 - 1e-9]])
LAW = TypeAdapter(Law)
LOG_VARIANCE = np.log1p(0.5**2)
SMOOTH = [
    ({"law": "exponential", "mean": 4.0}, stats.expon(scale=4)),
    ({"law": "erlang", "phases": 3, "mean": 6.0}, stats.gamma(3, scale=2)),
    ({"law": "gamma", "mean": 6.0, "cv": 0.5}, stats.gamma(4, scale=1.5)),
    ({"law": "gamma", "shape": 0.7, "scale": 3.0}, stats.gamma(0.7, scale=3)),
    ({"law": "lognormal", "mu": 1.0, "sigma": 0.8}, stats.lognorm(0.8, scale=np.e)),
    (
        {"law": "lognormal", "mean": 6.0, "cv": 0.5},
        stats.lognorm(LOG_VARIANCE**0.5, scale=6 * np.exp(-LOG_VARIANCE / 2)),
    ),
    ({"law": "weibull", "shape": 1.7, "scale": 5.0}, stats.weibull_min(1.7, scale=5)),
    ({"law": "triangular", "low": 1.0, "mode": 2.0, "high": 6.0}, stats.triang(0.2, loc=1, scale=5)),
    ({"law": "triangular", "low": 1.0, "mode": 1.0, "high": 6.0}, stats.triang(0, loc=1, scale=5)),
    ({"law": "triangular", "low": 1.0, "mode": 6.0, "high": 6.0}, stats.triang(1, loc=1, scale=5)),
    ({"law": "uniform", "low": 1.0, "high": 6.0}, stats.uniform(1, 5)),
]
NAMES = [" ".join(str(x) for x in law.values()) for law, _ in SMOOTH]


def variate(unit="s", **law):
    """Return a law ready for drawing."""
    return Variate(LAW.validate_python({"unit": unit} | law))


def uniforms(seed=0):
    """Return many uniforms."""
    return np.random.default_rng(seed).random(N)


@pytest.mark.parametrize(("law", "known"), SMOOTH, ids=NAMES)
def test_quantiles_are_those_of_the_textbook(law, known):
    """At a thousand shares, into both tails."""
    assert variate(**law).quantile_s(SHARES) == pytest.approx(known.ppf(SHARES), rel=1e-9)


@pytest.mark.parametrize(("law", "known"), SMOOTH, ids=NAMES)
def test_means_are_those_of_the_textbook(law, known):
    """In seconds, whatever the unit."""
    assert variate(**law).mean_s() == pytest.approx(known.mean())
    assert variate(unit="min", **law).mean_s() == pytest.approx(60 * known.mean())


@pytest.mark.parametrize(("unit", "factor"), [("s", 1), ("min", 60), ("h", 3_600), ("day", 86_400)])
def test_durations_come_in_seconds(unit, factor):
    """The unit of the law is its own affair."""
    assert variate(unit=unit, law="uniform", low=1.0, high=3.0).quantile_s(np.array([0.5])) == pytest.approx(2 * factor)


@pytest.mark.parametrize("cv", [0.1, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("law", ["gamma", "lognormal", "weibull"])
def test_mean_and_cv_are_those_that_were_given(law, cv):
    """By integration of the quantiles."""
    shares = (np.arange(400_000) + 0.5) / 400_000
    found = variate(law=law, mean=10.0, cv=cv).quantile_s(shares)

    assert found.mean() == pytest.approx(10, rel=2e-3)
    assert found.std() / found.mean() == pytest.approx(cv, rel=2e-2 if cv > 1 else 3e-3)


def test_a_weibull_of_cv_one_is_exponential():
    """The shape that gives a cv is found numerically."""
    shape, scale = weibull_parameters(LAW.validate_python({"law": "weibull", "unit": "s", "mean": 7.0, "cv": 1.0}))

    assert (shape, scale) == pytest.approx((1, 7))


def test_a_constant_is_always_the_same():
    """Zero too."""
    assert variate(law="constant", value=3.0).quantile_s(uniforms()).tolist() == [3.0] * N
    assert variate(law="constant", value=0.0).quantile_s(uniforms()).max() == 0


def test_a_hyperexponential_is_a_mixture():
    """Nine tenths short, one tenth long; weights need not sum to one."""
    mixture = variate(law="hyperexponential", means=[1.0, 20.0], weights=[9.0, 1.0])
    found = mixture.quantile_s(uniforms())

    assert mixture.mean_s() == pytest.approx(2.9)
    assert stats.kstest(found, lambda x: 1 - 0.9 * np.exp(-x) - 0.1 * np.exp(-x / 20)).pvalue > 0.001


def test_an_empirical_law_gives_each_value_as_often_as_it_was_measured():
    """Two of four are 7."""
    law = variate(law="empirical", values=[7.0, 1.0, 7.0, 3.0])

    assert law.quantile_s(np.array([0.0, 0.24, 0.25, 0.49, 0.5, 0.75, 0.999])).tolist() == [
        1,
        1,
        3,
        3,
        7,
        7,
        7,
    ]
    assert law.mean_s() == pytest.approx(4.5)


def test_an_empirical_law_reads_a_file_beside_the_border(tmp_path):
    """A column `value`; a value below zero or no value at all is refused."""
    law = LAW.validate_python({"law": "empirical", "unit": "min", "file": "stays.csv"})
    (tmp_path / "stays.csv").write_text("value\n2\n4\n")

    assert Variate(law, tmp_path).mean_s() == pytest.approx(180)
    for content in ("value\n2\n-4\n", "value\n", "value\nlong\n"):
        (tmp_path / "stays.csv").write_text(content)
        with pytest.raises(ConfigError):
            Variate(law, tmp_path)


@pytest.mark.parametrize(("law", "known"), SMOOTH, ids=NAMES)
def test_at_most_cuts_longer_durations(law, known):
    """Draws above the limit are the limit; the mean is the one of the cut law."""
    cut = variate(at_most=3.0, **law)
    shares = (np.arange(200_000) + 0.5) / 200_000

    assert cut.quantile_s(SHARES) == pytest.approx(np.minimum(known.ppf(SHARES), 3.0), rel=1e-9)
    assert cut.mean_s() == pytest.approx(np.minimum(known.ppf(shares), 3.0).mean(), rel=1e-6)


def test_a_longer_law_gives_every_vehicle_a_longer_duration():
    """Inversion keeps the order of vehicles."""
    shares = uniforms()
    short, long = variate(law="gamma", mean=5.0, cv=0.7), variate(law="gamma", mean=6.0, cv=0.7)

    assert (long.quantile_s(shares) > short.quantile_s(shares)).all()
    assert (np.argsort(long.quantile_s(shares)) == np.argsort(shares)).all()


# ------------------------------------------------------------------------------------- what is left


@pytest.mark.parametrize("served", [0.5, 3.0])
@pytest.mark.parametrize(("law", "known"), SMOOTH, ids=NAMES)
def test_what_is_left_follows_the_law_given_what_was_served(law, known, served):
    """P(rest <= x) = (F(served + x) - F(served)) / (1 - F(served)), on twenty thousand draws."""
    rest = variate(**law).residual_s(uniforms(), np.full(N, served))

    def conditional(x):
        return (known.cdf(served + x) - known.cdf(served)) / known.sf(served)

    assert rest.min() >= 0
    assert stats.kstest(rest, conditional).pvalue > 0.001


def test_what_is_left_of_a_mixture_is_more_and_more_the_slow_branch():
    """After ten seconds hardly a fast one is left."""
    rest = variate(law="hyperexponential", means=[1.0, 20.0], weights=[9.0, 1.0]).residual_s(
        uniforms(), np.full(N, 4.0)
    )
    fast, slow = 0.9 * np.exp(-4.0), 0.1 * np.exp(-0.2)
    share = fast / (fast + slow)

    assert stats.kstest(rest, lambda x: 1 - share * np.exp(-x) - (1 - share) * np.exp(-x / 20)).pvalue > 0.001


@pytest.mark.parametrize(
    ("law", "known"),
    [
        ({"law": "exponential", "mean": 4.0}, stats.expon(scale=4)),
        ({"law": "hyperexponential", "means": [1.0, 4.0], "weights": [1.0, 1.0]}, stats.expon(scale=4)),
        ({"law": "erlang", "phases": 1, "mean": 4.0}, stats.expon(scale=4)),
        ({"law": "weibull", "shape": 1.0, "scale": 4.0}, stats.expon(scale=4)),
    ],
)
def test_a_memoryless_service_is_never_over_due(law, known):
    """Two hundred means under way, such as one frozen over Tet: the rest is as long as ever."""
    rest = variate(**law).residual_s(uniforms(), np.full(N, 800.0))

    assert stats.kstest(rest, known.cdf).pvalue > 0.001


def test_a_long_lognormal_service_is_expected_to_last_long():
    """The longer it lasts, the longer it will; so far out the tail is known by its logarithm only."""
    law, served = variate(law="lognormal", mu=0.0, sigma=1.0), np.exp(9.0)
    known = stats.lognorm(1.0)
    rest = law.residual_s(uniforms(), np.full(N, served))

    def conditional(x):
        return -np.expm1(known.logsf(served + x) - known.logsf(served))

    assert stats.kstest(rest, conditional).pvalue > 0.001


def test_what_is_left_of_measured_durations_is_what_was_longer():
    """Of 1, 3, 7 and 7 only the sevens outlast five; nothing outlasts eight, which ends at once."""
    law = variate(law="empirical", values=[7.0, 1.0, 7.0, 3.0])

    assert set(law.residual_s(uniforms(), np.full(N, 5.0))) == {2.0}
    assert set(law.residual_s(uniforms(), np.full(N, 8.0))) == {0.0}
    assert set(law.residual_s(uniforms(), np.full(N, 0.0))) == {1.0, 3.0, 7.0}


def test_what_is_left_of_a_constant_is_the_difference():
    """And nothing once it is over."""
    law = variate(law="constant", value=10.0)

    assert law.residual_s(np.array([0.3, 0.3, 0.3]), np.array([0.0, 4.0, 12.0])).tolist() == [10.0, 6.0, 0.0]


@pytest.mark.parametrize(("law", "known"), SMOOTH, ids=NAMES)
def test_at_most_limits_the_whole_duration_not_the_rest(law, known):
    """Two of at most three are over: one is left at most, and those that were cut have exactly one."""
    rest = variate(at_most=3.0, **law).residual_s(uniforms(), np.full(N, 2.0))
    cut_share = known.sf(3.0) / known.sf(2.0)

    assert rest.max() <= 1 + 1e-12
    assert np.isclose(rest, 1).mean() == pytest.approx(
        cut_share, abs=4 * (cut_share * (1 - cut_share) / N) ** 0.5 + 1e-3
    )


def test_a_service_beyond_its_limit_ends_at_once():
    """Four of at most three."""
    law = variate(law="exponential", mean=4.0, at_most=3.0)

    assert law.residual_s(uniforms(), np.full(N, 4.0)).max() == 0
