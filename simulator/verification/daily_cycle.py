"""
One station with exponential services in the long run of equal days: demand, roster and opening hours repeat.

Rates are per unit of time, any unit; every time has that unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import expm

from gatewatch.simulator.verification.errors import UnstableQueueError, require_positive
from gatewatch.simulator.verification.transient import (
    FIRST_LENGTH,
    NEGLIGIBLE,
    Closing,
    Course,
    Floats,
    Period,
    expected_arrivals,
    follow,
    most_servers,
)

PRECISION = 1e-9
"""Total variation that may remain between the state at the start of a day and its limit."""

MAX_DAYS = 20_000
"""Days after which a cycle that has not settled is given up."""


@dataclass(frozen=True, slots=True)
class DailyCycle:
    """The day to which a station settles."""

    course: Course
    """What the station holds at the times of day asked for."""
    mean_wait: float
    """From arrival to start of service, all vehicles of a day [time]."""
    mean_sojourn: float
    """From arrival to end of service [time]."""
    load: float
    """Arrivals of a day over the services that the roster can complete in it."""
    n_days: int
    """Days that were followed until the state at midnight repeated itself."""


def solve_daily_cycle(
    periods: Sequence[Period],
    service_rate: float,
    times: ArrayLike = (0.0,),
    *,
    closing: Closing = Closing.FINISH,
) -> DailyCycle:
    """
    Return the day to which a station settles when the same day comes again and again.

    Method: the day's forward equations are followed from an empty station, with leaps after Aitken, until
    the state at its start repeats itself; the means of wait and sojourn are areas over arrivals (Little's law
    over the cycle).

    Args:
        periods: The day, one period after the other.
        service_rate: Of one server [1/time].
        times: Times of day to look at, from zero to the length of the day [time], shape (time,).
        closing: What becomes of services in progress when servers go off duty.

    Raises:
        UnstableQueueError: A day brings as many vehicles as the roster can serve, or more.
        ArithmeticError: The load is so close to one that the cycle did not settle.

    >>> night, day = Period(8.0, arrival_rate=1.0, servers=0), Period(16.0, arrival_rate=1.0, servers=2)
    >>> round(solve_daily_cycle([night, day], service_rate=1000.0).mean_wait, 2)  # a third waits 4 on average
    1.33
    """
    require_positive(service_rate=service_rate)
    arrivals = expected_arrivals(periods)
    require_positive(arrivals_a_day=arrivals)
    capacity = saturated_services(periods, service_rate, closing)
    if arrivals >= capacity:
        raise UnstableQueueError(
            f"A day brings {arrivals:g} vehicles and the roster serves up to {capacity:g}, so that the queue "
            "grows. Add servers or hours, or lower the arrival rates."
        )
    state = np.zeros((FIRST_LENGTH + 1, most_servers(periods) + 1))
    state[0, 0] = 1.0
    guess = _Guess(state)
    for day in range(1, MAX_DAYS + 1):
        course, areas, end = follow(periods, service_rate, times, guess.state, closing)
        if areas.cut_off > NEGLIGIBLE * arrivals:  # make the chain longer and go on from here
            guess = _Guess(np.pad(guess.state, ((0, guess.state.shape[0] - 1), (0, 0))))
        elif guess.distance(end) < PRECISION:
            waits, sojourns = areas.queue / arrivals, areas.backlog / arrivals
            return DailyCycle(course, waits, sojourns, load=arrivals / capacity, n_days=day)
        else:
            guess = guess.better(end)
    raise ArithmeticError(f"The day did not settle in {MAX_DAYS} days; its load is {arrivals / capacity:.6f}.")


@dataclass(frozen=True, slots=True)
class _Guess:
    """A state that may be the one in which a day begins and ends, and how the guesses before it went."""

    state: Floats
    last_change: float = 0.0
    """From the start to the end of the day before; 0 where none was followed."""
    last_slowing: float = 1.0
    """Change over the one before."""
    slowest: float = 0.0
    """Slowing of a mode that has been leapt over, a trace of which is left."""

    def distance(self, end: Floats) -> float:
        """Return how far the state is at most from the limit: the sum of a geometric series of changes."""
        change = self._change(end)
        slowing = max(self._slowing(change), self.slowest)
        if change == 0:
            return 0.0
        return change / (1 - slowing) if slowing < 1 else np.inf

    def better(self, end: Floats) -> "_Guess":
        """Return the end of the day or, once the changes shrink at one pace, the limit to which they lead."""
        change = self._change(end)
        slowing = self._slowing(change)
        if slowing < 1 and abs(slowing - self.last_slowing) < 0.02 * (1 - slowing):  # Aitken (1926)
            limit = np.maximum(end + (end - self.state) * slowing / (1 - slowing), 0)
            return _Guess(limit / limit.sum(), slowest=max(slowing, self.slowest))
        return _Guess(end / end.sum(), change, slowing, self.slowest)

    def _change(self, end: Floats) -> float:
        return float(np.abs(end - self.state).sum() / 2)

    def _slowing(self, change: float) -> float:
        return change / self.last_change if self.last_change else 1.0


def saturated_services(periods: Sequence[Period], service_rate: float, closing: Closing) -> float:
    """
    Return the services completed in a day by a station where somebody always waits [veh].

    Services that are completed after their server went off duty are included.

    >>> day = [Period(8.0, arrival_rate=0.0, servers=0), Period(16.0, arrival_rate=0.0, servers=2)]
    >>> [round(saturated_services(day, service_rate=2.0, closing=closing), 3) for closing in Closing]
    [64.0, 66.0]
    """
    if closing is Closing.FREEZE:
        return service_rate * sum(period.servers * period.duration for period in periods)
    most = most_servers(periods)
    fullest = next(place for place, period in enumerate(periods) if period.servers == most)
    busy = np.zeros(most + 2)  # probability of so many in service; last, the services completed so far
    busy[most] = 1.0
    for period in (*periods[fullest:], *periods[:fullest]):
        busy[period.servers] += busy[: period.servers].sum()
        busy[: period.servers] = 0.0
        busy = expm(_wind_down(most, period.servers, service_rate) * period.duration) @ busy
    return float(busy[-1])


def _wind_down(most: int, on_duty: int, service_rate: float) -> Floats:
    """Return the rates at which servers above the number on duty leave, and in the last row services end."""
    rates = np.zeros((most + 2, most + 2))
    for in_service in range(on_duty, most + 1):
        rate = in_service * service_rate
        rates[-1, in_service] = rate
        if in_service > on_duty:
            rates[in_service - 1, in_service] += rate
            rates[in_service, in_service] -= rate
    return rates
