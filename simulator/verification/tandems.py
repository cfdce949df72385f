"""
Two exponential stations in a row with a small buffer between them and blocking after service.

Rates are per unit of time, any unit. Pairs give the first station first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gatewatch.simulator.verification.chains import stationary, without_limit
from gatewatch.simulator.verification.errors import require_positive, require_stable


@dataclass(frozen=True, slots=True)
class BlockingTandem:
    """Steady state of a tandem with blocking after service."""

    throughput: float
    """Vehicles that leave the second station [1/time]."""
    turned_back_share: float
    """Share of the arriving vehicles that find the first station full."""
    mean_backlogs: tuple[float, float]
    """Vehicles at each station; one that is served but cannot move on still counts at the first [veh]."""
    mean_blocked: float
    """Servers of the first station that hold a served vehicle [servers]."""
    blocked: float
    """Probability that at least one server of the first station does."""


def saturated_tandem_throughput(servers: tuple[int, int], service_rates: tuple[float, float], buffer: int) -> float:
    """
    Return the throughput of a tandem whose first station never lacks work [1/time].

    Blocking is after service. A Poisson stream that is slower than this can be served, a faster one cannot.

    Args:
        servers: Open servers of both stations.
        service_rates: Of one server of both stations [1/time].
        buffer: Vehicles that can wait between the stations, none in service.

    >>> round(saturated_tandem_throughput(servers=(1, 1), service_rates=(1.0, 1.0), buffer=0), 4)
    0.6667
    """
    _check(servers, service_rates, buffer)
    first, second = servers
    room = second + buffer

    def moves(state: tuple[int, int]) -> Iterator[tuple[tuple[int, int], float]]:
        blocked, after = state
        served_first = (blocked, after + 1) if after < room else (blocked + 1, after)
        served_second = (blocked - 1, after) if blocked else (0, after - 1)
        yield served_first, (first - blocked) * service_rates[0]
        yield served_second, min(after, second) * service_rates[1]

    chain = stationary((0, 0), moves)
    return service_rates[1] * chain.mean(lambda state: min(state[1], second))


def blocking_tandem(
    arrival_rate: float,
    servers: tuple[int, int],
    service_rates: tuple[float, float],
    buffer: int,
    places: int | None = None,
) -> BlockingTandem:
    """
    Return the steady state of two stations with a finite buffer between them and blocking after service.

    A vehicle that is served at the first station while the second and the buffer are full stays and holds its
    server.

    Args:
        arrival_rate: Poisson arrivals [1/time].
        servers: Open servers of both stations.
        service_rates: Of one server of both stations [1/time].
        buffer: Vehicles that can wait between the stations, none in service.
        places: Vehicles that fit at the first station, waiting, in service and blocked; who finds it full
            turns back. None for no limit.

    Raises:
        UnstableQueueError: There is no limit and the arrivals exceed what the tandem can sustain.

    >>> round(blocking_tandem(1.0, servers=(1, 1), service_rates=(2.0, 2.0), buffer=0).blocked, 4)
    0.2
    """
    _check(servers, service_rates, buffer)
    require_positive(arrival_rate=arrival_rate)
    if places is None:
        require_stable(arrival_rate, saturated_tandem_throughput(servers, service_rates, buffer))
        return without_limit(lambda length: blocking_tandem(arrival_rate, servers, service_rates, buffer, length))
    require_positive(places=places)
    first, second = servers
    room = second + buffer

    def moves(state: tuple[int, int, int]) -> Iterator[tuple[tuple[int, int, int], float]]:
        before, blocked, after = state  # not yet served by the first, served and held there, at the second
        if before + blocked < places:
            yield (before + 1, blocked, after), arrival_rate
        if before:
            served = (before - 1, blocked, after + 1) if after < room else (before - 1, blocked + 1, after)
            yield served, min(before, first - blocked) * service_rates[0]
        if after:
            left = (before, blocked - 1, after) if blocked else (before, blocked, after - 1)
            yield left, min(after, second) * service_rates[1]

    chain = stationary((0, 0, 0), moves)
    return BlockingTandem(
        throughput=service_rates[1] * chain.mean(lambda state: min(state[2], second)),
        turned_back_share=chain.probability(lambda state: state[0] + state[1] == places),
        mean_backlogs=(chain.mean(lambda state: state[0] + state[1]), chain.mean(lambda state: state[2])),
        mean_blocked=chain.mean(lambda state: state[1]),
        blocked=chain.probability(lambda state: state[1] > 0),
    )


def _check(servers: tuple[int, int], service_rates: tuple[float, float], buffer: int) -> None:
    for count, rate in zip(servers, service_rates, strict=True):
        require_positive(servers=count, service_rate=rate)
    if buffer < 0:
        raise ValueError(f"buffer is {buffer}; it has to be 0 or above.")
