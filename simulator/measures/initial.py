"""What becomes of the vehicles that are inside at the start; nothing for a run that starts empty."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.measures.base import Sample, Value, measure
from gatewatch.simulator.record import RunRecord


@measure("time_to_clear", "s", "lower")
def time_to_clear(record: RunRecord) -> Iterator[Value]:
    """
    Start of the run to the moment the last of the vehicles inside at the start is cleared or gone.

    By the calendars and the demand of the run; vehicles that come later may be served in between. Where some
    are left at the end, the time is censored.
    """
    inside = record.leaves.pick(record.was_inside)
    gone_us = record.gone_us[inside.rows]
    for part in record.places:
        gone = part.of(inside, gone_us)
        if not len(gone):
            continue
        is_left = bool((gone == NOT_YET).any())
        seconds = np.array([((record.to_us if is_left else gone.max()) - record.network.clock.begin_us) / 1e6])
        nothing = np.empty(0)
        sample = Sample(nothing, seconds) if is_left else Sample(seconds, nothing)
        yield Value(part.gate, part.direction, None, None, sample)


@measure("initial_left", "veh", "lower")
def initial_left(record: RunRecord) -> Iterator[Value]:
    """Vehicles inside at the start that are neither cleared nor gone at the end."""
    chosen = record.was_inside, record.was_inside & (record.gone_us == NOT_YET)
    inside, left = (record.places.fold(record.leaves.count(some)).tolist() for some in chosen)
    for part, were_inside, n in zip(record.places, inside, left, strict=True):
        if were_inside:
            yield Value(part.gate, part.direction, None, None, float(n))
