"""A network laid out for the fluid: stages, stations and yards of the groups in use, as arrays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.units import US_PER_S
from gatewatch.simulator.network import NONE, Network, StationNode
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.shadow import stepping
from gatewatch.simulator.shadow.routes import Averages, law_moments
from gatewatch.simulator.timetable import Segment
from gatewatch.simulator.yard_node import Limit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEP_S = 180
"""Length of a step [s]; a service counts as at least this long, and it divides the hour."""
MOST_PHASES = 5
"""Exponential phases that a service is made of at most."""

STEPS_PER_H = 3_600 // STEP_S


class Layout:
    """The stages, stations and yards of the groups that anybody comes to, renumbered, as arrays."""

    def __init__(self, network: Network, plan: Plan, asked: dict[int, Averages]) -> None:
        self.network, self.asked = network, asked
        self.stages = [number for group in asked for number in network.groups[group].stages]
        self.stations = sorted({network.stages[number].station for number in self.stages})
        self.yards = sorted({network.stages[n].yard for n in self.stages} - {NONE})
        sizes = [len(network.groups[group].stages) for group in asked]
        self.group_of = np.repeat(np.arange(len(asked)), sizes)
        self.queue, self.serving = np.zeros(len(self.stages)), np.zeros(len(self.stages))
        self.aged = np.zeros(len(self.stages))
        self.waits_first = self._waits_first()
        self.is_ahead = self.waits_first & (self.per_stage("first_served") == 0)
        names = {
            (network.groups[network.stages[n].group].gate, network.groups[network.stages[n].group].direction,
             network.stages[n].name): place
            for place, n in enumerate(self.stages)
        }  # fmt: skip
        for entry in plan.initial.vehicles:
            place = names[entry.gate, entry.direction, entry.stage]
            (self.queue if entry.in_service is None else self.serving)[place] += entry.count
            if entry.waited is not None:
                self.aged[place] += entry.count * law_moments(entry.waited, network.root)[0] * US_PER_S

    def per_stage(self, name: str) -> NDArray[Any]:
        """Return a field of the averages of all groups, shape (stages,)."""
        parts = [getattr(averages, name) for averages in self.asked.values()]
        return np.concatenate(parts) if parts else np.empty(0)

    def mean_steps(self) -> Floats:
        """Return the mean service of each stage on each day, shape (stages, days) [steps]."""
        parts = [a.mean_s[:, None] * a.factors for a in self.asked.values()]
        return np.concatenate(parts) / STEP_S if parts else np.empty((0, self.network.clock.days))

    def phases(self) -> Ints:
        """Return the phases of the services of each stage: as many as their variation asks, no shorter than a step."""
        scv, steps = self.per_stage("scv").astype(np.float64), self.mean_steps().min(axis=1, initial=np.inf)
        wanted = np.clip(np.rint(1 / np.maximum(scv, 1e-9)), 1, MOST_PHASES)
        return np.asarray(np.maximum(np.minimum(wanted, np.floor(np.minimum(steps, 1e6))), 1), dtype=np.int64)

    def in_phases(self) -> Floats:
        """Return the vehicles in service at the start, evenly over the phases, shape (stages, MOST_PHASES)."""
        phases = self.phases()
        return np.where(np.arange(MOST_PHASES) < phases[:, None], (self.serving / phases)[:, None], 0.0)

    def patience(self) -> tuple[Floats, Floats]:
        """Return ages [us] and the cumulated hazard of turning back until then, each of shape (groups, ages)."""
        ages = np.array([a.patience_s for a in self.asked.values()]).reshape(len(self.asked), -1)
        return ages * US_PER_S, np.array([a.impatience for a in self.asked.values()]).reshape(len(self.asked), -1)

    def _waits_first(self) -> NDArray[np.bool_]:
        """Return which stages a vehicle reaches before its first service has begun."""
        parts = []
        for averages_ in self.asked.values():
            served = np.flatnonzero(averages_.first_served > 0)
            last = served[-1] if len(served) else -1
            parts.append(np.arange(len(averages_.entry)) <= last)
        return np.concatenate([np.empty(0, dtype=bool), *parts])

    def of_stages(self) -> tuple[NDArray[np.generic], ...]:
        """Return the arrays of the stages, in the order in which `stepping.advance` takes them."""
        nodes = [self.network.stages[n] for n in self.stages]
        station = {n: place for place, n in enumerate(self.stations)}
        yard = {NONE: NONE, **{n: place for place, n in enumerate(self.yards)}}
        rows, to, shares = [0], [], []
        for place, group in enumerate(self.asked):
            ways, first = self.asked[group].ways, int(np.searchsorted(self.group_of, place))
            for row in ways:
                going = np.flatnonzero(row > 0)
                to += [NONE if n == len(ways) else first + int(n) for n in going]
                shares += row[going].tolist()
                rows.append(len(to))
        registered = [a.registered for a in self.asked.values()]
        return (
            self.group_of.astype(np.int64),
            np.array([station[s.station] for s in nodes], dtype=np.int64),
            np.array([yard[s.yard] for s in nodes], dtype=np.int64),
            np.ascontiguousarray(self.mean_steps()),
            self.phases(),
            self.per_stage("entry").astype(np.float64),
            np.array(rows, dtype=np.int64),
            np.array(to, dtype=np.int64),
            np.array(shares, dtype=np.float64),
            self.per_stage("clears").astype(np.float64),
            self.per_stage("leaves").astype(np.float64),
            self.per_stage("first_served").astype(np.float64),
            self.per_stage("is_before").astype(np.float64),
            self.per_stage("may_leave"),
            np.array([registered[g] for g in self.group_of], dtype=np.float64),
            *self.patience(),
        )

    def of_stations(self) -> tuple[NDArray[np.generic], ...]:
        """Return the arrays of the stations."""
        at = [[p for p, n in enumerate(self.stages) if self.network.stages[n].station == m] for m in self.stations]
        nodes = [self.network.stations[m] for m in self.stations]
        spans = [effective_segments(node, self._mean_us(at[m])) for m, node in enumerate(nodes)]
        flat = [segment for span in spans for segment in span]
        kinds = [
            stepping.HOLDS if s.holds else stepping.UNLIMITED if s.is_unlimited else stepping.OTHERS for s in nodes
        ]
        up = np.repeat([availability(self.network, node) for node in nodes], [len(span) for span in spans])
        return (
            _edges([len(stages) for stages in at]),
            np.array([p for stages in at for p in stages], dtype=np.int64),
            np.array(kinds, dtype=np.int64),
            np.array([node.closing_rule in ("freeze", "hand_back") for node in nodes], dtype=np.int64),
            np.array([_limit(node.queue_places) for node in nodes], dtype=np.float64),
            np.array([node.loses for node in nodes]),
            _edges([len(span) for span in spans]),
            np.array([s.begins_us for s in flat], dtype=np.int64),
            np.array([s.servers * s.is_open for s in flat], dtype=np.float64) * up,
            np.array([s.is_open for s in flat], dtype=np.float64),
            np.array([s.preregistered_only for s in flat], dtype=np.float64),
        )

    def _mean_us(self, places: list[int]) -> int:
        return round(float(np.mean(self.per_stage("mean_s")[places])) * US_PER_S)

    def of_yards(self) -> tuple[NDArray[np.generic], ...]:
        """Return the arrays of the yards."""
        nodes = [self.network.yards[y] for y in self.yards]
        windows = [[at for window in node.entry_windows_us or () for at in window] for node in nodes]
        return (
            np.array([_limit(node.keep) for node in nodes], dtype=np.float64),
            _edges([len(edges) for edges in windows]),
            np.array([at for edges in windows for at in edges], dtype=np.int64),
            _edges([len(node.day_starts_us) for node in nodes]),
            np.array([at for node in nodes for at in node.day_starts_us], dtype=np.int64),
            *_limits([node.places_by_date for node in nodes]),
            *_limits([node.accepts_by_date for node in nodes]),
        )


def effective_segments(node: StationNode, mean_us: int) -> list[Segment]:
    """Return the segments of a station; under `last_start` it shuts one mean service early."""
    if node.closing_rule != "last_start":
        return list(node.segments)
    result: list[Segment] = []
    for segment, after in zip(node.segments, [*node.segments[1:], None], strict=True):
        result.append(segment)
        shuts = segment.closes_us - mean_us
        if segment.is_open and after is not None and segment.begins_us < shuts < after.begins_us:
            result.append(replace(segment, begins_us=shuts, is_open=False))
    return result


def availability(network: Network, node: StationNode) -> float:
    """Return the share of time in which a station is not broken."""
    if node.breakdown is None:
        return 1.0
    up, down = (law_moments(variate.law, network.root)[0] for variate in node.breakdown)
    return up / (up + down)


def _limit(value: int) -> float:
    return 10 * stepping.EVER if value == NONE else float(value)


def _limits(limits: list[Limit]) -> tuple[NDArray[np.generic], ...]:
    """Return limits in time as compressed rows: where each begins, from when [us] which value holds."""
    return (
        _edges([len(limit.values) for limit in limits]),
        np.array([at for limit in limits for at in limit.starts_us], dtype=np.int64),
        np.array([_limit(value) for limit in limits for value in limit.values], dtype=np.float64),
    )


def _edges(lengths: list[int]) -> Ints:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
