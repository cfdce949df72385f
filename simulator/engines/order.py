"""
The one written order of what happens at the same instant.

At an instant, service completions come first, then changes of timetables (decisions to close later, then stations
by number, then yards, then checks of diversion rules, then of servers that change sides), then vehicles whose
patience ends, then arrivals, then starts of service (stations by number). Within a kind the smaller number goes
first: the vehicle's, the station's, or the rule's. What happens as a consequence at the same instant (a service of
no length that is completed, a place that falls free) takes its own turn in the same order, so the next occurrence is
always the smallest (time, kind, number).

A vehicle that is let into a yard or a queue enters it at that moment; those let in together go in the order in
which they were let in. Room is judged then and not again: a vehicle let into a full queue because a server was free
stays there when the station closes, breaks down or holds its line later in the same instant.
"""

from __future__ import annotations

from enum import IntEnum


class Kind(IntEnum):
    """Kinds of occurrences, in the order in which they happen at one instant."""

    COMPLETION = 1
    CHANGE = 2
    ABANDONMENT = 3
    ARRIVAL = 4
    START = 5


NUMBERS = 1 << 40


def priority(kind: Kind, number: int) -> int:
    """Return the rank of an occurrence among those of the same instant; the smaller comes first."""
    return kind * NUMBERS + number
