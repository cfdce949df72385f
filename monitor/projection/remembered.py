"""What was worked out for past quarter-hours, kept until something that it rests on changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gatewatch.monitor.projection.counts import Place


@dataclass(slots=True)
class _OfPlace:
    basis: object
    reach: Mapping[str, int]
    by_quarter: dict[int, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Remembered:
    """
    Findings by place and quarter-hour since 1970 (UTC).

    A snapshot asks for four weeks of quarter-hours of which all but one or two are as they were. What a finding rests
    on is the counts of its quarter-hour, who was heard around it, and who counts there at all (its basis).
    """

    by_place: dict[Place, _OfPlace] = field(default_factory=dict)

    def of(self, place: Place, basis: object, reach: Mapping[str, int]) -> dict[int, Any]:
        """
        Return the findings of a place, to be read and added to; none where they rested on another basis.

        Args:
            place: Where.
            basis: Who counts there.
            reach: For each source that does, over how many quarter-hours on each side its word is enough.
        """
        known = self.by_place.get(place)
        if known is None or known.basis != basis:
            known = self.by_place[place] = _OfPlace(basis, reach)
        return known.by_quarter

    def drop_counts(self, place: Place, quarter: int) -> None:
        """Forget a quarter-hour whose counts have changed."""
        known = self.by_place.get(place)
        if known is not None:
            known.by_quarter.pop(quarter, None)

    def drop_around(self, source: str, quarter: int) -> None:
        """Forget the quarter-hours that a source's word reaches."""
        for known in self.by_place.values():
            reach = known.reach.get(source)
            if reach is not None:
                for near in range(quarter - reach, quarter + reach + 1):
                    known.by_quarter.pop(near, None)

    def clear(self) -> None:
        """Forget everything."""
        self.by_place.clear()
