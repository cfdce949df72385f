"""Every stretch in which a vehicle waits, each with its one cause."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.kept import once
from gatewatch.simulator.measures.hours import BROKEN, REGISTERED_ONLY, WORKS, hours_of
from gatewatch.simulator.measures.lines import Lines, in_turn
from gatewatch.simulator.measures.spans import Spans
from gatewatch.simulator.measures.visits import (
    asks_of,
    had_place,
    held_visits,
    is_first_visit,
    is_park,
    or_else,
    queue_ends_us,
    services,
    stays_of,
    visits_by_station,
    yards_of,
)
from gatewatch.simulator.network import NONE, Network
from gatewatch.simulator.record import Ints, Numbers, RunRecord

AT_STATION = (  # the first five in the order of the states in `hours.py`
    "servers busy",
    "shut here",
    "shut by the counterpart",
    "registered vehicles only",
    "broken",
    "queue full",
)
AT_YARD = ("full", "daily acceptance", "shut to entry")


_N = TypeVar("_N", int, Ints, Numbers)


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

    def at_station(self, number: _N, what: str) -> _N:
        """Return the number of a cause at a station, or at each of several."""
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

    visit: Numbers
    begins_us: Ints
    ends_us: Ints
    cause: Numbers
    yard: Numbers
    given_yard: Numbers
    server: Numbers

    def those(self, rows: Ints) -> Waits:
        """Return some of them."""
        return Waits(*(getattr(self, f.name)[rows] for f in fields(Waits)))


def causes_of(record: RunRecord) -> Causes:
    """Return the causes that a border has."""
    network = record.network
    return Causes(tuple(node.name for node in network.stations), tuple(node.name for node in network.yards))


def waits_of(record: RunRecord) -> Waits:
    """Return what every vehicle waited for, and when."""
    causes = causes_of(record)
    parts = [
        _queues(record, causes), *_stops(record, causes), *_yards(record, causes), _full_queues(record, causes)
    ]  # fmt: skip
    waits = Waits(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Waits)))
    return waits if record.swept_us is None else _measured(record, waits)


def _waits(
    visit: Ints | Numbers, begins_us: Ints, ends_us: Ints, cause: Ints | Numbers, yard: Numbers,
    given_yard: Ints | None = None, server: Ints | None = None,
) -> Waits:  # fmt: skip
    none = np.full(len(visit), NONE, dtype=np.int32)
    numbers = visit, cause, yard, none if given_yard is None else given_yard, none if server is None else server
    visit, cause, yard, given, kept = (column.astype(np.int32, copy=False) for column in numbers)
    return Waits(visit, begins_us, ends_us, cause, yard, given, kept)


def _measured(record: RunRecord, waits: Waits) -> Waits:
    """Return what of some waits lies in the measured days, or in the stretch that is swept through."""
    from_us, to_us = record.between_us
    begins, ends = np.maximum(waits.begins_us, from_us), np.minimum(waits.ends_us, to_us)
    return replace(waits, begins_us=begins, ends_us=ends).those(np.flatnonzero(begins < ends))


def _queues(record: RunRecord, causes: Causes) -> Waits:
    """Return the waits for a server; the time before the first yard is not among them."""
    trace, hours = record.trace, hours_of(record)
    ends = queue_ends_us(record)
    visits = visits_by_station(record).keep(record.reached & (trace.joined_us < ends) & (ends > record.between_us[0]))
    serves = ~is_park(record.network)[visits.group]
    rows, stations = np.compress(serves, visits.rows), np.compress(serves, visits.group)
    begins, ends = trace.joined_us[rows], ends[rows]
    on_road = np.flatnonzero(is_first_visit(record, rows) & (trace.yard_asked_us[rows] != NOT_YET))
    gone = or_else(trace.left_us[rows[on_road]], record.to_us)
    begins[on_road] = or_else(trace.yard_entered_us[rows[on_road]], gone)
    begins = np.minimum(np.maximum(begins, record.between_us[0]), ends)
    which, begins, ends, piece = hours.lines.pieces(stations, begins, ends)
    rows, state = rows[which], hours.state[piece]
    is_registered = record.draws.preregistered[record.vehicle_of_visit[rows]]
    state = np.where((state == REGISTERED_ONLY) & is_registered, WORKS, state)
    cause = causes.at_station(stations[which], AT_STATION[WORKS]) + state
    return _waits(rows, begins, ends, cause, yards_of(record, rows))


def _stops(record: RunRecord, causes: Causes) -> list[Waits]:
    """Return the time in which a service that had begun was stopped."""
    found, hours, rows = services(record), hours_of(record), services(record).stopped
    yards, stations = yards_of(record, rows), record.station_of_visit[rows]
    begins = np.maximum(record.trace.started_us[rows], record.from_us)
    ends = or_else(record.trace.finished_us[rows], record.to_us)
    which, since, until, piece = hours.lines.pieces(stations, begins, ends)
    is_broken = (hours.state[piece] == BROKEN) & (found.broken_us[which] > 0)
    is_shut = ~hours.is_open[piece] & (found.shut_us[which] > 0)
    which, since, until, piece = (x[is_broken | is_shut] for x in (which, since, until, piece))
    cause = causes.at_station(stations[which], AT_STATION[WORKS]) + hours.state[piece]
    # When the roster stopped it is not recorded: take it for the end.
    busy = causes.at_station(stations, "servers busy")
    return [
        _waits(rows[which], since, until, cause, yards[which]),
        _measured(record, _waits(rows, ends - found.interrupted_us, ends, busy, yards)),
    ]


def _yards(record: RunRecord, causes: Causes) -> list[Waits]:
    """Return the waits for a place in a yard, by what kept it shut to the vehicle."""
    asks, n_stations = asks_of(record), len(record.network.stations)
    chosen = np.flatnonzero((asks.asked_us < asks.until_us) & (asks.until_us > record.between_us[0]))
    if not len(chosen):
        return []
    visit, stands, yard = asks.visits.rows[chosen], asks.stands[chosen], asks.visits.group[chosen]
    on_road, place = stands == visit, record.station_of_visit[stands]
    in_park = is_park(record.network)[place] & ~on_road
    pairs, line = np.unique(yard * (n_stations + 1) + np.where(in_park, place, n_stations), return_inverse=True)
    found = [_yard_line(record, causes, *divmod(pair, n_stations + 1)) for pair in pairs.tolist()]
    lines = Lines([begins for begins, _ in found], record.network.clock.begin_us, record.to_us)
    begins = np.maximum(asks.asked_us[chosen], record.between_us[0])
    which, begins, ends, piece = lines.pieces(line, begins, asks.until_us[chosen])
    cause = np.concatenate([numbers for _, numbers in found])[piece]
    held_yard = np.where(on_road, NONE, yards_of(record, stands))[which]
    server = np.where(on_road | in_park, NONE, place)[which]
    return [_waits(stands[which], begins, ends, cause, held_yard, server=server)]


def _yard_line(record: RunRecord, causes: Causes, number: int, park: int) -> tuple[Ints, Ints]:
    """Return why a yard takes nobody from a park, or from elsewhere: when each piece of the run begins, its cause."""
    hours, from_us = hours_of(record), record.network.clock.begin_us
    shut, used_up = _entry_shut(record.network, number), _used_up(record, number)
    edges = [x for spans in (shut, used_up) for x in (spans.begins_us, spans.ends_us)]
    is_parks = np.empty(0, dtype=np.int64)
    if park < len(record.network.stations):
        first, last = np.searchsorted(hours.lines.line, [park, park + 1])
        is_parks = hours.lines.begins_us[first:last]
    begins = np.unique(np.concatenate([[from_us], *edges, is_parks]))
    begins = begins[(begins >= from_us) & (begins < record.to_us)]
    reasons = [
        (causes.at_yard(number, "shut to entry"), shut.covers(begins)),
        (causes.at_yard(number, "daily acceptance"), used_up.covers(begins)),
    ]
    if len(is_parks):
        state = hours.state[hours.lines.at(np.full(len(begins), park), begins)]
        shut_or_broken = ("shut here", "shut by the counterpart", "broken")
        reasons += [(causes.at_station(park, what), state == AT_STATION.index(what)) for what in shut_or_broken]
    return begins, in_turn(reasons, causes.at_yard(number, "full"))


@once
def _entry_shut(network: Network, number: int) -> Spans:
    windows, clock = network.yards[number].entry_windows_us, network.clock
    return Spans.of([]) if windows is None else Spans.of(windows).gaps(clock.begin_us, clock.end_us)


def _used_up(record: RunRecord, number: int) -> Spans:
    """Return when a yard had let in as many vehicles as are accepted on that day."""
    node, clock, stays = record.network.yards[number], record.network.clock, stays_of(record)
    if not node.accepts_by_date.exists:
        return Spans.of([])
    let_in, entered = stays.visits.of(number), stays.visits.split(stays.entered_us)[number]
    was_inside = is_first_visit(record, let_in) & had_place(record)[record.vehicle_of_visit[let_in]]
    times = np.sort(entered[~was_inside])
    edges = np.unique([clock.begin_us, *(day for day in node.day_starts_us if day < clock.end_us), clock.end_us])
    accepts = np.array([node.accepts_by_date.at(day) for day in edges[:-1].tolist()], dtype=np.int64)
    last = np.searchsorted(times, edges[:-1]) + accepts - 1
    never = np.append(times, clock.end_us)  # stands for the vehicle that did not come
    since = np.where(accepts == 0, edges[:-1], never[np.clip(last, 0, len(times))])
    return Spans.covering(np.where(accepts == NONE, edges[1:], since), edges[1:])


def _full_queues(record: RunRecord, causes: Causes) -> Waits:
    """Return the waits of vehicles that were served, or given a place, and found no room in the next queue."""
    trace, parks = record.trace, np.flatnonzero(is_park(record.network)).tolist()
    in_parks = [visits_by_station(record).of(number) for number in parks]
    standing = np.union1d(held_visits(record), np.concatenate([np.empty(0, dtype=np.int64), *in_parks]))
    ends_at = record.draws.visits.start[1:][record.vehicle_of_visit[standing]]
    standing = standing[standing + 1 < ends_at]
    following, stations = standing + 1, record.station_of_visit[standing]
    in_park = is_park(record.network)[stations]
    asked, entered = trace.yard_asked_us[following], trace.yard_entered_us[following]
    done = np.where(in_park, _held_since(record, standing), trace.finished_us[standing])
    begins = np.where(asked == NOT_YET, done, entered)
    ends = or_else(trace.left_us[standing], record.to_us)
    waits = np.flatnonzero(record.reached[standing] & (begins != NOT_YET) & (begins < ends))
    given_yard = np.where(entered == NOT_YET, NONE, yards_of(record, following))
    cause = causes.at_station(record.station_of_visit[following], "queue full")
    server = np.where(in_park, NONE, stations)
    found = _waits(standing, begins, ends, cause, yards_of(record, standing), given_yard, server)
    return _measured(record, found.those(waits))


def _held_since(record: RunRecord, rows: Ints) -> Ints:
    """Return since when a vehicle stands at some visits, NOT_YET while it is on the road before the yard."""
    trace = record.trace
    asked, entered = trace.yard_asked_us[rows], trace.yard_entered_us[rows]
    on_road = (asked != NOT_YET) & (entered == NOT_YET)
    return np.where(on_road, NOT_YET, np.maximum(trace.joined_us[rows], entered))
