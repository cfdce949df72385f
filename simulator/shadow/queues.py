"""
What chance adds within the hours: vehicles that come and are served at random times queue below load 1 too.

Each station in each hour is taken as in its steady state at the load of that hour (a pointwise stationary
approximation), with Sakasegawa's formula for the mean wait in GI/G/c: Annals of the Institute of Statistical
Mathematics 29 (1977) 67-75.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.units import US_PER_H
from gatewatch.simulator.network import Network
from gatewatch.simulator.shadow.fluid import Course, Fluid
from gatewatch.simulator.shadow.layout import availability, effective_segments

Floats = NDArray[np.float64]

MOST_LOAD = 0.95
"""Load at which the steady state is taken at most."""

MEAN_OF_WALK = 0.4
"""Mean of a reflected random walk in the middle of its time, over its standard deviation at the end, about."""


@dataclass(frozen=True, slots=True)
class Queues:
    """
    What queues add to a group, by hour of the run, arrays of shape (hours,).

    Args:
        vehicles: Vehicles that wait before their clearance, at all stations [veh].
        waited_h: Time waited by those who joined a station in the hour [veh h].
        waited_first_h: The part of it at the station that serves them first [veh h].
        served_first: Vehicles that joined that station [veh].
    """

    vehicles: Floats
    waited_h: Floats
    waited_first_h: Floats
    served_first: Floats


def mean_wait(load: Floats, servers: Floats, mean: Floats, scv_arrivals: float, scv_services: Floats) -> Floats:
    """
    Return the mean wait in a GI/G/c queue [unit of `mean`].

    >>> mm1 = mean_wait(np.array([0.8]), np.array([1.0]), np.array([1.0]), 1.0, np.array([1.0]))
    >>> round(float(mm1[0]), 6)
    4.0
    """
    rho, c = np.minimum(load, MOST_LOAD), np.maximum(servers, 1.0)
    return np.asarray((scv_arrivals + scv_services) / 2 * mean * rho ** (np.sqrt(2 * (c + 1)) - 1) / (c * (1 - rho)))


def station_waits(network: Network, fluid: Fluid) -> dict[int, Floats]:
    """Return the mean wait that chance adds at each limited station that vehicles join, by hour of the run [h]."""
    work: dict[int, Floats] = {}
    squares: dict[int, Floats] = {}
    joined: dict[int, Floats] = {}
    nothing = np.zeros(fluid.courses[0].joined.shape[1] if fluid.courses else 0)
    batch: dict[int, float] = {}
    for course in fluid.courses:
        for place, number in enumerate(network.groups[course.number].stages):
            station = network.stages[number].station
            node = network.stations[station]
            if node.is_unlimited or node.holds:
                continue
            mean_h = course.asks.mean_s[place] * _by_hour(network, fluid, course.asks.factors[place]) / 3_600
            came = course.joined[place]
            work[station] = work.get(station, nothing) + came * mean_h
            squares[station] = squares.get(station, nothing) + came * mean_h**2 * (1 + course.asks.scv[place])
            joined[station] = joined.get(station, nothing) + came
            batch[station] = max(batch.get(station, 1.0), course.inflow.batch)
    result = {}
    for station, asked in work.items():
        offered = _offered_h(network, fluid, station, len(asked))
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.nan_to_num(asked / joined[station])
            scv = np.maximum(np.nan_to_num(squares[station] / joined[station] / mean**2) - 1, 0.0)
            load = np.where(offered > 0, asked / offered, 0.0)
        waits = mean_wait(load, offered, mean, batch[station], scv)
        # Within an hour a queue by chance grows no faster than a random walk; from load 1 on it is the fluid's.
        walk = MEAN_OF_WALK * np.sqrt(np.maximum(batch[station] + scv, 0.0) / np.maximum(joined[station], 1e-9))
        result[station] = np.where(load < 1, np.minimum(waits, walk), 0.0)
    return result


def queues(network: Network, course: Course, waits: dict[int, Floats]) -> Queues:
    """Return what the waits at the stations mean for a group."""
    hours = course.joined.shape[1]
    every, first, served = np.zeros(hours), np.zeros(hours), np.zeros(hours)
    for place, number in enumerate(network.groups[course.number].stages):
        wait_h = waits.get(network.stages[number].station)
        if wait_h is None or not course.asks.is_before[place]:
            continue
        waited = course.joined[place] * wait_h
        every += waited
        first += waited * course.asks.first_served[place]
        served += course.joined[place] * course.asks.first_served[place]
    return Queues(vehicles=every, waited_h=every, waited_first_h=first, served_first=served)


def _by_hour(network: Network, fluid: Fluid, of_day: Floats) -> Floats:
    hours = fluid.courses[0].joined.shape[1]
    starts = fluid.edges_us[0] + US_PER_H * np.arange(hours)
    day = np.searchsorted(network.clock.day_starts_us(), starts, side="right") - 1
    return np.asarray(of_day[np.minimum(day, len(of_day) - 1)])


def _offered_h(network: Network, fluid: Fluid, station: int, hours: int) -> Floats:
    """Return the servers on duty at the open station in each hour, shape (hours,) [server h]."""
    node = network.stations[station]
    segments = effective_segments(node, 0)
    edges = np.array([*(s.begins_us for s in segments), network.clock.end_us], dtype=np.float64)
    rates = np.array([s.capacity for s in segments], dtype=np.float64) * availability(network, node)
    until = np.concatenate([[0.0], np.cumsum(rates * np.diff(edges))])
    at_hours = np.interp(fluid.edges_us[0] + US_PER_H * np.arange(hours + 1), edges, until)
    return np.asarray(np.diff(at_hours) / US_PER_H)
