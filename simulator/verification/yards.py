"""
Two exponential stations in a row inside a yard that admits a limited number of vehicles in all.

Rates are per unit of time, any unit. Pairs give the first station first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gatewatch.simulator.verification.chains import stationary, without_limit
from gatewatch.simulator.verification.errors import require_positive, require_stable


@dataclass(frozen=True, slots=True)
class YardTandem:
    """Steady state of a tandem inside a yard."""

    throughput: float
    """Vehicles that leave the second station [1/time]."""
    turned_back_share: float
    """Share of the arriving vehicles that find no place outside either."""
    mean_outside: float
    """Vehicles that wait for a place in the yard [veh]."""
    mean_backlogs: tuple[float, float]
    """Vehicles at each station, waiting or in service [veh]."""
    full: float
    """Probability that the yard is full."""

    @property
    def mean_wait_outside(self) -> float:
        """Wait of the admitted vehicles for a place in the yard, by Little's law [time]."""
        return self.mean_outside / self.throughput


def saturated_yard_throughput(servers: tuple[int, int], service_rates: tuple[float, float], yard_places: int) -> float:
    """
    Return the throughput of a tandem inside a yard in front of which vehicles always wait [1/time].

    Args:
        servers: Open servers of both stations.
        service_rates: Of one server of both stations [1/time].
        yard_places: Vehicles that fit at both stations together, waiting and in service.

    >>> round(saturated_yard_throughput(servers=(1, 1), service_rates=(1.0, 1.0), yard_places=3), 4)
    0.75
    """
    _check(servers, service_rates, yard_places)
    first, second = servers

    def moves(after: int) -> Iterator[tuple[int, float]]:
        yield after + 1, min(yard_places - after, first) * service_rates[0]
        yield after - 1, min(after, second) * service_rates[1]

    chain = stationary(0, moves)
    return service_rates[1] * chain.mean(lambda after: min(after, second))


def yard_tandem(
    arrival_rate: float,
    servers: tuple[int, int],
    service_rates: tuple[float, float],
    yard_places: int,
    outside_places: int | None = None,
) -> YardTandem:
    """
    Return the steady state of two stations inside a yard that admits a limited number of vehicles in all.

    Who finds the yard full waits outside, first come first served. Inside there is no other limit and no
    blocking.

    Args:
        arrival_rate: Poisson arrivals [1/time].
        servers: Open servers of both stations.
        service_rates: Of one server of both stations [1/time].
        yard_places: Vehicles that fit at both stations together, waiting and in service.
        outside_places: Vehicles that can wait outside; who finds no place turns back. None for no limit.

    Raises:
        UnstableQueueError: There is no limit outside and the arrivals exceed what the yard can sustain.

    >>> yard = yard_tandem(0.5, servers=(1, 1), service_rates=(2.0, 2.0), yard_places=1)
    >>> round(yard.mean_wait_outside, 4)  # that of M/E2/1
    0.75
    """
    _check(servers, service_rates, yard_places)
    require_positive(arrival_rate=arrival_rate)
    if outside_places is None:
        require_stable(arrival_rate, saturated_yard_throughput(servers, service_rates, yard_places))
        return without_limit(lambda length: yard_tandem(arrival_rate, servers, service_rates, yard_places, length))
    if outside_places < 0:
        raise ValueError(f"outside_places is {outside_places}; it has to be 0 or above.")
    first, second = servers

    def moves(state: tuple[int, int, int]) -> Iterator[tuple[tuple[int, int, int], float]]:
        outside, at_first, at_second = state
        if at_first + at_second < yard_places:
            yield (0, at_first + 1, at_second), arrival_rate
        elif outside < outside_places:
            yield (outside + 1, at_first, at_second), arrival_rate
        if at_first:
            yield (outside, at_first - 1, at_second + 1), min(at_first, first) * service_rates[0]
        if at_second:
            admitted = 1 if outside else 0
            left = (outside - admitted, at_first + admitted, at_second - 1)
            yield left, min(at_second, second) * service_rates[1]

    def is_full(state: tuple[int, int, int]) -> bool:
        return state[1] + state[2] == yard_places

    chain = stationary((0, 0, 0), moves)
    return YardTandem(
        throughput=service_rates[1] * chain.mean(lambda state: min(state[2], second)),
        turned_back_share=chain.probability(lambda state: is_full(state) and state[0] == outside_places),
        mean_outside=chain.mean(lambda state: state[0]),
        mean_backlogs=(chain.mean(lambda state: state[1]), chain.mean(lambda state: state[2])),
        full=chain.probability(is_full),
    )


def _check(servers: tuple[int, int], service_rates: tuple[float, float], yard_places: int) -> None:
    for count, rate in zip(servers, service_rates, strict=True):
        require_positive(servers=count, service_rate=rate)
    require_positive(yard_places=yard_places)
