"""A yard as the engines see it: its limits, which may change by date, and the times at which it can be entered."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

NONE = -1
Windows = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in time: each value holds from its start [us] to the next one; NONE where there is no limit."""

    starts_us: tuple[int, ...]
    values: tuple[int, ...]

    def at(self, us: int) -> int:
        """Return the value that holds at a time [us]; before the first start the first one."""
        return self.values[max(0, bisect_right(self.starts_us, us) - 1)]

    def pieces(self, begins_us: int, ends_us: int) -> list[tuple[int, int, int]]:
        """Return begin, end [us] and value of the stretches within two times."""
        edges = [begins_us, *(at for at in self.starts_us if begins_us < at < ends_us), ends_us]
        return [(a, b, self.at(a)) for a, b in pairwise(edges) if a < b]

    @property
    def exists(self) -> bool:
        """Return whether there is a limit at any time."""
        return any(value != NONE for value in self.values)


@dataclass(frozen=True, slots=True)
class YardChange:
    """A time [us] at which something about a yard may change, and what holds from then on."""

    at_us: int
    is_open: bool
    is_midnight: bool  # a day of acceptance begins
    places: int
    accepts: int


@dataclass(frozen=True, slots=True)
class YardDetour:
    """The changes of a yard from a decision until its moved close [us], and when it can be entered meanwhile."""

    changes: tuple[YardChange, ...]
    from_us: int
    until_us: int
    windows: Windows


@dataclass(frozen=True, slots=True)
class YardNode:
    """
    A yard: its limits, the days of its acceptance and the times at which it can be entered.

    `places` and `accepts_per_day` are those at the start of the run; what dates make of them is in `places_by_date`
    and `accepts_by_date`. NONE stands for no limit.
    """

    gate: str
    name: str
    kind: str
    places: int
    keep: int  # NONE: no call-forward level
    accepts_per_day: int
    places_by_date: Limit
    accepts_by_date: Limit
    day_starts_us: tuple[int, ...]
    entry_windows_us: Windows | None  # None: always

    def is_open_at(self, us: int) -> bool:
        """Return whether the yard can be entered at a time [us]."""
        return _is_within(self.entry_windows_us, us)

    def changes(self, begins_us: int, ends_us: int) -> list[YardChange]:
        """Return what changes between two times [us], both excluded."""
        return self._changes(self.entry_windows_us, begins_us + 1, ends_us)

    def _changes(self, windows: Windows | None, begins_us: int, ends_us: int) -> list[YardChange]:
        midnights = set(self.day_starts_us)
        edges = {edge for window in windows or () for edge in window} | midnights
        edges.update(self.places_by_date.starts_us, self.accepts_by_date.starts_us)
        return [
            YardChange(
                at, _is_within(windows, at), at in midnights, self.places_by_date.at(at), self.accepts_by_date.at(at)
            )
            for at in sorted(edges)
            if begins_us <= at < ends_us
        ]

    def detour(self, windows: Windows, at_us: int, until_us: int, end_us: int) -> YardDetour:
        """
        Return the changes from a decision to the moved close.

        Args:
            windows: When it can be entered with the moved close, around the decision.
            at_us: Time of the decision [us].
            until_us: The moved close [us].
            end_us: End of the run [us].
        """
        found = self._changes(windows, at_us, min(until_us, end_us))
        if until_us < end_us:
            [last] = self._changes(((until_us, until_us),), until_us, until_us + 1)
            found.append(replace(last, is_open=self.is_open_at(until_us)))
        return YardDetour(tuple(found), at_us, until_us, windows)


def cut(windows: Iterable[tuple[int, int]], begins_us: int, ends_us: int) -> Windows:
    """Return the parts of windows between two times [us]."""
    found = [(max(begins, begins_us), min(ends, ends_us)) for begins, ends in windows]
    return tuple((begins, ends) for begins, ends in found if begins < ends)


def _is_within(windows: Windows | None, us: int) -> bool:
    return windows is None or any(begins <= us < ends for begins, ends in windows)
