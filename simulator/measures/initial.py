"""What becomes of the vehicles that are inside at the start; nothing for a run that starts empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.folding import greatest, summed
from gatewatch.simulator.measures.base import Sample, Value, measure
from gatewatch.simulator.measures.visits import or_else
from gatewatch.simulator.record import Bools, Ints, RunRecord
from gatewatch.simulator.timetable import NEVER_US


@measure("time_to_clear", "s", "lower")
def time_to_clear(record: RunRecord) -> Iterator[Value]:
    """
    Start of the run to the moment the last of the vehicles inside at the start is cleared or gone.

    By the calendars and the demand of the run; vehicles that come later may be served in between. Where some
    are left at the end, the time is censored.
    """
    inside, last_us, nothing = _inside(record, _whole), _last_us(record), np.empty(0)
    for part, n in zip(record.places, record.places.fold(inside), strict=True):
        if not n:
            continue
        gone_us = max(int(last_us[first:last].max()) for first, last in part.runs)
        is_left = gone_us == NEVER_US
        seconds = np.array([((record.to_us if is_left else gone_us) - record.network.clock.begin_us) / 1e6])
        sample = Sample(nothing, seconds) if is_left else Sample(seconds, nothing)
        yield Value(part.gate, part.direction, None, None, sample)


@measure("initial_left", "veh", "lower")
def initial_left(record: RunRecord) -> Iterator[Value]:
    """Vehicles inside at the start that are neither cleared nor gone at the end."""
    inside, left = (record.places.fold(_inside(record, some)).tolist() for some in (_whole, _left))
    for part, were_inside, n in zip(record.places, inside, left, strict=True):
        if were_inside:
            yield Value(part.gate, part.direction, None, None, float(n))


@summed
def _inside(record: RunRecord, chosen: Callable[[RunRecord], Bools]) -> Ints:
    """Return how many of those inside at the start are chosen, by leaf."""
    return record.leaves.count(record.was_inside & chosen(record))


def _whole(record: RunRecord) -> Bools:
    return record.was_inside


def _left(record: RunRecord) -> Bools:
    return np.asarray(record.gone_us == NOT_YET)


@greatest
def _last_us(record: RunRecord) -> Ints:
    """Return when the last of those inside at the start was gone, by leaf; NEVER_US if it is not [us]."""
    last_us = np.full(record.leaves.n, NOT_YET, dtype=np.int64)
    inside = np.flatnonzero(record.was_inside)
    np.maximum.at(last_us, record.leaves.leaf[inside], or_else(record.gone_us[inside], NEVER_US))
    return last_us
