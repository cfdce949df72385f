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
    begin, end = record.network.clock.begin_us, record.to_us
    for part in record.slices(by_class=False):
        gone = record.gone_us[part.vehicles & record.was_inside]
        if not len(gone):
            continue
        is_left = bool((gone == NOT_YET).any())
        seconds = np.array([((end if is_left else gone.max()) - begin) / 1e6])
        nothing = np.empty(0)
        sample = Sample(nothing, seconds) if is_left else Sample(seconds, nothing)
        yield Value(part.gate, part.direction, None, None, sample)


@measure("initial_left", "veh", "lower")
def initial_left(record: RunRecord) -> Iterator[Value]:
    """Vehicles inside at the start that are neither cleared nor gone at the end."""
    for part in record.slices(by_class=False):
        mine = part.vehicles & record.was_inside
        if mine.any():
            n_left = (record.gone_us[mine] == NOT_YET).sum()
            yield Value(part.gate, part.direction, None, None, float(n_left))
