"""
The compiled engine: the reference engine's rules over one array, for the same trace a hundred times faster.

Every function here has its twin in reference.py, under nearly the same name; change them together.

All state lies in one int64 array `m`, since passing one array costs a compiled call next to nothing. It begins with
counters and the addresses of tables; a record (of a vehicle, a visit, a station) is known by the address of its
first column, and `m[v + V_WHERE]` is a column of it. Occurrences wait in a binary heap in which each has a slot of
its own (a vehicle's service, a vehicle's patience, a station's starts, a timetable), so that a service that is
stopped is taken out rather than skipped later. Vehicles wait in pairing heaps (Fredman et al. 1986) linked through
their own records: a vehicle waits for one thing at a time, and one that leaves never waits again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from gatewatch.simulator.draws import Draws
from gatewatch.simulator.engines.order import NUMBERS, Kind
from gatewatch.simulator.engines.trace import NOT_YET, Outcome, Trace
from gatewatch.simulator.initial_state import INSIDE_SERVED, ON_THE_ROAD
from gatewatch.simulator.kept import once
from gatewatch.simulator.network import NONE, Network
from gatewatch.simulator.timetable import Segment, with_breakdowns
from gatewatch.simulator.yard_node import YardChange

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Breakdowns = Sequence[Sequence[tuple[int, int]]]  # by station: start and end of each [us]
_F = TypeVar("_F", bound=Callable[..., Any])


def _compiled(function: _F) -> _F:
    return cast(_F, numba.njit(cache=True, nogil=True, boundscheck=False)(function))


# Where a vehicle is (reference._Where).
AWAY, ON_ROAD, IN_QUEUE, IN_SERVICE, STOPPED, BLOCKED, HELD = range(7)
# Closing rules.
FINISH, FREEZE, HAND_BACK, LAST_START = range(4)
RULES = {"finish": FINISH, "freeze": FREEZE, "hand_back": HAND_BACK, "last_start": LAST_START}
HEAD = -1
NEVER = 1 << 62

# Starts come last at an instant, so they wait in a list of their own and need no priority.
COMPLETION, CHANGE, ABANDONMENT, ARRIVAL = (int(kind) * NUMBERS for kind in Kind if kind != Kind.START)
INSIDE, PASSED, CLEARED, RETURNED, TURNED_BACK, DIVERTED, LOST = (
    int(outcome) for outcome in Outcome if outcome != Outcome.NOT_REACHED
)

# The head of the array: counters, numbers of records, addresses of tables.
(N_NOW, N_HEAP, N_NEXT_ARRIVAL, N_DUE_FIRST, N_DUE, N_BEGIN, N_FINAL,
 N_VEHICLES, N_VISITS, N_STATIONS, N_YARDS, N_DIVERSIONS, N_HALTS, N_CLASSES, N_ARRIVING,
 N_VEHICLES_AT, N_VISITS_AT, N_STATIONS_AT, N_YARDS_AT, N_GROUPS_AT, N_STAGES_AT, N_SEGMENTS_AT, N_CHANGES_AT,
 N_DIVERSIONS_AT, N_HALTS_AT, N_RANKS_AT, N_CALLED_AT, N_FEEDS_AT, N_DUE_AT, N_STAND_INS_AT, N_ARRIVALS_AT,
  N_PLACES_AT, N_HEAP_AT, N_STARTS, N_STARTS_AT, N_HOURS, N_HOURS_AT, N_DECISIONS_AT, N_STEPS_AT, N_TURNS_AT,
 N_SERVERS, N_SERVERS_AT, N_CHECKS_AT, N_LOG, N_LOG_AT) = range(45)  # fmt: skip
HEAD_LENGTH = 45

# Columns of the vehicles.
(V_GROUP, V_CLASS, V_REGISTERED, V_PATIENCE, V_CLEAR, V_END, V_JOINS, V_HALTS, V_WHERE, V_VISIT, V_DUE, V_YARD,
 V_NEXT_YARD, V_WANTS_YARD, V_WANTS_STATION, V_RANK, V_TIME, V_CHILD, V_SIBLING, V_BEFORE,
 V_AFTER) = range(21)  # fmt: skip
V_WIDTH = 21
# Columns of the visits.
R_STAGE, R_WORK, R_JOINED, R_STARTED, R_FINISHED, R_LEFT, R_OUTCOME, R_ASKED, R_ENTERED = range(9)
R_WIDTH = 9
# Columns of the stations.
(S_CAPACITY, S_SERVERS, S_OPEN, S_REGISTERED_ONLY, S_CLOSES, S_BROKEN, S_RULE, S_PLACES, S_LOSES, S_HOLDS, S_WAITING,
 S_ACTIVE, S_BLOCKED, S_FROZEN, S_QUEUE, S_QUEUE_REGISTERED, S_STOPPED, S_WANTING, S_OUTSIDE, S_LINE_HELD, S_DUE,
 S_FIRST_ACTIVE, S_SHARES, S_NEXT) = range(24)  # fmt: skip
S_WIDTH = 24
_ROOTS_OF_STATIONS = (S_QUEUE, S_QUEUE_REGISTERED, S_STOPPED, S_WANTING)
# Columns of the segments of timetables; the next one need not be the one behind.
T_BEGINS, T_SERVERS, T_OPEN, T_REGISTERED_ONLY, T_CLOSES, T_BROKEN, T_NEXT = range(7)
T_WIDTH = 7
# Columns of the yards and of their changes.
Y_PLACES, Y_KEEP, Y_ACCEPTS, Y_OPEN, Y_INSIDE, Y_ACCEPTED, Y_DIRECT, Y_DUE, Y_NEXT, Y_FEEDERS = range(10)
Y_WIDTH = 10
C_TIME, C_OPEN, C_MIDNIGHT, C_PLACES, C_ACCEPTS, C_NEXT = range(6)
C_WIDTH = 6
# Columns of the groups, the stages, the diversions, the halts.
G_BACKLOG, G_ON_THE_WAY, G_FIRST_HELD = range(3)
G_WIDTH = 3
K_STATION, K_YARD, K_TURNS_BACK = range(3)
K_WIDTH = 3
D_SOURCE, D_TARGET, D_ON_ARRIVAL, D_OVER, D_BELOW, D_EVERY = range(6)
D_WIDTH = 6
H_BEGINS, H_ENDS = range(2)
H_WIDTH = 2
# Columns of the rules of responsive hours, of their decisions, steps and turns to other rows of timetables.
(O_GROUP, O_OTHER_GROUP, O_NEXT, O_END) = range(4)
O_WIDTH = 4
X_TIME, X_FIRST_STEP, X_END_STEP = range(3)
X_WIDTH = 3
P_OVER, P_FIRST_TURN, P_END_TURN = range(3)
P_WIDTH = 3
U_STATION, U_YARD, U_ROW = range(3)
U_WIDTH = 3
# Columns of the rules of reversible servers, and of the log of decisions.
(B_FIRST, B_SECOND, B_SERVERS, B_KEEP, B_OVER, B_BACK_BELOW, B_CHANGEOVER, B_EVERY, B_SHARE, B_WANTED,
 B_FIRST_CHECK, B_CHECK, B_END) = range(13)  # fmt: skip
B_WIDTH = 13
L_TIME, L_RULE, L_WHAT = range(3)
L_WIDTH = 3
# Columns of the heap of occurrences.
Q_TIME, Q_PRIORITY, Q_SLOT = range(3)
Q_WIDTH = 3


def run(network: Network, draws: Draws) -> Trace:
    """
    Return the trace of one replication; the same as `reference.run`, bit for bit.

    Args:
        network: The border laid out in time.
        draws: Everything random of the replication.
    """
    m = begin(network, draws)
    _run(m, network.clock.end_us)
    return trace_of(m)


def begin(network: Network, draws: Draws) -> Ints:
    """Return the array of a run at its start, to be run by `go_on`."""
    m = _memory(network, draws)
    _schedule_timetables(m)
    _place_those_inside(m, np.flatnonzero(draws.inside), draws.inside, draws.served_us)
    return m


def go_on(m: Ints, until_us: int) -> None:
    """Let everything happen that happens before a time [us]."""
    _run(m, until_us)


def trace_of(m: Ints) -> Trace:
    """Return the trace of what has happened."""
    visits = m[m[N_VISITS_AT] : m[N_VISITS_AT] + R_WIDTH * m[N_VISITS]].reshape(-1, R_WIDTH)
    columns = (R_JOINED, R_STARTED, R_FINISHED, R_LEFT, R_OUTCOME, R_ASKED, R_ENTERED)
    log = m[m[N_LOG_AT] : m[N_LOG_AT] + L_WIDTH * m[N_LOG]].reshape(-1, L_WIDTH)
    found = [*(np.ascontiguousarray(visits[:, column]) for column in columns), log.copy()]
    return Trace(*found)


def is_on_its_way(m: Ints) -> Bools:
    """Return the vehicles that have come and not left, and those on the drive to another gate, shape (vehicles,)."""
    n = m[N_VEHICLES]
    where = m[m[N_VEHICLES_AT] : m[N_VEHICLES_AT] + V_WIDTH * n].reshape(-1, V_WIDTH)[:, V_WHERE]
    return np.asarray((where != AWAY) | (m[m[N_PLACES_AT] : m[N_PLACES_AT] + n] != NONE))


def carry_over(m: Ints, network: Network, draws: Draws, was: Ints, now: Ints) -> Ints:
    """
    Return the array of the next stretch of a run: some vehicles in the middle of their ways, and others to come.

    Whatever compares vehicles by their numbers goes on as it would have, since those carried over keep their order.

    Args:
        m: The array at the end of the last stretch; it is of no use afterwards.
        network: The border laid out in time.
        draws: The vehicles of the next stretch.
        was: Numbers of those carried over, in order.
        now: Their numbers in `draws`, in order.
    """
    _forget_those_who_left(m)
    n, numbers = m[N_VEHICLES], np.full(m[N_VEHICLES] + 1, NONE, dtype=np.int64)  # the last one stands for NONE
    numbers[was] = now
    is_new = np.ones(len(draws.group), dtype=bool)
    is_new[now] = False
    found = _laid_out(m[: m[N_VEHICLES_AT]], _vehicle_tables(network, draws, is_new))
    before, after = (x[x[N_VEHICLES_AT] :][: V_WIDTH * x[N_VEHICLES]].reshape(-1, V_WIDTH) for x in (m, found))
    rows, ends, clear = before[was], after[now, V_END], after[now, V_CLEAR]
    old_visits, new_visits = (x[x[N_VISITS_AT] :][: R_WIDTH * x[N_VISITS]].reshape(-1, R_WIDTH) for x in (m, found))
    lengths = np.diff(draws.visits.start)[now]
    to = np.repeat(ends - np.cumsum(lengths), lengths) + np.arange(lengths.sum())
    new_visits[to] = old_visits[to - np.repeat(ends - rows[:, V_END], lengths)]
    rows[:, V_VISIT] += ends - rows[:, V_END]
    rows[:, V_END], rows[:, V_CLEAR] = ends, clear
    for column in (V_CHILD, V_SIBLING, V_BEFORE, V_AFTER):
        rows[:, column] = numbers[rows[:, column]]
    after[now] = rows
    for table, width, n_rows, columns in (
        (N_STATIONS_AT, S_WIDTH, found[N_STATIONS], [*_ROOTS_OF_STATIONS, S_FIRST_ACTIVE]),
        (N_YARDS_AT, Y_WIDTH, found[N_YARDS], [Y_DIRECT]),
        (N_GROUPS_AT, G_WIDTH, len(network.groups), [G_FIRST_HELD]),
        (N_CALLED_AT, 1, found[N_YARDS] * found[N_STATIONS], [0]),
    ):
        part = found[found[table] :][: width * n_rows].reshape(-1, width)
        part[:, columns] = numbers[part[:, columns]]
    _carry_occurrences(m, found, n, numbers)
    return found


def _carry_occurrences(m: Ints, found: Ints, n: int, numbers: Ints) -> None:
    """Copy the heap of occurrences; its order stays, since that of the vehicles does."""
    heap = m[m[N_HEAP_AT] :][: Q_WIDTH * m[N_HEAP]].reshape(-1, Q_WIDTH).copy()
    n_now, slot = found[N_VEHICLES], heap[:, Q_SLOT]
    of_vehicle = slot < 2 * n
    vehicle = numbers[np.where(of_vehicle, slot % max(n, 1), n)]
    kind = heap[:, Q_PRIORITY] // NUMBERS * NUMBERS
    heap[:, Q_PRIORITY] = np.where(of_vehicle, kind + vehicle, heap[:, Q_PRIORITY])
    heap[:, Q_SLOT] = np.where(of_vehicle, vehicle + n_now * (slot >= n), slot + 2 * (n_now - n))
    found[found[N_HEAP_AT] :][: heap.size] = heap.ravel()
    found[found[N_PLACES_AT] + heap[:, Q_SLOT]] = np.arange(len(heap))


def prepare() -> None:
    """Compile the engine, or load what was compiled before; later calls cost nothing."""
    nobody = np.zeros(HEAD_LENGTH, dtype=np.int64)
    nothing = np.empty(0, dtype=np.int64)
    _schedule_timetables(nobody)
    _place_those_inside(nobody, nothing, nothing, nothing)
    _run(nobody, 0)
    _forget_those_who_left(nobody)


def _memory(network: Network, draws: Draws) -> Ints:
    """Return the array of a run, filled with the border and the draws."""
    begun = _border(network, draws.breakdowns) if any(draws.breakdowns) else _unbroken_border(network)
    arriving = (draws.inside == 0) & (draws.stand_in_for == NONE)
    return _laid_out(begun, _vehicle_tables(network, draws, arriving))


@once
def _unbroken_border(network: Network) -> Ints:
    """Return what all replications without a breakdown begin with."""
    return _border(network, [()] * len(network.stations))


def _border(network: Network, breakdowns: Breakdowns) -> Ints:
    """Return the part of the array of a run that does not depend on its vehicles."""
    clock = network.clock
    n_stations, n_yards = len(network.stations), len(network.yards)
    segments, changes = _Timetables(T_NEXT), _Timetables(C_NEXT)
    for number, node in enumerate(network.stations):
        downs = list(breakdowns[number])
        segments.add_usual(_segment_rows(with_breakdowns(node.segments, downs, clock.end_us)))
    for yard in network.yards:
        changes.add_usual(_change_rows(yard.changes(clock.begin_us, clock.end_us)))
    hours = _hours(network, breakdowns, segments, changes)
    checks = [len(rule.is_active) for rule in network.servers]
    tables: dict[int, Any] = {
        N_STATIONS_AT: [_station_row(network, k, segments) for k in range(n_stations)],
        N_YARDS_AT: [_yard_row(network, k, changes) for k in range(n_yards)],
        N_GROUPS_AT: [[0, 0, NONE] for _ in network.groups],
        N_STAGES_AT: [[s.station, s.yard, s.may_turn_back] for s in network.stages],
        N_SEGMENTS_AT: segments.rows,
        N_CHANGES_AT: changes.rows,
        N_DIVERSIONS_AT: [
            [d.source, d.target, d.on_arrival, d.over, d.below, d.check_every_us] for d in network.diversions
        ],
        N_HALTS_AT: [[h.begins_us, h.ends_us] for h in network.halts],
        N_RANKS_AT: [node.rank for node in network.stations],
        N_CALLED_AT: np.full((n_yards, n_stations), NONE),
        N_FEEDS_AT: np.zeros((n_yards, n_stations)),
        N_DUE_AT: np.zeros(n_yards + 1),
        N_STARTS_AT: np.zeros(n_stations),
        **hours,
        N_SERVERS_AT: _servers(network),
        N_CHECKS_AT: [is_active for rule in network.servers for is_active in rule.is_active],
        N_LOG_AT: np.zeros(L_WIDTH * (len(hours[N_DECISIONS_AT]) + sum(checks))),
    }
    head = np.zeros(HEAD_LENGTH, dtype=np.int64)
    head[[N_NOW, N_BEGIN, N_FINAL]] = clock.begin_us, clock.begin_us, clock.end_us
    head[[N_STATIONS, N_YARDS]] = n_stations, n_yards
    head[[N_DIVERSIONS, N_HALTS]] = len(network.diversions), len(network.halts)
    head[[N_HOURS, N_SERVERS]] = len(network.hours), len(network.servers)
    head[N_CLASSES] = len(network.classes)
    return _laid_out(head, tables)


def _vehicle_tables(network: Network, draws: Draws, is_new: Bools) -> dict[int, Any]:
    """Return what depends on the vehicles, in order, with their numbers; `is_new` are those of whom some arrive."""
    n = len(draws.group)
    n_slots = 2 * n + sum(
        map(len, (network.hours, network.stations, network.yards, network.diversions, network.servers))
    )
    arriving = np.flatnonzero(is_new & (draws.stand_in_for == NONE) & (np.diff(draws.visits.start) > 0))
    return {
        N_VEHICLES: n, N_VISITS: len(draws.visits.stage), N_ARRIVING: len(arriving), N_NEXT_ARRIVAL: 0,
        N_VEHICLES_AT: _vehicles(network, draws),
        N_VISITS_AT: _visits(draws),
        N_STAND_INS_AT: draws.stand_ins,
        N_ARRIVALS_AT: arriving,
        N_PLACES_AT: np.full(n_slots, NONE),
        N_HEAP_AT: np.zeros(Q_WIDTH * (n_slots + 1), dtype=np.int64),
    }  # fmt: skip


def _laid_out(begun: Ints, tables: dict[int, Any]) -> Ints:
    """Return an array that begins with a head, and perhaps tables, with others behind; plain numbers go to the head."""
    flat = {key: np.asarray(table, dtype=np.int64) for key, table in tables.items()}
    m = np.empty(len(begun) + sum(part.size for part in flat.values() if part.ndim), dtype=np.int64)
    at = len(begun)
    m[:at] = begun
    for key, part in flat.items():
        if part.ndim:
            m[key], m[at : at + part.size] = at, part.ravel()
            at += part.size
        else:
            m[key] = part
    return m


def _vehicles(network: Network, draws: Draws) -> Ints:
    n = len(draws.group)
    table = np.full((n, V_WIDTH), NONE, dtype=np.int64)
    table[:, V_GROUP], table[:, V_CLASS] = draws.group, draws.classes
    table[:, V_REGISTERED], table[:, V_PATIENCE] = draws.preregistered, draws.patience_us
    table[:, V_CLEAR], table[:, V_JOINS] = draws.clear_visit, draws.arrival_us
    table[:, V_VISIT], table[:, V_END] = draws.visits.start[:-1], draws.visits.start[1:]
    table[:, V_WHERE] = AWAY
    table[:, V_HALTS] = 0
    for number, halt in enumerate(network.halts):
        heeds = (
            (draws.group == halt.group) & np.isin(draws.classes, list(halt.classes)) & (draws.heeds < halt.compliance)
        )
        table[heeds, V_HALTS] |= 1 << number
    return table


def _visits(draws: Draws) -> Ints:
    table = np.full((len(draws.visits.stage), R_WIDTH), NOT_YET, dtype=np.int64)
    table[:, R_STAGE], table[:, R_WORK] = draws.visits.stage, draws.visits.service_us
    table[:, R_OUTCOME] = Outcome.NOT_REACHED
    return table


class _Timetables:
    """Rows of timetables, each with the number of the row that follows, NONE after the last."""

    def __init__(self, next_column: int) -> None:
        self.next_column = next_column
        self.rows: list[list[int]] = []
        self.usual: list[list[int]] = []  # numbers of the usual rows of each station or yard

    def add(self, rows: list[list[int]], then: int = NONE) -> int:
        """Return the number of the first of some rows that follow each other, `then` where there is none."""
        first = len(self.rows)
        numbers = [*range(first + 1, first + len(rows)), then]
        self.rows += [[*row, following] for row, following in zip(rows, numbers, strict=True)] if rows else []
        return first if rows else then

    def add_usual(self, rows: list[list[int]]) -> None:
        """Add the usual rows of the next station or yard."""
        self.usual.append(list(range(len(self.rows), len(self.rows) + len(rows))))
        self.add(rows)

    def first_after(self, number: int, us: int) -> int:
        """Return the first usual row of a station or yard that begins after a time [us], or NONE."""
        return next((row for row in self.usual[number] if self.rows[row][0] > us), NONE)

    def first(self, number: int) -> int:
        """Return the first usual row of a station or yard, or NONE."""
        return self.usual[number][0] if self.usual[number] else NONE


def _segment_rows(segments: Iterable[Segment]) -> list[list[int]]:
    return [[s.begins_us, s.servers, s.is_open, s.preregistered_only, s.closes_us, s.is_broken] for s in segments]


def _change_rows(changes: Iterable[YardChange]) -> list[list[int]]:
    return [[c.at_us, c.is_open, c.is_midnight, c.places, c.accepts] for c in changes]


def _hours(
    network: Network, breakdowns: Breakdowns, segments: _Timetables, changes: _Timetables
) -> dict[int, list[list[int]]]:
    """Return the tables of the rules of responsive hours; their detours are added to the timetables."""
    rules: list[list[int]] = []
    decisions: list[list[int]] = []
    steps: list[list[int]] = []
    turns: list[list[int]] = []
    end_us = network.clock.end_us
    for rule in network.hours:
        groups = (*rule.groups, NONE)[:2]
        rules.append([*groups, len(decisions), len(decisions) + len(rule.decisions)])
        for decision in rule.decisions:
            decisions.append([decision.at_us, len(steps), len(steps) + len(decision.steps)])
            for step in decision.steps:
                first = len(turns)
                for number, detour in step.stations:
                    downs = list(breakdowns[number])
                    ahead = with_breakdowns(detour.segments, downs, end_us, detour.until_us)
                    then = segments.first_after(number, detour.until_us)
                    turns.append([number, NONE, segments.add(_segment_rows(ahead), then)])
                for number, turn in step.yards:
                    then = changes.first_after(number, turn.until_us)
                    turns.append([NONE, number, changes.add(_change_rows(turn.changes), then)])
                steps.append([step.over, first, len(turns)])
    return {N_HOURS_AT: rules, N_DECISIONS_AT: decisions, N_STEPS_AT: steps, N_TURNS_AT: turns}


def _servers(network: Network) -> list[list[int]]:
    rows, first = [], 0
    for rule in network.servers:
        end = first + len(rule.is_active)
        rows.append(
            [*rule.stations, rule.servers, rule.keep, rule.over, rule.back_below, rule.changeover_us,
             rule.check_every_us, 0, 0, first, first, end]
        )  # fmt: skip
        first = end
    return rows


def _station_row(network: Network, number: int, segments: _Timetables) -> list[int]:
    node, first = network.stations[number], segments.rows[segments.first(number)]
    row = [0] * S_WIDTH
    row[S_SERVERS], row[S_OPEN], row[S_BROKEN] = first[T_SERVERS], first[T_OPEN], first[T_BROKEN]
    row[S_CAPACITY] = first[T_SERVERS] if first[T_OPEN] and not first[T_BROKEN] else 0
    row[S_REGISTERED_ONLY], row[S_CLOSES] = first[T_REGISTERED_ONLY], first[T_CLOSES]
    row[S_RULE] = RULES[node.closing_rule]
    row[S_PLACES], row[S_LOSES], row[S_HOLDS] = node.queue_places, node.loses, node.holds
    for root in (S_QUEUE, S_QUEUE_REGISTERED, S_STOPPED, S_WANTING, S_FIRST_ACTIVE):
        row[root] = NONE
    row[S_SHARES] = next((n for n, rule in enumerate(network.servers) if number in rule.stations), NONE)
    row[S_NEXT] = first[T_NEXT]
    return row


def _yard_row(network: Network, number: int, changes: _Timetables) -> list[int]:
    node = network.yards[number]
    row = [0] * Y_WIDTH
    row[Y_PLACES], row[Y_KEEP], row[Y_ACCEPTS] = node.places, node.keep, node.accepts_per_day
    row[Y_OPEN] = node.is_open_at(network.clock.begin_us)
    row[Y_DIRECT] = NONE
    row[Y_NEXT] = changes.first(number)
    return row


# ---------------------------------------------------------------------- addresses


@_compiled
def _vehicle(m: Ints, number: int) -> int:
    return m[N_VEHICLES_AT] + V_WIDTH * number


@_compiled
def _visit(m: Ints, number: int) -> int:
    return m[N_VISITS_AT] + R_WIDTH * number


@_compiled
def _station(m: Ints, number: int) -> int:
    return m[N_STATIONS_AT] + S_WIDTH * number


@_compiled
def _yard(m: Ints, number: int) -> int:
    return m[N_YARDS_AT] + Y_WIDTH * number


@_compiled
def _group(m: Ints, number: int) -> int:
    return m[N_GROUPS_AT] + G_WIDTH * number


@_compiled
def _stage(m: Ints, number: int) -> int:
    return m[N_STAGES_AT] + K_WIDTH * number


@_compiled
def _segment(m: Ints, number: int) -> int:
    return m[N_SEGMENTS_AT] + T_WIDTH * number


@_compiled
def _timed(m: Ints, number: int) -> int:
    return m[N_CHANGES_AT] + C_WIDTH * number


@_compiled
def _diversion(m: Ints, number: int) -> int:
    return m[N_DIVERSIONS_AT] + D_WIDTH * number


@_compiled
def _halt(m: Ints, number: int) -> int:
    return m[N_HALTS_AT] + H_WIDTH * number


@_compiled
def _hours_rule(m: Ints, number: int) -> int:
    return m[N_HOURS_AT] + O_WIDTH * number


@_compiled
def _decision(m: Ints, number: int) -> int:
    return m[N_DECISIONS_AT] + X_WIDTH * number


@_compiled
def _step(m: Ints, number: int) -> int:
    return m[N_STEPS_AT] + P_WIDTH * number


@_compiled
def _turn(m: Ints, number: int) -> int:
    return m[N_TURNS_AT] + U_WIDTH * number


@_compiled
def _servers_rule(m: Ints, number: int) -> int:
    return m[N_SERVERS_AT] + B_WIDTH * number


@_compiled
def _entry(m: Ints, number: int) -> int:
    return m[N_HEAP_AT] + Q_WIDTH * number


@_compiled
def _rank(m: Ints, station: int, v: int) -> int:
    return m[m[N_RANKS_AT] + station * m[N_CLASSES] + m[v + V_CLASS]]


@_compiled
def _called(m: Ints, yard: int, station: int) -> int:
    return m[N_CALLED_AT] + yard * m[N_STATIONS] + station


@_compiled
def _feeds(m: Ints, yard: int, station: int) -> int:
    return m[N_FEEDS_AT] + yard * m[N_STATIONS] + station


@_compiled
def _stand_in(m: Ints, rule: int, vehicle: int) -> int:
    return m[N_STAND_INS_AT] + rule * m[N_VEHICLES] + vehicle


# ---------------------------------------------------------------------- the heap of occurrences


@_compiled
def _rise(m: Ints, at: int, time: int, priority: int, slot: int) -> None:
    """Set an entry into the heap, at the hole `at` or above it."""
    while at > 0:
        above = (at - 1) >> 1
        e = _entry(m, above)
        if m[e + Q_TIME] < time or (m[e + Q_TIME] == time and m[e + Q_PRIORITY] < priority):
            break
        _set(m, at, m[e + Q_TIME], m[e + Q_PRIORITY], m[e + Q_SLOT])
        at = above
    _set(m, at, time, priority, slot)


@_compiled
def _set(m: Ints, at: int, time: int, priority: int, slot: int) -> None:
    e = _entry(m, at)
    m[e + Q_TIME], m[e + Q_PRIORITY], m[e + Q_SLOT] = time, priority, slot
    m[m[N_PLACES_AT] + slot] = at


@_compiled
def _schedule(m: Ints, slot: int, at_us: int, priority: int) -> None:
    m[N_HEAP] += 1
    _rise(m, m[N_HEAP] - 1, at_us, priority, slot)


@_compiled
def _cancel(m: Ints, slot: int) -> None:
    """Take an entry out of the heap, if it is there: its hole sinks to the bottom and the last entry fills it."""
    at = m[m[N_PLACES_AT] + slot]
    if at == NONE:
        return
    m[m[N_PLACES_AT] + slot] = NONE
    m[N_HEAP] -= 1
    size = m[N_HEAP]
    if at == size:
        return
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        e = _entry(m, below)
        if below + 1 < size:
            f = e + Q_WIDTH
            if m[f + Q_TIME] < m[e + Q_TIME] or (
                m[f + Q_TIME] == m[e + Q_TIME] and m[f + Q_PRIORITY] < m[e + Q_PRIORITY]
            ):
                below, e = below + 1, f
        _set(m, at, m[e + Q_TIME], m[e + Q_PRIORITY], m[e + Q_SLOT])
        at = below
    last = _entry(m, size)
    _rise(m, at, m[last + Q_TIME], m[last + Q_PRIORITY], m[last + Q_SLOT])


# ---------------------------------------------------------------------- pairing heaps of vehicles


@_compiled
def _is_ahead(m: Ints, a: int, b: int) -> bool:
    if m[_vehicle(m, a) + V_RANK] != m[_vehicle(m, b) + V_RANK]:
        return m[_vehicle(m, a) + V_RANK] < m[_vehicle(m, b) + V_RANK]
    if m[_vehicle(m, a) + V_TIME] != m[_vehicle(m, b) + V_TIME]:
        return m[_vehicle(m, a) + V_TIME] < m[_vehicle(m, b) + V_TIME]
    return a < b


@_compiled
def _joined(m: Ints, a: int, b: int) -> int:
    """Return the root of two heaps put together."""
    if a == NONE:
        return b
    if b == NONE:
        return a
    if _is_ahead(m, b, a):
        a, b = b, a
    m[_vehicle(m, b) + V_SIBLING] = m[_vehicle(m, a) + V_CHILD]
    m[_vehicle(m, a) + V_CHILD] = b
    return a


@_compiled
def _put(m: Ints, root: int, vehicle: int, rank: int, time: int) -> int:
    """Return the root after a vehicle has joined."""
    m[_vehicle(m, vehicle) + V_RANK], m[_vehicle(m, vehicle) + V_TIME] = rank, time
    m[_vehicle(m, vehicle) + V_CHILD] = m[_vehicle(m, vehicle) + V_SIBLING] = NONE
    return _joined(m, root, vehicle)


@_compiled
def _without_root(m: Ints, root: int) -> int:
    """Return the root after the first vehicle has left: its children in pairs, then the pairs together."""
    child = m[_vehicle(m, root) + V_CHILD]
    pairs = NONE
    while child != NONE:
        a = child
        b = m[_vehicle(m, a) + V_SIBLING]
        child = NONE if b == NONE else m[_vehicle(m, b) + V_SIBLING]
        m[_vehicle(m, a) + V_SIBLING] = NONE
        if b != NONE:
            m[_vehicle(m, b) + V_SIBLING] = NONE
        pair = _joined(m, a, b)
        m[_vehicle(m, pair) + V_SIBLING] = pairs
        pairs = pair
    result = NONE
    while pairs != NONE:
        following = m[_vehicle(m, pairs) + V_SIBLING]
        m[_vehicle(m, pairs) + V_SIBLING] = NONE
        result = _joined(m, result, pairs)
        pairs = following
    return result


@_compiled
def _forget_those_who_left(m: Ints) -> None:
    """Take vehicles that have left out of the heaps in which they waited."""
    for number in range(m[N_STATIONS]):
        for root in _ROOTS_OF_STATIONS:
            _keep_those_here(m, _station(m, number) + root)
    for number in range(m[N_YARDS]):
        _keep_those_here(m, _yard(m, number) + Y_DIRECT)
        for station in range(m[N_STATIONS]):
            _keep_those_here(m, _called(m, number, station))


@_compiled
def _keep_those_here(m: Ints, at: int) -> None:
    """Build the heap at an address anew, of vehicles that have not left."""
    rest, kept = m[at], NONE
    while rest != NONE:
        vehicle = rest
        rest = _without_root(m, vehicle)
        v = _vehicle(m, vehicle)
        if m[v + V_WHERE] != AWAY:
            kept = _put(m, kept, vehicle, m[v + V_RANK], m[v + V_TIME])
    m[at] = kept


# ---------------------------------------------------------------------- chains of vehicles


@_compiled
def _link(m: Ints, first: int, vehicle: int) -> None:
    """Put a vehicle into the chain that begins at the address `first`."""
    v, after = _vehicle(m, vehicle), m[first]
    m[v + V_BEFORE], m[v + V_AFTER] = NONE, after
    if after != NONE:
        m[_vehicle(m, after) + V_BEFORE] = vehicle
    m[first] = vehicle


@_compiled
def _unlink(m: Ints, first: int, vehicle: int) -> None:
    v = _vehicle(m, vehicle)
    before, after = m[v + V_BEFORE], m[v + V_AFTER]
    if before == NONE:
        m[first] = after
    else:
        m[_vehicle(m, before) + V_AFTER] = after
    if after != NONE:
        m[_vehicle(m, after) + V_BEFORE] = before


# ---------------------------------------------------------------------- the run


@_compiled
def _schedule_timetables(m: Ints) -> None:
    """Schedule the first change of each rule of hours, station, yard, diversion and rule of servers, in this order."""
    number = 0
    for rule in range(m[N_HOURS]):
        _schedule_decision(m, rule)
    number += m[N_HOURS]
    for station in range(m[N_STATIONS]):
        _schedule_segment(m, station, m[_station(m, station) + S_NEXT])
    number += m[N_STATIONS]
    for yard in range(m[N_YARDS]):
        _schedule_entry(m, yard, m[_yard(m, yard) + Y_NEXT])
    number += m[N_YARDS]
    for rule in range(m[N_DIVERSIONS]):
        if not m[_diversion(m, rule) + D_ON_ARRIVAL]:
            _schedule_change(m, number + rule, m[N_BEGIN] + m[_diversion(m, rule) + D_EVERY])
    number += m[N_DIVERSIONS]
    for rule in range(m[N_SERVERS]):
        if m[_servers_rule(m, rule) + B_CHECK] < m[_servers_rule(m, rule) + B_END]:
            _schedule_change(m, number + rule, m[N_BEGIN] + m[_servers_rule(m, rule) + B_EVERY])


@_compiled
def _schedule_change(m: Ints, number: int, at_us: int) -> None:
    """Schedule a change of a timetable, in place of the one it waits for, if any."""
    slot = 2 * m[N_VEHICLES] + number
    _cancel(m, slot)
    _schedule(m, slot, at_us, CHANGE + number)


@_compiled
def _schedule_decision(m: Ints, rule: int) -> None:
    r = _hours_rule(m, rule)
    if m[r + O_NEXT] < m[r + O_END]:
        _schedule_change(m, rule, m[_decision(m, m[r + O_NEXT]) + X_TIME])


@_compiled
def _schedule_segment(m: Ints, station: int, segment: int) -> None:
    """Let a segment be the next of a station, NONE for no other."""
    m[_station(m, station) + S_NEXT] = segment
    if segment == NONE:
        _cancel(m, 2 * m[N_VEHICLES] + m[N_HOURS] + station)
    else:
        _schedule_change(m, m[N_HOURS] + station, m[_segment(m, segment) + T_BEGINS])


@_compiled
def _schedule_entry(m: Ints, yard: int, change: int) -> None:
    """Let a change be the next of a yard, NONE for no other."""
    m[_yard(m, yard) + Y_NEXT] = change
    number = m[N_HOURS] + m[N_STATIONS] + yard
    if change == NONE:
        _cancel(m, 2 * m[N_VEHICLES] + number)
    else:
        _schedule_change(m, number, m[_timed(m, change) + C_TIME])


@_compiled
def _run(m: Ints, until: int) -> None:
    """Go on from one occurrence to the next up to a time."""
    n_vehicles, n_arriving = m[N_VEHICLES], m[N_ARRIVING]
    while True:
        time, priority = NEVER, NEVER
        if m[N_HEAP] > 0:
            time, priority = m[_entry(m, 0) + Q_TIME], m[_entry(m, 0) + Q_PRIORITY]
        vehicle = NONE
        if m[N_NEXT_ARRIVAL] < n_arriving:
            next_vehicle = m[m[N_ARRIVALS_AT] + m[N_NEXT_ARRIVAL]]
            joins = m[_vehicle(m, next_vehicle) + V_JOINS]
            if joins < time or (joins == time and ARRIVAL + next_vehicle < priority):
                time, vehicle = joins, next_vehicle
        if m[N_STARTS] > 0 and time > m[N_NOW]:
            m[N_STARTS] -= 1
            _start(m, m[m[N_STARTS_AT] + m[N_STARTS]])
        elif time >= until:
            break
        elif vehicle != NONE:
            m[N_NOW] = time
            m[N_NEXT_ARRIVAL] += 1
            _arrive(m, vehicle)
        else:
            m[N_NOW] = time
            slot = m[_entry(m, 0) + Q_SLOT]
            _cancel(m, slot)
            if slot >= 2 * n_vehicles:
                _change_timetable(m, slot - 2 * n_vehicles)
            elif slot >= n_vehicles:
                _leave_border(m, slot - n_vehicles, TURNED_BACK)
            elif priority < ARRIVAL:
                _complete(m, slot)
            else:
                m[_group(m, m[_vehicle(m, slot) + V_GROUP]) + G_ON_THE_WAY] -= 1
                _arrive(m, slot)
        if m[N_DUE] > 0:
            _let_in(m)
    if until < m[N_FINAL]:
        return
    for row in range(m[N_VISITS]):
        if m[_visit(m, row) + R_JOINED] != NOT_YET and m[_visit(m, row) + R_LEFT] == NOT_YET:
            m[_visit(m, row) + R_OUTCOME] = INSIDE


@_compiled
def _change_timetable(m: Ints, number: int) -> None:
    """Do what is due by a timetable; they are numbered as `_schedule_timetables` does."""
    if number < m[N_HOURS]:
        _decide(m, number)
        return
    number -= m[N_HOURS]
    if number < m[N_STATIONS]:
        segment = m[_station(m, number) + S_NEXT]
        _schedule_segment(m, number, m[_segment(m, segment) + T_NEXT])
        _change(m, number, segment)
        return
    number -= m[N_STATIONS]
    if number < m[N_YARDS]:
        yard = _yard(m, number)
        change = _timed(m, m[yard + Y_NEXT])
        _schedule_entry(m, number, m[change + C_NEXT])
        m[yard + Y_OPEN], m[yard + Y_PLACES], m[yard + Y_ACCEPTS] = (
            m[change + C_OPEN],
            m[change + C_PLACES],
            m[change + C_ACCEPTS],
        )
        if m[change + C_MIDNIGHT]:
            m[yard + Y_ACCEPTED] = 0
        _look_at_yard(m, number)
        return
    number -= m[N_YARDS]
    if number < m[N_DIVERSIONS]:
        at_us = m[N_NOW] + m[_diversion(m, number) + D_EVERY]
        _schedule_change(m, m[N_HOURS] + m[N_STATIONS] + m[N_YARDS] + number, at_us)
        _divert_held(m, number)
        return
    _check_servers(m, number - m[N_DIVERSIONS])


# ---------------------------------------------------------------------- rules that act


@_compiled
def _note(m: Ints, rule: int, what: int) -> None:
    """Add a row to the log of decisions."""
    row = m[N_LOG_AT] + L_WIDTH * m[N_LOG]
    m[row + L_TIME], m[row + L_RULE], m[row + L_WHAT] = m[N_NOW], rule, what
    m[N_LOG] += 1


@_compiled
def _decide(m: Ints, number: int) -> None:
    """Let the backlog decide how much later it closes."""
    rule = _hours_rule(m, number)
    decision = _decision(m, m[rule + O_NEXT])
    m[rule + O_NEXT] += 1
    _schedule_decision(m, number)
    backlog = m[_group(m, m[rule + O_GROUP]) + G_BACKLOG]
    if m[rule + O_OTHER_GROUP] != NONE:
        backlog += m[_group(m, m[rule + O_OTHER_GROUP]) + G_BACKLOG]
    taken = NONE
    for step in range(m[decision + X_FIRST_STEP], m[decision + X_END_STEP]):
        if backlog > m[_step(m, step) + P_OVER]:
            taken = step
    _note(m, number, 0 if taken == NONE else taken - m[decision + X_FIRST_STEP] + 1)
    if taken != NONE:
        _take(m, taken)


@_compiled
def _take(m: Ints, number: int) -> None:
    """Leave the usual timetables for those of a step, whose last rows lead back to them."""
    step = _step(m, number)
    for turn in range(m[step + P_FIRST_TURN], m[step + P_END_TURN]):
        station, row = m[_turn(m, turn) + U_STATION], m[_turn(m, turn) + U_ROW]
        if station != NONE:
            _schedule_segment(m, station, m[_segment(m, row) + T_NEXT])
            _change(m, station, row)
        else:
            _schedule_entry(m, m[_turn(m, turn) + U_YARD], row)


@_compiled
def _check_servers(m: Ints, number: int) -> None:
    """Let servers change sides: from the check on they are gone, after the changeover they serve."""
    rule = _servers_rule(m, number)
    if m[rule + B_WANTED] != m[rule + B_SHARE]:  # a changeover is over
        m[rule + B_SHARE] = m[rule + B_WANTED]
        _move_servers(m, number)
    else:
        is_active = m[m[N_CHECKS_AT] + m[rule + B_CHECK]]
        m[rule + B_CHECK] += 1
        wanted = _wanted_share(m, rule) if is_active else 0
        if wanted != m[rule + B_SHARE]:
            _note(m, m[N_HOURS] + number, wanted)
            m[rule + B_WANTED] = wanted
            if m[rule + B_CHANGEOVER] > 0:
                _move_servers(m, number)
                _schedule_check(m, number, m[N_NOW] + m[rule + B_CHANGEOVER])
                return
            m[rule + B_SHARE] = wanted
            _move_servers(m, number)
    if m[rule + B_CHECK] < m[rule + B_END]:
        n = m[rule + B_CHECK] - m[rule + B_FIRST_CHECK] + 1
        _schedule_check(m, number, m[N_BEGIN] + n * m[rule + B_EVERY])


@_compiled
def _schedule_check(m: Ints, number: int, at_us: int) -> None:
    _schedule_change(m, m[N_HOURS] + m[N_STATIONS] + m[N_YARDS] + m[N_DIVERSIONS] + number, at_us)


@_compiled
def _wanted_share(m: Ints, rule: int) -> int:
    """Return the servers that are to serve at the second station, negative for those at the first."""
    share = m[rule + B_SHARE]
    first, second = _station(m, m[rule + B_FIRST]), _station(m, m[rule + B_SECOND])
    if not (m[first + S_OPEN] and m[second + S_OPEN]):
        return 0
    longer = m[second + S_WAITING] + m[second + S_OUTSIDE] - m[first + S_WAITING] - m[first + S_OUTSIDE]
    if longer > m[rule + B_OVER]:
        return max(0, min(m[rule + B_SERVERS], m[first + S_SERVERS] - m[rule + B_KEEP]))
    if -longer > m[rule + B_OVER]:
        return -max(0, min(m[rule + B_SERVERS], m[second + S_SERVERS] - m[rule + B_KEEP]))
    if share < 0:
        longer = -longer
    return share if longer >= m[rule + B_BACK_BELOW] else 0


@_compiled
def _move_servers(m: Ints, number: int) -> None:
    rule = _servers_rule(m, number)
    _share_servers(m, number)
    _keep_to_capacity(m, m[rule + B_FIRST])
    _keep_to_capacity(m, m[rule + B_SECOND])


@_compiled
def _share_servers(m: Ints, number: int) -> None:
    """Settle how many servers two stations have by a rule (responses.ServersNode.shared)."""
    rule = _servers_rule(m, number)
    first, second = _station(m, m[rule + B_FIRST]), _station(m, m[rule + B_SECOND])
    before, now = m[rule + B_SHARE], m[rule + B_WANTED]
    gained_first = gained_second = 0
    if m[first + S_OPEN] and m[second + S_OPEN]:
        most = max(0, m[first + S_SERVERS] - m[rule + B_KEEP])
        gained_first -= min(most, max(0, before, now))
        gained_second += min(most, max(0, min(before, now)))
        most = max(0, m[second + S_SERVERS] - m[rule + B_KEEP])
        gained_second -= min(most, max(0, -before, -now))
        gained_first += min(most, max(0, min(-before, -now)))
    _set_capacity(m, first, gained_first)
    _set_capacity(m, second, gained_second)


@_compiled
def _set_capacity(m: Ints, station: int, gained: int) -> None:
    is_shut = m[station + S_BROKEN] or not m[station + S_OPEN]
    m[station + S_CAPACITY] = 0 if is_shut else m[station + S_SERVERS] + gained


# ---------------------------------------------------------------------- a vehicle's way


@_compiled
def _arrive(m: Ints, vehicle: int) -> None:
    v = _vehicle(m, vehicle)
    row = m[v + V_VISIT]
    m[_visit(m, row) + R_JOINED] = m[N_NOW]
    m[_group(m, m[v + V_GROUP]) + G_BACKLOG] += 1
    if _is_refused(m, vehicle):
        _leave_border(m, vehicle, TURNED_BACK)
    elif not _is_diverted_on_arrival(m, vehicle):
        m[v + V_WHERE] = ON_ROAD
        _watch_patience(m, vehicle, row)
        _seek(m, vehicle, row)


@_compiled
def _is_refused(m: Ints, vehicle: int) -> bool:
    halts = m[_vehicle(m, vehicle) + V_HALTS]
    if halts == 0:
        return False
    now = m[N_NOW]
    for number in range(m[N_HALTS]):
        if (halts >> number) & 1 and m[_halt(m, number) + H_BEGINS] <= now < m[_halt(m, number) + H_ENDS]:
            return True
    return False


@_compiled
def _seek(m: Ints, vehicle: int, row: int) -> None:
    """Ask for what the visit at `row` needs: a place in its yard if it lies in another one, then room."""
    v = _vehicle(m, vehicle)
    yard = m[_stage(m, m[_visit(m, row) + R_STAGE]) + K_YARD]
    if yard == NONE or yard == m[v + V_YARD]:
        _want_room(m, vehicle, row)
    elif m[v + V_WHERE] == HELD:
        _seek_from_park(m, vehicle, row, yard)
    else:
        now = m[N_NOW]
        m[_visit(m, row) + R_ASKED] = now
        m[v + V_WANTS_YARD] = yard
        m[_yard(m, yard) + Y_DIRECT] = _put(m, m[_yard(m, yard) + Y_DIRECT], vehicle, 0, now)
        _look_at_yard(m, yard)


@_compiled
def _remember_feeder(m: Ints, yard: int, station: int) -> None:
    """Note that a station holds vehicles for a yard."""
    y = _yard(m, yard)
    for feeder in range(m[y + Y_FEEDERS]):
        if m[_feeds(m, yard, feeder)] == station:
            return
    m[_feeds(m, yard, m[y + Y_FEEDERS])] = station
    m[y + Y_FEEDERS] += 1


@_compiled
def _has_room(m: Ints, number: int, vehicle: int, row: int) -> bool:
    station = _station(m, number)
    if m[station + S_PLACES] == NONE:
        return True
    free = 0
    fits = m[station + S_RULE] != LAST_START or m[N_NOW] + m[_visit(m, row) + R_WORK] <= m[station + S_CLOSES]
    if (
        fits
        and not m[station + S_LINE_HELD]
        and (m[_vehicle(m, vehicle) + V_REGISTERED] or not m[station + S_REGISTERED_ONLY])
    ):
        free = max(0, _n_free(m, station))
    return m[station + S_WAITING] < m[station + S_PLACES] + free


@_compiled
def _n_free(m: Ints, station: int) -> int:
    return m[station + S_CAPACITY] - m[station + S_ACTIVE] - m[station + S_BLOCKED] - m[station + S_FROZEN]


@_compiled
def _want_room(m: Ints, vehicle: int, row: int) -> None:
    """Enter the queue of the visit at `row`, or wait for room; go on at once through stages that hold nobody."""
    v = _vehicle(m, vehicle)
    while True:
        number = m[_stage(m, m[_visit(m, row) + R_STAGE]) + K_STATION]
        station = _station(m, number)
        if m[station + S_WANTING] != NONE or not _has_room(m, number, vehicle, row):
            if m[station + S_LOSES]:
                _lose(m, vehicle, row)
            else:
                m[v + V_WANTS_STATION] = number
                m[station + S_OUTSIDE] += 1
                m[station + S_WANTING] = _put(m, m[station + S_WANTING], vehicle, 0, m[N_NOW])
            return
        _enter(m, vehicle, row)
        if not m[station + S_HOLDS]:
            return
        row += 1
        if row >= m[v + V_END]:
            _depart(m, vehicle)
            return
        yard = m[_stage(m, m[_visit(m, row) + R_STAGE]) + K_YARD]
        if yard != NONE and yard != m[v + V_YARD]:
            _seek_from_park(m, vehicle, row, yard)
            return


@_compiled
def _seek_from_park(m: Ints, vehicle: int, row: int, yard: int) -> None:
    v = _vehicle(m, vehicle)
    m[_visit(m, row) + R_ASKED] = m[N_NOW]
    m[v + V_WANTS_YARD] = yard
    here = m[v + V_VISIT]
    station = m[_stage(m, m[_visit(m, here) + R_STAGE]) + K_STATION]
    _remember_feeder(m, yard, station)
    rank = _rank(m, station, v)
    m[_called(m, yard, station)] = _put(m, m[_called(m, yard, station)], vehicle, rank, m[_visit(m, here) + R_JOINED])
    _look_at_yard(m, yard)


@_compiled
def _let_in(m: Ints) -> None:
    """Let vehicles into the yards in which something changed, one yard after the other."""
    while m[N_DUE] > 0:
        number = m[m[N_DUE_AT] + m[N_DUE_FIRST]]
        m[N_DUE_FIRST] = (m[N_DUE_FIRST] + 1) % (m[N_YARDS] + 1)
        m[N_DUE] -= 1
        yard = _yard(m, number)
        m[yard + Y_DUE] = 0
        while True:
            vehicle = _next_entry(m, number)
            if vehicle == NONE:
                break
            m[yard + Y_INSIDE] += 1
            m[yard + Y_ACCEPTED] += 1
            v = _vehicle(m, vehicle)
            row = m[v + V_VISIT] + (m[v + V_WHERE] != ON_ROAD)
            m[v + V_WANTS_YARD], m[v + V_NEXT_YARD] = NONE, number
            m[_visit(m, row) + R_ENTERED] = m[N_NOW]
            _want_room(m, vehicle, row)


@_compiled
def _next_entry(m: Ints, number: int) -> int:
    yard = _yard(m, number)
    if not m[yard + Y_OPEN] or (m[yard + Y_PLACES] != NONE and m[yard + Y_INSIDE] >= m[yard + Y_PLACES]):
        return NONE
    if m[yard + Y_ACCEPTS] != NONE and m[yard + Y_ACCEPTED] >= m[yard + Y_ACCEPTS]:
        return NONE
    best = _first_wanting(m, m[yard + Y_DIRECT], number)
    m[yard + Y_DIRECT] = best
    best_station = NONE
    if m[yard + Y_KEEP] == NONE or m[yard + Y_INSIDE] < m[yard + Y_KEEP]:
        for feeder in range(m[yard + Y_FEEDERS]):
            station = m[_feeds(m, number, feeder)]
            if m[_called(m, number, station)] == NONE or m[_station(m, station) + S_CAPACITY] <= 0:
                continue
            root = _first_wanting(m, m[_called(m, number, station)], number)
            m[_called(m, number, station)] = root
            if root != NONE and (best == NONE or _is_ahead(m, root, best)):
                best, best_station = root, station
    if best == NONE:
        return NONE
    rest = _without_root(m, best)
    if best_station == NONE:
        m[yard + Y_DIRECT] = rest
    else:
        m[_called(m, number, best_station)] = rest
    return best


@_compiled
def _first_wanting(m: Ints, root: int, yard: int) -> int:
    while root != NONE and m[_vehicle(m, root) + V_WANTS_YARD] != yard:
        root = _without_root(m, root)
    return root


@_compiled
def _look_at_yard(m: Ints, number: int) -> None:
    if not m[_yard(m, number) + Y_DUE]:
        m[_yard(m, number) + Y_DUE] = 1
        m[m[N_DUE_AT] + (m[N_DUE_FIRST] + m[N_DUE]) % (m[N_YARDS] + 1)] = number
        m[N_DUE] += 1


@_compiled
def _enter(m: Ints, vehicle: int, row: int) -> None:
    """Leave the stage before, if any, and stand in the queue of the visit at `row`, or be held there."""
    v = _vehicle(m, vehicle)
    if m[v + V_WHERE] != ON_ROAD:
        _close(m, vehicle, PASSED)
        m[_visit(m, row) + R_JOINED] = m[N_NOW]
        m[v + V_VISIT] = row
    yard = m[_stage(m, m[_visit(m, row) + R_STAGE]) + K_YARD]
    if yard != m[v + V_YARD]:
        _give_up_place(m, m[v + V_YARD])
        m[v + V_YARD], m[v + V_NEXT_YARD] = yard, NONE
    if m[v + V_WHERE] != ON_ROAD:
        _watch_patience(m, vehicle, row)
    _stand(m, vehicle, row)


@_compiled
def _stand(m: Ints, vehicle: int, row: int) -> None:
    v = _vehicle(m, vehicle)
    number = m[_stage(m, m[_visit(m, row) + R_STAGE]) + K_STATION]
    station = _station(m, number)
    if m[station + S_HOLDS]:
        m[v + V_WHERE] = HELD
        _link(m, _group(m, m[v + V_GROUP]) + G_FIRST_HELD, vehicle)
        return
    m[v + V_WHERE] = IN_QUEUE
    queue = S_QUEUE_REGISTERED if m[v + V_REGISTERED] else S_QUEUE
    rank = _rank(m, number, v)
    m[station + queue] = _put(m, m[station + queue], vehicle, rank, m[_visit(m, row) + R_JOINED])
    m[station + S_WAITING] += 1
    _look_at_station(m, number)


@_compiled
def _move_on(m: Ints, vehicle: int) -> None:
    row = m[_vehicle(m, vehicle) + V_VISIT] + 1
    if row < m[_vehicle(m, vehicle) + V_END]:
        _seek(m, vehicle, row)
    else:
        _depart(m, vehicle)


@_compiled
def _depart(m: Ints, vehicle: int) -> None:
    v = _vehicle(m, vehicle)
    if m[v + V_CLEAR] == m[v + V_END]:  # it took a way out before it was cleared
        _close(m, vehicle, TURNED_BACK)
        m[_group(m, m[v + V_GROUP]) + G_BACKLOG] -= 1
    else:
        _close(m, vehicle, RETURNED)
    m[_vehicle(m, vehicle) + V_WHERE] = AWAY
    _give_up_place(m, m[_vehicle(m, vehicle) + V_YARD])


@_compiled
def _close(m: Ints, vehicle: int, outcome: int) -> None:
    """End the visit under way: the vehicle gives up its server and drives off."""
    v = _vehicle(m, vehicle)
    row, now = m[v + V_VISIT], m[N_NOW]
    visit = _visit(m, row)
    if m[v + V_WHERE] == HELD:
        _unlink(m, _group(m, m[v + V_GROUP]) + G_FIRST_HELD, vehicle)
        m[visit + R_STARTED] = m[visit + R_FINISHED] = now
    else:
        number = m[_stage(m, m[visit + R_STAGE]) + K_STATION]
        m[_station(m, number) + S_BLOCKED] -= 1
        _look_at_station(m, number)
    _cancel(m, m[N_VEHICLES] + vehicle)
    m[visit + R_LEFT] = now
    m[visit + R_OUTCOME] = outcome
    if row == m[v + V_CLEAR]:
        m[visit + R_OUTCOME] = CLEARED
        m[_group(m, m[v + V_GROUP]) + G_BACKLOG] -= 1


# ---------------------------------------------------------------------- leaving without crossing


@_compiled
def _watch_patience(m: Ints, vehicle: int, row: int) -> None:
    v = _vehicle(m, vehicle)
    patience = m[v + V_PATIENCE]
    if patience == NONE or not m[_stage(m, m[_visit(m, row) + R_STAGE]) + K_TURNS_BACK] or row > m[v + V_CLEAR]:
        return
    at_us = max(m[N_NOW], m[_visit(m, row) + R_JOINED] + patience)
    if at_us < m[N_FINAL]:
        _schedule(m, m[N_VEHICLES] + vehicle, at_us, ABANDONMENT + vehicle)


@_compiled
def _leave_border(m: Ints, vehicle: int, outcome: int) -> None:
    """Leave without crossing, from wherever the vehicle waits."""
    v = _vehicle(m, vehicle)
    row = m[v + V_VISIT]
    if m[v + V_WHERE] == IN_QUEUE:
        number = m[_stage(m, m[_visit(m, row) + R_STAGE]) + K_STATION]
        m[_station(m, number) + S_WAITING] -= 1
        _look_at_station(m, number)
    elif m[v + V_WHERE] == HELD:
        _unlink(m, _group(m, m[v + V_GROUP]) + G_FIRST_HELD, vehicle)
    _cancel(m, m[N_VEHICLES] + vehicle)
    m[v + V_WHERE] = AWAY
    if m[v + V_WANTS_STATION] != NONE:
        m[_station(m, m[v + V_WANTS_STATION]) + S_OUTSIDE] -= 1
    m[v + V_WANTS_YARD] = m[v + V_WANTS_STATION] = NONE
    _give_up_place(m, m[v + V_YARD])
    _give_up_place(m, m[v + V_NEXT_YARD])
    m[_visit(m, row) + R_LEFT] = m[N_NOW]
    m[_visit(m, row) + R_OUTCOME] = outcome
    m[_group(m, m[v + V_GROUP]) + G_BACKLOG] -= 1


@_compiled
def _lose(m: Ints, vehicle: int, row: int) -> None:
    """Turn a vehicle away that finds the queue of the visit at `row` full."""
    v = _vehicle(m, vehicle)
    now = m[N_NOW]
    is_counted = row <= m[v + V_CLEAR]
    if m[v + V_WHERE] != ON_ROAD:
        _close(m, vehicle, PASSED)
        m[_visit(m, row) + R_JOINED] = now
    _cancel(m, m[N_VEHICLES] + vehicle)
    m[v + V_WHERE] = AWAY
    _give_up_place(m, m[v + V_YARD])
    _give_up_place(m, m[v + V_NEXT_YARD])
    m[_visit(m, row) + R_LEFT] = now
    m[_visit(m, row) + R_OUTCOME] = LOST
    if is_counted:
        m[_group(m, m[v + V_GROUP]) + G_BACKLOG] -= 1


@_compiled
def _give_up_place(m: Ints, yard: int) -> None:
    if yard != NONE:
        m[_yard(m, yard) + Y_INSIDE] -= 1
        _look_at_yard(m, yard)


@_compiled
def _is_diverted_on_arrival(m: Ints, vehicle: int) -> bool:
    for number in range(m[N_DIVERSIONS]):
        rule = _diversion(m, number)
        if (
            m[rule + D_ON_ARRIVAL]
            and m[_stand_in(m, number, vehicle)] != NONE
            and m[_group(m, m[rule + D_SOURCE]) + G_BACKLOG] - 1 > m[rule + D_OVER]
            and _has_space(m, number)
        ):
            _divert(m, vehicle, number)
            return True
    return False


@_compiled
def _has_space(m: Ints, number: int) -> bool:
    rule = _diversion(m, number)
    group = _group(m, m[rule + D_TARGET])
    return m[rule + D_BELOW] == NONE or m[group + G_BACKLOG] + m[group + G_ON_THE_WAY] < m[rule + D_BELOW]


@_compiled
def _divert_held(m: Ints, number: int) -> None:
    """Send those held last away, as many as the backlog is over the rule's threshold."""
    rule = _diversion(m, number)
    excess = m[_group(m, m[rule + D_SOURCE]) + G_BACKLOG] - m[rule + D_OVER]
    if excess <= 0:
        return
    for _ in range(excess):
        vehicle = _held_last(m, number)
        if vehicle == NONE or not _has_space(m, number):
            return
        _divert(m, vehicle, number)


@_compiled
def _held_last(m: Ints, number: int) -> int:
    """Return the vehicle that the rule may send away and that its park would call last, or NONE."""
    vehicle, last = m[_group(m, m[_diversion(m, number) + D_SOURCE]) + G_FIRST_HELD], NONE
    while vehicle != NONE:
        if m[_stand_in(m, number, vehicle)] != NONE and (last == NONE or _is_called_before(m, last, vehicle)):
            last = vehicle
        vehicle = m[_vehicle(m, vehicle) + V_AFTER]
    return last


@_compiled
def _is_called_before(m: Ints, a: int, b: int) -> bool:
    """Return whether `a` is called before `b`; not by the keys of a heap, since a called vehicle waits in another."""
    at_a, at_b = _visit(m, m[_vehicle(m, a) + V_VISIT]), _visit(m, m[_vehicle(m, b) + V_VISIT])
    rank_a = _rank(m, m[_stage(m, m[at_a + R_STAGE]) + K_STATION], _vehicle(m, a))
    rank_b = _rank(m, m[_stage(m, m[at_b + R_STAGE]) + K_STATION], _vehicle(m, b))
    if rank_a != rank_b:
        return bool(rank_a < rank_b)
    if m[at_a + R_JOINED] != m[at_b + R_JOINED]:
        return bool(m[at_a + R_JOINED] < m[at_b + R_JOINED])
    return a < b


@_compiled
def _sort(m: Ints, some: Ints, n: int) -> None:
    """Sort vehicles by their keys (heap sort)."""
    for start in range(n // 2 - 1, -1, -1):
        _sift(m, some, start, n)
    for end in range(n - 1, 0, -1):
        some[0], some[end] = some[end], some[0]
        _sift(m, some, 0, end)


@_compiled
def _sift(m: Ints, some: Ints, at: int, n: int) -> None:
    while True:
        below = 2 * at + 1
        if below >= n:
            return
        if below + 1 < n and _is_ahead(m, some[below], some[below + 1]):
            below += 1
        if not _is_ahead(m, some[at], some[below]):
            return
        some[at], some[below] = some[below], some[at]
        at = below


@_compiled
def _divert(m: Ints, vehicle: int, number: int) -> None:
    stand_in = m[_stand_in(m, number, vehicle)]
    _leave_border(m, vehicle, DIVERTED)
    m[_group(m, m[_vehicle(m, stand_in) + V_GROUP]) + G_ON_THE_WAY] += 1
    _schedule(m, stand_in, m[N_NOW] + m[_vehicle(m, stand_in) + V_JOINS], ARRIVAL + stand_in)


# ---------------------------------------------------------------------- stations


@_compiled
def _look_at_station(m: Ints, number: int) -> None:
    """Look for starts at this instant, when all else has happened; the due stations are kept in order, last first."""
    if m[_station(m, number) + S_DUE]:
        return
    m[_station(m, number) + S_DUE] = 1
    at = m[N_STARTS_AT] + m[N_STARTS]
    m[N_STARTS] += 1
    while at > m[N_STARTS_AT] and m[at - 1] < number:
        m[at] = m[at - 1]
        at -= 1
    m[at] = number


@_compiled
def _start(m: Ints, number: int) -> None:
    """Put servers to work: stopped work first, then the queue; then let vehicles into the queue."""
    station, now = _station(m, number), m[N_NOW]
    m[station + S_DUE] = m[station + S_LINE_HELD] = 0
    while m[station + S_STOPPED] != NONE and m[station + S_CAPACITY] > m[station + S_ACTIVE] + m[station + S_BLOCKED]:
        vehicle = m[station + S_STOPPED]
        m[station + S_STOPPED] = _without_root(m, vehicle)
        m[station + S_FROZEN] -= 1
        _work(m, number, vehicle)
    while _n_free(m, station) > 0:
        vehicle = _first_in_queue(m, number)
        if vehicle == NONE:
            break
        visit = _visit(m, m[_vehicle(m, vehicle) + V_VISIT])
        if m[station + S_RULE] == LAST_START and now + m[visit + R_WORK] > m[station + S_CLOSES]:
            m[station + S_LINE_HELD] = 1
            break
        queue = S_QUEUE_REGISTERED if m[_vehicle(m, vehicle) + V_REGISTERED] else S_QUEUE
        m[station + queue] = _without_root(m, vehicle)
        m[station + S_WAITING] -= 1
        if m[visit + R_STARTED] == NOT_YET:
            m[visit + R_STARTED] = now
        _work(m, number, vehicle)
    _let_into_queue(m, number)


@_compiled
def _first_in_queue(m: Ints, number: int) -> int:
    station = _station(m, number)
    best = NONE
    for queue in range(S_QUEUE, S_QUEUE_REGISTERED + 1):
        if queue == S_QUEUE and m[station + S_REGISTERED_ONLY]:
            continue
        while m[station + queue] != NONE and m[_vehicle(m, m[station + queue]) + V_WHERE] != IN_QUEUE:
            m[station + queue] = _without_root(m, m[station + queue])
        root = m[station + queue]
        if root != NONE and (best == NONE or _is_ahead(m, root, best)):
            best = root
    return best


@_compiled
def _work(m: Ints, number: int, vehicle: int) -> None:
    v = _vehicle(m, vehicle)
    m[v + V_WHERE] = IN_SERVICE
    m[_station(m, number) + S_ACTIVE] += 1
    _link(m, _station(m, number) + S_FIRST_ACTIVE, vehicle)
    m[v + V_DUE] = m[N_NOW] + m[_visit(m, m[v + V_VISIT]) + R_WORK]
    _cancel(m, m[N_VEHICLES] + vehicle)
    if m[v + V_DUE] < m[N_FINAL]:
        _schedule(m, vehicle, m[v + V_DUE], COMPLETION + vehicle)


@_compiled
def _complete(m: Ints, vehicle: int) -> None:
    v = _vehicle(m, vehicle)
    row = m[v + V_VISIT]
    number = m[_stage(m, m[_visit(m, row) + R_STAGE]) + K_STATION]
    station = _station(m, number)
    _unlink(m, _station(m, number) + S_FIRST_ACTIVE, vehicle)
    m[station + S_ACTIVE] -= 1
    m[station + S_BLOCKED] += 1
    m[v + V_WHERE] = BLOCKED
    m[_visit(m, row) + R_FINISHED] = m[N_NOW]
    _move_on(m, vehicle)


@_compiled
def _let_into_queue(m: Ints, number: int) -> None:
    station = _station(m, number)
    while m[station + S_WANTING] != NONE:
        vehicle = m[station + S_WANTING]
        v = _vehicle(m, vehicle)
        row = m[v + V_VISIT] + (m[v + V_WHERE] != ON_ROAD)
        if m[v + V_WANTS_STATION] != number:
            m[station + S_WANTING] = _without_root(m, vehicle)
        elif _has_room(m, number, vehicle, row):
            m[station + S_WANTING] = _without_root(m, vehicle)
            m[v + V_WANTS_STATION] = NONE
            m[station + S_OUTSIDE] -= 1
            _enter(m, vehicle, row)
        else:
            break


@_compiled
def _change(m: Ints, number: int, segment: int) -> None:
    """Go over to the next segment of the timetable, by the closing rule of the station."""
    station, new = _station(m, number), _segment(m, segment)
    closes = m[station + S_OPEN] and not m[new + T_OPEN]
    breaks = m[new + T_BROKEN] and not m[station + S_BROKEN]
    m[station + S_SERVERS], m[station + S_OPEN] = m[new + T_SERVERS], m[new + T_OPEN]
    m[station + S_REGISTERED_ONLY], m[station + S_CLOSES] = m[new + T_REGISTERED_ONLY], m[new + T_CLOSES]
    m[station + S_BROKEN] = m[new + T_BROKEN]
    _set_capacity(m, station, 0)
    if m[station + S_SHARES] != NONE:
        rule = _servers_rule(m, m[station + S_SHARES])
        _share_servers(m, m[station + S_SHARES])
        _keep_to_capacity(m, m[rule + B_SECOND] if number == m[rule + B_FIRST] else m[rule + B_FIRST])
    if breaks:
        _stop_all_but(m, number, 0)
    elif closes and m[station + S_RULE] == HAND_BACK:
        _hand_back(m, number)
    _keep_to_capacity(m, number)
    for yard in range(m[N_YARDS]):
        for feeder in range(m[_yard(m, yard) + Y_FEEDERS]):
            if m[_feeds(m, yard, feeder)] == number:
                _look_at_yard(m, yard)


@_compiled
def _keep_to_capacity(m: Ints, number: int) -> None:
    """Stop the servers that are too many under `freeze`, and look for starts."""
    station = _station(m, number)
    if m[station + S_RULE] == FREEZE:
        _stop_all_but(m, number, max(0, m[station + S_CAPACITY] - m[station + S_BLOCKED]))
    _look_at_station(m, number)


@_compiled
def _stop_all_but(m: Ints, number: int, n_kept: int) -> None:
    """Stop the servers that started last until `n_kept` are at work; their work is kept."""
    station = _station(m, number)
    n = m[station + S_ACTIVE]
    if n <= n_kept:
        return
    active = np.empty(n, dtype=np.int64)
    vehicle = m[station + S_FIRST_ACTIVE]
    for place in range(n):
        active[place] = vehicle
        m[_vehicle(m, vehicle) + V_RANK], m[_vehicle(m, vehicle) + V_TIME] = (
            0,
            m[_visit(m, m[_vehicle(m, vehicle) + V_VISIT]) + R_STARTED],
        )
        vehicle = m[_vehicle(m, vehicle) + V_AFTER]
    _sort(m, active, n)
    for place in range(n_kept, n):
        vehicle = active[place]
        started = m[_vehicle(m, vehicle) + V_TIME]
        _stop_work(m, number, vehicle)
        m[_vehicle(m, vehicle) + V_WHERE] = STOPPED
        m[station + S_STOPPED] = _put(m, m[station + S_STOPPED], vehicle, 0, started)
        m[station + S_FROZEN] += 1


@_compiled
def _hand_back(m: Ints, number: int) -> None:
    """Put the vehicles in service at the head of the queue, those begun first before the others."""
    station = _station(m, number)
    while m[station + S_FIRST_ACTIVE] != NONE:
        vehicle = m[station + S_FIRST_ACTIVE]
        _stop_work(m, number, vehicle)
        v = _vehicle(m, vehicle)
        m[v + V_WHERE] = IN_QUEUE
        queue = S_QUEUE_REGISTERED if m[v + V_REGISTERED] else S_QUEUE
        started = m[_visit(m, m[v + V_VISIT]) + R_STARTED]
        m[station + queue] = _put(m, m[station + queue], vehicle, HEAD, started)
        m[station + S_WAITING] += 1


@_compiled
def _stop_work(m: Ints, number: int, vehicle: int) -> None:
    v = _vehicle(m, vehicle)
    m[_visit(m, m[v + V_VISIT]) + R_WORK] = m[v + V_DUE] - m[N_NOW]
    _cancel(m, vehicle)
    _unlink(m, _station(m, number) + S_FIRST_ACTIVE, vehicle)
    m[_station(m, number) + S_ACTIVE] -= 1


# ---------------------------------------------------------------------- the start


@_compiled
def _place_those_inside(m: Ints, inside: Ints, how: Ints, served_us: Ints) -> None:
    """Put the vehicles of the initial state where they are, those who joined first before the others."""
    begin = m[N_BEGIN]
    for vehicle in inside:
        v = _vehicle(m, vehicle)
        row = m[v + V_VISIT]
        if row == m[v + V_END]:
            continue
        visit = _visit(m, row)
        stage = _stage(m, m[visit + R_STAGE])
        m[visit + R_JOINED] = m[v + V_JOINS]
        if m[v + V_CLEAR] != NONE:
            m[_group(m, m[v + V_GROUP]) + G_BACKLOG] += 1
        if how[vehicle] == ON_THE_ROAD:
            m[v + V_WHERE] = ON_ROAD
            _watch_patience(m, vehicle, row)
            _seek(m, vehicle, row)
            continue
        if m[stage + K_YARD] != NONE:
            m[v + V_YARD] = m[stage + K_YARD]
            m[_yard(m, m[stage + K_YARD]) + Y_INSIDE] += 1
            m[visit + R_ASKED] = m[visit + R_ENTERED] = m[visit + R_JOINED]
        if how[vehicle] == INSIDE_SERVED:
            m[visit + R_STARTED] = begin - served_us[vehicle]
            _work(m, m[stage + K_STATION], vehicle)
        else:
            _watch_patience(m, vehicle, row)
            _stand(m, vehicle, row)
            if m[v + V_WHERE] == HELD:
                _move_on(m, vehicle)
    for number in range(m[N_STATIONS]):
        station = _station(m, number)
        if m[station + S_BROKEN] or m[station + S_RULE] == FREEZE:
            _stop_all_but(m, number, m[station + S_CAPACITY])
        elif not m[station + S_OPEN] and m[station + S_RULE] == HAND_BACK:
            _hand_back(m, number)
        _look_at_station(m, number)
    _let_in(m)
