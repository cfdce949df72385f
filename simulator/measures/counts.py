"""How many vehicles wanted to cross, came in, crossed, and left without crossing; laden vehicles, a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gatewatch.simulator.engines.trace import NOT_YET, Outcome
from gatewatch.simulator.folding import summed
from gatewatch.simulator.measures.base import Value, measure
from gatewatch.simulator.record import Bools, Ints, RunRecord


def _per_day(record: RunRecord, counted: Callable[..., Bools], *which: Outcome) -> Iterator[Value]:
    came, found = (record.slices.fold(x).tolist() for x in (_laden(record, _present), _laden(record, counted, *which)))
    for part, has_come, n in zip(record.slices, came, found, strict=True):
        if has_come:
            yield Value(part.gate, part.direction, part.class_, None, n / record.days)


@summed
def _laden(record: RunRecord, counted: Callable[..., Bools], *which: Outcome) -> Ints:
    """Return how many laden vehicles are counted, by leaf."""
    return record.leaves.count(record.is_laden & record.is_present & counted(record, *which))


def _present(record: RunRecord) -> Bools:
    return record.is_present


def _measured(record: RunRecord) -> Bools:
    return record.is_measured


def _admitted(record: RunRecord) -> Bools:
    rows = record.first_visit[record.is_present]
    at_once = record.is_present.copy()
    at_once[record.is_present] = record.trace.left_us[rows] == record.trace.joined_us[rows]
    gone = at_once & (record.end_kind != Outcome.CLEARED) & (record.end_kind != Outcome.INSIDE)
    return np.asarray(record.is_measured & ~gone)


def _cleared(record: RunRecord) -> Bools:
    return np.asarray((record.cleared_us != NOT_YET) & (record.cleared_us >= record.from_us))


def _gone(record: RunRecord, outcome: Outcome) -> Bools:
    return np.asarray((record.end_kind == outcome) & (record.gone_us >= record.from_us))


@measure("offered_per_day", "veh/day", "neither")
def offered_per_day(record: RunRecord) -> Iterator[Value]:
    """
    Laden vehicles that came to the gate, whether or not they got in: the demand.

    One sent on to another gate is counted at both, in the total over gates too.
    """
    yield from _per_day(record, _measured)


@measure("admitted_per_day", "veh/day", "neither")
def admitted_per_day(record: RunRecord) -> Iterator[Value]:
    """Laden vehicles that came and were neither refused nor diverted on arrival nor lost at the first stage."""
    yield from _per_day(record, _admitted)


@measure("cleared_per_day", "veh/day", "higher")
def cleared_per_day(record: RunRecord) -> Iterator[Value]:
    """Laden vehicles that left their last stage across the line: the throughput, as bulletins count it."""
    yield from _per_day(record, _cleared)


@measure("turned_back_per_day", "veh/day", "lower")
def turned_back_per_day(record: RunRecord) -> Iterator[Value]:
    """Laden vehicles that left without crossing: patience ended, or intake was halted."""
    yield from _per_day(record, _gone, Outcome.TURNED_BACK)


@measure("diverted_per_day", "veh/day", "neither")
def diverted_per_day(record: RunRecord) -> Iterator[Value]:
    """Laden vehicles sent to another gate, counted at the gate that sent them."""
    yield from _per_day(record, _gone, Outcome.DIVERTED)


@measure("lost_per_day", "veh/day", "lower")
def lost_per_day(record: RunRecord) -> Iterator[Value]:
    """Laden vehicles turned away at a full queue."""
    yield from _per_day(record, _gone, Outcome.LOST)
