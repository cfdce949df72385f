"""One station around the clock: service laws, convoys, breakdowns, priorities."""

from __future__ import annotations

from functools import cache
from math import log

import numpy as np

from gatewatch.simulator.verification.case import Mean, Quantity, case
from gatewatch.simulator.verification.chains import stationary
from gatewatch.simulator.verification.priorities import priority_mg1_mean_waits, priority_mmc_mean_waits
from gatewatch.simulator.verification.readings import (
    crossing_times_min,
    mean_backlog,
    mean_queue,
    mean_wait_min,
    share_waiting,
    waits_min,
)
from gatewatch.simulator.verification.theory import (
    erlang_c,
    md1_mean_wait,
    mg1_mean_wait,
    mm1_mean_wait,
    mmc_mean_backlog,
    mmc_mean_queue,
    mmc_mean_wait,
    mmc_sojourn_percentile,
    mmc_wait_percentile,
)


@case("M/M/1: one server, exponential services")
def mm1() -> list[Quantity]:
    """Rates 0.6 and 1 a minute."""
    return [
        Mean("mean wait", "min", lambda: mm1_mean_wait(0.6, 1.0), mean_wait_min),
        Mean("share that waits", "-", lambda: 0.6, share_waiting),
        Mean("mean backlog", "veh", lambda: mmc_mean_backlog(1, 0.6, 1.0), mean_backlog),
        Mean(
            "crossing time, 95th percentile", "min", lambda: log(20) / 0.4,
            lambda run: float(np.quantile(crossing_times_min(run), 0.95)),
        ),
    ]  # fmt: skip


@case("M/M/3: three servers, exponential services")
def mmc() -> list[Quantity]:
    """Rates 0.7 and 1/3 a minute."""
    station = (3, 0.7, 1 / 3)
    return [
        Mean("mean wait", "min", lambda: mmc_mean_wait(*station), mean_wait_min, 0.015),
        Mean("share that waits", "-", lambda: erlang_c(3, 2.1), share_waiting),
        Mean("mean queue", "veh", lambda: mmc_mean_queue(*station), mean_queue, 0.015),
        Mean(
            "wait, 90th percentile", "min", lambda: mmc_wait_percentile(*station, 0.9),
            lambda run: float(np.quantile(waits_min(run), 0.9)), 0.015,
        ),
        Mean(
            "crossing time, 50th percentile", "min", lambda: mmc_sojourn_percentile(*station, 0.5),
            lambda run: float(np.quantile(crossing_times_min(run), 0.5)),
        ),
    ]  # fmt: skip


@case("M/D/1: one server, constant services")
def md1() -> list[Quantity]:
    """0.7 a minute, services of a minute."""
    return [
        Mean("mean wait", "min", lambda: md1_mean_wait(0.7, 1.0), mean_wait_min, 0.015),
        Mean("share that waits", "-", lambda: 0.7, share_waiting),
    ]


@case("M/G/1: one server, lognormal services")
def mg1() -> list[Quantity]:
    """Half a vehicle a minute, mean 1 min, cv 1.2."""
    wait = mg1_mean_wait(0.5, 1.0, 1.2)
    return [
        Mean("mean wait", "min", lambda: wait, mean_wait_min, 0.015),
        Mean("share that waits", "-", lambda: 0.5, share_waiting),
        Mean("mean queue", "veh", lambda: 0.5 * wait, mean_queue, 0.015),
    ]


@case("M[4]/M/1: convoys of four at one server")
def batches() -> list[Quantity]:
    """
    Convoys of b come at a rate r, rho = r b / mu.

    Backlog rho (1 + b) / (2 (1 - rho)): Gross & Harris, Fundamentals of Queueing Theory, section 3.1.
    """
    backlog = 0.5 * (1 + 4) / (2 * (1 - 0.5))
    return [
        Mean("mean backlog", "veh", lambda: backlog, mean_backlog),
        Mean("mean wait", "min", lambda: backlog / 0.5 - 1, mean_wait_min),
        Mean(
            "mean wait of the first of a convoy", "min", lambda: backlog / 0.5 - 1 - 1.5,
            lambda run: float(waits_min(run)[::4].mean()),
        ),
    ]  # fmt: skip


@case("M/M/1 with breakdowns: work in progress waits for the repair")
def breakdowns() -> list[Quantity]:
    """Markov chain of the backlog and the state of the server, cut where nobody comes any more."""
    arrivals, services, failures, repairs = 108 / 1_440, 1 / 5, 1 / 60, 1 / 20

    @cache
    def backlog() -> float:
        def moves(state: tuple[int, bool]) -> list[tuple[tuple[int, bool], float]]:
            present, is_up = state
            return [
                ((present + 1, is_up), arrivals if present < 400 else 0.0),
                ((present - is_up, is_up), services if present and is_up else 0.0),
                ((present, not is_up), failures if is_up else repairs),
            ]

        return stationary((0, True), moves).mean(lambda state: state[0])

    return [
        Mean("mean backlog", "veh", backlog, mean_backlog),
        Mean(
            "mean crossing time", "min", lambda: backlog() / arrivals,
            lambda run: float(crossing_times_min(run).mean()),
        ),
    ]  # fmt: skip


@case("M/M/2 with priorities that do not interrupt a service")
def priorities() -> list[Quantity]:
    """0.7 a minute in three classes, services of 2 min."""

    def exact(place: int) -> float:
        return priority_mmc_mean_waits(2, [0.14, 0.21, 0.35], 0.5)[place]

    return [
        *(
            Mean(
                f"mean wait, {name}", "min", lambda n=n: exact(n),  # type: ignore[misc]
                lambda run, name=name: mean_wait_min(run, class_=name),
            )
            for n, name in enumerate(("fruit", "container", "general"))
        ),
        Mean("mean wait, all", "min", lambda: mmc_mean_wait(2, 0.7, 0.5), mean_wait_min),
    ]  # fmt: skip


@case("M/G/1 with priorities and a law for each class")
def priorities_and_laws() -> list[Quantity]:
    """0.36 and 0.24 a minute; constant half minutes, Erlang-2 of 2 min."""

    def exact(place: int) -> float:
        return priority_mg1_mean_waits([0.36, 0.24], [0.5, 2.0], [0.0, 0.5**0.5])[place]

    return [
        Mean(
            "mean wait, first class", "min", lambda: exact(0),
            lambda run: mean_wait_min(run, class_="fruit"),
        ),
        Mean(
            "mean wait, second class", "min", lambda: exact(1),
            lambda run: mean_wait_min(run, class_="general"),
        ),
    ]  # fmt: skip
