"""When each source was heard: the quarter-hours in which it said anything, and when it did last."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

from gatewatch.monitor.projection.numbering import Numbering

QUARTER_US = 15 * 60_000_000
_KEPT_OFFSETS = 20


@dataclass(slots=True)
class Hearing:
    """
    What is known of a source as such; corrections do not change it, since it did speak.

    Args:
        quarters: Quarter-hours since 1970 (UTC) in which it was heard, by its own clock.
        last_us: Latest time that it gave to an observation.
        last_received_us: Latest time at which we had something from it.
        offsets_us: How much later than sent its last batches were received, newest last.
        numbering: Its sequence numbers.
    """

    quarters: set[int] = field(default_factory=set)
    last_us: int = 0
    last_received_us: int = 0
    offsets_us: list[int] = field(default_factory=list)
    numbering: Numbering = field(default_factory=Numbering)

    def hear(self, at_us: int, received_us: int, sent_us: int | None, number: int | None) -> bool:
        """Note that the source spoke, and return whether it was heard in that quarter-hour for the first time."""
        quarter = at_us // QUARTER_US
        is_new = quarter not in self.quarters
        self.quarters.add(quarter)
        self.last_us = max(self.last_us, at_us)
        self.last_received_us = max(self.last_received_us, received_us)
        if sent_us is not None:
            self.offsets_us = [*self.offsets_us, received_us - sent_us][-_KEPT_OFFSETS:]
        if number is not None:
            self.numbering.add(number)
        return is_new

    def was_heard(self, quarter: int) -> bool:
        """Return whether it was heard in a quarter-hour."""
        return quarter in self.quarters

    @property
    def skew_us(self) -> int | None:
        """Return the median delay of its last batches, which a wrong clock shifts; None when it never says."""
        return round(median(self.offsets_us)) if self.offsets_us else None
