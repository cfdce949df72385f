"""Lines of time cut into pieces, one for each station or yard: what happens at all of them is looked up at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gatewatch.simulator.measures.spans import counted_up
from gatewatch.simulator.record import Bools, Ints

Numbers = NDArray[np.integer]


class Lines:
    """
    Stretches of one length, each cut into pieces without gaps; the pieces are numbered through.

    Args:
        begins_us: When the pieces of each line begin, in order, the first at `from_us`.
        from_us: When the lines begin.
        to_us: When they end.
    """

    def __init__(self, begins_us: Sequence[Ints], from_us: int, to_us: int) -> None:
        self.begins_us = np.concatenate([*begins_us, np.empty(0, dtype=np.int64)])
        sizes = [len(line) for line in begins_us]
        self.line = np.repeat(np.arange(len(begins_us)), sizes)
        self.ends_us = np.append(self.begins_us[1:], to_us)
        self.ends_us[np.cumsum(sizes, dtype=np.int64) - 1] = to_us
        # One after the other on one axis: so that one search finds the place on any of the lines.
        self._from_us, self._apart_us = from_us, to_us - from_us + 1
        self._keys = self._key(self.line, self.begins_us)

    def at(self, line: Numbers, times_us: Ints) -> Ints:
        """Return the piece of a line at each time, which lies within the lines."""
        return np.searchsorted(self._keys, self._key(line, times_us), side="right") - 1

    def pieces(self, line: Numbers, begins_us: Ints, ends_us: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """
        Return each [begins_us, ends_us) in pieces: of which one, from when to when, and the number of the piece.

        Quick where line and time rise, and where most lie within one piece.
        """
        first = self.at(line, begins_us)
        n = (begins_us < ends_us).astype(np.int64)
        longer = np.flatnonzero(ends_us > self.ends_us[first])
        last = np.searchsorted(self._keys, self._key(line[longer], ends_us[longer]), side="left") - 1
        n[longer] += last - first[longer]
        which, piece = counted_up(first, n)
        begins = np.maximum(begins_us[which], self.begins_us[piece])
        return which, begins, np.minimum(ends_us[which], self.ends_us[piece]), piece

    def within_us(self, pieces: Bools, line: Numbers, begins_us: Ints, ends_us: Ints) -> Ints:
        """Return how much of each [begins_us, ends_us) lies in chosen pieces [us]; 0 where it ends before it begins."""
        lengths = np.where(pieces, self.ends_us - self.begins_us, 0)
        before = np.cumsum(lengths) - lengths

        def spent(times_us: Ints) -> Ints:
            piece = self.at(line, times_us)
            return before[piece] + np.where(pieces[piece], times_us - self.begins_us[piece], 0)

        return np.asarray(spent(np.maximum(begins_us, ends_us)) - spent(begins_us))

    def _key(self, line: Numbers, times_us: Ints) -> Ints:
        return line * np.int64(self._apart_us) + (times_us - self._from_us)


def in_turn(reasons: Sequence[tuple[int, Bools]], rest: int) -> Ints:
    """Return for each of some pieces the number of the first reason that fits, or `rest`."""
    return np.select([fits for _, fits in reasons], [number for number, _ in reasons], rest)
