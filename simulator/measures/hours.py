"""When stations could start a service and why not: their timetables, and the breakdowns of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatewatch.config.calendars import DirectionName
from gatewatch.simulator.kept import once
from gatewatch.simulator.measures.lines import Lines, in_turn
from gatewatch.simulator.measures.spans import Spans
from gatewatch.simulator.network import Network
from gatewatch.simulator.record import Bools, Ints, RunRecord
from gatewatch.simulator.timetable import open_windows

WORKS, SHUT_HERE, SHUT_BY_COUNTERPART, REGISTERED_ONLY, BROKEN = range(5)


@dataclass(frozen=True, slots=True)
class Hours:
    """
    The run at every station in pieces, arrays of shape (pieces,).

    Args:
        lines: The pieces; the lines are the stations.
        state: What holds in each, the first that fits: this side shut, only the counterpart shut, broken, only
            vehicles registered before are served; else it works.
        is_open: Open by the calendars, broken or not.
        registered_only: Open, broken or not, and only for vehicles registered before.
    """

    lines: Lines
    state: Ints
    is_open: Bools
    registered_only: Bools


@dataclass(frozen=True, slots=True)
class _Line:
    """A station's calendars: when each piece begins, SHUT_HERE, SHUT_BY_COUNTERPART or WORKS, and for whom."""

    begins_us: Ints
    shut: Ints
    registered_only: Bools


@once
def hours_of(record: RunRecord) -> Hours:
    """Return when the stations worked."""
    network = record.network
    if not any(record.draws.breakdowns):
        return _by_calendar(network)
    return _hours(network, [Spans.of(found) for found in record.draws.breakdowns])


@dataclass(frozen=True, slots=True)
class Duty:
    """Stretches of a station's timetable, shape (n,), with the servers that are on duty and can work."""

    begins_us: Ints
    ends_us: Ints
    servers: Ints


@once
def duty_of(network: Network, number: int) -> Duty:
    """Return who is on duty at a station; breakdowns do not count."""
    segments, end = network.stations[number].segments, network.clock.end_us
    begins = np.array([segment.begins_us for segment in segments], dtype=np.int64)
    return Duty(begins, np.append(begins[1:], end), np.array([s.capacity for s in segments], dtype=np.int64))


@once
def gate_hours(network: Network, gate: str, direction: DirectionName | None) -> Spans | None:
    """Return when a gate's own calendar opens it, beyond the end of the run too; None where it never closes."""
    windows = open_windows(network.border, network.border.gates[gate], "gate", network.clock, direction)
    if windows is None:
        return None
    return Spans.of((network.clock.us(w.begins), network.clock.us(w.ends)) for w in windows)


@once
def _by_calendar(network: Network) -> Hours:
    return _hours(network, [Spans.of([])] * len(network.stations))


def _hours(network: Network, breakdowns: Sequence[Spans]) -> Hours:
    """Return the calendars of the stations with breakdowns laid over them."""
    parts: list[tuple[Ints, ...]] = []
    for number, broken in enumerate(breakdowns):
        line = _line(network, number)
        begins = _cut(line.begins_us, broken, network.clock.end_us)
        at = np.searchsorted(line.begins_us, begins, side="right") - 1
        shut, registered_only = line.shut[at], line.registered_only[at]
        reasons = [(BROKEN, broken.covers(begins)), (REGISTERED_ONLY, registered_only)]
        state = np.where(shut == WORKS, in_turn(reasons, WORKS), shut)
        changes = np.concatenate([[True], (np.diff(state) != 0) | (np.diff(registered_only) != 0)])
        parts.append((begins[changes], state[changes], shut[changes] == WORKS, registered_only[changes]))
    begins_us, *columns = zip(*parts, strict=True)
    lines = Lines(begins_us, network.clock.begin_us, network.clock.end_us)
    return Hours(lines, *(np.concatenate(column) for column in columns))


@once
def _line(network: Network, number: int) -> _Line:
    node, clock = network.stations[number], network.clock
    station = network.border.gates[node.gate].stations[node.name]
    begins = np.array([segment.begins_us for segment in node.segments], dtype=np.int64)
    is_open = np.array([segment.is_open for segment in node.segments], dtype=bool)
    registered_only = np.array([segment.preregistered_only for segment in node.segments], dtype=bool) & is_open
    by_counterpart = np.full(len(begins), station.opens_with == "counterpart")
    if station.opens_with == "both":
        ours = gate_hours(network, node.gate, station.hours_of)
        always = [(clock.begin_us, clock.end_us)]
        ours = Spans.of(always if ours is None else [*ours.pairs(), *node.this_side_added_us])
        pieces = _cut(begins, ours, clock.end_us)
        at = np.searchsorted(begins, pieces, side="right") - 1
        begins, is_open, registered_only = pieces, is_open[at], registered_only[at]
        by_counterpart = ours.covers(begins)
    shut = np.where(is_open, WORKS, np.where(by_counterpart, SHUT_BY_COUNTERPART, SHUT_HERE))
    return _Line(begins, shut, registered_only)


def _cut(begins_us: Ints, spans: Spans, to_us: int) -> Ints:
    """Return where pieces begin that are cut at the edges of spans too."""
    if not len(spans.begins_us):
        return begins_us
    edges = np.concatenate([spans.begins_us, spans.ends_us])
    return np.union1d(begins_us, edges[(edges > begins_us[0]) & (edges < to_us)])
