"""Service times: every law against its distribution, its mean by hand."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, gamma, log, sqrt

import numpy as np
from scipy import stats

from gatewatch.simulator.verification.case import Floats, Law, Mean, Quantity, case
from gatewatch.simulator.verification.readings import services_min

Cumulative = Callable[[Floats], Floats]


@case("Laws of service times")
def laws() -> list[Quantity]:
    """Means by hand; distribution functions by SciPy from parameters worked out by hand."""
    sigma = sqrt(log(1 + 0.8**2))
    known: dict[str, tuple[float, Cumulative | None]] = {
        "exponential": (4.0, lambda x: stats.expon.cdf(x, scale=4)),
        "at_most": (4 * (1 - exp(-6 / 4)), None),
        "erlang": (1.5, lambda x: stats.gamma.cdf(x, 3, scale=0.5)),
        "gamma": (5.0, lambda x: stats.gamma.cdf(x, 4, scale=1.25)),
        "lognormal": (6.0, lambda x: stats.norm.cdf((np.log(x) - log(6) + sigma**2 / 2) / sigma)),
        "lognormal_own": (exp(1.125), lambda x: stats.norm.cdf((np.log(x) - 1) / 0.5)),
        "weibull": (12 * gamma(1 + 1 / 1.5), lambda x: stats.weibull_min.cdf(x, 1.5, scale=12)),
        "triangular": (4.0, lambda x: stats.triang.cdf(x, 0.2, loc=2, scale=5)),
        "uniform": (4.0, lambda x: stats.uniform.cdf(x, loc=2, scale=4)),
        "hyperexponential": (3.25, lambda x: 1 - 0.75 * np.exp(-x) - 0.25 * np.exp(-x / 10)),
        "empirical": (2.5, None),
    }
    found: list[Quantity] = []
    for name, (mean, cumulative) in known.items():
        title = name.replace("_", " ")

        def read(run: object, name: str = name) -> Floats:
            return services_min(run, gate=name)  # type: ignore[arg-type]

        found.append(
            Mean(
                f"{title}: mean", "min", lambda mean=mean: mean,  # type: ignore[misc]
                lambda run, read=read: float(read(run).mean()), 0.02 if name == "hyperexponential" else 0.01,
            )
        )  # fmt: skip
        if cumulative is not None:
            found.append(Law(f"{title}: distribution", "min", cumulative, read))
    return found
