"""Vehicles that are inside when a run begins: their ages, their places, and the rest of services under way."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.scenarios import InitialState, VehiclesInside
from gatewatch.config.units import US_PER_S
from gatewatch.simulator.itineraries import Attributes, Visits, draw_attributes, draw_visits, first_stops, rule_fits
from gatewatch.simulator.network import Network
from gatewatch.simulator.service_factors import factors, with_factors
from gatewatch.simulator.streams import Streams
from gatewatch.simulator.variates import Variate

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

INSIDE_WAITS = 1
INSIDE_SERVED = 2
ON_THE_ROAD = 3


@dataclass(frozen=True, slots=True)
class InsideCohort:
    """Vehicles of one entry of the initial state; the first visit of each is the stage it is at."""

    joined_us: Ints
    group: int
    who: Attributes
    visits: Visits
    state: Ints  # 1 waits, 2 is in service (its first visit carries the work that is left), 3 stands at its first stop
    served_us: Ints


def inside_cohorts(network: Network, initial: InitialState, streams: Streams) -> list[InsideCohort]:
    """Return the vehicles inside at the start, one cohort for each entry."""
    return [_cohort(network, entry, streams, f"inside/{number}") for number, entry in enumerate(initial.vehicles)]


def _cohort(network: Network, entry: VehiclesInside, streams: Streams, name: str) -> InsideCohort:
    counts = [entry.count]
    group_number = network.group_number(entry.gate, entry.direction)
    group = network.groups[group_number]
    place = [network.stages[number].name for number in group.stages].index(entry.stage)
    classes = np.full(entry.count, network.classes.index(entry.class_), dtype=np.int64)
    who = draw_attributes(network, group, {}, classes, counts, streams, name)
    first = np.full(entry.count, place, dtype=np.int64)
    visits = draw_visits(network, group, who, counts, streams, name, first)
    waited = _drawn_s(network, entry, streams.uniforms(counts, name, "waited"), "waited")
    served = _drawn_s(network, entry, streams.uniforms(counts, name, "served"), "in_service")
    is_served = entry.in_service is not None
    is_first = np.full(entry.count, not is_served) & (first_stops(network, group, who) == place)
    if is_served:
        waited = waited + served
    joined_us = network.clock.begin_us - _us(waited)
    if is_served:
        # A service that is slower by a factor has come as far as an undisturbed one in that much less time.
        slower = factors(network, network.stages[group.stages[place]], who, joined_us)
        undisturbed = np.divide(served, slower, out=np.zeros(len(served)), where=slower > 0)
        luck = streams.uniforms(counts, name, "rest")
        visits = _with_rest(network, group.stages[place], who, visits, undisturbed, luck)
    visits = with_factors(network, group, who, visits, joined_us)
    return InsideCohort(
        joined_us=joined_us,
        group=group_number,
        who=_still_patient(network, group_number, who, waited, streams.uniforms(counts, name, "patience_left")),
        visits=visits,
        state=np.where(is_first, ON_THE_ROAD, INSIDE_SERVED if is_served else INSIDE_WAITS).astype(np.int64),
        served_us=_us(served),
    )


def _drawn_s(network: Network, entry: VehiclesInside, luck: Floats, what: str) -> Floats:
    law = getattr(entry, what)
    return np.zeros(len(luck)) if law is None else Variate(law, network.root).quantile_s(luck)


def _us(seconds: Floats) -> Ints:
    return np.rint(seconds * US_PER_S).astype(np.int64)


def _with_rest(
    network: Network, stage_number: int, who: Attributes, visits: Visits, served_s: Floats, luck: Floats
) -> Visits:
    """Return the visits with the service under way replaced by what is left of it (residual law)."""
    stage = network.stages[stage_number]
    service = visits.service_us.copy()
    left = np.ones(len(luck), dtype=bool)
    everyone = np.arange(len(luck))
    for number in range(len(stage.rules)):
        fits = left & rule_fits(network, stage, number, who, everyone)
        rest = stage.rules[number][1].residual_s(luck[fits], served_s[fits])
        service[visits.start[:-1][fits]] = _us(rest)
        left &= ~fits
    return replace(visits, service_us=service)


def _still_patient(network: Network, group_number: int, who: Attributes, waited_s: Floats, luck: Floats) -> Attributes:
    """Return the attributes with a patience longer than what was waited already."""
    patience = who.patience_us.copy()
    laws = network.groups[group_number].data.patience
    for number, name in enumerate(network.classes):
        law = laws.get(name, laws.get("*"))
        mine = who.classes == number
        if law is not None and mine.any():
            rest = Variate(law, network.root).residual_s(luck[mine], waited_s[mine])
            patience[mine] = _us(waited_s[mine] + rest)
    return replace(who, patience_us=patience)
