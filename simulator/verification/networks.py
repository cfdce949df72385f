"""
Steady state of networks of stations with unlimited queues, after Jackson.

Rates are per unit of time, any unit; every time that comes back has that unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gatewatch.simulator.verification.theory import mmc_mean_wait


@dataclass(frozen=True, slots=True)
class JacksonNetwork:
    """Steady state of a Jackson network; tuples have one entry a station."""

    arrival_rates: tuple[float, ...]
    """Vehicles that reach the station, from outside and from other stations [1/time]."""
    mean_waits: tuple[float, ...]
    """Wait of one visit [time]."""
    mean_backlogs: tuple[float, ...]
    """Vehicles that wait or are in service [veh]."""
    mean_crossing_time: float
    """From the arrival from outside to the departure from the network [time]."""


def jackson_network(
    arrival_rates: Sequence[float], routing: ArrayLike, servers: Sequence[int], service_rates: Sequence[float]
) -> JacksonNetwork:
    """
    Return the steady state of an open network of M/M/c stations.

    Source: Jackson, Operations Research 5 (1957) 518-521.

    Args:
        arrival_rates: Poisson arrivals from outside at each station [1/time].
        routing: Probability to go from a station (row) to a station (column) next, shape (station, station);
            the rest of a row leaves the network.
        servers: Open servers of each station.
        service_rates: Of one server of each station [1/time].

    Raises:
        UnstableQueueError: The load of a station is not below one.
        ValueError: Vehicles that enter never leave.
    """
    external = np.asarray(arrival_rates, dtype=np.float64)
    moves = np.asarray(routing, dtype=np.float64)
    if (moves < 0).any() or np.abs(np.linalg.eigvals(moves)).max() >= 1 - 1e-12:
        raise ValueError("routing keeps vehicles inside for ever, or has a negative probability.")
    totals = tuple(float(rate) for rate in np.linalg.solve(np.eye(external.size) - moves.T, external))
    stations = list(zip(servers, totals, service_rates, strict=True))
    waits = tuple(mmc_mean_wait(count, rate, service_rate) for count, rate, service_rate in stations)
    backlogs = tuple(
        rate * (wait + 1 / service_rate) for wait, (_, rate, service_rate) in zip(waits, stations, strict=True)
    )
    return JacksonNetwork(totals, waits, backlogs, mean_crossing_time=sum(backlogs) / float(external.sum()))


def jackson_tandem(arrival_rate: float, servers: Sequence[int], service_rates: Sequence[float]) -> JacksonNetwork:
    """
    Return the steady state of M/M/c stations one after the other.

    Raises:
        UnstableQueueError: The load of a station is not below one.

    >>> jackson_tandem(arrival_rate=3.0, servers=[1, 1], service_rates=[4.0, 5.0]).mean_crossing_time
    1.5
    """
    external = [arrival_rate, *[0.0] * (len(servers) - 1)]
    return jackson_network(external, np.eye(len(servers), k=1), servers, service_rates)


def feedback_mm1_mean_sojourn(arrival_rate: float, service_rate: float, return_probability: float) -> float:
    """
    Return the mean time from arrival to final departure where the served may have to queue again [time].

    Args:
        arrival_rate: Poisson arrivals from outside [1/time].
        service_rate: Of the one server [1/time].
        return_probability: That a served vehicle goes to the back of the queue; independent each time, below
            one.

    Raises:
        UnstableQueueError: The load, returns included, is not below one.

    >>> feedback_mm1_mean_sojourn(arrival_rate=1.0, service_rate=4.0, return_probability=0.5)
    1.0
    """
    return jackson_network([arrival_rate], [[return_probability]], [1], [service_rate]).mean_crossing_time
