"""Every stretch in which a vehicle waits, each with its one cause."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np

from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.measures.spans import Spans
from gatewatch.simulator.measures.visits import (
    Idle,
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

AT_STATION = (
    "servers busy",
    "shut here",
    "shut by the counterpart",
    "registered vehicles only",
    "broken",
    "queue full",
)
AT_YARD = ("full", "daily acceptance", "shut to entry")


@dataclass(frozen=True, slots=True)
class Causes:
    """Numbers of the causes: those of each station, then those of each yard."""

    stations: tuple[str, ...]
    yards: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """`PLACE: cause` by number."""
        return [
            *(f"{name}: {what}" for name in self.stations for what in AT_STATION),
            *(f"{name}: {what}" for name in self.yards for what in AT_YARD),
        ]

    def at_station(self, number: int, what: str) -> int:
        """Return the number of a cause at a station."""
        return number * len(AT_STATION) + AT_STATION.index(what)

    def at_yard(self, number: int, what: str) -> int:
        """Return the number of a cause at a yard."""
        return len(self.stations) * len(AT_STATION) + number * len(AT_YARD) + AT_YARD.index(what)


@dataclass(frozen=True, slots=True)
class Waits:
    """
    Stretches of waiting within the measured days, arrays of shape (stretches,).

    Args:
        visit: Where the vehicle stands meanwhile.
        begins_us: Start [us].
        ends_us: End [us].
        cause: Number of the cause.
        yard: Yard it holds a place in meanwhile, or NONE.
        given_yard: Another yard in which it has been given a place already, or NONE.
        server: Station whose server it keeps meanwhile, or NONE.
    """

    visit: Ints
    begins_us: Ints
    ends_us: Ints
    cause: Ints
    yard: Ints
    given_yard: Ints
    server: Ints


def causes_of(record: RunRecord) -> Causes:
    """Return the causes that a border has."""
    network = record.network
    return Causes(tuple(node.name for node in network.stations), tuple(node.name for node in network.yards))


def waits_of(record: RunRecord) -> Waits:
    """Return what every vehicle waited for, and when."""
    book = _Book(record, causes_of(record), yard_of_visit(record))
    _write_queues(book)
    _write_stops(book)
    _write_yards(book)
    _write_full_queues(book)
    nothing = np.empty(0, dtype=np.int64)
    columns = zip(*book.parts, strict=True) if book.parts else [(nothing,)] * len(fields(Waits))
    return Waits(*(np.concatenate(column) for column in columns))


@dataclass(frozen=True, slots=True)
class _Book:
    record: RunRecord
    causes: Causes
    yards: Ints
    parts: list[tuple[Ints, ...]] = field(default_factory=list)

    def write(
        self, cause: int, spans: Spans, visit: Ints, begins: Ints, ends: Ints,
        yard: Ints, given_yard: Ints | None = None, server: Ints | None = None,
    ) -> None:  # fmt: skip
        """Add what `spans` cover of waits, all for one cause."""
        which, begins, ends = spans.pieces(begins, ends)
        if len(which):
            none = np.full(len(visit), NONE, dtype=np.int64)
            given_yard, server = (none if x is None else x for x in (given_yard, server))
            self.parts.append(
                (
                    visit[which],
                    begins,
                    ends,
                    np.full(len(which), cause, dtype=np.int64),
                    yard[which],
                    given_yard[which],
                    server[which],
                )
            )

    @property
    def measured(self) -> Spans:
        return Spans.of([(self.record.from_us, self.record.to_us)])


def _write_queues(book: _Book) -> None:
    """Write the waits for a server; the time before the first yard is not among them."""
    record = book.record
    asked, given = asks_us(record)
    on_road = (asked != NOT_YET) & (stood_at(record) == np.arange(len(asked)))
    begins, ends = np.where(on_road, given, record.trace.joined_us), queue_ends_us(record)
    registered = record.draws.preregistered[record.vehicle_of_visit]
    waits = record.reached & (begins < ends) & (ends > record.from_us)
    for number, rows in enumerate(rows_by(record.station_of_visit, len(record.network.stations), waits)):
        if not len(rows) or record.network.stations[number].holds:
            continue
        when = idle(record, number)
        for is_registered in (False, True):
            mine = rows[registered[rows] == is_registered]
            reasons = [*_shut(book, when, number), (book.causes.at_station(number, "broken"), when.broken)]
            if not is_registered:
                cause = book.causes.at_station(number, "registered vehicles only")
                reasons.append((cause, when.registered_only))
            rest = book.causes.at_station(number, "servers busy")
            for cause, spans in _in_turn(book, reasons, rest):
                book.write(cause, spans, mine, begins[mine], ends[mine], book.yards[mine])


def _shut(book: _Book, when: Idle, number: int) -> list[tuple[int, Spans]]:
    return [
        (book.causes.at_station(number, "shut here"), when.here),
        (book.causes.at_station(number, "shut by the counterpart"), when.counterpart),
    ]


def _in_turn(book: _Book, reasons: list[tuple[int, Spans]], rest: int) -> list[tuple[int, Spans]]:
    """Return the reasons over the measured days, the first that fits at each instant, then the rest."""
    result, left = [], book.measured
    for cause, spans in reasons:
        result.append((cause, left.without(left.without(spans))))
        left = left.without(spans)
    return [*result, (rest, left)]


def _write_stops(book: _Book) -> None:
    """Write the time in which a service that had begun was stopped."""
    record, found = book.record, services(book.record)
    begins = record.trace.started_us
    ends = or_else(record.trace.finished_us, record.to_us)
    stopped = (found.shut_us > 0) | (found.broken_us > 0) | (found.interrupted_us > 0)
    for number, rows in enumerate(rows_by(record.station_of_visit, len(record.network.stations), stopped)):
        if not len(rows):
            continue
        when = idle(record, number)
        shut, broken = rows[found.shut_us[rows] > 0], rows[found.broken_us[rows] > 0]
        for cause, spans in _in_turn(book, _shut(book, when, number), NONE)[:-1]:
            book.write(cause, spans, shut, begins[shut], ends[shut], book.yards[shut])
        (cause, spans), _ = _in_turn(book, [(book.causes.at_station(number, "broken"), when.broken)], NONE)
        book.write(cause, spans, broken, begins[broken], ends[broken], book.yards[broken])
        # When the roster stopped it is not recorded: take it for the end.
        last = np.minimum(ends[rows], record.to_us)
        cause = book.causes.at_station(number, "servers busy")
        book.write(cause, book.measured, rows, last - found.interrupted_us[rows], last, book.yards[rows])


def _write_yards(book: _Book) -> None:
    """Write the waits for a place in a yard, by what kept it shut to the vehicle."""
    record, stations = book.record, book.record.network.stations
    begins, ends = asks_us(record)
    waits = (begins != NOT_YET) & (begins < ends) & (ends > record.from_us)
    for number, rows in enumerate(rows_by(book.yards, len(record.network.yards), waits)):
        if not len(rows):
            continue
        shut, used_up = _entry_shut(record, number), _used_up(record, number)
        stands = stood_at(record)[rows]
        places = np.where(stands == rows, NONE, record.station_of_visit[stands])
        for place in np.unique(places).tolist():
            mine, standing = rows[places == place], stands[places == place]
            reasons = [
                (book.causes.at_yard(number, "shut to entry"), shut),
                (book.causes.at_yard(number, "daily acceptance"), used_up),
            ]
            yard, server = np.full((2, len(mine)), NONE, dtype=np.int64)
            if place != NONE:
                yard = book.yards[standing]
                if stations[place].holds:
                    when = idle(record, place)
                    reasons += _shut(book, when, place)
                    reasons.append((book.causes.at_station(place, "broken"), when.broken))
                else:
                    server[:] = place
            for cause, spans in _in_turn(book, reasons, book.causes.at_yard(number, "full")):
                book.write(cause, spans, standing, begins[mine], ends[mine], yard, server=server)


def _entry_shut(record: RunRecord, number: int) -> Spans:
    windows, clock = record.network.yards[number].entry_windows_us, record.network.clock
    return Spans.of([]) if windows is None else Spans.of(windows).gaps(clock.begin_us, clock.end_us)


def _used_up(record: RunRecord, number: int) -> Spans:
    """Return when a yard had let in as many vehicles as are accepted on that day."""
    node, clock = record.network.yards[number], record.network.clock
    if node.accepts_per_day == NONE:
        return Spans.of([])
    entered = record.trace.yard_entered_us
    let_in = (yard_of_visit(record) == number) & (entered != NOT_YET)
    let_in[record.first_visit[had_place(record)]] = False
    times = np.sort(entered[let_in])
    edges = np.unique([clock.begin_us, *(day for day in node.day_starts_us if day < clock.end_us), clock.end_us])
    last = np.searchsorted(times, edges[:-1]) + node.accepts_per_day - 1
    never = np.append(times, clock.end_us)  # stands for the vehicle that did not come
    since = edges[:-1] if not node.accepts_per_day else never[np.minimum(last, len(times))]
    return Spans.covering(since, edges[1:])


def _write_full_queues(book: _Book) -> None:
    """Write the waits of vehicles that were served, or given a place, and found no room in the next queue."""
    record, trace = book.record, book.record.trace
    following = np.flatnonzero(stood_at(record) != np.arange(len(book.yards)))
    standing = following - 1
    holds = np.array([node.holds for node in record.network.stations], dtype=bool)[record.station_of_visit]
    asked, entered = trace.yard_asked_us[following], trace.yard_entered_us[following]
    done = np.where(holds[standing], _held_since(record)[standing], trace.finished_us[standing])
    begins = np.where(asked == NOT_YET, done, entered)
    ends = or_else(trace.left_us[standing], record.to_us)
    waits = record.reached[standing] & (begins != NOT_YET) & (begins < ends)
    given_yard = np.where(entered == NOT_YET, NONE, book.yards[following])
    server = np.where(holds[standing], NONE, record.station_of_visit[standing])
    stations = record.station_of_visit[following]
    for number, rows in enumerate(rows_by(stations, len(record.network.stations), waits)):
        cause = book.causes.at_station(number, "queue full")
        book.write(
            cause, book.measured, standing[rows], begins[rows], ends[rows], book.yards[standing[rows]],
            given_yard[rows], server[rows],
        )  # fmt: skip


def _held_since(record: RunRecord) -> Ints:
    """Return since when a vehicle stands at each visit, NOT_YET while it is on the road before the yard."""
    trace = record.trace
    has_place = np.maximum(trace.joined_us, trace.yard_entered_us)
    on_road = (trace.yard_asked_us != NOT_YET) & (trace.yard_entered_us == NOT_YET)
    return np.where(on_road, NOT_YET, has_place)
