"""The record of a run: what happened to each vehicle at each stage, and when."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

NOT_YET = -(1 << 62)


class Outcome(IntEnum):
    """What became of a vehicle at a stage."""

    NOT_REACHED = 0
    INSIDE = 1  # still at this stage at the end of the run
    PASSED = 2  # went on to its next stage
    CLEARED = 3  # this was the clearance
    RETURNED = 4  # the end of the return pass
    TURNED_BACK = 5
    DIVERTED = 6
    LOST = 7


@dataclass(frozen=True, slots=True)
class Trace:
    """
    One entry for each visit of the itineraries, in their order; times are simulated [us], `NOT_YET` when not.

    `joined` is when the vehicle joined the back of the queue (for its first stage, when it arrived, even if it
    then stood on the road); `started` and `finished` are the service; `left` is when it gave up its server and its
    place. `yard_asked` and `yard_entered` belong to the first stage in a yard: when the vehicle asked for a place
    and when it got one.

    `decisions` has a row for each decision of a rule that acts during the run, in order: time [us], number of the
    rule, and what was decided. Rules of responsive hours come first in the numbers: the step that holds, 0 for none.
    Rules of reversible servers follow, with a row where something changes: the servers that are to serve at the
    second station from then on, negative for those of the second at the first.
    """

    joined_us: Ints
    started_us: Ints
    finished_us: Ints
    left_us: Ints
    outcome: Ints
    yard_asked_us: Ints
    yard_entered_us: Ints
    decisions: Ints  # shape (decisions, 3)

    def same_as(self, other: Trace) -> bool:
        """Return whether two traces are equal to the last bit."""
        return all(np.array_equal(getattr(self, f.name), getattr(other, f.name)) for f in fields(Trace))
