"""The error of a queue that grows without end, and the checks shared by all exact results."""

import math


class UnstableQueueError(ValueError):
    """The load is not below one, so that the queue grows and no steady state exists."""


def require_positive(**values: float) -> None:
    """
    Check that every value is finite and above zero.

    Raises:
        ValueError: One is not; the message names it.
    """
    for name, value in values.items():
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"{name} is {value:g}; it has to be a finite number above 0.")


def require_stable(arrival_rate: float, service_rate: float, servers: int = 1) -> float:
    """
    Return the load of a station, which is below one.

    Args:
        arrival_rate: Vehicles that arrive [1/time]; zero is allowed.
        service_rate: Vehicles that one busy server completes [1/time].
        servers: Open servers.

    Raises:
        UnstableQueueError: The load is one or more.
        ValueError: A rate or the number of servers makes no sense.
    """
    require_positive(service_rate=service_rate, servers=servers)
    if not (math.isfinite(arrival_rate) and arrival_rate >= 0):
        raise ValueError(f"arrival_rate is {arrival_rate:g}; it has to be a finite number, 0 or above.")
    load = arrival_rate / (servers * service_rate)
    if load >= 1:
        raise UnstableQueueError(
            f"The load is {load:.4g} with {servers} server(s), where below 1 is needed. "
            "Add servers or lower the arrival rate."
        )
    return load
