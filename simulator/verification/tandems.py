"""
Two exponential stations in a row where room is short: a small buffer between them, or a yard around both.

Rates are per unit of time, any unit. Buffers and yards count vehicles; pairs give the first station first.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from gatewatch.simulator.verification.chains import stationary
from gatewatch.simulator.verification.errors import require_positive, require_stable

NEGLIGIBLE = 1e-10
"""Share of the arrivals that may be cut off where a queue without limit is replaced by a long one."""

FIRST_LENGTH = 32
"""Length of the queue tried first in place of one without limit [veh]; it is doubled as long as needed."""


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


def saturated_tandem_throughput(
    servers: tuple[int, int], service_rates: tuple[float, float], buffer: int
) -> float:
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
    _check(servers, service_rates)
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
    _check(servers, service_rates)
    require_positive(arrival_rate=arrival_rate)
    if places is None:
        require_stable(arrival_rate, saturated_tandem_throughput(servers, service_rates, buffer))
        return _without_limit(
            lambda length: blocking_tandem(arrival_rate, servers, service_rates, buffer, length)
        )
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


def saturated_yard_throughput(
    servers: tuple[int, int], service_rates: tuple[float, float], yard_places: int
) -> float:
    """
    Return the throughput of a tandem inside a yard in front of which vehicles always wait [1/time].

    Args:
        servers: Open servers of both stations.
        service_rates: Of one server of both stations [1/time].
        yard_places: Vehicles that fit at both stations together, waiting and in service.

    >>> round(saturated_yard_throughput(servers=(1, 1), service_rates=(1.0, 1.0), yard_places=3), 4)
    0.75
    """
    _check(servers, service_rates)
    require_positive(yard_places=yard_places)
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
    _check(servers, service_rates)
    require_positive(arrival_rate=arrival_rate, yard_places=yard_places)
    if outside_places is None:
        require_stable(arrival_rate, saturated_yard_throughput(servers, service_rates, yard_places))
        return _without_limit(
            lambda length: yard_tandem(arrival_rate, servers, service_rates, yard_places, length)
        )
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


Result = TypeVar("Result", BlockingTandem, YardTandem)


def _without_limit(solve: Callable[[int], Result]) -> Result:
    """Return the result for the first length, doubled each time, at which next to nobody is turned back."""
    length = FIRST_LENGTH
    while (result := solve(length)).turned_back_share > NEGLIGIBLE:
        length *= 2
    return result


def _check(servers: tuple[int, int], service_rates: tuple[float, float]) -> None:
    for count, rate in zip(servers, service_rates, strict=True):
        require_positive(servers=count, service_rate=rate)
