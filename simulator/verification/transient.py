"""
One station with exponential services whose demand and roster change over time: M(t)/M/c(t).

Rates are per unit of time, any unit; every time has that unit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.linalg import expm_multiply

from gatewatch.simulator.verification.errors import require_positive

Floats = NDArray[np.float64]

NEGLIGIBLE = 1e-10
"""Share of the arrivals that may be cut off where the unlimited queue is replaced by a long one."""

FIRST_LENGTH = 32
"""Vehicles that fit in the chain tried first; doubled as long as needed."""


class Closing(StrEnum):
    """What becomes of services in progress when servers go off duty."""

    FREEZE = "freeze"
    """They stop, and go on when a server comes back."""
    FINISH = "finish"
    """They are completed; the servers that finish first are the ones that leave."""


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time in which nothing changes but the queue."""

    duration: float
    """[time]."""
    arrival_rate: float
    """Poisson arrivals, which go on while the station is closed [1/time]."""
    servers: int
    """On duty; 0 where the station is closed."""

    def __post_init__(self) -> None:
        """Refuse values that make no sense."""
        require_positive(duration=self.duration)
        if self.servers < 0 or not (np.isfinite(self.arrival_rate) and self.arrival_rate >= 0):
            raise ValueError(f"{self} has a negative or endless number; servers and arrival_rate are 0 or above.")


@dataclass(frozen=True, slots=True)
class Course:
    """What the station holds at given times, each just before a change that falls on it."""

    times: Floats
    """Since the start [time], shape (time,)."""
    backlog: Floats
    """Probability that so many vehicles wait or are in service, shape (time, vehicles)."""
    mean_queue: Floats
    """Vehicles that wait; a frozen service does not count as waiting [veh], shape (time,)."""

    @property
    def mean_backlog(self) -> Floats:
        """Vehicles that wait or are in service [veh], shape (time,)."""
        return self.backlog @ np.arange(self.backlog.shape[1], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Areas:
    """Integrals over a course."""

    backlog: float
    """Time spent at the station by all vehicles together [veh x time]."""
    queue: float
    """Time spent waiting [veh x time]."""
    cut_off: float
    """Expected arrivals that did not fit in the chain [veh]."""


def solve_transient(
    periods: Sequence[Period],
    service_rate: float,
    times: ArrayLike,
    *,
    initial_backlog: ArrayLike = (1.0,),
    closing: Closing = Closing.FINISH,
) -> Course:
    """
    Return the course of an M(t)/M/c(t) station.

    Method: Kolmogorov's forward equations for the number present and the number in service. Rates are
    constant within a period, so that the matrix exponential solves them to rounding. The queue is cut where
    next to no arrival is lost.

    Args:
        periods: One after the other from time zero.
        service_rate: Of one server [1/time].
        times: When to look, from zero to the end of the last period [time], shape (time,).
        initial_backlog: Probability of 0, 1, 2, ... vehicles at time zero; empty if not given. They take the
            servers on duty at once.
        closing: What becomes of services in progress when servers go off duty.

    Raises:
        ValueError: A time lies outside the periods, or the initial probabilities do not sum to one.

    >>> night = [Period(duration=2.0, arrival_rate=3.0, servers=0)]
    >>> solve_transient(night, service_rate=1.0, times=[1.0, 2.0]).mean_backlog.round(6).tolist()
    [3.0, 6.0]
    """
    require_positive(service_rate=service_rate)
    initial = np.asarray(initial_backlog, dtype=np.float64)
    if (initial < 0).any() or abs(initial.sum() - 1) > 1e-9:
        raise ValueError(f"initial_backlog sums to {initial.sum():g}; probabilities are 0 or above and sum to 1.")
    arrivals = expected_arrivals(periods)
    length = max(FIRST_LENGTH, 2 * initial.size)
    while True:
        state = np.zeros((length + 1, most_servers(periods) + 1))
        state[: initial.size, 0] = initial
        course, areas, _ = follow(periods, service_rate, times, state, closing)
        if areas.cut_off <= NEGLIGIBLE * arrivals:
            return course
        length *= 2


def expected_arrivals(periods: Sequence[Period]) -> float:
    """Return the mean number of arrivals in all periods together [veh]."""
    return sum(period.arrival_rate * period.duration for period in periods)


def most_servers(periods: Sequence[Period]) -> int:
    """Return the largest number of servers on duty; raise ValueError where there is no period."""
    if not periods:
        raise ValueError("periods is empty; at least one is needed.")
    return max(period.servers for period in periods)


def follow(
    periods: Sequence[Period], service_rate: float, times: ArrayLike, state: Floats, closing: Closing
) -> tuple[Course, Areas, Floats]:
    """
    Return course, areas and final state from an initial state, arrivals that do not fit being cut off.

    Args:
        periods: One after the other from time zero.
        service_rate: Of one server [1/time].
        times: When to look [time], shape (time,).
        state: Probability of so many present and so many of these in service at time zero, shape
            (length + 1, servers + 1).
        closing: What becomes of services in progress when servers go off duty.
    """
    asked = np.atleast_1d(np.asarray(times, dtype=np.float64))
    instants = np.unique(asked)
    length, servers = state.shape[0] - 1, state.shape[1] - 1
    seen = {0.0: state}
    areas = np.zeros(3)
    for start, end, period in _pieces(periods, instants):
        operator = _operator(state.shape, period, service_rate, closing)
        seated = _seat(seen[start], period.servers).ravel()
        moved = expm_multiply(operator * (end - start), np.concatenate((seated, np.zeros(3))))
        seen[end] = moved[:-3].reshape(state.shape)
        areas += moved[-3:] * (length, length, 1)
    states = np.array([seen[instant] for instant in asked.tolist()]).reshape(-1, *state.shape)
    queues = np.maximum(np.arange(length + 1)[:, None] - np.arange(servers + 1), 0)
    course = Course(asked, states.sum(axis=2), (states * queues).sum(axis=(1, 2)))
    return course, Areas(*areas.tolist()), seen[max(seen)]


def _pieces(periods: Sequence[Period], instants: Floats) -> Iterator[tuple[float, float, Period]]:
    """Yield start, end and period of the stretches between all changes and all instants."""
    ends = np.cumsum([period.duration for period in periods])
    if instants.size and not (instants[0] >= 0 and instants[-1] <= ends[-1]):
        raise ValueError(f"times go from {instants[0]:g} to {instants[-1]:g}; the periods from 0 to {ends[-1]:g}.")
    cuts = np.unique(np.concatenate(([0.0], ends, instants))).tolist()
    for start, end in pairwise(cuts):
        yield start, end, periods[int(np.searchsorted(ends, start, side="right"))]


def _seat(state: Floats, on_duty: int) -> Floats:
    """Return the state after the servers on duty have taken those who wait."""
    present, in_service = np.indices(state.shape)
    seated = np.zeros_like(state)
    np.add.at(seated, (present, np.maximum(in_service, np.minimum(present, on_duty))), state)
    return seated


@lru_cache(maxsize=128)
def _operator(shape: tuple[int, int], period: Period, service_rate: float, closing: Closing) -> csr_array[np.float64]:
    """
    Return the matrix that a state, as a column, is multiplied by to give its rate of change.

    Three rows below the state add up its backlog and queue, both over `length`, and the arrivals cut off.
    """
    length, on_duty, arrival_rate = shape[0] - 1, period.servers, period.arrival_rate
    size = shape[0] * shape[1]
    present, in_service = (index.ravel() for index in np.indices(shape))
    possible = in_service <= present
    working = in_service if closing is Closing.FINISH else np.minimum(in_service, on_duty)

    def index_after(change: int) -> NDArray[np.intp]:
        now_present = present + change
        still_served = in_service - (change < 0)
        return now_present * shape[1] + np.maximum(still_served, np.minimum(now_present, on_duty))

    arrives = possible & (present < length)
    leaves = possible & (working > 0)
    sources = np.arange(size)
    gain = np.concatenate((np.full(arrives.sum(), arrival_rate), service_rate * working[leaves]))
    origin = np.concatenate((sources[arrives], sources[leaves]))
    target = np.concatenate((index_after(1)[arrives], index_after(-1)[leaves]))
    queue = np.maximum(present - in_service, 0)
    rows = np.concatenate((target, origin, np.repeat([size, size + 1, size + 2], size)))
    columns = np.concatenate((origin, origin, np.tile(sources, 3)))
    entries = np.concatenate(
        (gain, -gain, present / length, queue / length, arrival_rate * (possible & (present == length)))
    )
    return coo_array((entries, (rows, columns)), shape=(size + 3, size + 3)).tocsr()
