"""
Durations from laws by inversion: one uniform gives one duration, and a longer law gives a longer duration.

Inversion keeps vehicles comparable between scenarios: when a policy makes a service shorter, the vehicle that was
slow stays the slow one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from gatewatch.config import laws
from gatewatch.config.errors import one_fault
from gatewatch.config.loader import read_values

Floats = NDArray[np.float64]


class Variate:
    """
    A law ready for drawing, in seconds.

    Args:
        law: The law as configured.
        root: Folder or file of the border, for empirical laws that name a CSV file.
    """

    def __init__(self, law: laws.Law, root: Path | None = None) -> None:
        self.law = law
        self._unit_s = law.unit_s
        self._most = np.inf if law.at_most is None else law.at_most
        self._inverse, self._log_tail, self._from_log_tail, self._mean = _functions(law, root)

    def quantile_s(self, uniforms: Floats) -> Floats:
        """Return the durations [s] below which these shares of draws lie."""
        values = self._inverse(uniforms)
        return (np.minimum(values, self._most) if np.isfinite(self._most) else values) * self._unit_s

    def residual_s(self, uniforms: Floats, served_s: Floats) -> Floats:
        """
        Return the rest of durations of which `served_s` [s] is over, drawn given that much was served.

        A duration that cannot be as long as what was served ends at once.
        """
        served = served_s / self._unit_s
        if isinstance(self.law, laws.Hyperexponential):
            rest = _hyperexponential_rest(self.law, uniforms, served)
            return np.maximum(np.minimum(rest, self._most - served), 0.0) * self._unit_s
        # By the logarithm of the tail: far out, at many means, the share of draws below rounds to 1.
        with np.errstate(divide="ignore", invalid="ignore"):
            log_tail = self._log_tail(served)
            whole = np.minimum(self._from_log_tail(log_tail + np.log1p(-uniforms)), self._most)
        whole = np.where(np.isfinite(log_tail) & np.isfinite(whole), whole, served)
        return np.maximum(whole - served, 0.0) * self._unit_s

    def mean_s(self) -> float:
        """Return the mean duration [s]; with `at_most`, by integration of the quantiles."""
        if np.isinf(self._most):
            return self._mean * self._unit_s
        grid = (np.arange(200_000) + 0.5) / 200_000
        return float(np.mean(self.quantile_s(grid)))


_Function = Callable[[Floats], Floats]
_Law = tuple[_Function, _Function, _Function, float]


def _functions(law: laws.Law, root: Path | None) -> _Law:
    """Return the inverse of a law, the logarithm of its tail P(X > x), the inverse of that, and the mean."""
    match law:
        case laws.Constant(value=value):
            return _empirical(np.array([value]))
        case laws.Exponential(mean=mean):
            return (lambda u: -mean * np.log1p(-u)), (lambda x: -x / mean), (lambda tail: -mean * tail), mean
        case laws.Erlang(phases=phases, mean=mean):
            return _gamma(float(phases), mean / phases)
        case laws.Gamma():
            return _gamma(*gamma_parameters(law))
        case laws.Lognormal():
            return _lognormal(*lognormal_parameters(law))
        case laws.Weibull():
            return _weibull(*weibull_parameters(law))
        case laws.Triangular(low=low, mode=mode, high=high):
            return _triangular(low, mode, high)
        case laws.Uniform(low=low, high=high):
            return _uniform(low, high)
        case laws.Hyperexponential(means=means, weights=weights):
            return _hyperexponential(np.array(means), np.array(weights) / sum(weights))
        case laws.Empirical():
            return _empirical(np.sort(np.array(measured_values(law, root))))


def gamma_parameters(law: laws.Gamma) -> tuple[float, float]:
    """Return shape and scale [unit of the law]."""
    if law.mean is not None and law.cv is not None:
        return law.cv**-2, law.mean * law.cv**2
    assert law.shape is not None
    assert law.scale is not None
    return law.shape, law.scale


def lognormal_parameters(law: laws.Lognormal) -> tuple[float, float]:
    """Return mean and standard deviation of the logarithm of the duration in the law's unit."""
    if law.mean is not None and law.cv is not None:
        variance = float(np.log1p(law.cv**2))
        return float(np.log(law.mean)) - variance / 2, variance**0.5
    assert law.mu is not None
    assert law.sigma is not None
    return law.mu, law.sigma


def weibull_parameters(law: laws.Weibull) -> tuple[float, float]:
    """Return shape and scale [unit of the law]; the shape that gives a cv is found numerically."""
    if law.mean is not None and law.cv is not None:
        cv = law.cv

        def excess(log_shape: float) -> float:
            k = np.exp(log_shape)
            return float(special.gammaln(1 + 2 / k) - 2 * special.gammaln(1 + 1 / k) - np.log1p(cv**2))

        shape = float(np.exp(optimize.brentq(excess, -3.0, 7.0, xtol=1e-14)))
        return shape, law.mean / float(special.gamma(1 + 1 / shape))
    assert law.shape is not None
    assert law.scale is not None
    return law.shape, law.scale


def measured_values(law: laws.Empirical, root: Path | None) -> list[float]:
    """
    Return the measured durations of an empirical law.

    Raises:
        ConfigError: The CSV file cannot be read, or a value in it is no duration.
    """
    if law.values is not None:
        return list(law.values)
    assert law.file is not None
    found = []
    for text in read_values(root or Path(), law.file, "value"):
        try:
            found.append(float(text))
        except ValueError:
            raise one_fault(law.file, "value", f'"{text}"', "every cell must be a number") from None
    if not found or min(found) < 0:
        raise one_fault(law.file, "value", "empty or negative", "give at least one duration, none below 0")
    return found


def _gamma(shape: float, scale: float) -> _Law:
    def inverse(u: Floats) -> Floats:
        return np.asarray(special.gammaincinv(shape, u) * scale, dtype=np.float64)

    def log_tail(x: Floats) -> Floats:
        return np.asarray(np.log(special.gammaincc(shape, x / scale)), dtype=np.float64)

    def from_log_tail(tail: Floats) -> Floats:
        return np.asarray(special.gammainccinv(shape, np.exp(tail)) * scale, dtype=np.float64)

    return inverse, log_tail, from_log_tail, shape * scale


def _lognormal(mu: float, sigma: float) -> _Law:
    def inverse(u: Floats) -> Floats:
        values = np.asarray(special.ndtri(u), dtype=np.float64)
        values *= sigma  # in place: these arrays are the bulk of all that is drawn
        values += mu
        return np.exp(values, out=values)

    def log_tail(x: Floats) -> Floats:
        return np.asarray(special.log_ndtr((mu - np.log(x)) / sigma), dtype=np.float64)

    def from_log_tail(tail: Floats) -> Floats:
        return np.asarray(np.exp(mu - sigma * special.ndtri_exp(tail)), dtype=np.float64)

    return inverse, log_tail, from_log_tail, float(np.exp(mu + sigma**2 / 2))


def _weibull(shape: float, scale: float) -> _Law:
    return (
        lambda u: scale * (-np.log1p(-u)) ** (1 / shape),
        lambda x: -((x / scale) ** shape),
        lambda tail: scale * (-tail) ** (1 / shape),
        scale * float(special.gamma(1 + 1 / shape)),
    )


def _uniform(low: float, high: float) -> _Law:
    span = high - low
    return (
        lambda u: low + span * u,
        lambda x: np.log(np.clip((high - x) / span, 0, 1)),
        lambda tail: low - span * np.expm1(tail),
        (low + high) / 2,
    )


def _triangular(low: float, mode: float, high: float) -> _Law:
    span = high - low
    at_mode = (mode - low) / span

    def inverse(u: Floats) -> Floats:
        rising = low + np.sqrt(u * span * (mode - low))
        falling = high - np.sqrt((1 - u) * span * (high - mode))
        return np.where(u < at_mode, rising, falling)

    def log_tail(x: Floats) -> Floats:
        x = np.clip(x, low, high)
        rising = 1 - (x - low) ** 2 / (span * (mode - low))
        falling = (high - x) ** 2 / (span * (high - mode))
        return np.asarray(np.log(np.where(x < mode, rising, np.where(high > mode, falling, 0.0))))

    return inverse, log_tail, (lambda tail: inverse(-np.expm1(tail))), (low + mode + high) / 3


def _hyperexponential(means: Floats, weights: Floats) -> _Law:
    edges = np.concatenate([[0.0], np.cumsum(weights)])

    def inverse(u: Floats) -> Floats:
        branch = np.minimum(np.searchsorted(edges, u, side="right") - 1, len(means) - 1)
        within = (u - edges[branch]) / weights[branch]
        return np.asarray(-means[branch] * np.log1p(-np.clip(within, 0.0, 1 - 2**-53)))

    def log_tail(x: Floats) -> Floats:
        return np.asarray(np.log(np.exp(-np.asarray(x)[:, None] / means) @ weights))

    return inverse, log_tail, (lambda tail: inverse(-np.expm1(tail))), float(means @ weights)


def _hyperexponential_rest(law: laws.Hyperexponential, uniforms: Floats, served: Floats) -> Floats:
    """Return the rest of a service: the longer it lasts, the likelier its branch is a slow one (Bayes)."""
    means = np.array(law.means)
    log_likely = np.log(law.weights) - served[:, None] / means
    likely = np.exp(log_likely - log_likely.max(axis=1, keepdims=True))
    likely /= likely.sum(axis=1, keepdims=True)
    edges = np.cumsum(likely, axis=1)
    branch = np.minimum((uniforms[:, None] >= edges).sum(axis=1), len(means) - 1)
    rows = np.arange(len(uniforms))
    with np.errstate(divide="ignore", invalid="ignore"):
        within = (uniforms - (edges - likely)[rows, branch]) / likely[rows, branch]
    return np.asarray(-means[branch] * np.log1p(-np.clip(np.nan_to_num(within), 0.0, 1 - 2**-53)))


def _empirical(values: Floats) -> _Law:
    n = len(values)

    def inverse(u: Floats) -> Floats:
        return values[np.minimum((u * n).astype(np.int64), n - 1)]

    return (
        inverse,
        lambda x: np.log1p(-np.searchsorted(values, x, side="right") / n),
        lambda tail: inverse(-np.expm1(np.maximum(tail, -700.0))),
        float(values.mean()),
    )
