"""
Kolmogorov's forward equations of one station, M(t)/M/c(t), fast enough to stand beside every run.

The same chain as `verification/transient.py`, for many days in milliseconds: while the station is open the number
present decides the number in service, and while it is shut arrivals and the services under way do not touch each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
_F = TypeVar("_F", bound=Callable[..., Any])

FIRST_LENGTH = 256
MOST_LENGTH = 4_096
"""Vehicles that may be present; with more the chain is not small."""

MOST_WORK = 1e8
"""Probabilities that are moved at most, a tenth to a fifth of a second; beyond it the chain is not small."""

NEGLIGIBLE = 1e-9
"""Probability that may be cut off."""

TINY = 1e-13
"""Probability below which a state is no longer followed."""

NODES = 3
"""Points that stand for the gamma factor of a day (Gauss quadrature)."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """
    Stretches in which nothing changes, arrays of shape (pieces,).

    Args:
        hours: Length [h].
        rate: Poisson arrivals at a day factor of 1 [veh/h].
        servers: On duty at the open station; 0 while it is shut.
        day: Number of the day, ascending from 0.
        is_full_hour: Whether a full hour ends with the piece.
        is_measured: Whether the piece lies in the measured days.
    """

    hours: Floats
    rate: Floats
    servers: Ints
    day: Ints
    is_full_hour: NDArray[np.bool_]
    is_measured: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Chain:
    """
    The station at full hours.

    Args:
        mean: Vehicles present, shape (full hours,) [veh].
        quantiles: 10 % and 90 % point of the vehicles present, shape (2, full hours) [veh].
        mean_wait_h: Time in the queue over arrivals, of the measured days [h].
        mean_queue: Vehicles that wait, over the measured days [veh].
    """

    mean: Floats
    quantiles: Floats
    mean_wait_h: float
    mean_queue: float


def gamma_nodes(cv: float, n: int = NODES) -> tuple[Floats, Floats]:
    """
    Return points and weights that stand for a gamma factor with mean 1, shapes (n,).

    Method: eigenvalues of the Jacobi matrix of the Laguerre polynomials (Golub & Welsch, 1969).

    >>> points, weights = gamma_nodes(cv=0.5)
    >>> [round(float(weights @ points**k), 6) for k in range(3)]
    [1.0, 1.0, 1.25]
    """
    if cv <= 0:
        return np.ones(1), np.ones(1)
    shape, k = cv**-2, np.arange(n)
    beside = np.sqrt(k[1:] * (k[1:] + shape - 1))
    points, vectors = np.linalg.eigh(np.diag(2 * k + shape) + np.diag(beside, 1) + np.diag(beside, -1))
    return np.asarray(points / shape), np.asarray(vectors[0] ** 2)


def solve_chain(
    pieces: Pieces, service_per_h: float, *, day_cv: float, initial: int, freezes: bool, work: float = MOST_WORK
) -> Chain | None:
    """
    Return the course of the station, or None where the chain is not small.

    Vehicles in service at closing are finished, or stop (`freezes`). Where the roster falls while the station is
    open, the servers too many stop at once.

    Args:
        pieces: One after the other from the start.
        service_per_h: Of one server [1/h].
        day_cv: Standard deviation over mean of the gamma factor of each day.
        initial: Vehicles present at the start.
        freezes: What becomes of services under way at closing.
        work: Probabilities that may be moved.
    """
    points, weights = gamma_nodes(day_cv)
    length = FIRST_LENGTH
    while length <= initial + FIRST_LENGTH // 2:
        length *= 2
    while length <= MOST_LENGTH:
        hours, areas, cut_off, spent = _follow(
            pieces.hours, pieces.rate, pieces.servers, pieces.day, pieces.is_full_hour, pieces.is_measured,
            service_per_h, points, weights, initial, freezes, length, work,
        )  # fmt: skip
        work -= spent
        if work <= 0:
            return None
        if cut_off <= NEGLIGIBLE * max(1, len(pieces.hours)):
            below = np.cumsum(hours, axis=1)
            quantiles = np.array([(below < q).sum(axis=1) for q in (0.1, 0.9)], dtype=np.float64)
            span = float(pieces.hours[pieces.is_measured].sum())
            wait = float(areas[0] / areas[1]) if areas[1] > 0 else float("nan")
            return Chain(hours @ np.arange(length), quantiles, wait, float(areas[0]) / span if span else float("nan"))
        length *= 2
    return None


def _compiled(function: _F) -> _F:
    return cast(_F, numba.njit(cache=True, nogil=True, boundscheck=False)(function))


@_compiled
def _follow(  # noqa: C901, PLR0912, PLR0915 - one loop over time compiles to one function
    lengths: Floats, rates: Floats, servers: Ints, days: Ints, is_full_hour: Bools, is_measured: Bools,
    service: float, points: Floats, weights: Floats, initial: int, freezes: bool, length: int, work: float,  # noqa: FBT001
) -> tuple[Floats, Floats, float, float]:  # fmt: skip
    """
    Return the probabilities at full hours, shape (hours, length), and what they cost.

    Then the queue area and the arrivals of the measured days, what was cut off, and how many were moved.
    """
    spent = 0.0
    n_pieces, n_points = len(lengths), len(points)
    n_hours = 0
    for n in range(n_pieces):
        n_hours += is_full_hour[n]
    result = np.zeros((n_hours, length))
    areas = np.zeros(2)
    cut_off = 0.0
    begin = np.zeros(length)
    begin[initial] = 1.0
    states = np.zeros((n_points, length))
    states[:, initial] = 1.0
    shut = np.zeros((n_points, length))  # as the station was when it shut
    shut_for, shut_came, shut_servers = 0.0, np.zeros(n_points), 0
    is_shut = False
    now, then = np.zeros(length), np.zeros(length)
    hour, day = 0, -1
    for n in range(n_pieces):
        if spent > work or cut_off > 1e-3:
            return result, areas, 1.0, spent
        if days[n] != day:
            if day >= 0 and n_points > 1:  # the lucks of days are independent: put the states together
                begin[:] = 0.0
                for i in range(n_points):
                    begin += weights[i] * states[i]
                for i in range(n_points):
                    states[i] = begin
                if is_shut:  # a service still under way at midnight is kept until the station opens
                    shut_for, shut_servers = 0.0, shut_servers if freezes else 0
                    for i in range(n_points):
                        shut[i] = begin
                        shut_came[i] = 0.0
            day = days[n]
        if servers[n] == 0:
            if not is_shut:
                is_shut, shut_for = True, 0.0
                shut_servers = servers[n - 1] if n > 0 else 0
                for i in range(n_points):
                    shut[i] = states[i]
                    shut_came[i] = 0.0
            # Once nobody is served any more, what comes is added to what there is, piece by piece.
            busy = 0 if freezes else shut_servers
            is_settled = busy * np.exp(-service * shut_for) < TINY
            shut_for += lengths[n]
            stays = np.exp(-service * shut_for)
            for i in range(n_points):
                came = rates[n] * points[i] * lengths[n]
                if is_measured[n]:
                    queue = 0.0
                    for present in range(length):
                        queue += shut[i, present] * max(0, present - shut_servers)
                    areas[0] += weights[i] * (queue + shut_came[i] + came / 2.0) * lengths[n]
                    areas[1] += weights[i] * came
                shut_came[i] += came
                now[:] = 0.0
                if is_settled:
                    now[:] = states[i]
                else:  # services under way end one by one, since the station shut
                    came = shut_came[i]
                    for present in range(length):
                        p = shut[i, present]
                        if p < TINY:
                            continue
                        working = min(present, busy)
                        chance = (1.0 - stays) ** working  # that none is left
                        if working == 0 or chance < 1e-280:
                            now[present] += p
                            continue
                        for left in range(working + 1):
                            now[present - working + left] += p * chance
                            chance *= (working - left) / (left + 1.0) * stays / max(1.0 - stays, 1e-300)
                if came == 0.0:
                    states[i] = now
                    continue
                low, high = 0, length - 1
                while high > 0 and now[high] < TINY:
                    high -= 1
                while low < high and now[low] < TINY:
                    low += 1
                then[:] = 0.0
                chance = np.exp(-came)
                if chance < 1e-290:
                    cut_off += 1.0
                count = 0
                while count < length and (count <= came or chance > TINY):
                    if chance > TINY:
                        spent += high - low + 1
                        for present in range(low, min(high + 1, length - count)):
                            then[present + count] += now[present] * chance
                    count += 1
                    chance *= came / count
                total = then.sum()
                cut_off += weights[i] * max(0.0, 1.0 - total)
                states[i] = then / total
        else:
            is_shut = False
            on_duty = servers[n]
            for i in range(n_points):
                birth = rates[n] * points[i]
                look = birth + on_duty * service
                now[:] = states[i]
                low, high = 0, length - 1
                while high > 0 and now[high] < TINY:
                    high -= 1
                while low < high and now[low] < TINY:
                    low += 1
                n_parts = int(look * lengths[n] / 200.0) + 1
                for _ in range(n_parts):
                    jumps = look * lengths[n] / n_parts
                    then[:] = 0.0
                    chance = np.exp(-jumps)
                    tail = 1.0 - chance
                    count, area = 0, 0.0
                    while True:
                        queue = 0.0
                        for present in range(low, high + 1):
                            then[present] += chance * now[present]
                            if present > on_duty:
                                queue += now[present] * (present - on_duty)
                        area += max(tail, 0.0) * queue
                        count += 1
                        if count > jumps and chance < TINY:
                            break
                        chance *= jumps / count
                        tail -= chance
                        spent += high - low + 1
                        # one look: a birth, a death, or nothing
                        if high < length - 1:
                            high += 1
                        else:
                            cut_off += chance * weights[i] * now[high] * birth / look
                        if low > 0:
                            low -= 1
                        before = 0.0 if low == 0 else now[low - 1]
                        for present in range(low, high + 1):
                            here = now[present]
                            after = now[present + 1] if present < high else 0.0
                            stay = (on_duty - min(present, on_duty)) * service / look
                            now[present] = (
                                before * birth / look + here * stay + after * min(present + 1, on_duty) * service / look
                            )
                            before = here
                        while high > low and now[high] < TINY:
                            now[high] = 0.0
                            high -= 1
                        while low < high and now[low] < TINY:
                            now[low] = 0.0
                            low += 1
                    if is_measured[n]:
                        areas[0] += weights[i] * area / look
                    then /= then.sum()
                    now[:] = then
                    low, high = 0, length - 1
                    while high > 0 and now[high] < TINY:
                        high -= 1
                    while low < high and now[low] < TINY:
                        low += 1
                states[i] = now
                if is_measured[n]:
                    areas[1] += weights[i] * birth * lengths[n]
        if is_full_hour[n]:
            for i in range(n_points):
                result[hour] += weights[i] * states[i]
            hour += 1
    return result, areas, cut_off, spent
