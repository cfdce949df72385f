"""
Steady state of one station with an unlimited queue, first come first served: M/M/1, M/M/c, M/D/1, M/G/1.

Rates are per unit of time, any unit; every time that comes back has that unit.
"""

import math

from scipy.optimize import brentq

from gatewatch.simulator.verification.errors import require_positive, require_stable


def erlang_b(servers: int, offered_load: float) -> float:
    """
    Return the probability that an arriving vehicle is lost where nobody can wait (M/G/c/c).

    Method: the recursion B(k) = a B(k-1) / (k + a B(k-1)) from B(0) = 1, stable for any size.

    Args:
        servers: Open servers; none loses everybody.
        offered_load: Arrival rate over service rate [erlang]; may exceed `servers`.

    >>> round(erlang_b(servers=10, offered_load=4.461), 4)
    0.01
    """
    if servers < 0 or not (math.isfinite(offered_load) and offered_load >= 0):
        raise ValueError(f"erlang_b takes no {servers} servers with {offered_load:g} erlang; both are 0 or above.")
    blocking = 1.0
    for server in range(1, servers + 1):
        blocking = offered_load * blocking / (server + offered_load * blocking)
    return blocking


def erlang_c(servers: int, offered_load: float) -> float:
    """
    Return the probability that an arriving vehicle waits in an M/M/c queue.

    Args:
        servers: Open servers.
        offered_load: Arrival rate over service rate [erlang], below `servers`.

    Raises:
        UnstableQueueError: The load is not below the number of servers.

    >>> round(erlang_c(servers=3, offered_load=2.0), 4)
    0.4444
    """
    load = require_stable(offered_load, 1.0, servers)
    blocking = erlang_b(servers, offered_load)
    return blocking / (1 - load * (1 - blocking))


def mm1_mean_wait(arrival_rate: float, service_rate: float) -> float:
    """
    Return the mean wait in an M/M/1 queue [time].

    Raises:
        UnstableQueueError: The load is not below one.

    >>> mm1_mean_wait(arrival_rate=3.0, service_rate=4.0)
    0.75
    """
    load = require_stable(arrival_rate, service_rate)
    return load / (service_rate - arrival_rate)


def mmc_mean_wait(servers: int, arrival_rate: float, service_rate: float) -> float:
    """
    Return the mean wait of all vehicles in an M/M/c queue [time], those who do not wait included.

    Args:
        servers: Open servers.
        arrival_rate: Poisson arrivals [1/time].
        service_rate: Of one server [1/time].

    Raises:
        UnstableQueueError: The load is not below one.

    >>> wait_h = mmc_mean_wait(servers=3, arrival_rate=6.0, service_rate=3.0)  # rates per hour
    >>> round(60 * wait_h, 2)
    8.89
    """
    require_stable(arrival_rate, service_rate, servers)
    return erlang_c(servers, arrival_rate / service_rate) / (servers * service_rate - arrival_rate)


def mmc_mean_queue(servers: int, arrival_rate: float, service_rate: float) -> float:
    """
    Return the mean number of vehicles that wait in an M/M/c queue, none in service [veh].

    Raises:
        UnstableQueueError: The load is not below one.
    """
    return arrival_rate * mmc_mean_wait(servers, arrival_rate, service_rate)


def mmc_mean_backlog(servers: int, arrival_rate: float, service_rate: float) -> float:
    """
    Return the mean number of vehicles at an M/M/c station, waiting or in service [veh].

    Raises:
        UnstableQueueError: The load is not below one.
    """
    return mmc_mean_queue(servers, arrival_rate, service_rate) + arrival_rate / service_rate


def mmc_wait_tail(servers: int, arrival_rate: float, service_rate: float, wait: float) -> float:
    """
    Return the probability that a vehicle waits longer than `wait` in an M/M/c queue.

    Raises:
        UnstableQueueError: The load is not below one.

    >>> round(mmc_wait_tail(servers=1, arrival_rate=2.0, service_rate=3.0, wait=0.5), 3)
    0.404
    """
    require_stable(arrival_rate, service_rate, servers)
    if wait < 0:
        return 1.0
    spare_rate = servers * service_rate - arrival_rate
    return erlang_c(servers, arrival_rate / service_rate) * math.exp(-spare_rate * wait)


def mmc_wait_percentile(servers: int, arrival_rate: float, service_rate: float, share: float) -> float:
    """
    Return the wait that a share of the vehicles in an M/M/c queue does not exceed [time].

    Args:
        servers: Open servers.
        arrival_rate: Poisson arrivals [1/time].
        service_rate: Of one server [1/time].
        share: From 0 up to, not including, 1; 0.95 for the 95th percentile.

    Raises:
        UnstableQueueError: The load is not below one.

    >>> mmc_wait_percentile(servers=2, arrival_rate=2.0, service_rate=3.0, share=0.5)  # 2 in 3 wait 0
    0.0
    """
    _require_share(share)
    require_stable(arrival_rate, service_rate, servers)
    waits = erlang_c(servers, arrival_rate / service_rate)
    if waits <= 1 - share:
        return 0.0
    return math.log(waits / (1 - share)) / (servers * service_rate - arrival_rate)


def mmc_sojourn_tail(servers: int, arrival_rate: float, service_rate: float, sojourn: float) -> float:
    """
    Return the probability that wait and service together last longer than `sojourn` in an M/M/c queue.

    Method: the wait, with its atom at zero, convolved with an independent exponential service.

    Raises:
        UnstableQueueError: The load is not below one.

    >>> round(mmc_sojourn_tail(servers=1, arrival_rate=2.0, service_rate=3.0, sojourn=1.0), 4)  # exp(-1)
    0.3679
    """
    require_stable(arrival_rate, service_rate, servers)
    if sojourn < 0:
        return 1.0
    offered_load = arrival_rate / service_rate
    services = service_rate * sojourn
    spare = servers - 1 - offered_load  # decay of the wait less that of the service, per mean service
    slower = math.exp(-(1 + min(spare, 0.0)) * services)
    both = services if abs(spare) < 1e-12 else -math.expm1(-abs(spare) * services) / abs(spare)
    return math.exp(-services) + erlang_c(servers, offered_load) * slower * both


def mmc_sojourn_percentile(servers: int, arrival_rate: float, service_rate: float, share: float) -> float:
    """
    Return the wait with service that a share of the vehicles at an M/M/c station does not exceed [time].

    Raises:
        UnstableQueueError: The load is not below one.

    >>> round(mmc_sojourn_percentile(servers=1, arrival_rate=2.0, service_rate=3.0, share=0.95), 4)  # ln 20
    2.9957
    """
    _require_share(share)
    wait = mmc_wait_percentile(servers, arrival_rate, service_rate, (1 + share) / 2)
    service = -math.log((1 - share) / 2) / service_rate
    return brentq(
        lambda sojourn: mmc_sojourn_tail(servers, arrival_rate, service_rate, sojourn) - (1 - share),
        0.0,
        wait + service,  # neither part exceeds its own with more than half of what may be exceeded
        xtol=1e-13 * (wait + service),
    )


def mg1_mean_wait(arrival_rate: float, mean_service: float, service_cv: float) -> float:
    """
    Return the mean wait in an M/G/1 queue [time].

    Method: Pollaczek (1930), Khinchine (1932).

    Args:
        arrival_rate: Poisson arrivals [1/time].
        mean_service: Mean service time [time].
        service_cv: Standard deviation of the service time over its mean; 0 for a constant, 1 for an
            exponential.

    Raises:
        UnstableQueueError: The load is not below one.

    >>> round(mg1_mean_wait(arrival_rate=3.0, mean_service=0.25, service_cv=1.0), 4)
    0.75
    """
    require_positive(mean_service=mean_service)
    if not (math.isfinite(service_cv) and service_cv >= 0):
        raise ValueError(f"service_cv is {service_cv:g}; it has to be a finite number, 0 or above.")
    load = require_stable(arrival_rate, 1 / mean_service)
    return load * mean_service * (1 + service_cv**2) / (2 * (1 - load))


def md1_mean_wait(arrival_rate: float, service_time: float) -> float:
    """
    Return the mean wait in an M/D/1 queue [time]: half of that of M/M/1.

    Raises:
        UnstableQueueError: The load is not below one.

    >>> md1_mean_wait(arrival_rate=3.0, service_time=0.25)
    0.375
    """
    return mg1_mean_wait(arrival_rate, service_time, service_cv=0.0)


def _require_share(share: float) -> None:
    if not 0 <= share < 1:
        raise ValueError(f"share is {share:g}; it has to be from 0 up to, not including, 1.")
