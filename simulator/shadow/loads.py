"""What binds: what vehicles ask of each station and yard over what it offers, by day and over the measured time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.units import US_PER_DAY, US_PER_S
from gatewatch.simulator.network import NONE, Network
from gatewatch.simulator.shadow.fluid import Course, Fluid
from gatewatch.simulator.yard_node import Limit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Demanded:
    """
    A station or a limit of a yard.

    Args:
        gate: Where it is.
        name: Station, `YARD: places` or `YARD: daily acceptance`.
        station: Number of the station; NONE for a yard.
        asked: What the vehicles of each day ask, shape (days,) [server s, place s or veh].
        offered: What each day offers, shape (days,).
        users: Numbers of the groups that use it.
        is_before: Whether vehicles of a group meet it before their clearance, by group.
    """

    gate: str
    name: str
    station: int
    asked: Floats
    offered: Floats
    users: tuple[int, ...]
    is_before: dict[int, bool]

    def load(self, days: slice) -> float:
        """Return asked over offered on some days; endless where nothing is offered."""
        asked, offered = float(self.asked[days].sum()), float(self.offered[days].sum())
        return asked / offered if offered > 0 else float("inf") if asked > 0 else 0.0


def demanded(network: Network, fluid: Fluid) -> list[Demanded]:
    """Return everything of which there is a limited number, with what the arrivals of each day ask of it."""
    starts = np.maximum(np.array(network.clock.day_starts_us()), network.clock.begin_us)
    came = {c.number: np.diff(fluid.at(c.came - _refused(c), starts)) for c in fluid.courses}
    found = [*_stations(network, fluid, came, starts), *_yards(network, fluid, came, starts)]
    return [resource for resource in found if resource.users]


def _refused(course: Course) -> Floats:
    return np.concatenate([[0.0], np.cumsum(course.inflow.refused)])


def _stations(network: Network, fluid: Fluid, came: dict[int, Floats], starts: Ints) -> list[Demanded]:
    result = []
    for number, node in enumerate(network.stations):
        if node.is_unlimited or node.holds:
            continue
        asked = np.zeros(len(starts) - 1)
        users: list[int] = []
        before: dict[int, bool] = {}
        for course in fluid.courses:
            for place, stage in enumerate(network.groups[course.number].stages):
                if network.stages[stage].station == number and course.asks.visits[place] > 0:
                    work = course.asks.visits[place] * course.asks.mean_s[place] * course.asks.factors[place]
                    asked = asked + came[course.number] * work
                    users.append(course.number)
                    before[course.number] = before.get(course.number, False) or bool(course.asks.is_before[place])
        if users:
            segments = node.segments
            edges = np.array([*(s.begins_us for s in segments), starts[-1]], dtype=np.float64)
            rates = np.array([s.capacity for s in segments], dtype=np.float64)
            offered = np.diff(np.interp(starts, edges, np.concatenate([[0.0], np.cumsum(rates * np.diff(edges))])))
            result.append(
                Demanded(node.gate, node.name, number, asked, offered / US_PER_S, tuple(dict.fromkeys(users)), before)
            )
    return result


def _yards(network: Network, fluid: Fluid, came: dict[int, Floats], starts: Ints) -> list[Demanded]:
    result = []
    for number, node in enumerate(network.yards):
        stays, entries = np.zeros(len(starts) - 1), np.zeros(len(starts) - 1)
        users: list[int] = []
        before: dict[int, bool] = {}
        for course in fluid.courses:
            stages = network.groups[course.number].stages
            inside = np.array([network.stages[stage].yard == number for stage in stages])
            asks = course.asks
            if not (asks.visits[inside] > 0).any():
                continue
            users.append(course.number)
            before[course.number] = bool(asks.is_before[inside].any())
            stay = (asks.visits * asks.mean_s)[inside] @ asks.factors[inside]
            ways = asks.ways[:, :-1]
            enters = float(asks.entry[inside].sum() + (asks.visits[~inside] @ ways[~inside][:, inside]).sum())
            stays += came[course.number] * stay
            entries += came[course.number] * enters
        for name, limit, asked, unit_us in (
            ("places", node.places_by_date, stays, US_PER_S),
            ("daily acceptance", node.accepts_by_date, entries, US_PER_DAY),
        ):
            if limit.exists:
                offered = np.array([_offered(limit, *span) for span in pairwise(starts.tolist())]) / unit_us
                label = f"{node.name}: {name}"
                result.append(Demanded(node.gate, label, NONE, asked, offered, tuple(users), before))
    return result


def _offered(limit: Limit, begins_us: int, ends_us: int) -> float:
    """Return a limit times its time within two instants [us]; endless where there is none for a while."""
    return sum(
        float("inf") if value == NONE else float(value) * (until - since)
        for since, until, value in limit.pieces(begins_us, ends_us)
    )


def binding(resources: list[Demanded], group: int, days: slice) -> Demanded | None:
    """Return what a group's vehicles use that has the highest load on some days; None where nothing is limited."""
    mine = [resource for resource in resources if group in resource.users]
    return max(mine, key=lambda resource: resource.load(days), default=None)
