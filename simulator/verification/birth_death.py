"""
Steady state of one station whose vehicles may be refused (M/M/c/K) or give up (M/M/c+M).

Rates are per unit of time, any unit; every time that comes back has that unit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gatewatch.simulator.verification.errors import require_positive

NEGLIGIBLE = 1e-18
"""Probability, relative to the likeliest number of vehicles, below which larger numbers are left out."""


@dataclass(frozen=True, slots=True)
class LossQueue:
    """Steady state of an M/M/c/K station."""

    blocking: float
    """Probability that an arriving vehicle finds every place taken and turns back."""
    mean_queue: float
    """Vehicles that wait [veh]."""
    mean_backlog: float
    """Vehicles that wait or are in service [veh]."""
    mean_wait: float
    """Wait of the admitted vehicles [time]."""
    throughput: float
    """Vehicles served [1/time]."""


@dataclass(frozen=True, slots=True)
class ImpatientQueue:
    """Steady state of an M/M/c+M station."""

    abandonment: float
    """Probability that a vehicle gives up before its service starts."""
    mean_queue: float
    """Vehicles that wait [veh]."""
    mean_wait: float
    """Time in the queue of all vehicles, whether it ends in service or in giving up [time]."""
    mean_wait_served: float
    """Wait of the vehicles that are served [time]."""
    waiting: float
    """Probability that an arriving vehicle finds every server busy."""


def birth_death_probabilities(births: ArrayLike, deaths: ArrayLike) -> NDArray[np.float64]:
    """
    Return the stationary probabilities of the numbers 0, 1, ..., one more than there are rates.

    Method: the product of births[k] / deaths[k], formed as a sum of logarithms so that nothing overflows.

    Args:
        births: Rate from k to k + 1 [1/time], above zero, shape (n,).
        deaths: Rate from k + 1 to k [1/time], above zero, shape (n,).

    >>> birth_death_probabilities(births=[1.0, 1.0], deaths=[2.0, 2.0]).round(4).tolist()
    [0.5714, 0.2857, 0.1429]
    """
    ratios = np.log(np.asarray(births, dtype=np.float64)) - np.log(np.asarray(deaths, dtype=np.float64))
    logarithms = np.concatenate(([0.0], np.cumsum(ratios)))
    weights = np.exp(logarithms - logarithms.max())
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def mmck(servers: int, places: int, arrival_rate: float, service_rate: float) -> LossQueue:
    """
    Return the steady state of an M/M/c/K queue, which exists at any load.

    Args:
        servers: Open servers.
        places: Vehicles that fit, waiting and in service together (Kendall's K); `servers` or more.
        arrival_rate: Poisson arrivals, admitted or not [1/time].
        service_rate: Of one server [1/time].

    >>> round(mmck(servers=1, places=2, arrival_rate=1.0, service_rate=2.0).blocking, 4)
    0.1429
    """
    require_positive(servers=servers, arrival_rate=arrival_rate, service_rate=service_rate)
    if places < servers:
        raise ValueError(f"places is {places}; it counts those in service too, so it is {servers} or more.")
    numbers = np.arange(places + 1)
    probabilities = birth_death_probabilities(
        births=np.full(places, arrival_rate),
        deaths=service_rate * np.minimum(numbers[1:], servers),
    )
    blocking = float(probabilities[-1])
    mean_queue = float(probabilities @ np.maximum(numbers - servers, 0))
    throughput = float(service_rate * (probabilities @ np.minimum(numbers, servers)))
    return LossQueue(
        blocking=blocking,
        mean_queue=mean_queue,
        mean_backlog=float(probabilities @ numbers),
        mean_wait=mean_queue / throughput,
        throughput=throughput,
    )


def mmc_impatient(servers: int, arrival_rate: float, service_rate: float, patience_rate: float) -> ImpatientQueue:
    """
    Return the steady state of an M/M/c+M queue (Erlang A), which exists at any load.

    Each waiting vehicle gives up after an exponential time; nobody leaves a server. Who finds k waiting is
    served with probability c mu / (c mu + (k + 1) theta) and then has waited the sum of 1 / (c mu + j theta)
    for j = 1 .. k + 1.

    Source: Palm (1943); Garnett, Mandelbaum & Reiman, Manufacturing & Service Operations Management 4 (2002)
    208-227.

    Args:
        servers: Open servers.
        arrival_rate: Poisson arrivals [1/time].
        service_rate: Of one server [1/time].
        patience_rate: One over the mean patience [1/time].

    >>> desk = mmc_impatient(servers=50, arrival_rate=48.0, service_rate=1.0, patience_rate=0.5)
    >>> round(desk.abandonment, 3)
    0.031
    """
    require_positive(servers=servers, arrival_rate=arrival_rate, service_rate=service_rate, patience_rate=patience_rate)
    full_rate = servers * service_rate
    numbers = np.arange(_impatient_levels(servers, arrival_rate, full_rate, patience_rate) + 1)
    queues = np.maximum(numbers - servers, 0)
    probabilities = birth_death_probabilities(
        births=np.full(numbers.size - 1, arrival_rate),
        deaths=(service_rate * np.minimum(numbers, servers) + patience_rate * queues)[1:],
    )
    mean_queue = float(probabilities @ queues)
    abandonment = patience_rate * mean_queue / arrival_rate

    on_arrival = probabilities[servers:]  # an arrival finds 0, 1, 2, ... waiting and no server free
    steps = full_rate + patience_rate * np.arange(1, on_arrival.size + 1)
    served_after_waiting = on_arrival * full_rate / steps
    served = float(probabilities[:servers].sum() + served_after_waiting.sum())
    return ImpatientQueue(
        abandonment=abandonment,
        mean_queue=mean_queue,
        mean_wait=mean_queue / arrival_rate,
        mean_wait_served=float(served_after_waiting @ np.cumsum(1 / steps)) / served,
        waiting=float(on_arrival.sum()),
    )


def _impatient_levels(servers: int, arrival_rate: float, full_rate: float, patience_rate: float) -> int:
    """Return a number of vehicles that is as good as never exceeded."""
    level, weight = servers, 1.0  # relative to all servers busy, or to the peak beyond
    while weight > NEGLIGIBLE:
        level += 1
        weight = min(1.0, weight * arrival_rate / (full_rate + (level - servers) * patience_rate))
    return level
