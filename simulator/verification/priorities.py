"""
Mean wait by vehicle class where classes have priority and a service that has begun is not interrupted.

Class 0 goes first. Rates are per unit of time, any unit; every time that comes back has that unit.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise

from gatewatch.simulator.verification.errors import require_positive, require_stable
from gatewatch.simulator.verification.theory import erlang_c


def priority_mmc_mean_waits(servers: int, arrival_rates: Sequence[float], service_rate: float) -> tuple[float, ...]:
    """
    Return the mean wait of each class in a non-preemptive M/M/c queue with one service rate for all [time].

    Source: Cobham, Operations Research 2 (1954) 70-76; Kella & Yechiali, Stochastic Processes and their
    Applications 19 (1985) 313-322.

    Args:
        servers: Open servers.
        arrival_rates: Poisson arrivals of each class, first the one that goes first [1/time].
        service_rate: Of one server, for every class [1/time].

    Raises:
        UnstableQueueError: The load of all classes together is not below one.

    >>> waits = priority_mmc_mean_waits(servers=1, arrival_rates=[0.2, 0.6, 1.2], service_rate=3.0)
    >>> [round(wait, 3) for wait in waits]
    [0.238, 0.325, 0.909]
    """
    total_rate = sum(arrival_rates)
    require_stable(total_rate, service_rate, servers)
    full_rate = servers * service_rate
    first_free = erlang_c(servers, total_rate / service_rate) / full_rate
    return _share_out(first_free, [rate / full_rate for rate in arrival_rates])


def priority_mg1_mean_waits(
    arrival_rates: Sequence[float], mean_services: Sequence[float], service_cvs: Sequence[float]
) -> tuple[float, ...]:
    """
    Return the mean wait of each class in a non-preemptive M/G/1 queue [time].

    Source: Cobham, Operations Research 2 (1954) 70-76.

    Args:
        arrival_rates: Poisson arrivals of each class, first the one that goes first [1/time].
        mean_services: Mean service time of each class [time].
        service_cvs: Standard deviation of the service time over its mean, of each class.

    Raises:
        UnstableQueueError: The load of all classes together is not below one.

    >>> [round(wait, 3) for wait in priority_mg1_mean_waits([1.0, 1.0], [0.25, 0.25], service_cvs=[0.0, 0.0])]
    [0.083, 0.167]
    """
    classes = list(zip(arrival_rates, mean_services, service_cvs, strict=True))
    for _, mean_service, _ in classes:
        require_positive(mean_service=mean_service)
    loads = [rate * mean_service for rate, mean_service, _ in classes]
    require_stable(sum(loads), 1.0)
    remaining_service = sum(
        rate * mean_service**2 * (1 + cv**2) / 2 for rate, mean_service, cv in classes
    )  # seen by an arrival, zero where the server is free
    return _share_out(remaining_service, loads)


def _share_out(first_free: float, loads: Sequence[float]) -> tuple[float, ...]:
    """Return first_free / ((1 - load above) (1 - load above and own)) of each class."""
    if any(load < 0 for load in loads):
        raise ValueError(f"arrival_rates give the loads {list(loads)}; each has to be 0 or above.")
    totals = [0.0, *accumulate(loads)]
    return tuple(first_free / ((1 - above) * (1 - own)) for above, own in pairwise(totals))
