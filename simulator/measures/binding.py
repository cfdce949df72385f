"""What vehicles wait for: waiting time by cause, with the wait for a full yard passed on to what fills it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.measures.base import Floats, Value, measure
from gatewatch.simulator.measures.spans import Spans, overlap_us
from gatewatch.simulator.measures.visits import (
    asks_us,
    had_place,
    idle,
    or_else,
    queue_ends_us,
    rows_by,
    services,
    stood_at,
    yard_of_visit,
)
from gatewatch.simulator.network import NONE
from gatewatch.simulator.record import Ints, RunRecord
from gatewatch.simulator.trace_table import yard_left_us

AT_STATION = (
    "servers busy",
    "shut here",
    "shut by the counterpart",
    "registered vehicles only",
    "broken",
    "queue full",
)
AT_YARD = ("full", "daily acceptance", "shut to entry")
NOTHING = "no wait"


@measure("waiting_share", "share", "neither")
def waiting_share(record: RunRecord) -> Iterator[Value]:
    """
    Share of the waiting time before the clearance that each cause accounts for.

    The shares of a gate and direction sum to 1. Causes at a station: `servers busy` (or off duty by the
    roster), `shut here`, `shut by the counterpart` (while this side is open), `registered vehicles only`,
    `broken`, and `queue full` (no room to join it). Causes at a yard: `shut to entry`, `daily acceptance`
    (used up), and `full` (no place, or as many as are called forward). Of several at one instant the first in
    this order counts: shut, broken, registered only, busy; shut to entry, acceptance, a shut park, full. A
    wait for a full yard is passed on: each hour of it goes to what the vehicles inside spend their time on,
    in proportion. What they wait for takes its part, again passed on where it is a full yard; the part in
    which they are served stays with the yard as `full`: its places are too few for the work done in it. So a
    jam behind a full Chinese yard is put down to that yard and not to the desks before it. Where nobody
    waited the one cause is `no wait`.
    """
    book = _written(record)
    passed_on = _passed_on(record, book)
    names = _names(record)
    present = np.bincount(record.draws.group[record.is_present], minlength=len(record.network.groups))
    full = _full(record)
    for number, group in enumerate(record.network.groups):
        waits = book.by_group[number].copy()
        waits[full] = 0
        waits += book.by_group[number][full] @ passed_on
        total = waits.sum()
        if not present[number]:
            continue
        if total <= 0:
            yield Value(group.gate, group.direction, None, NOTHING, 1.0)
            continue
        for cause in np.flatnonzero(waits):
            yield Value(group.gate, group.direction, None, names[cause], float(waits[cause] / total))


@dataclass(frozen=True, slots=True)
class _Book:
    """
    Waiting time within the measured days by cause [us].

    Args:
        by_group: Up to the clearance, by group of the vehicle, shape (groups, causes).
        by_yard: All of it, by yard that the vehicle holds a place in meanwhile, shape (yards, causes).
    """

    by_group: Floats
    by_yard: Floats

    def write(self, record: RunRecord, cause: int, rows: Ints, spent_us: Ints, yards: Ints) -> None:
        """Add the waits of vehicles that stand at the visits `rows` and hold a place in `yards`."""
        vehicles = record.vehicle_of_visit[rows]
        counts = rows <= record.draws.clear_visit[vehicles]
        groups = record.draws.group[vehicles[counts]]
        self.by_group[:, cause] += np.bincount(groups, spent_us[counts], len(self.by_group))
        self.hold(cause, yards, spent_us)

    def hold(self, cause: int, yards: Ints, spent_us: Ints) -> None:
        """Add waits to the yards that are held meanwhile."""
        holds = yards != NONE
        self.by_yard[:, cause] += np.bincount(yards[holds], spent_us[holds], len(self.by_yard))


def _names(record: RunRecord) -> list[str]:
    """Return the causes in the order of their numbers: those of each station, then those of each yard."""
    network = record.network
    return [
        *(f"{node.name}: {what}" for node in network.stations for what in AT_STATION),
        *(f"{node.name}: {what}" for node in network.yards for what in AT_YARD),
    ]


def _at_station(number: int, what: str) -> int:
    return number * len(AT_STATION) + AT_STATION.index(what)


def _at_yard(record: RunRecord, number: int, what: str) -> int:
    return len(record.network.stations) * len(AT_STATION) + number * len(AT_YARD) + AT_YARD.index(what)


def _full(record: RunRecord) -> list[int]:
    return [_at_yard(record, number, "full") for number in range(len(record.network.yards))]


def _written(record: RunRecord) -> _Book:
    network = record.network
    n_causes = len(network.stations) * len(AT_STATION) + len(network.yards) * len(AT_YARD)
    book = _Book(np.zeros((len(network.groups), n_causes)), np.zeros((len(network.yards), n_causes)))
    _write_queues(record, book)
    _write_stops(record, book)
    _write_yards(record, book)
    _write_full_queues(record, book)
    return book


def _within(record: RunRecord, begins: Ints, ends: Ints) -> tuple[Ints, Ints]:
    begins = np.clip(begins, record.from_us, record.to_us)
    return begins, np.maximum(begins, np.clip(ends, record.from_us, record.to_us))


def _write_queues(record: RunRecord, book: _Book) -> None:
    """Write the waits for a server; the time before the first yard is not among them."""
    trace, yards = record.trace, yard_of_visit(record)
    asked, given = asks_us(record)
    on_road = (asked != NOT_YET) & (stood_at(record) == np.arange(len(asked)))
    begins, ends = _within(record, np.where(on_road, given, trace.joined_us), queue_ends_us(record))
    waits = record.reached & (begins < ends)
    for number, rows in enumerate(rows_by(record.station_of_visit, len(record.network.stations), waits)):
        if not len(rows) or record.network.stations[number].holds:
            continue
        when = idle(record, number)
        left = ends[rows] - begins[rows]
        registered = record.draws.preregistered[record.vehicle_of_visit[rows]]
        for what, spans in (
            ("shut here", when.here),
            ("shut by the counterpart", when.counterpart),
            ("broken", when.broken),
            ("registered vehicles only", when.registered_only),
        ):
            spent = spans.covered_us(begins[rows], ends[rows])
            if what == "registered vehicles only":
                spent = np.where(registered, 0, spent)
            book.write(record, _at_station(number, what), rows, spent, yards[rows])
            left = left - spent
        book.write(record, _at_station(number, "servers busy"), rows, left, yards[rows])


def _write_stops(record: RunRecord, book: _Book) -> None:
    """Write the time in which a service that had begun was stopped."""
    yards, found = yard_of_visit(record), services(record)
    stopped = (found.shut_us > 0) | (found.broken_us > 0) | (found.interrupted_us > 0)
    for number, rows in enumerate(rows_by(record.station_of_visit, len(record.network.stations), stopped)):
        if not len(rows):
            continue
        when, trace = idle(record, number), record.trace
        begins, ends = _within(record, trace.started_us[rows], or_else(trace.finished_us[rows], record.to_us))
        shut = found.shut_us[rows]
        by_counterpart = np.minimum(when.counterpart.covered_us(begins, ends), shut)
        for what, spent in (
            ("shut here", shut - by_counterpart),
            ("shut by the counterpart", by_counterpart),
            ("broken", found.broken_us[rows]),
            ("servers busy", found.interrupted_us[rows]),
        ):
            book.write(record, _at_station(number, what), rows, spent, yards[rows])


def _write_yards(record: RunRecord, book: _Book) -> None:
    """Write the waits for a place in a yard, by what kept its gate shut to the vehicle."""
    network, yards, clock = record.network, yard_of_visit(record), record.network.clock
    asked, given = asks_us(record)
    begins, ends = _within(record, asked, given)
    waits = (asked != NOT_YET) & (begins < ends)
    for number, rows in enumerate(rows_by(yards, len(network.yards), waits)):
        node = network.yards[number]
        shut = Spans.of([])
        if node.entry_windows_us is not None:
            shut = Spans.of(node.entry_windows_us).gaps(clock.begin_us, clock.end_us)
        used_up = shut | _used_up(record, number)
        stands = stood_at(record)[rows]
        on_road = stands == rows
        park = np.where(on_road, NONE, record.station_of_visit[stands])
        for station in np.unique(park):
            mine, standing = rows[park == station], stands[park == station]
            held = np.where(standing == mine, NONE, yards[standing])
            no_release = Spans.of([])
            if station != NONE and network.stations[station].holds:
                when = idle(record, int(station))
                no_release = when.shut | when.broken
            causes = [
                (_at_yard(record, number, "shut to entry"), shut),
                (_at_yard(record, number, "daily acceptance"), used_up),
                (_at_station(int(station), "shut here"), used_up | no_release),
            ]
            before = np.zeros(len(mine), dtype=np.int64)
            for cause, spans in causes:
                so_far = spans.covered_us(begins[mine], ends[mine])
                if (so_far > before).any():
                    book.write(record, cause, standing, so_far - before, held)
                before = so_far
            rest = ends[mine] - begins[mine] - before
            book.write(record, _at_yard(record, number, "full"), standing, rest, held)


def _used_up(record: RunRecord, number: int) -> Spans:
    """Return when a yard had let in as many vehicles as are accepted on that day."""
    node, clock = record.network.yards[number], record.network.clock
    if node.accepts_per_day == NONE:
        return Spans.of([])
    entered = record.trace.yard_entered_us
    placed = record.first_visit[had_place(record)]
    let_in = (yard_of_visit(record) == number) & (entered != NOT_YET)
    let_in[placed] = False
    times = np.sort(entered[let_in])
    edges = [clock.begin_us, *(day for day in node.day_starts_us if day < clock.end_us), clock.end_us]
    spans = []
    for begins, ends in pairwise(edges):
        last = int(np.searchsorted(times, begins)) + node.accepts_per_day - 1
        since = begins if node.accepts_per_day == 0 else int(times[last]) if last < len(times) else ends
        spans.append((since, ends))
    return Spans.of(spans)


def _write_full_queues(record: RunRecord, book: _Book) -> None:
    """Write the waits of vehicles that were served, or given a place, and found no room in the next queue."""
    trace, yards = record.trace, yard_of_visit(record)
    following = np.flatnonzero(stood_at(record) != np.arange(len(yards)))
    standing = following - 1
    asked, given = asks_us(record)
    holds = np.array([node.holds for node in record.network.stations], dtype=bool)
    done = np.where(holds[record.station_of_visit], trace.joined_us, trace.finished_us)[standing]
    ready = np.where(asked[following] == NOT_YET, done, given[following])
    has_left = trace.left_us[standing] != NOT_YET
    begins, ends = _within(record, ready, np.where(has_left, trace.left_us[standing], record.to_us))
    waits = record.reached[standing] & (ready != NOT_YET) & (begins < ends)
    waits &= (asked[following] == NOT_YET) | (trace.yard_entered_us[following] != NOT_YET)
    following, standing, spent = following[waits], standing[waits], (ends - begins)[waits]
    station = record.station_of_visit[following]
    given_place = np.where(trace.yard_entered_us[following] == NOT_YET, NONE, yards[following])
    for number in np.unique(station):
        mine = station == number
        cause = _at_station(int(number), "queue full")
        book.write(record, cause, standing[mine], spent[mine], yards[standing[mine]])
        book.hold(cause, given_place[mine], spent[mine])


def _passed_on(record: RunRecord, book: _Book) -> Floats:
    """
    Return for each yard the shares of the causes to which a wait for a place in it is passed on.

    The yards that wait for each other are the states of a chain that ends in another cause. Yards that wait
    only for each other would never end: a billionth of each step stays with the yard, so that they share it.
    """
    entered, left = record.trace.yard_entered_us, or_else(yard_left_us(record), record.to_us)
    has = entered != NOT_YET
    n_yards, yards, full = len(record.network.yards), yard_of_visit(record), _full(record)
    if not n_yards:
        return np.zeros((0, book.by_group.shape[1]))
    held = np.bincount(yards[has], overlap_us(entered, left, record.from_us, record.to_us)[has], n_yards)
    shares = book.by_yard / np.maximum(held, 1)[:, None]
    onward = shares[:, full]
    ends_here = shares.copy()
    ends_here[:, full] = np.diag(np.maximum(1 - shares.sum(axis=1), 0))
    stays = 1e-9
    ends_here[range(n_yards), full] += stays * onward.sum(axis=1)
    return np.asarray(np.linalg.solve(np.eye(n_yards) - (1 - stays) * onward, ends_here))
