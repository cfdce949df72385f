"""
Where those stand who are inside now: vehicles known one by one, and a backlog put where the model would have it.

A replication draws the backlog from its band and takes as many from a pool; where that has too many, some of those who
wait are left out first. Where it has too few, more stand like those of the pool, as far as a yard has room and a delay
may hold more by chance. The rest stand upstream of all that: in the park, or before the first servers. Yards that are
counted hold what was counted in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gatewatch.simulator.forecasting.arrivals import ages_of
from gatewatch.simulator.forecasting.now import Band, FlowNow, Now, VehiclesAt
from gatewatch.simulator.forecasting.pools import (
    NOBODY,
    Pool,
    clearing_place,
    drawn_classes,
    first_queue,
    is_delay,
    joined,
)
from gatewatch.simulator.initial_state import Standing
from gatewatch.simulator.network import NONE, Network
from gatewatch.simulator.record import Bools, Ints
from gatewatch.simulator.streams import Streams

_BAND = 1.645  # half of a band over its standard deviation
_CHANCE = 2.0  # standard deviations by which a delay may hold more than the pool has there

Generator = np.random.Generator


class Placing:
    """
    Puts those inside where they stand, for one replication after the other.

    Args:
        network: The border from now on.
        now: What is known.
        pools: What the days before leave.
        seed: Root seed.
    """

    def __init__(self, network: Network, now: Now, pools: Sequence[Mapping[tuple[str, str], Pool]], seed: int) -> None:
        self._network, self._now, self._pools, self._seed = network, now, pools, seed

    def standing(self, replication: int) -> list[Standing]:
        """Return everybody inside for a replication, and behind them one more of each gate and direction: who joins."""
        pools, streams = self._pools[replication % len(self._pools)], Streams(self._seed, replication)
        found = []
        for flow in self._now.flows:
            generator = streams.generator("now", flow.gate, flow.direction)
            number = self._network.group_number(flow.gate, flow.direction)
            pool = pools.get(flow.place, NOBODY)
            inside = self._inside(number, flow, pool, generator)
            found.append(joined([inside, self._joining(flow, inside, generator)]).standing(number))
        return found

    def _inside(self, number: int, flow: FlowNow, pool: Pool, generator: Generator) -> Pool:
        known = [self._known(number, flow, entry, pool, generator) for entry in flow.vehicles]
        n_known = sum(entry.count for entry in flow.vehicles)
        clearing = clearing_place(self._network, number)
        behind = pool.take(np.flatnonzero(pool.places > clearing))  # cleared, and still about: they fill the far side
        ahead = pool.take(np.flatnonzero(pool.places <= clearing))
        if flow.backlog is None:
            return joined([*known, behind, *([] if flow.vehicles else [ahead])])
        wanted = max(0, _drawn(flow.backlog, generator) - n_known)
        parts, left = [], wanted
        yard_of = self._yards_of(number)
        others = np.ones(len(ahead.places), dtype=bool)
        for yard in flow.yards:
            mine = np.array([name == yard.yard for name in yard_of], dtype=bool)
            inside = mine[ahead.places] if len(ahead.places) else np.zeros(0, dtype=bool)
            if not mine.any() or flow.vehicles:
                continue
            n = min(left, _drawn(yard.inside, generator))
            parts.append(self._resized(number, flow, ahead.take(np.flatnonzero(inside)), n, generator, mine))
            others &= ~inside
            left -= n
        rest = self._resized(number, flow, ahead.take(np.flatnonzero(others)), left, generator, None)
        return _by_age([*known, *parts, rest, behind])

    def _resized(
        self, number: int, flow: FlowNow, pool: Pool, n: int, generator: Generator, within: Bools | None
    ) -> Pool:
        """Return as many vehicles: those of a pool, fewer of those who wait, or more like them and a jam."""
        have = len(pool.places)
        if n == have:
            return pool
        waits = np.flatnonzero(np.isnan(pool.served_s))
        if n < have:
            rest = np.flatnonzero(~np.isnan(pool.served_s))
            gone = np.concatenate([generator.permutation(waits), generator.permutation(rest)])[: have - n]
            return pool.take(np.setdiff1d(np.arange(have), gone))
        more = self._like(flow, pool, waits, n - have, generator)
        place = first_queue(self._network, number, within)
        is_counted = within is not None and have > 0  # whatever room there is, so many were seen
        is_jammed = more.places == NONE if is_counted else self._too_many(number, pool, more)
        ages = ages_of(flow.arrived, self._now.at, have, n - have, generator)
        # A second one cannot be at the same server: it waits there, unless nobody waits there at all.
        waits_too = is_jammed | ~is_delay(self._network, number)[more.places]
        more = Pool(
            more.classes,
            np.where(is_jammed, NONE, more.channels),
            np.where(is_jammed, place, more.places),
            np.where(is_jammed, ages, more.waited_s),
            np.where(waits_too, np.nan, more.served_s),
        )
        return joined([pool, more])

    def _like(self, flow: FlowNow, pool: Pool, waits: Ints, n: int, generator: Generator) -> Pool:
        """Return `n` vehicles like those of a pool that wait, or like all of it; without any, at no place yet."""
        if not len(pool.places):
            nowhere, unknown = np.full(n, NONE, dtype=np.int64), np.full(n, np.nan)
            return Pool(drawn_classes(self._network, flow, n, generator), nowhere, nowhere, np.zeros(n), unknown)
        like = waits if len(waits) else np.arange(len(pool.places))
        return pool.take(like[generator.integers(len(like), size=n)])

    def _too_many(self, number: int, pool: Pool, more: Pool) -> Bools:
        """Return which of some more find no room where they are."""
        found = np.asarray(more.places == NONE)
        stages = [self._network.stages[stage] for stage in self._network.groups[number].stages]
        yards = np.array([stage.yard for stage in stages])
        for yard in np.unique(yards[yards != NONE]).tolist():
            node = self._network.yards[yard]
            places = node.places if node.keep == NONE else node.keep
            if places != NONE:
                inside = np.count_nonzero(yards[pool.places] == yard)
                found[np.flatnonzero((yards[more.places] == yard) & ~found)[max(0, places - inside) :]] = True
        for place in np.flatnonzero((yards == NONE) & is_delay(self._network, number)).tolist():
            usual = np.count_nonzero(pool.places == place)  # the number in a delay is Poisson
            found[np.flatnonzero((more.places == place) & ~found)[round(_CHANCE * usual**0.5) :]] = True
        return found

    def _known(self, number: int, flow: FlowNow, entry: VehiclesAt, pool: Pool, generator: Generator) -> Pool:
        group, n = self._network.groups[number], entry.count
        place = [self._network.stages[stage].name for stage in group.stages].index(entry.stage)
        classes = (
            drawn_classes(self._network, flow, n, generator)
            if entry.class_ is None
            else np.full(n, self._network.classes.index(entry.class_), dtype=np.int64)
        )
        served = np.full(n, np.nan) if entry.served_s is None else np.array(entry.served_s, dtype=float)
        if entry.waited_s is not None:
            waited = np.array(entry.waited_s, dtype=float)
        else:
            ages = pool.waited_s[(pool.places == place) & (np.isnan(pool.served_s) == (entry.served_s is None))]
            waited = np.zeros(n) if not len(ages) else np.sort(generator.choice(ages, n))[::-1]
        return Pool(classes, np.full(n, NONE, dtype=np.int64), np.full(n, place, dtype=np.int64), waited, served)

    def _joining(self, flow: FlowNow, inside: Pool, generator: Generator) -> Pool:
        """Return the vehicle that joins now."""
        mix = {} if flow.arrived is None else dict(flow.arrived.mix)
        if not mix and len(inside.classes):
            classes = inside.classes[generator.integers(len(inside.classes), size=1)]
        else:
            classes = drawn_classes(self._network, flow, 1, generator)
        one = np.zeros(1, dtype=np.int64)
        return Pool(classes, np.full(1, NONE, dtype=np.int64), one, np.zeros(1), np.full(1, np.nan))

    def _yards_of(self, number: int) -> list[str]:
        """Return by place the yard in which a camera would see the vehicle: from the first stage that it waits at."""
        stages = [self._network.stages[stage] for stage in self._network.groups[number].stages]
        is_seen = ~is_delay(self._network, number)
        return [
            self._network.yards[node.yard].name if seen and node.yard != NONE else ""
            for node, seen in zip(stages, is_seen.tolist(), strict=True)
        ]


def _by_age(parts: Sequence[Pool]) -> Pool:
    """Return all, those who came to their stage first before the others."""
    found = joined(parts)
    served = np.where(np.isfinite(found.served_s), found.served_s, 0.0)
    return found.take(np.argsort(-(found.waited_s + served), kind="stable"))


def _drawn(band: Band, generator: Generator) -> int:
    """Return a number drawn from a band: normal on each side of its value, and never below zero."""
    luck = float(generator.standard_normal())
    side = band.high - band.value if luck > 0 else band.value - band.low
    return max(0, round(band.value + luck * side / _BAND))


def moved_to(network: Network, origin: Network, standing: Sequence[Standing]) -> list[Standing]:
    """
    Return vehicles where they stand on a border that a policy may have changed.

    One at a stage that is no more goes on to the next one that there still is.
    """
    if network.groups == origin.groups and network.classes == origin.classes:
        return list(standing)
    classes = np.array([network.classes.index(name) if name in network.classes else 0 for name in origin.classes])
    found = []
    for vehicles in standing:
        old = origin.groups[vehicles.group]
        group = network.group_number(old.gate, old.direction)
        names = [network.stages[stage].name for stage in network.groups[group].stages]
        places, here = np.zeros(len(old.stages), dtype=np.int64), len(names) - 1
        for place in reversed(range(len(old.stages))):
            name = origin.stages[old.stages[place]].name
            here = names.index(name) if name in names else here
            places[place] = here
        found.append(
            Standing(
                group,
                classes[vehicles.classes],
                vehicles.channels,
                places[vehicles.places],
                vehicles.waited_s,
                vehicles.served_s,
            )
        )
    return found
