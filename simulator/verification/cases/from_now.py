"""Runs that begin with vehicles inside: what is left of services, and the wait of one place in the queue."""

from __future__ import annotations

from collections.abc import Callable
from math import exp

import numpy as np
from scipy import stats

from gatewatch.simulator.record import RunRecord
from gatewatch.simulator.verification.case import Floats, Law, Mean, Quantity, case
from gatewatch.simulator.verification.readings import duration_min, visits

Tail = Callable[[Floats], Floats]


@case("Services under way at the start: the law of what is left")
def services_under_way() -> list[Quantity]:
    """P(S - a > x | S > a) = P(S > a + x) / P(S > a), by law; the exponential one is itself again."""
    sigma = np.sqrt(np.log1p(0.8**2))
    known: dict[str, tuple[float, Tail]] = {
        "exponential": (5, lambda x: np.exp(-x / 10)),
        "erlang": (4, lambda x: np.exp(-x / 5) * (1 + x / 5)),
        "uniform": (4, lambda x: np.clip(1 - x / 10, 0, 1)),
        "hyperexponential": (10, lambda x: (np.exp(-x / 2) + np.exp(-x / 20)) / 2),
        "lognormal": (12, lambda x: stats.norm.sf((np.log(x / 10) + sigma**2 / 2) / sigma)),
        "weibull": (5, lambda x: np.exp(-((x / 10) ** 2))),
    }
    slow = exp(-10 / 20) / (exp(-10 / 2) + exp(-10 / 20))
    means = {
        "exponential": 10.0,
        "erlang": 5 * (2 + 4 / 5) / (1 + 4 / 5),
        "uniform": 3.0,
        "hyperexponential": 20 * slow + 2 * (1 - slow),
    }

    def left(run: RunRecord, gate: str) -> Floats:
        finished = run.trace.finished_us[visits(run, gate=gate)]
        return duration_min(np.full(len(finished), run.from_us), finished)

    def cumulative(served: float, tail: Tail) -> Callable[[Floats], Floats]:
        return lambda x: np.asarray(1 - tail(served + x) / tail(np.array([served])))

    found: list[Quantity] = []
    for name, (served, tail) in known.items():

        def read(run: RunRecord, name: str = name) -> Floats:
            return left(run, name)

        if name in means:
            found.append(
                Mean(
                    f"{name}: mean left after {served:g} min", "min", lambda name=name: means[name],  # type: ignore[misc]
                    lambda run, read=read: float(read(run).mean()), 0.015,
                )
            )  # fmt: skip
        found.append(Law(f"{name}: law of what is left", "min", cumulative(served, tail), read))
    return found


@case("A place in the queue: behind 20 vehicles at four exponential servers")
def place_in_the_queue() -> list[Quantity]:
    """Sixteen wait before it: it starts with the 17th completion, after an Erlang-17 time at rate 4 / 10."""

    def wait(run: RunRecord) -> float:
        mine = visits(run, class_="container")
        return float((run.trace.started_us[mine] - run.from_us)[0] / 60e6)

    return [
        Mean("mean wait", "min", lambda: 17 * 10 / 4, wait),
        Law("law of the wait", "min", lambda x: np.asarray(stats.gamma.cdf(x, 17, scale=10 / 4)), wait, 0.06),
    ]
