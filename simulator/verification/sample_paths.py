"""
Exact waits for given arrivals and services, first come first served, whatever their distribution.

Integer times stay integers, so that a run in simulated microseconds can be compared without a tolerance.
"""

from heapq import heapify, heapreplace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Time = TypeVar("Time", np.int64, np.float64)


def lindley_waits(arrivals: NDArray[Time], services: NDArray[Time]) -> NDArray[Time]:
    """
    Return the wait of each vehicle at one server (G/G/1) [time], shape (vehicle,).

    Method: Lindley (1952), W' = max(0, W + service - gap), solved for all vehicles at once as the height of
    the work brought above its lowest point so far. With floats the error grows with the last arrival;
    integers are exact.

    Args:
        arrivals: Instants in order of arrival [time], shape (vehicle,).
        services: Service times [time], shape (vehicle,).

    Raises:
        ValueError: Shapes differ, arrivals go back in time or a service is negative.

    >>> lindley_waits(np.array([0, 1, 2, 9]), np.array([3, 3, 3, 3])).tolist()
    [0, 2, 4, 0]
    """
    _check_path(arrivals, services)
    surplus = np.zeros_like(arrivals)
    surplus[1:] = np.cumsum(services[:-1] - np.diff(arrivals))
    return surplus - np.minimum.accumulate(surplus)


def kiefer_wolfowitz_waits(arrivals: NDArray[Time], services: NDArray[Time], servers: int) -> NDArray[Time]:
    """
    Return the wait of each vehicle at several alike servers with one queue (G/G/c) [time], shape (vehicle,).

    Method: Kiefer & Wolfowitz (1955). The vector of remaining work is kept as the instants at which servers
    become free; the next vehicle takes the earliest.

    Args:
        arrivals: Instants in order of arrival [time], shape (vehicle,).
        services: Service times [time], shape (vehicle,).
        servers: Open servers, all free before the first arrival.

    Raises:
        ValueError: Shapes differ, arrivals go back in time, a service is negative or there is no server.

    >>> kiefer_wolfowitz_waits(np.array([0, 1, 2, 3]), np.array([5, 5, 5, 5]), servers=2).tolist()
    [0, 0, 3, 3]
    """
    _check_path(arrivals, services)
    if servers < 1:
        raise ValueError(f"servers is {servers}; at least one is needed.")
    waits = np.zeros_like(arrivals)
    if not arrivals.size:
        return waits
    free_at = [arrivals.tolist()[0]] * servers
    heapify(free_at)
    for vehicle, (arrival, service) in enumerate(zip(arrivals.tolist(), services.tolist(), strict=True)):
        start = max(arrival, free_at[0])
        heapreplace(free_at, start + service)
        waits[vehicle] = start - arrival
    return waits


def dd1_waits(n_vehicles: int, interval: Time, service: Time) -> NDArray[Time]:
    """
    Return the waits in a D/D/1 queue that starts empty [time], shape (vehicle,).

    Args:
        n_vehicles: Vehicles that arrive.
        interval: From one arrival to the next [time].
        service: Service time of each [time].

    >>> dd1_waits(4, np.int64(2), np.int64(3)).tolist()
    [0, 1, 2, 3]
    """
    growth = max(service - interval, type(service)(0))
    return np.arange(n_vehicles) * growth


def _check_path(arrivals: NDArray[Time], services: NDArray[Time]) -> None:
    if arrivals.ndim != 1 or arrivals.shape != services.shape:
        raise ValueError(f"arrivals {arrivals.shape} and services {services.shape} need one and the same length.")
    if (np.diff(arrivals) < 0).any():
        raise ValueError(f"arrivals go back in time after vehicle {int(np.argmax(np.diff(arrivals) < 0))}.")
    if (services < 0).any():
        raise ValueError(f"services has {services.min()} for vehicle {int(services.argmin())}; none may be negative.")
