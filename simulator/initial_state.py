"""Vehicles that are inside when a run begins: their ages, their places, and the rest of services under way."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.scenarios import InitialState, VehiclesInside
from gatewatch.config.units import US_PER_S
from gatewatch.simulator.itineraries import Attributes, Visits, draw_attributes, draw_visits, first_stops, rule_fits
from gatewatch.simulator.network import NONE, Network
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


@dataclass(frozen=True, slots=True)
class Standing:
    """
    Vehicles of one gate and direction that are inside, one by one; arrays of shape (n,), those who joined first first.

    Args:
        group: Number of the gate and direction.
        classes: Class numbers.
        channels: Customs channels; NONE where they are not known and are drawn.
        places: Place in the route of the stage each is at.
        waited_s: Since it joined this queue; of one in service, until its service began [s].
        served_s: How long it has been served; NaN for those who wait, infinity for those whose service is over and who
            cannot go on [s].
    """

    group: int
    classes: Ints
    channels: Ints
    places: Ints
    waited_s: Floats
    served_s: Floats


def inside_cohorts(network: Network, initial: InitialState, streams: Streams) -> list[InsideCohort]:
    """Return the vehicles inside at the start, one cohort for each entry."""
    return [_of_entry(network, entry, streams, f"inside/{number}") for number, entry in enumerate(initial.vehicles)]


def _of_entry(network: Network, entry: VehiclesInside, streams: Streams, name: str) -> InsideCohort:
    counts = [entry.count]
    group = network.group_number(entry.gate, entry.direction)
    place = [network.stages[number].name for number in network.groups[group].stages].index(entry.stage)
    served = _drawn_s(network, entry, streams.uniforms(counts, name, "served"), "in_service")
    return standing_cohort(
        network,
        Standing(
            group=group,
            classes=np.full(entry.count, network.classes.index(entry.class_), dtype=np.int64),
            channels=np.full(entry.count, NONE, dtype=np.int64),
            places=np.full(entry.count, place, dtype=np.int64),
            waited_s=_drawn_s(network, entry, streams.uniforms(counts, name, "waited"), "waited"),
            served_s=np.full(entry.count, np.nan) if entry.in_service is None else served,
        ),
        streams,
        name,
    )


def standing_cohort(network: Network, standing: Standing, streams: Streams, name: str) -> InsideCohort:
    """
    Return vehicles inside at the start with all that is drawn for them: attributes, the way on, the rest of services.

    Args:
        network: The border.
        standing: Who they are and where.
        streams: Streams of the replication.
        name: Address of their streams.
    """
    counts = [len(standing.classes)]
    group = network.groups[standing.group]
    who = draw_attributes(network, group, {}, standing.classes, counts, streams, name)
    who = replace(who, channels=np.where(standing.channels == NONE, who.channels, standing.channels))
    visits = draw_visits(network, group, who, counts, streams, name, standing.places)
    is_served = ~np.isnan(standing.served_s)
    is_over = np.isinf(standing.served_s)
    served = np.where(is_served & ~is_over, standing.served_s, 0.0)
    waited = standing.waited_s + served
    is_first = ~is_served & (first_stops(network, group, who) == standing.places)
    joined_us = network.clock.begin_us - _us(waited)
    luck = streams.uniforms(counts, name, "rest")
    for place in np.unique(standing.places[is_served]).tolist():
        mine, number = np.flatnonzero(is_served & (standing.places == place)), group.stages[place]
        # A service that is slower by a factor has come as far as an undisturbed one in that much less time.
        slower = factors(network, network.stages[number], who, joined_us)
        undisturbed = np.divide(served, slower, out=np.zeros(len(served)), where=slower > 0)
        visits = _with_rest(network, number, who, visits, mine, np.where(is_over, np.inf, undisturbed), luck)
    visits = with_factors(network, group, who, visits, joined_us)
    return InsideCohort(
        joined_us=joined_us,
        group=standing.group,
        who=_still_patient(network, standing.group, who, waited, streams.uniforms(counts, name, "patience_left")),
        visits=visits,
        state=np.where(is_first, ON_THE_ROAD, np.where(is_served, INSIDE_SERVED, INSIDE_WAITS)).astype(np.int64),
        served_us=_us(served),
    )


def _drawn_s(network: Network, entry: VehiclesInside, luck: Floats, what: str) -> Floats:
    law = getattr(entry, what)
    return np.zeros(len(luck)) if law is None else Variate(law, network.root).quantile_s(luck)


def _us(seconds: Floats) -> Ints:
    return np.rint(seconds * US_PER_S).astype(np.int64)


def _with_rest(
    network: Network, stage_number: int, who: Attributes, visits: Visits, mine: Ints, served_s: Floats, luck: Floats
) -> Visits:
    """Return the visits with the services of some vehicles replaced by what is left of them (residual law)."""
    stage = network.stages[stage_number]
    service = visits.service_us.copy()
    for number in range(len(stage.rules)):
        fits = rule_fits(network, stage, number, who, mine)
        those, mine = mine[fits], mine[~fits]
        is_over = np.isinf(served_s[those])
        rest = stage.rules[number][1].residual_s(luck[those], np.where(is_over, 0.0, served_s[those]))
        service[visits.start[those]] = _us(np.where(is_over, 0.0, rest))
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
