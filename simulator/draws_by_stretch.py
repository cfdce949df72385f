"""The draws of a replication stretch by stretch, for long runs: the same numbers, a part of the vehicles at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gatewatch.simulator.attributes import draw_attributes
from gatewatch.simulator.demand import between_dates, draw_arrivals
from gatewatch.simulator.draws import (
    Bools,
    Cohort,
    Draws,
    Ints,
    breakdowns_of,
    by_joining,
    clear_visits,
    inside_at_start,
    one_after_the_other,
    refuse_without_stage,
    stand_ins_of,
    together,
)
from gatewatch.simulator.itineraries import draw_visits
from gatewatch.simulator.network import NONE, Network
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.service_factors import with_factors
from gatewatch.simulator.streams import Counts, Streams


@dataclass(frozen=True, slots=True)
class Crowd:
    """
    Some of the vehicles of a replication, in the order in which all of them are numbered.

    Args:
        draws: What was drawn of them; numbers of vehicles are theirs among these.
        rank: 0 for those that come by themselves, else 1 + the diversion rule whose stand-in it is.
    """

    draws: Draws
    rank: Ints

    def those(self, rows: Ints) -> Crowd:
        """Return some of them, in this order; whoever stands in for one that is not among them loses that mark."""
        return Crowd(chosen(self.draws, rows), self.rank[rows])


class DrawsByStretch:
    """
    The vehicles of a replication by their times of arrival.

    The arrivals of the whole run are known at the start; all else is drawn when it is asked for.

    Args:
        network: The border.
        plan: What is run.
        replication: Number of the replication.
    """

    def __init__(self, network: Network, plan: Plan, replication: int) -> None:
        self._network, self._plan, self._streams = network, plan, Streams(plan.seed, replication)
        self.breakdowns = breakdowns_of(network, self._streams)
        self._n_stand_ins = [0] * len(network.diversions)
        self._flows = network.border.demand[plan.scenario.demand].flows
        self._arrivals = {name: draw_arrivals(network, name, flow, self._streams) for name, flow in self._flows.items()}

    def before(self, until_us: int) -> Crowd:
        """Return those inside at the start, and those that arrive before a time [us]."""
        inside = inside_at_start(self._network, self._plan, self._streams)
        return self._crowd([*([inside] if inside else []), self._arriving(self._network.clock.begin_us, until_us)])

    def between(self, from_us: int, until_us: int) -> Crowd:
        """Return those that arrive from a time on until another [us]; stretches must be asked for in order."""
        return self._crowd([self._arriving(from_us, until_us)])

    def _arriving(self, from_us: int, until_us: int) -> list[Cohort]:
        network, cohorts = self._network, []
        for name, flow in self._flows.items():
            arrivals, number = self._arrivals[name], network.group_number(flow.gate, flow.direction)
            chosen_ones = (arrivals.times_us >= from_us) & (arrivals.times_us < until_us)
            rows, counts = _around(chosen_ones, arrivals.counts)
            times, group = arrivals.times_us[rows], network.groups[number]
            classes = None if arrivals.classes is None else arrivals.classes[rows]
            who = draw_attributes(network, group, flow.mix, classes, counts, self._streams, name)
            visits = draw_visits(network, group, who, counts, self._streams, name)
            visits = with_factors(network, group, who, visits, times)
            kept = chosen_ones[rows] & between_dates(network.clock, flow, times)
            refuse_without_stage(network, name, who, visits, kept)
            cohorts.append(Cohort(times, number, who, visits, kept))
        return cohorts

    def _crowd(self, parts: Sequence[list[Cohort]]) -> Crowd:
        network = self._network
        vehicles = one_after_the_other([by_joining(cohorts) for cohorts in parts])
        n = len(vehicles.group)
        table, cohorts = stand_ins_of(network, vehicles, self._streams, self._n_stand_ins)
        sizes = np.count_nonzero(table != NONE, axis=1)
        self._n_stand_ins = [before + int(more) for before, more in zip(self._n_stand_ins, sizes, strict=True)]
        everyone = one_after_the_other([vehicles, *(together([cohort]) for cohort in cohorts)])
        stand_ins = np.full((len(table), len(everyone.group)), NONE, dtype=np.int64)
        stand_ins[:, :n] = table
        ranks = np.repeat(np.arange(1 + len(sizes)), [n, *sizes])
        everyone = replace(everyone, clear_visit=clear_visits(network, everyone), breakdowns=self.breakdowns)
        return Crowd(replace(everyone, stand_ins=stand_ins), ranks)


def _around(chosen_ones: Bools, counts: Sequence[int]) -> tuple[Ints, Counts]:
    """Return, of each day, the vehicles from the first to the last that is chosen, and their places in the day."""
    edges = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    rows = np.flatnonzero(chosen_ones)
    begins, ends = np.searchsorted(rows, edges[:-1]), np.searchsorted(rows, edges[1:])
    some = ends > begins
    first, size = np.zeros((2, len(counts)), dtype=np.int64)
    first[some] = rows[begins[some]] - edges[:-1][some]
    size[some] = rows[ends[some] - 1] + 1 - rows[begins[some]]
    whole = np.concatenate([np.arange(a, a + n) for a, n in zip(edges[:-1] + first, size, strict=True)])
    return whole.astype(np.int64), Counts(size.tolist(), first.tolist())


def merged(carried: Crowd, new: Crowd) -> tuple[Crowd, Ints]:
    """Return two crowds as one, the second of later arrivals, and the numbers that those of the first get."""
    ranks = np.concatenate([carried.rank, new.rank])
    order = np.argsort(ranks, kind="stable")
    numbers = np.empty(len(order), dtype=np.int64)
    numbers[order] = np.arange(len(order))
    both = side_by_side(carried.draws, new.draws)
    return Crowd(chosen(both, order), ranks[order]), numbers[: len(carried.rank)]


def side_by_side(a: Draws, b: Draws) -> Draws:
    """Return the vehicles of both, one after the other."""
    n, n_visits = len(a.group), len(a.visits.stage)
    return replace(
        one_after_the_other([a, b]),
        stand_in_for=np.concatenate([a.stand_in_for, _moved(b.stand_in_for, n)]),
        clear_visit=np.concatenate([a.clear_visit, _moved(b.clear_visit, n_visits)]),
        stand_ins=np.concatenate([a.stand_ins, _moved(b.stand_ins, n)], axis=1),
    )


def _moved(numbers: Ints, by: int) -> Ints:
    return np.where(numbers == NONE, NONE, numbers + by)


def chosen(draws: Draws, rows: Ints) -> Draws:
    """Return some vehicles in this order; numbers of vehicles are then those among them, NONE for the others."""
    numbers = np.full(len(draws.group) + 1, NONE, dtype=np.int64)  # the last one stands for NONE
    numbers[rows] = np.arange(len(rows))
    at, visits = visits_of(draws, rows), draws.visits
    start = np.concatenate([[0], np.cumsum(np.diff(visits.start)[rows])]).astype(np.int64)
    clear = draws.clear_visit[rows]
    per_vehicle = (
        "arrival_us", "group", "classes", "channels", "laden_return", "preregistered", "patience_us", "follows",
        "heeds", "inside", "served_us",
    )  # fmt: skip
    return replace(
        draws,
        **{name: getattr(draws, name)[rows] for name in per_vehicle},
        stand_in_for=numbers[draws.stand_in_for[rows]],
        visits=type(visits)(start, *(x[at] for x in (visits.stage, visits.service_us, visits.number, visits.goes_out))),
        clear_visit=np.where(clear == NONE, NONE, clear - visits.start[rows] + start[:-1]),
        stand_ins=numbers[draws.stand_ins[:, rows]],
    )


def visits_of(draws: Draws, rows: Ints) -> Ints:
    """Return the visits of some vehicles, one vehicle after the other."""
    starts, lengths = draws.visits.start[rows], np.diff(draws.visits.start)[rows]
    return np.repeat(starts - (np.cumsum(lengths) - lengths), lengths) + np.arange(lengths.sum())
