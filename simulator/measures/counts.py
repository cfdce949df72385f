"""How many vehicles wanted to cross, came in, crossed, and left without crossing; laden vehicles, a day."""

from __future__ import annotations

from collections.abc import Iterator

from gatewatch.simulator.engines.trace import NOT_YET, Outcome
from gatewatch.simulator.measures.base import Value, measure
from gatewatch.simulator.record import Bools, RunRecord


def _per_day(record: RunRecord, counted: Bools) -> Iterator[Value]:
    chosen = record.is_laden & record.is_present, record.is_laden & counted
    came, found = (record.slices.fold(record.leaves.count(some)).tolist() for some in chosen)
    for part, has_come, n in zip(record.slices, came, found, strict=True):
        if has_come:
            yield Value(part.gate, part.direction, part.class_, None, n / record.days)


def _left_as(record: RunRecord, outcome: Outcome) -> Iterator[Value]:
    counted = (record.end_kind == outcome) & (record.gone_us >= record.from_us)
    return _per_day(record, counted)


@measure("offered_per_day", "veh/day", "neither")
def offered_per_day(record: RunRecord) -> Iterator[Value]:
    """
    Laden vehicles that came to the gate, whether or not they got in: the demand.

    One sent on to another gate is counted at both, in the total over gates too.
    """
    yield from _per_day(record, record.is_measured)


@measure("admitted_per_day", "veh/day", "neither")
def admitted_per_day(record: RunRecord) -> Iterator[Value]:
    """Laden vehicles that came and were neither refused nor diverted on arrival nor lost at the first stage."""
    first = record.first_visit
    at_once = record.is_present.copy()
    rows = first[record.is_present]
    at_once[record.is_present] = record.trace.left_us[rows] == record.trace.joined_us[rows]
    gone = at_once & (record.end_kind != Outcome.CLEARED) & (record.end_kind != Outcome.INSIDE)
    yield from _per_day(record, record.is_measured & ~gone)


@measure("cleared_per_day", "veh/day", "higher")
def cleared_per_day(record: RunRecord) -> Iterator[Value]:
    """Laden vehicles that left their last stage across the line: the throughput, as bulletins count it."""
    yield from _per_day(record, (record.cleared_us != NOT_YET) & (record.cleared_us >= record.from_us))


@measure("turned_back_per_day", "veh/day", "lower")
def turned_back_per_day(record: RunRecord) -> Iterator[Value]:
    """Laden vehicles that left without crossing: patience ended, or intake was halted."""
    yield from _left_as(record, Outcome.TURNED_BACK)


@measure("diverted_per_day", "veh/day", "neither")
def diverted_per_day(record: RunRecord) -> Iterator[Value]:
    """Laden vehicles sent to another gate, counted at the gate that sent them."""
    yield from _left_as(record, Outcome.DIVERTED)


@measure("lost_per_day", "veh/day", "lower")
def lost_per_day(record: RunRecord) -> Iterator[Value]:
    """Laden vehicles turned away at a full queue."""
    yield from _left_as(record, Outcome.LOST)
