"""
Where those stand who are inside now: vehicles known one by one, and a backlog put where the model would have it.

The days up to now are simulated with the arrivals that were counted. Their vehicles that are still inside at the end
are a pool: each with its class, its stage, how long it has waited and been served. A replication draws the backlog from
its band and takes as many from the pool. Where the pool has too few, more wait where vehicles wait; where it has too
many, some of those who wait are left out first. Yards that are counted hold what was counted in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.forecasting.border_now import Base
from gatewatch.simulator.forecasting.now import Band, FlowNow, Now, VehiclesAt
from gatewatch.simulator.initial_state import Standing
from gatewatch.simulator.measures.spans import Spans
from gatewatch.simulator.network import NONE, Network, build_network
from gatewatch.simulator.record import Bools, Ints, RunRecord
from gatewatch.simulator.replications import run_record
from gatewatch.simulator.streams import Streams

N_POOLS = 4  # runs of the days before: how differently the same arrivals can end up
_BAND = 1.645  # half of a band over its standard deviation

Floats = NDArray[np.float64]
Generator = np.random.Generator


@dataclass(frozen=True, slots=True)
class Pool:
    """
    Vehicles of one gate and direction as the days before leave them; arrays of shape (n,), longest waiting first.

    Args:
        classes: Class numbers.
        channels: Customs channels.
        places: Place in the route.
        waited_s: Since each joined its queue; in service, before that began [s].
        served_s: How long it has been served; NaN: it waits; infinity: served, and cannot go on [s].
    """

    classes: Ints
    channels: Ints
    places: Ints
    waited_s: Floats
    served_s: Floats

    def take(self, rows: Ints) -> Pool:
        """Return some of them."""
        return Pool(*(getattr(self, f.name)[rows] for f in fields(self)))

    def standing(self, group: int) -> Standing:
        """Return them as the initial state of a run."""
        return Standing(group, self.classes, self.channels, self.places, self.waited_s, self.served_s)


_NO_NUMBERS: Ints = np.empty(0, dtype=np.int64)
NOBODY = Pool(_NO_NUMBERS, _NO_NUMBERS, _NO_NUMBERS, np.empty(0), np.empty(0))


def _joined(parts: Sequence[Pool]) -> Pool:
    return Pool(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Pool)))


def find_pools(base: Base, now: Now, engine: str) -> list[dict[tuple[str, str], Pool]]:
    """Return pools by gate and direction, one for each run of the days before; empty where nothing was counted."""
    if base.before is None:
        return [{}]
    network = build_network(base.before.loaded, base.before)
    now_us = network.clock.us(now.at)
    return [_inside_at(run_record(base.before, number, engine, network), now_us) for number in range(N_POOLS)]


def _inside_at(record: RunRecord, now_us: int) -> dict[tuple[str, str], Pool]:
    """Return who is inside at a time of a run, by gate and direction."""
    trace, draws, network = record.trace, record.draws, record.network
    joined = (trace.joined_us != NOT_YET) & (trace.joined_us < now_us)
    is_here = np.flatnonzero(joined & ((trace.left_us == NOT_YET) | (trace.left_us >= now_us)))
    vehicle, stage = record.vehicle_of_visit[is_here], draws.visits.stage[is_here]
    place_of = np.zeros(len(network.stages), dtype=np.int64)
    for group in network.groups:
        place_of[list(group.stages)] = np.arange(len(group.stages))
    started = trace.started_us[is_here]
    has_begun = (started != NOT_YET) & (started < now_us)
    finished = trace.finished_us[is_here]
    is_over = has_begun & (finished != NOT_YET) & (finished < now_us)
    waited = np.where(has_begun, started, now_us) - trace.joined_us[is_here]
    served = np.full(len(is_here), np.nan)
    worked = _worked_us(
        network, record.station_of_visit[is_here].astype(np.int64), np.where(has_begun, started, now_us), now_us
    )
    served[has_begun] = worked[has_begun] / 1e6
    served[is_over] = np.inf
    found: dict[tuple[str, str], Pool] = {}
    for number, group in enumerate(network.groups):
        mine = np.flatnonzero(draws.group[vehicle] == number)
        mine = mine[np.argsort(trace.joined_us[is_here[mine]], kind="stable")]
        found[group.gate, group.direction] = Pool(
            draws.classes[vehicle[mine]], draws.channels[vehicle[mine]], place_of[stage[mine]],
            waited[mine] / 1e6, served[mine],
        )  # fmt: skip
    return found


def _worked_us(network: Network, stations: Ints, since_us: Ints, now_us: int) -> Ints:
    """Return how long servers worked on vehicles since a time; where a closing stops work, only open hours count."""
    worked = now_us - since_us
    for number in np.unique(stations).tolist():
        node = network.stations[number]
        if node.closing_rule not in ("freeze", "hand_back"):
            continue
        ends = [*(s.begins_us for s in node.segments[1:]), network.clock.end_us]
        open_us = Spans.of([(s.begins_us, end) for s, end in zip(node.segments, ends, strict=True) if s.capacity > 0])
        mine = stations == number
        worked[mine] = open_us.covered_us(since_us[mine], np.full(int(mine.sum()), now_us))
    return np.asarray(worked)


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
            found.append(_joined([inside, self._joining(flow, inside, generator)]).standing(number))
        return found

    def _inside(self, number: int, flow: FlowNow, pool: Pool, generator: Generator) -> Pool:
        known = [self._known(number, flow, entry, pool, generator) for entry in flow.vehicles]
        n_known = sum(entry.count for entry in flow.vehicles)
        clearing = self._clearing_place(number)
        behind = pool.take(np.flatnonzero(pool.places > clearing))  # cleared, and still about: they fill the far side
        ahead = pool.take(np.flatnonzero(pool.places <= clearing))
        if flow.backlog is None:
            return _joined([*known, behind, *([] if flow.vehicles else [ahead])])
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
        """Return as many vehicles, like those of a pool; without any, they wait at a first stage with servers."""
        have = len(pool.places)
        if n == have:
            return pool
        waits = np.flatnonzero(np.isnan(pool.served_s))
        if n < have:
            rest = np.flatnonzero(~np.isnan(pool.served_s))
            gone = np.concatenate([generator.permutation(waits), generator.permutation(rest)])[: have - n]
            return pool.take(np.setdiff1d(np.arange(have), gone))
        if not have:
            place = self._first_served(number, within)
            classes = self._drawn_classes(flow, n, generator)
            return Pool(
                classes, np.full(n, NONE, dtype=np.int64), np.full(n, place, dtype=np.int64), np.zeros(n),
                np.full(n, np.nan),
            )  # fmt: skip
        like = waits if len(waits) else np.arange(have)
        more = pool.take(like[generator.integers(len(like), size=n - have)])
        # A second one cannot be at the same server: it waits there, unless nobody waits there at all.
        serves = ~self._is_unlimited(number)[more.places]
        more = Pool(more.classes, more.channels, more.places, more.waited_s, np.where(serves, np.nan, more.served_s))
        return _joined([pool, more])

    def _known(self, number: int, flow: FlowNow, entry: VehiclesAt, pool: Pool, generator: Generator) -> Pool:
        group, n = self._network.groups[number], entry.count
        place = [self._network.stages[stage].name for stage in group.stages].index(entry.stage)
        classes = (
            self._drawn_classes(flow, n, generator)
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
            classes = self._drawn_classes(flow, 1, generator)
        one = np.zeros(1, dtype=np.int64)
        return Pool(classes, np.full(1, NONE, dtype=np.int64), one, np.zeros(1), np.full(1, np.nan))

    def _drawn_classes(self, flow: FlowNow, n: int, generator: Generator) -> Ints:
        names = self._network.classes
        mix = {} if flow.arrived is None else flow.arrived.mix
        weights = np.array([mix.get(name, 0.0) for name in names])
        if not weights.sum():
            weights[names.index("general") if "general" in names else 0] = 1.0
        edges = np.cumsum(weights) / weights.sum()
        return np.minimum(np.searchsorted(edges, generator.random(n), side="right"), len(names) - 1)

    def _clearing_place(self, number: int) -> int:
        stages = [self._network.stages[stage] for stage in self._network.groups[number].stages]
        clears = [place for place, stage in enumerate(stages) if stage.clears]
        outward = [place for place, stage in enumerate(stages) if not stage.is_back]
        return clears[0] if clears else outward[-1]

    def _yards_of(self, number: int) -> list[str]:
        """Return by place the yard in which a camera would see the vehicle: from its first stage with servers on."""
        found = []
        for stage in self._network.groups[number].stages:
            node = self._network.stages[stage]
            is_seen = node.yard != NONE and not self._network.stations[node.station].is_unlimited
            found.append(self._network.yards[node.yard].name if is_seen else "")
        return found

    def _is_unlimited(self, number: int) -> NDArray[np.bool_]:
        stages = [self._network.stages[stage] for stage in self._network.groups[number].stages]
        return np.array([self._network.stations[stage.station].is_unlimited for stage in stages], dtype=bool)

    def _first_served(self, number: int, within: Bools | None) -> int:
        """Return the first place whose station has servers, in a yard if one is given."""
        allowed = ~self._is_unlimited(number)
        if within is not None and (allowed & within).any():
            allowed = allowed & within
        return int(np.argmax(allowed)) if allowed.any() else 0


def _by_age(parts: Sequence[Pool]) -> Pool:
    """Return all, those who came to their stage first before the others."""
    found = _joined(parts)
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
