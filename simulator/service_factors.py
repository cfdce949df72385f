"""Services that last longer or shorter for vehicles that arrived on certain days."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from gatewatch.simulator.itineraries import Attributes, Visits
from gatewatch.simulator.network import CHANNELS, Group, Network, StageNode

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def with_factors(network: Network, group: Group, who: Attributes, visits: Visits, arrived_us: Ints) -> Visits:
    """
    Return itineraries with the factors of the days of arrival on the services that were drawn.

    Args:
        network: The border.
        group: Gate and direction.
        who: Attributes of the vehicles.
        visits: Their itineraries.
        arrived_us: When each vehicle arrived, shape (vehicles,); before the run it may be negative.
    """
    dated = [number for number in group.stages if network.stages[number].dates]
    if not dated:
        return visits
    vehicle = np.repeat(np.arange(len(arrived_us)), np.diff(visits.start))
    service = visits.service_us.copy()
    for number in dated:
        mine = np.flatnonzero(visits.stage == number)
        factor = factors(network, network.stages[number], who, arrived_us)[vehicle[mine]]
        service[mine] = np.rint(service[mine] * factor).astype(np.int64)
    return replace(visits, service_us=service)


def factors(network: Network, stage: StageNode, who: Attributes, arrived_us: Ints) -> Floats:
    """Return the factor of each vehicle at a stage; those that overlap are multiplied."""
    clock = network.clock
    result = np.ones(len(arrived_us))
    if not stage.dates or not len(arrived_us):
        return result
    first = int(min(arrived_us.min(), 0) // 86_400_000_000) - 1
    starts = [clock.us(clock.midnight(day)) for day in range(first, clock.days + 1)]
    days = [first + bisect_right(starts, at) - 1 for at in arrived_us.tolist()]
    numbers, place = np.unique(days, return_inverse=True)
    for rule in stage.dates:
        holds = np.array([rule.covers(clock.first_day + timedelta(days=int(day))) for day in numbers])[place]
        if rule.classes is not None:
            holds &= np.isin(who.classes, [network.classes.index(name) for name in rule.classes])
        if rule.channels is not None:
            holds &= np.isin(who.channels, [CHANNELS.index(name) for name in rule.channels])
        result[holds] *= rule.factor
    return result
