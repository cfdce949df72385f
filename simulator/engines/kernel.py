"""
The compiled engine: the reference engine's rules over flat arrays, for the same trace a hundred times faster.

Every function here has its twin in reference.py, under nearly the same name; change them together. All state lies
in int64 arrays with named columns. Occurrences wait in one binary heap in which each has a slot of its own (a
vehicle's service, a vehicle's patience, a station's starts, a timetable), so that a service that is stopped is taken
out rather than skipped later. Vehicles wait in pairing heaps (Fredman et al. 1986) linked through the vehicles
themselves: a vehicle waits for one thing at a time, and one that leaves never waits again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

from gatewatch.simulator.draws import Draws
from gatewatch.simulator.engines.order import NUMBERS, Kind
from gatewatch.simulator.engines.trace import NOT_YET, Outcome, Trace
from gatewatch.simulator.network import NONE, Network
from gatewatch.simulator.timetable import with_breakdowns

Ints = NDArray[np.int64]
_F = TypeVar("_F", bound=Callable[..., Any])


def _compiled(function: _F) -> _F:
    jitted: _F = numba.njit(cache=True, nogil=True)(function)
    return jitted


# Where a vehicle is (reference._Where).
AWAY, ON_ROAD, IN_QUEUE, IN_SERVICE, STOPPED, BLOCKED, HELD = range(7)
# Closing rules.
FINISH, FREEZE, HAND_BACK, LAST_START = range(4)
RULES = {"finish": FINISH, "freeze": FREEZE, "hand_back": HAND_BACK, "last_start": LAST_START}
HEAD = -1
NEVER = 1 << 62

COMPLETION, CHANGE, ABANDONMENT, ARRIVAL, START = (int(kind) * NUMBERS for kind in Kind)
INSIDE, PASSED, CLEARED, RETURNED, TURNED_BACK, DIVERTED, LOST = (
    int(outcome) for outcome in Outcome if outcome != Outcome.NOT_REACHED
)

# Columns of the vehicles.
(V_GROUP, V_CLASS, V_REGISTERED, V_PATIENCE, V_CLEAR, V_END, V_JOINS, V_HALTS, V_WHERE, V_VISIT, V_DUE, V_YARD,
 V_NEXT_YARD, V_WANTS_YARD, V_WANTS_STATION, V_RANK, V_TIME, V_CHILD, V_SIBLING, V_BEFORE, V_AFTER) = range(21)  # fmt: skip
# Columns of the visits.
R_STAGE, R_WORK, R_JOINED, R_STARTED, R_FINISHED, R_LEFT, R_OUTCOME, R_ASKED, R_ENTERED = range(9)
# Columns of the stations.
(S_CAPACITY, S_OPEN, S_REGISTERED_ONLY, S_CLOSES, S_BROKEN, S_RULE, S_PLACES, S_LOSES, S_HOLDS, S_WAITING, S_ACTIVE,
 S_BLOCKED, S_FROZEN, S_QUEUE, S_QUEUE_REGISTERED, S_STOPPED, S_WANTING, S_LINE_HELD, S_DUE, S_FIRST_ACTIVE, S_NEXT,
 S_END) = range(22)  # fmt: skip
# Columns of the segments.
T_BEGINS, T_CAPACITY, T_OPEN, T_REGISTERED_ONLY, T_CLOSES, T_BROKEN = range(6)
# Columns of the yards and of their changes.
Y_PLACES, Y_KEEP, Y_ACCEPTS, Y_OPEN, Y_INSIDE, Y_ACCEPTED, Y_DIRECT, Y_DUE, Y_NEXT, Y_END = range(10)
C_TIME, C_OPEN, C_MIDNIGHT = range(3)
# Columns of the groups, the stages, the diversions, the halts.
G_BACKLOG, G_ON_THE_WAY, G_FIRST_HELD = range(3)
K_STATION, K_YARD, K_TURNS_BACK, K_IS_FIRST = range(4)
D_SOURCE, D_TARGET, D_ON_ARRIVAL, D_OVER, D_BELOW, D_EVERY = range(6)
H_BEGINS, H_ENDS = range(2)
# Counters.
N_NOW, N_HEAP, N_NEXT_ARRIVAL, N_DUE_FIRST, N_DUE, N_BEGIN, N_FINAL = range(7)
# Columns of the heap.
Q_TIME, Q_PRIORITY, Q_SLOT = range(3)


class Memory(NamedTuple):
    """Everything a run knows; one row each, columns as named above."""

    vehicles: Ints
    visits: Ints
    stations: Ints
    yards: Ints
    groups: Ints
    stages: Ints
    heap: Ints
    places: Ints  # place of each slot in the heap, NONE when it does not wait there
    counters: Ints
    ranks: Ints  # (station, class)
    called: Ints  # (yard, station): root of the vehicles held there; NONE without any
    feeds: Ints  # (yard, station): whether the station has held vehicles for the yard
    due_yards: Ints  # ring of the yards to look at
    segments: Ints
    changes: Ints
    diversions: Ints
    stand_ins: Ints
    halts: Ints
    arriving: Ints  # vehicles in the order of their arrival


def run(network: Network, draws: Draws) -> Trace:
    """
    Return the trace of one replication; the same as `reference.run`, bit for bit.

    Args:
        network: The border laid out in time.
        draws: Everything random of the replication.
    """
    memory = _memory(network, draws)
    inside = np.flatnonzero(draws.inside)
    _place_those_inside(memory, inside, draws.inside, draws.served_us)
    _run(memory)
    visits = memory.visits
    columns = (R_JOINED, R_STARTED, R_FINISHED, R_LEFT, R_OUTCOME, R_ASKED, R_ENTERED)
    return Trace(*(np.ascontiguousarray(visits[:, column]) for column in columns))


def _memory(network: Network, draws: Draws) -> Memory:
    clock = network.clock
    n, n_stations, n_yards = len(draws.group), len(network.stations), len(network.yards)
    n_diversions = len(network.diversions)
    n_slots = 2 * n + 2 * n_stations + n_yards + n_diversions
    segments, starts = _segments(network, draws)
    changes, change_starts = _changes(network)
    stations = np.array(
        [_station_row(network, number, segments, starts) for number in range(n_stations)], dtype=np.int64
    ).reshape(n_stations, 22)
    yards = np.array(
        [_yard_row(network, number, change_starts) for number in range(n_yards)], dtype=np.int64
    ).reshape(n_yards, 10)
    counters = np.zeros(7, dtype=np.int64)
    counters[[N_NOW, N_BEGIN, N_FINAL]] = clock.begin_us, clock.begin_us, clock.end_us
    start = draws.visits.start
    arriving = np.flatnonzero((draws.inside == 0) & (draws.stand_in_for == NONE) & (np.diff(start) > 0))
    first_stages = {group.stages[0] for group in network.groups if group.stages}
    memory = Memory(
        vehicles=_vehicles(network, draws),
        visits=_visits(draws),
        stations=stations,
        yards=yards,
        groups=np.array([[0, 0, NONE] for _ in network.groups], dtype=np.int64).reshape(-1, 3),
        stages=np.array(
            [[s.station, s.yard, s.may_turn_back, k in first_stages] for k, s in enumerate(network.stages)],
            dtype=np.int64,
        ).reshape(-1, 4),
        heap=np.empty((n_slots + 1, 3), dtype=np.int64),
        places=np.full(n_slots, NONE, dtype=np.int64),
        counters=counters,
        ranks=np.array([node.rank for node in network.stations], dtype=np.int64).reshape(n_stations, -1),
        called=np.full((n_yards, n_stations), NONE, dtype=np.int64),
        feeds=np.zeros((n_yards, n_stations), dtype=np.int64),
        due_yards=np.zeros(n_yards + 1, dtype=np.int64),
        segments=segments,
        changes=changes,
        diversions=np.array(
            [
                [d.source, d.target, d.on_arrival, d.over, d.below, d.check_every_us]
                for d in network.diversions
            ],
            dtype=np.int64,
        ).reshape(-1, 6),
        stand_ins=np.ascontiguousarray(draws.stand_ins),
        halts=np.array([[h.begins_us, h.ends_us] for h in network.halts], dtype=np.int64).reshape(-1, 2),
        arriving=arriving.astype(np.int64),
    )
    _schedule_timetables(memory)
    return memory


def _vehicles(network: Network, draws: Draws) -> Ints:
    n = len(draws.group)
    table = np.full((n, 21), NONE, dtype=np.int64)
    table[:, V_GROUP], table[:, V_CLASS] = draws.group, draws.classes
    table[:, V_REGISTERED], table[:, V_PATIENCE] = draws.preregistered, draws.patience_us
    table[:, V_CLEAR], table[:, V_JOINS] = draws.clear_visit, draws.arrival_us
    table[:, V_VISIT], table[:, V_END] = draws.visits.start[:-1], draws.visits.start[1:]
    table[:, V_WHERE] = AWAY
    table[:, V_HALTS] = 0
    for number, halt in enumerate(network.halts):
        heeds = (
            (draws.group == halt.group)
            & np.isin(draws.classes, list(halt.classes))
            & (draws.heeds < halt.compliance)
        )
        table[heeds, V_HALTS] |= 1 << number
    return table


def _visits(draws: Draws) -> Ints:
    table = np.full((len(draws.visits.stage), 9), NOT_YET, dtype=np.int64)
    table[:, R_STAGE], table[:, R_WORK] = draws.visits.stage, draws.visits.service_us
    table[:, R_OUTCOME] = Outcome.NOT_REACHED
    return table


def _segments(network: Network, draws: Draws) -> tuple[Ints, list[int]]:
    rows: list[tuple[int, ...]] = []
    starts = [0]
    for number, node in enumerate(network.stations):
        for s in with_breakdowns(list(node.segments), list(draws.breakdowns[number]), network.clock.end_us):
            rows.append((s.begins_us, s.capacity, s.is_open, s.preregistered_only, s.closes_us, s.is_broken))
        starts.append(len(rows))
    return np.array(rows, dtype=np.int64).reshape(-1, 6), starts


def _changes(network: Network) -> tuple[Ints, list[int]]:
    clock = network.clock
    rows: list[tuple[int, bool, bool]] = []
    starts = [0]
    for node in network.yards:
        edges = {edge for window in node.entry_windows_us or () for edge in window}
        midnights = set(node.day_starts_us)
        for at_us in sorted(at for at in edges | midnights if clock.begin_us < at < clock.end_us):
            rows.append((at_us, _enters(node.entry_windows_us, at_us), at_us in midnights))
        starts.append(len(rows))
    return np.array(rows, dtype=np.int64).reshape(-1, 3), starts


def _enters(windows: tuple[tuple[int, int], ...] | None, now: int) -> bool:
    return windows is None or any(begins <= now < ends for begins, ends in windows)


def _station_row(network: Network, number: int, segments: Ints, starts: list[int]) -> list[int]:
    node, first = network.stations[number], segments[starts[number]]
    row = [0] * 22
    row[S_CAPACITY], row[S_OPEN] = first[T_CAPACITY], first[T_OPEN]
    row[S_REGISTERED_ONLY], row[S_CLOSES] = first[T_REGISTERED_ONLY], first[T_CLOSES]
    row[S_BROKEN], row[S_RULE] = first[T_BROKEN], RULES[node.closing_rule]
    row[S_PLACES], row[S_LOSES], row[S_HOLDS] = node.queue_places, node.loses, node.holds
    for root in (S_QUEUE, S_QUEUE_REGISTERED, S_STOPPED, S_WANTING, S_FIRST_ACTIVE):
        row[root] = NONE
    row[S_NEXT], row[S_END] = starts[number] + 1, starts[number + 1]
    return row


def _yard_row(network: Network, number: int, starts: list[int]) -> list[int]:
    node = network.yards[number]
    row = [0] * 10
    row[Y_PLACES], row[Y_KEEP], row[Y_ACCEPTS] = node.places, node.keep, node.accepts_per_day
    row[Y_OPEN] = _enters(node.entry_windows_us, network.clock.begin_us)
    row[Y_DIRECT] = NONE
    row[Y_NEXT], row[Y_END] = starts[number], starts[number + 1]
    return row


# ---------------------------------------------------------------------- the heap of occurrences


@_compiled
def _goes_before(heap: Ints, a: int, b: int) -> bool:
    return heap[a, Q_TIME] < heap[b, Q_TIME] or (
        heap[a, Q_TIME] == heap[b, Q_TIME] and heap[a, Q_PRIORITY] < heap[b, Q_PRIORITY]
    )


@_compiled
def _swap(heap: Ints, places: Ints, a: int, b: int) -> None:
    for column in range(3):
        heap[a, column], heap[b, column] = heap[b, column], heap[a, column]
    places[heap[a, Q_SLOT]], places[heap[b, Q_SLOT]] = a, b


@_compiled
def _rise(heap: Ints, places: Ints, at: int) -> None:
    while at > 0:
        above = (at - 1) >> 1
        if not _goes_before(heap, at, above):
            return
        _swap(heap, places, at, above)
        at = above


@_compiled
def _sink(heap: Ints, places: Ints, at: int, size: int) -> None:
    while True:
        below = 2 * at + 1
        if below >= size:
            return
        if below + 1 < size and _goes_before(heap, below + 1, below):
            below += 1
        if not _goes_before(heap, below, at):
            return
        _swap(heap, places, at, below)
        at = below


@_compiled
def _schedule(m: Memory, slot: int, at_us: int, priority: int) -> None:
    heap, at = m.heap, m.counters[N_HEAP]
    heap[at, Q_TIME], heap[at, Q_PRIORITY], heap[at, Q_SLOT] = at_us, priority, slot
    m.places[slot] = at
    m.counters[N_HEAP] += 1
    _rise(heap, m.places, at)


@_compiled
def _cancel(m: Memory, slot: int) -> None:
    at = m.places[slot]
    if at == NONE:
        return
    m.places[slot] = NONE
    m.counters[N_HEAP] -= 1
    last = m.counters[N_HEAP]
    if at == last:
        return
    heap = m.heap
    for column in range(3):
        heap[at, column] = heap[last, column]
    m.places[heap[at, Q_SLOT]] = at
    _rise(heap, m.places, at)
    _sink(heap, m.places, at, last)


# ---------------------------------------------------------------------- pairing heaps of vehicles


@_compiled
def _is_ahead(vehicles: Ints, a: int, b: int) -> bool:
    if vehicles[a, V_RANK] != vehicles[b, V_RANK]:
        return vehicles[a, V_RANK] < vehicles[b, V_RANK]
    if vehicles[a, V_TIME] != vehicles[b, V_TIME]:
        return vehicles[a, V_TIME] < vehicles[b, V_TIME]
    return a < b


@_compiled
def _joined(vehicles: Ints, a: int, b: int) -> int:
    """Return the root of two heaps put together."""
    if a == NONE:
        return b
    if b == NONE:
        return a
    if _is_ahead(vehicles, b, a):
        a, b = b, a
    vehicles[b, V_SIBLING] = vehicles[a, V_CHILD]
    vehicles[a, V_CHILD] = b
    return a


@_compiled
def _put(vehicles: Ints, root: int, vehicle: int, rank: int, time: int) -> int:
    """Return the root after a vehicle has joined."""
    vehicles[vehicle, V_RANK], vehicles[vehicle, V_TIME] = rank, time
    vehicles[vehicle, V_CHILD] = vehicles[vehicle, V_SIBLING] = NONE
    return _joined(vehicles, root, vehicle)


@_compiled
def _without_root(vehicles: Ints, root: int) -> int:
    """Return the root after the first vehicle has left: its children in pairs, then the pairs together."""
    child = vehicles[root, V_CHILD]
    pairs = NONE
    while child != NONE:
        a = child
        b = vehicles[a, V_SIBLING]
        child = NONE if b == NONE else vehicles[b, V_SIBLING]
        vehicles[a, V_SIBLING] = NONE
        if b != NONE:
            vehicles[b, V_SIBLING] = NONE
        pair = _joined(vehicles, a, b)
        vehicles[pair, V_SIBLING] = pairs
        pairs = pair
    result = NONE
    while pairs != NONE:
        following = vehicles[pairs, V_SIBLING]
        vehicles[pairs, V_SIBLING] = NONE
        result = _joined(vehicles, result, pairs)
        pairs = following
    return result


# ---------------------------------------------------------------------- chains of vehicles


@_compiled
def _link(vehicles: Ints, table: Ints, row: int, column: int, vehicle: int) -> None:
    first = table[row, column]
    vehicles[vehicle, V_BEFORE], vehicles[vehicle, V_AFTER] = NONE, first
    if first != NONE:
        vehicles[first, V_BEFORE] = vehicle
    table[row, column] = vehicle


@_compiled
def _unlink(vehicles: Ints, table: Ints, row: int, column: int, vehicle: int) -> None:
    before, after = vehicles[vehicle, V_BEFORE], vehicles[vehicle, V_AFTER]
    if before == NONE:
        table[row, column] = after
    else:
        vehicles[before, V_AFTER] = after
    if after != NONE:
        vehicles[after, V_BEFORE] = before


# ---------------------------------------------------------------------- the run


@_compiled
def _schedule_timetables(m: Memory) -> None:
    n = len(m.vehicles)
    n_stations, n_yards = len(m.stations), len(m.yards)
    for number in range(n_stations):
        if m.stations[number, S_NEXT] < m.stations[number, S_END]:
            begins = m.segments[m.stations[number, S_NEXT], T_BEGINS]
            _schedule(m, 2 * n + n_stations + number, begins, CHANGE + number)
    for number in range(n_yards):
        if m.yards[number, Y_NEXT] < m.yards[number, Y_END]:
            at_us = m.changes[m.yards[number, Y_NEXT], C_TIME]
            _schedule(m, 2 * n + 2 * n_stations + number, at_us, CHANGE + n_stations + number)
    for number in range(len(m.diversions)):
        if not m.diversions[number, D_ON_ARRIVAL]:
            at_us = m.counters[N_BEGIN] + m.diversions[number, D_EVERY]
            slot = 2 * n + 2 * n_stations + n_yards + number
            _schedule(m, slot, at_us, CHANGE + n_stations + n_yards + number)


@_compiled
def _run(m: Memory) -> None:
    final, counters, heap = m.counters[N_FINAL], m.counters, m.heap
    n_vehicles, n_stations = len(m.vehicles), len(m.stations)
    n_arriving = len(m.arriving)
    while True:
        time, priority = NEVER, NEVER
        if counters[N_HEAP] > 0:
            time, priority = heap[0, Q_TIME], heap[0, Q_PRIORITY]
        if counters[N_NEXT_ARRIVAL] < n_arriving:
            vehicle = m.arriving[counters[N_NEXT_ARRIVAL]]
            joins = m.vehicles[vehicle, V_JOINS]
            if joins < time or (joins == time and ARRIVAL + vehicle < priority):
                if joins >= final:
                    break
                counters[N_NOW] = joins
                counters[N_NEXT_ARRIVAL] += 1
                _arrive(m, vehicle)
                _let_in(m)
                continue
        if time >= final:
            break
        counters[N_NOW] = time
        slot = heap[0, Q_SLOT]
        _cancel(m, slot)
        if slot < n_vehicles:
            if priority >= ARRIVAL:
                m.groups[m.vehicles[slot, V_GROUP], G_ON_THE_WAY] -= 1
                _arrive(m, slot)
            else:
                _complete(m, slot)
        elif slot < 2 * n_vehicles:
            _leave_border(m, slot - n_vehicles, TURNED_BACK)
        elif slot < 2 * n_vehicles + n_stations:
            _start(m, slot - 2 * n_vehicles)
        else:
            _change_timetable(m, slot - 2 * n_vehicles - n_stations, slot)
        _let_in(m)
    for row in range(len(m.visits)):
        if m.visits[row, R_JOINED] != NOT_YET and m.visits[row, R_LEFT] == NOT_YET:
            m.visits[row, R_OUTCOME] = INSIDE


@_compiled
def _change_timetable(m: Memory, number: int, slot: int) -> None:
    n_stations, n_yards = len(m.stations), len(m.yards)
    if number < n_stations:
        station = m.stations[number]
        segment = station[S_NEXT]
        station[S_NEXT] += 1
        if segment + 1 < station[S_END]:
            _schedule(m, slot, m.segments[segment + 1, T_BEGINS], CHANGE + number)
        _change(m, number, segment)
    elif number < n_stations + n_yards:
        yard = m.yards[number - n_stations]
        change = yard[Y_NEXT]
        yard[Y_NEXT] += 1
        if change + 1 < yard[Y_END]:
            _schedule(m, slot, m.changes[change + 1, C_TIME], CHANGE + number)
        yard[Y_OPEN] = m.changes[change, C_OPEN]
        if m.changes[change, C_MIDNIGHT]:
            yard[Y_ACCEPTED] = 0
        _look_at_yard(m, number - n_stations)
    else:
        rule = number - n_stations - n_yards
        _schedule(m, slot, m.counters[N_NOW] + m.diversions[rule, D_EVERY], CHANGE + number)
        _divert_held(m, rule)


# ---------------------------------------------------------------------- a vehicle's way


@_compiled
def _arrive(m: Memory, vehicle: int) -> None:
    v = m.vehicles[vehicle]
    row = v[V_VISIT]
    m.visits[row, R_JOINED] = m.counters[N_NOW]
    m.groups[v[V_GROUP], G_BACKLOG] += 1
    if _is_refused(m, vehicle):
        _leave_border(m, vehicle, TURNED_BACK)
    elif not _is_diverted_on_arrival(m, vehicle):
        v[V_WHERE] = ON_ROAD
        _watch_patience(m, vehicle, row)
        _seek(m, vehicle, row)


@_compiled
def _is_refused(m: Memory, vehicle: int) -> bool:
    halts = m.vehicles[vehicle, V_HALTS]
    if halts == 0:
        return False
    now = m.counters[N_NOW]
    for number in range(len(m.halts)):
        if (halts >> number) & 1 and m.halts[number, H_BEGINS] <= now < m.halts[number, H_ENDS]:
            return True
    return False


@_compiled
def _seek(m: Memory, vehicle: int, row: int) -> None:
    """Ask for what the visit at `row` needs: a place in its yard if it lies in another one, then room."""
    v = m.vehicles[vehicle]
    yard = m.stages[m.visits[row, R_STAGE], K_YARD]
    if yard == NONE or yard == v[V_YARD]:
        _want_room(m, vehicle, row)
        return
    now = m.counters[N_NOW]
    m.visits[row, R_ASKED] = now
    v[V_WANTS_YARD] = yard
    if v[V_WHERE] == HELD:
        here = v[V_VISIT]
        station = m.stages[m.visits[here, R_STAGE], K_STATION]
        m.feeds[yard, station] = 1
        rank = m.ranks[station, v[V_CLASS]]
        m.called[yard, station] = _put(
            m.vehicles, m.called[yard, station], vehicle, rank, m.visits[here, R_JOINED]
        )
    else:
        m.yards[yard, Y_DIRECT] = _put(m.vehicles, m.yards[yard, Y_DIRECT], vehicle, 0, now)
    _look_at_yard(m, yard)


@_compiled
def _has_room(m: Memory, number: int, vehicle: int) -> bool:
    station = m.stations[number]
    if station[S_PLACES] == NONE:
        return True
    free = 0
    if not station[S_LINE_HELD] and (m.vehicles[vehicle, V_REGISTERED] or not station[S_REGISTERED_ONLY]):
        free = max(0, _n_free(station))
    return station[S_WAITING] < station[S_PLACES] + free


@_compiled
def _n_free(station: Ints) -> int:
    return station[S_CAPACITY] - station[S_ACTIVE] - station[S_BLOCKED] - station[S_FROZEN]


@_compiled
def _want_room(m: Memory, vehicle: int, row: int) -> None:
    """Enter the queue of the visit at `row`, or wait for room; go on at once through stages that hold nobody."""
    v = m.vehicles[vehicle]
    while True:
        number = m.stages[m.visits[row, R_STAGE], K_STATION]
        station = m.stations[number]
        if station[S_WANTING] != NONE or not _has_room(m, number, vehicle):
            if station[S_LOSES]:
                _lose(m, vehicle, row)
            else:
                v[V_WANTS_STATION] = number
                station[S_WANTING] = _put(m.vehicles, station[S_WANTING], vehicle, 0, m.counters[N_NOW])
            return
        _enter(m, vehicle, row)
        if not station[S_HOLDS]:
            return
        row += 1
        if row >= v[V_END]:
            _depart(m, vehicle)
            return
        yard = m.stages[m.visits[row, R_STAGE], K_YARD]
        if yard != NONE and yard != v[V_YARD]:
            _seek_from_park(m, vehicle, row, yard)
            return


@_compiled
def _seek_from_park(m: Memory, vehicle: int, row: int, yard: int) -> None:
    v = m.vehicles[vehicle]
    m.visits[row, R_ASKED] = m.counters[N_NOW]
    v[V_WANTS_YARD] = yard
    here = v[V_VISIT]
    station = m.stages[m.visits[here, R_STAGE], K_STATION]
    m.feeds[yard, station] = 1
    rank = m.ranks[station, v[V_CLASS]]
    m.called[yard, station] = _put(
        m.vehicles, m.called[yard, station], vehicle, rank, m.visits[here, R_JOINED]
    )
    _look_at_yard(m, yard)


@_compiled
def _let_in(m: Memory) -> None:
    """Let vehicles into the yards in which something changed, one yard after the other."""
    counters = m.counters
    while counters[N_DUE] > 0:
        number = m.due_yards[counters[N_DUE_FIRST]]
        counters[N_DUE_FIRST] = (counters[N_DUE_FIRST] + 1) % len(m.due_yards)
        counters[N_DUE] -= 1
        yard = m.yards[number]
        yard[Y_DUE] = 0
        while True:
            vehicle = _next_entry(m, number)
            if vehicle == NONE:
                break
            yard[Y_INSIDE] += 1
            yard[Y_ACCEPTED] += 1
            v = m.vehicles[vehicle]
            row = v[V_VISIT] + (v[V_WHERE] != ON_ROAD)
            v[V_WANTS_YARD], v[V_NEXT_YARD] = NONE, number
            m.visits[row, R_ENTERED] = counters[N_NOW]
            _want_room(m, vehicle, row)


@_compiled
def _next_entry(m: Memory, number: int) -> int:
    yard = m.yards[number]
    if not yard[Y_OPEN] or (yard[Y_PLACES] != NONE and yard[Y_INSIDE] >= yard[Y_PLACES]):
        return NONE
    if yard[Y_ACCEPTS] != NONE and yard[Y_ACCEPTED] >= yard[Y_ACCEPTS]:
        return NONE
    best = _first_wanting(m, yard[Y_DIRECT], number)
    yard[Y_DIRECT] = best
    best_station = NONE
    if yard[Y_KEEP] == NONE or yard[Y_INSIDE] < yard[Y_KEEP]:
        for station in range(len(m.stations)):
            if m.called[number, station] == NONE or m.stations[station, S_CAPACITY] <= 0:
                continue
            root = _first_wanting(m, m.called[number, station], number)
            m.called[number, station] = root
            if root != NONE and (best == NONE or _is_ahead(m.vehicles, root, best)):
                best, best_station = root, station
    if best == NONE:
        return NONE
    rest = _without_root(m.vehicles, best)
    if best_station == NONE:
        yard[Y_DIRECT] = rest
    else:
        m.called[number, best_station] = rest
    return best


@_compiled
def _first_wanting(m: Memory, root: int, yard: int) -> int:
    while root != NONE and m.vehicles[root, V_WANTS_YARD] != yard:
        root = _without_root(m.vehicles, root)
    return root


@_compiled
def _look_at_yard(m: Memory, number: int) -> None:
    if not m.yards[number, Y_DUE]:
        m.yards[number, Y_DUE] = 1
        counters = m.counters
        m.due_yards[(counters[N_DUE_FIRST] + counters[N_DUE]) % len(m.due_yards)] = number
        counters[N_DUE] += 1


@_compiled
def _enter(m: Memory, vehicle: int, row: int) -> None:
    """Leave the stage before, if any, and stand in the queue of the visit at `row`, or be held there."""
    v = m.vehicles[vehicle]
    if v[V_WHERE] != ON_ROAD:
        _close(m, vehicle, PASSED)
        m.visits[row, R_JOINED] = m.counters[N_NOW]
        v[V_VISIT] = row
    yard = m.stages[m.visits[row, R_STAGE], K_YARD]
    if yard != v[V_YARD]:
        _give_up_place(m, v[V_YARD])
        v[V_YARD], v[V_NEXT_YARD] = yard, NONE
    if v[V_WHERE] != ON_ROAD:
        _watch_patience(m, vehicle, row)
    _stand(m, vehicle, row)


@_compiled
def _stand(m: Memory, vehicle: int, row: int) -> None:
    v = m.vehicles[vehicle]
    number = m.stages[m.visits[row, R_STAGE], K_STATION]
    station = m.stations[number]
    if station[S_HOLDS]:
        v[V_WHERE] = HELD
        _link(m.vehicles, m.groups, v[V_GROUP], G_FIRST_HELD, vehicle)
        return
    v[V_WHERE] = IN_QUEUE
    queue = S_QUEUE_REGISTERED if v[V_REGISTERED] else S_QUEUE
    rank = m.ranks[number, v[V_CLASS]]
    station[queue] = _put(m.vehicles, station[queue], vehicle, rank, m.visits[row, R_JOINED])
    station[S_WAITING] += 1
    _look_at_station(m, number)


@_compiled
def _move_on(m: Memory, vehicle: int) -> None:
    row = m.vehicles[vehicle, V_VISIT] + 1
    if row < m.vehicles[vehicle, V_END]:
        _seek(m, vehicle, row)
    else:
        _depart(m, vehicle)


@_compiled
def _depart(m: Memory, vehicle: int) -> None:
    _close(m, vehicle, RETURNED)
    m.vehicles[vehicle, V_WHERE] = AWAY
    _give_up_place(m, m.vehicles[vehicle, V_YARD])


@_compiled
def _close(m: Memory, vehicle: int, outcome: int) -> None:
    """End the visit under way: the vehicle gives up its server and drives off."""
    v = m.vehicles[vehicle]
    row, now = v[V_VISIT], m.counters[N_NOW]
    visit = m.visits[row]
    if v[V_WHERE] == HELD:
        _unlink(m.vehicles, m.groups, v[V_GROUP], G_FIRST_HELD, vehicle)
        visit[R_STARTED] = visit[R_FINISHED] = now
    else:
        number = m.stages[visit[R_STAGE], K_STATION]
        m.stations[number, S_BLOCKED] -= 1
        _look_at_station(m, number)
    _cancel(m, len(m.vehicles) + vehicle)
    visit[R_LEFT] = now
    visit[R_OUTCOME] = outcome
    if row == v[V_CLEAR]:
        visit[R_OUTCOME] = CLEARED
        m.groups[v[V_GROUP], G_BACKLOG] -= 1


# ---------------------------------------------------------------------- leaving without crossing


@_compiled
def _watch_patience(m: Memory, vehicle: int, row: int) -> None:
    v = m.vehicles[vehicle]
    patience = v[V_PATIENCE]
    if patience == NONE or not m.stages[m.visits[row, R_STAGE], K_TURNS_BACK] or row > v[V_CLEAR]:
        return
    at_us = max(m.counters[N_NOW], m.visits[row, R_JOINED] + patience)
    if at_us < m.counters[N_FINAL]:
        _schedule(m, len(m.vehicles) + vehicle, at_us, ABANDONMENT + vehicle)


@_compiled
def _leave_border(m: Memory, vehicle: int, outcome: int) -> None:
    """Leave without crossing, from wherever the vehicle waits."""
    v = m.vehicles[vehicle]
    row = v[V_VISIT]
    if v[V_WHERE] == IN_QUEUE:
        number = m.stages[m.visits[row, R_STAGE], K_STATION]
        m.stations[number, S_WAITING] -= 1
        _look_at_station(m, number)
    elif v[V_WHERE] == HELD:
        _unlink(m.vehicles, m.groups, v[V_GROUP], G_FIRST_HELD, vehicle)
    _cancel(m, len(m.vehicles) + vehicle)
    v[V_WHERE] = AWAY
    v[V_WANTS_YARD] = v[V_WANTS_STATION] = NONE
    _give_up_place(m, v[V_YARD])
    _give_up_place(m, v[V_NEXT_YARD])
    m.visits[row, R_LEFT] = m.counters[N_NOW]
    m.visits[row, R_OUTCOME] = outcome
    m.groups[v[V_GROUP], G_BACKLOG] -= 1


@_compiled
def _lose(m: Memory, vehicle: int, row: int) -> None:
    """Turn a vehicle away that finds the queue of the visit at `row` full."""
    v = m.vehicles[vehicle]
    now = m.counters[N_NOW]
    is_counted = row <= v[V_CLEAR]
    if v[V_WHERE] != ON_ROAD:
        _close(m, vehicle, PASSED)
        m.visits[row, R_JOINED] = now
    _cancel(m, len(m.vehicles) + vehicle)
    v[V_WHERE] = AWAY
    _give_up_place(m, v[V_YARD])
    _give_up_place(m, v[V_NEXT_YARD])
    m.visits[row, R_LEFT] = now
    m.visits[row, R_OUTCOME] = LOST
    if is_counted:
        m.groups[v[V_GROUP], G_BACKLOG] -= 1


@_compiled
def _give_up_place(m: Memory, yard: int) -> None:
    if yard != NONE:
        m.yards[yard, Y_INSIDE] -= 1
        _look_at_yard(m, yard)


@_compiled
def _is_diverted_on_arrival(m: Memory, vehicle: int) -> bool:
    for number in range(len(m.diversions)):
        rule = m.diversions[number]
        if (
            rule[D_ON_ARRIVAL]
            and m.stand_ins[number, vehicle] != NONE
            and m.groups[rule[D_SOURCE], G_BACKLOG] - 1 > rule[D_OVER]
            and _has_space(m, number)
        ):
            _divert(m, vehicle, number)
            return True
    return False


@_compiled
def _has_space(m: Memory, number: int) -> bool:
    rule = m.diversions[number]
    group = m.groups[rule[D_TARGET]]
    return rule[D_BELOW] == NONE or group[G_BACKLOG] + group[G_ON_THE_WAY] < rule[D_BELOW]


@_compiled
def _divert_held(m: Memory, number: int) -> None:
    """Send those held last away, as many as the backlog is over the rule's threshold."""
    rule = m.diversions[number]
    excess = m.groups[rule[D_SOURCE], G_BACKLOG] - rule[D_OVER]
    if excess <= 0:
        return
    able = np.empty(0, dtype=np.int64)
    vehicle, n = m.groups[rule[D_SOURCE], G_FIRST_HELD], 0
    while vehicle != NONE:
        if m.stand_ins[number, vehicle] != NONE:
            if n == len(able):
                able = np.concatenate((able, np.empty(n + 64, dtype=np.int64)))
            able[n] = vehicle
            n += 1
        vehicle = m.vehicles[vehicle, V_AFTER]
    _sort(m.vehicles, able, n)
    for place in range(n - 1, max(-1, n - 1 - excess), -1):
        if _has_space(m, number):
            _divert(m, able[place], number)


@_compiled
def _sort(vehicles: Ints, some: Ints, n: int) -> None:
    """Sort vehicles by the order in which they would be called forward (heap sort)."""
    for start in range(n // 2 - 1, -1, -1):
        _sift(vehicles, some, start, n)
    for end in range(n - 1, 0, -1):
        some[0], some[end] = some[end], some[0]
        _sift(vehicles, some, 0, end)


@_compiled
def _sift(vehicles: Ints, some: Ints, at: int, n: int) -> None:
    while True:
        below = 2 * at + 1
        if below >= n:
            return
        if below + 1 < n and _is_ahead(vehicles, some[below], some[below + 1]):
            below += 1
        if not _is_ahead(vehicles, some[at], some[below]):
            return
        some[at], some[below] = some[below], some[at]
        at = below


@_compiled
def _divert(m: Memory, vehicle: int, number: int) -> None:
    stand_in = m.stand_ins[number, vehicle]
    _leave_border(m, vehicle, DIVERTED)
    m.groups[m.vehicles[stand_in, V_GROUP], G_ON_THE_WAY] += 1
    _schedule(m, stand_in, m.counters[N_NOW] + m.vehicles[stand_in, V_JOINS], ARRIVAL + stand_in)


# ---------------------------------------------------------------------- stations


@_compiled
def _look_at_station(m: Memory, number: int) -> None:
    if not m.stations[number, S_DUE]:
        m.stations[number, S_DUE] = 1
        _schedule(m, 2 * len(m.vehicles) + number, m.counters[N_NOW], START + number)


@_compiled
def _start(m: Memory, number: int) -> None:
    """Put servers to work: stopped work first, then the queue; then let vehicles into the queue."""
    station, vehicles, now = m.stations[number], m.vehicles, m.counters[N_NOW]
    station[S_DUE] = station[S_LINE_HELD] = 0
    while station[S_STOPPED] != NONE and station[S_CAPACITY] > station[S_ACTIVE] + station[S_BLOCKED]:
        vehicle = station[S_STOPPED]
        station[S_STOPPED] = _without_root(vehicles, vehicle)
        station[S_FROZEN] -= 1
        _work(m, number, vehicle)
    while _n_free(station) > 0:
        vehicle = _first_in_queue(m, number)
        if vehicle == NONE:
            break
        visit = m.visits[vehicles[vehicle, V_VISIT]]
        if station[S_RULE] == LAST_START and now + visit[R_WORK] > station[S_CLOSES]:
            station[S_LINE_HELD] = 1
            break
        queue = S_QUEUE_REGISTERED if vehicles[vehicle, V_REGISTERED] else S_QUEUE
        station[queue] = _without_root(vehicles, vehicle)
        station[S_WAITING] -= 1
        if visit[R_STARTED] == NOT_YET:
            visit[R_STARTED] = now
        _work(m, number, vehicle)
    _let_into_queue(m, number)


@_compiled
def _first_in_queue(m: Memory, number: int) -> int:
    station, vehicles = m.stations[number], m.vehicles
    best = NONE
    for queue in range(S_QUEUE, S_QUEUE_REGISTERED + 1):
        if queue == S_QUEUE and station[S_REGISTERED_ONLY]:
            continue
        while station[queue] != NONE and vehicles[station[queue], V_WHERE] != IN_QUEUE:
            station[queue] = _without_root(vehicles, station[queue])
        root = station[queue]
        if root != NONE and (best == NONE or _is_ahead(vehicles, root, best)):
            best = root
    return best


@_compiled
def _work(m: Memory, number: int, vehicle: int) -> None:
    v = m.vehicles[vehicle]
    v[V_WHERE] = IN_SERVICE
    m.stations[number, S_ACTIVE] += 1
    _link(m.vehicles, m.stations, number, S_FIRST_ACTIVE, vehicle)
    v[V_DUE] = m.counters[N_NOW] + m.visits[v[V_VISIT], R_WORK]
    _cancel(m, len(m.vehicles) + vehicle)
    if v[V_DUE] < m.counters[N_FINAL]:
        _schedule(m, vehicle, v[V_DUE], COMPLETION + vehicle)


@_compiled
def _complete(m: Memory, vehicle: int) -> None:
    v = m.vehicles[vehicle]
    row = v[V_VISIT]
    number = m.stages[m.visits[row, R_STAGE], K_STATION]
    station = m.stations[number]
    _unlink(m.vehicles, m.stations, number, S_FIRST_ACTIVE, vehicle)
    station[S_ACTIVE] -= 1
    station[S_BLOCKED] += 1
    v[V_WHERE] = BLOCKED
    m.visits[row, R_FINISHED] = m.counters[N_NOW]
    _move_on(m, vehicle)


@_compiled
def _let_into_queue(m: Memory, number: int) -> None:
    station = m.stations[number]
    while station[S_WANTING] != NONE:
        vehicle = station[S_WANTING]
        v = m.vehicles[vehicle]
        if v[V_WANTS_STATION] != number:
            station[S_WANTING] = _without_root(m.vehicles, vehicle)
        elif _has_room(m, number, vehicle):
            station[S_WANTING] = _without_root(m.vehicles, vehicle)
            v[V_WANTS_STATION] = NONE
            row = v[V_VISIT] + (v[V_WHERE] != ON_ROAD)
            _enter(m, vehicle, row)
        else:
            break


@_compiled
def _change(m: Memory, number: int, segment: int) -> None:
    """Go over to the next segment of the timetable, by the closing rule of the station."""
    station, new = m.stations[number], m.segments[segment]
    closes = station[S_OPEN] and not new[T_OPEN]
    breaks = new[T_BROKEN] and not station[S_BROKEN]
    station[S_CAPACITY], station[S_OPEN] = new[T_CAPACITY], new[T_OPEN]
    station[S_REGISTERED_ONLY], station[S_CLOSES] = new[T_REGISTERED_ONLY], new[T_CLOSES]
    station[S_BROKEN] = new[T_BROKEN]
    if breaks or station[S_RULE] == FREEZE:
        kept = 0 if breaks else max(0, station[S_CAPACITY] - station[S_BLOCKED])
        _stop_all_but(m, number, kept)
    elif closes and station[S_RULE] == HAND_BACK:
        while station[S_FIRST_ACTIVE] != NONE:
            vehicle = station[S_FIRST_ACTIVE]
            _stop_work(m, number, vehicle)
            v = m.vehicles[vehicle]
            v[V_WHERE] = IN_QUEUE
            queue = S_QUEUE_REGISTERED if v[V_REGISTERED] else S_QUEUE
            started = m.visits[v[V_VISIT], R_STARTED]
            station[queue] = _put(m.vehicles, station[queue], vehicle, HEAD, started)
            station[S_WAITING] += 1
    _look_at_station(m, number)
    for yard in range(len(m.yards)):
        if m.feeds[yard, number]:
            _look_at_yard(m, yard)


@_compiled
def _stop_all_but(m: Memory, number: int, n_kept: int) -> None:
    """Stop the servers that started last until `n_kept` are at work; their work is kept."""
    station, vehicles = m.stations[number], m.vehicles
    n = station[S_ACTIVE]
    if n <= n_kept:
        return
    active = np.empty(n, dtype=np.int64)
    vehicle = station[S_FIRST_ACTIVE]
    for place in range(n):
        active[place] = vehicle
        vehicles[vehicle, V_RANK], vehicles[vehicle, V_TIME] = 0, m.visits[vehicles[vehicle, V_VISIT], R_STARTED]
        vehicle = vehicles[vehicle, V_AFTER]
    _sort(vehicles, active, n)
    for place in range(n_kept, n):
        vehicle = active[place]
        started = vehicles[vehicle, V_TIME]
        _stop_work(m, number, vehicle)
        vehicles[vehicle, V_WHERE] = STOPPED
        station[S_STOPPED] = _put(vehicles, station[S_STOPPED], vehicle, 0, started)
        station[S_FROZEN] += 1


@_compiled
def _stop_work(m: Memory, number: int, vehicle: int) -> None:
    v = m.vehicles[vehicle]
    m.visits[v[V_VISIT], R_WORK] = v[V_DUE] - m.counters[N_NOW]
    _cancel(m, vehicle)
    _unlink(m.vehicles, m.stations, number, S_FIRST_ACTIVE, vehicle)
    m.stations[number, S_ACTIVE] -= 1


# ---------------------------------------------------------------------- the start


@_compiled
def _place_those_inside(m: Memory, inside: Ints, how: Ints, served_us: Ints) -> None:
    """Put the vehicles of the initial state where they are, those who joined first before the others."""
    begin = m.counters[N_BEGIN]
    for vehicle in inside:
        v = m.vehicles[vehicle]
        row = v[V_VISIT]
        if row == v[V_END]:
            continue
        visit = m.visits[row]
        stage = m.stages[visit[R_STAGE]]
        visit[R_JOINED] = v[V_JOINS]
        if v[V_CLEAR] != NONE:
            m.groups[v[V_GROUP], G_BACKLOG] += 1
        if how[vehicle] == 1 and stage[K_IS_FIRST]:
            v[V_WHERE] = ON_ROAD
            _watch_patience(m, vehicle, row)
            _seek(m, vehicle, row)
            continue
        if stage[K_YARD] != NONE:
            v[V_YARD] = stage[K_YARD]
            m.yards[stage[K_YARD], Y_INSIDE] += 1
            visit[R_ASKED] = visit[R_ENTERED] = visit[R_JOINED]
        if how[vehicle] == 2:
            visit[R_STARTED] = begin - served_us[vehicle]
            _work(m, stage[K_STATION], vehicle)
        else:
            _watch_patience(m, vehicle, row)
            _stand(m, vehicle, row)
            if v[V_WHERE] == HELD:
                _move_on(m, vehicle)
    for number in range(len(m.stations)):
        station = m.stations[number]
        if station[S_CAPACITY] < station[S_ACTIVE] and station[S_RULE] == FREEZE:
            _stop_all_but(m, number, station[S_CAPACITY])
        _look_at_station(m, number)
    _let_in(m)
