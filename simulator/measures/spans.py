"""Stretches of time: how much of them others cover, and how many go on at once; exact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gatewatch.simulator.record import Bools, Ints


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches of time in order and apart, each `begins_us` included and `ends_us` excluded, shape (n,)."""

    begins_us: Ints
    ends_us: Ints

    @classmethod
    def covering(cls, begins_us: Ints, ends_us: Ints, at_once: int = 1) -> Spans:
        """
        Return when at least so many of some stretches go on, which may overlap and come in any order.

        With both ends sorted on their own, the n-th stretch to end has not ended when the n-th to begin does, or as
        many go on as stretches began in between.
        """
        begins, ends = _sorted(begins_us, ends_us)
        begins, ends = begins[at_once - 1 :], ends[: max(len(ends) - at_once + 1, 0)]
        if at_once > 1:
            begins, ends = begins[begins < ends], ends[begins < ends]
        if not len(begins):
            return cls(begins, ends)
        apart = np.flatnonzero(begins[1:] > ends[:-1])
        return cls(begins[np.concatenate([[0], apart + 1])], ends[np.append(apart, len(ends) - 1)])

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> Spans:
        """Return the union of stretches given as pairs."""
        table = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
        return cls.covering(table[:, 0], table[:, 1])

    def __and__(self, other: Spans) -> Spans:
        """Return what both cover."""
        _, begins, ends = self.pieces(other.begins_us, other.ends_us)
        return Spans(begins, ends)

    def pairs(self) -> list[tuple[int, int]]:
        """Return the stretches as pairs."""
        return list(zip(self.begins_us.tolist(), self.ends_us.tolist(), strict=True))

    def gaps(self, from_us: int, to_us: int) -> Spans:
        """Return what of [from_us, to_us) is not covered."""
        begins = np.concatenate([[from_us], self.ends_us])
        ends = np.concatenate([self.begins_us, [to_us]])
        return Spans.covering(np.maximum(begins, from_us), np.minimum(ends, to_us))

    def pieces(self, begins_us: Ints, ends_us: Ints) -> tuple[Ints, Ints, Ints]:
        """Return the covered pieces of each [begins_us, ends_us): of which one, and from when to when."""
        first = np.searchsorted(self.ends_us, begins_us, side="right")
        n = np.maximum(np.searchsorted(self.begins_us, ends_us, side="left") - first, 0)
        n[begins_us >= ends_us] = 0
        which, span = counted_up(first, n)
        return (
            which,
            np.maximum(begins_us[which], self.begins_us[span]),
            np.minimum(ends_us[which], self.ends_us[span]),
        )

    def covers(self, times_us: Ints) -> Bools:
        """Return whether each instant is covered."""
        return np.searchsorted(self.begins_us, times_us, "right") > np.searchsorted(self.ends_us, times_us, "right")

    def covered_us(self, begins_us: Ints, ends_us: Ints) -> Ints:
        """Return how much of each [begins_us, ends_us) is covered [us]; 0 where it ends before it begins."""
        if not len(self.begins_us):
            return np.zeros(len(begins_us), dtype=np.int64)
        return self._before(np.maximum(begins_us, ends_us)) - self._before(begins_us)

    def _before(self, times_us: Ints) -> Ints:
        """Return the covered time before each instant [us]."""
        lengths = np.concatenate([[0], np.cumsum(self.ends_us - self.begins_us)])
        begun = np.searchsorted(self.begins_us, times_us, side="right")
        ahead = np.where(begun > 0, np.maximum(self.ends_us[begun - 1] - times_us, 0), 0)
        return np.asarray(lengths[begun] - ahead, dtype=np.int64)


def counted_up(first: Ints, n: Ints) -> tuple[Ints, Ints]:
    """Return for counts from `first` on, `n` numbers each: of which count, and the number."""
    which = np.repeat(np.arange(len(n)), n)
    return which, np.arange(len(which)) + np.repeat(first - (np.cumsum(n) - n), n)


def overlap_us(begins_us: Ints, ends_us: Ints, from_us: int, to_us: int) -> Ints:
    """Return how much of each [begins_us, ends_us) lies in [from_us, to_us) [us]."""
    return np.asarray(np.maximum(np.minimum(ends_us, to_us) - np.maximum(begins_us, from_us), 0))


def most_at_once(begins_us: Ints, ends_us: Ints, from_us: int, to_us: int) -> int:
    """
    Return the most stretches that are under way at one instant in [from_us, to_us).

    A place that is given up and taken at one instant is taken once.
    """
    begins, ends = _sorted(np.maximum(begins_us, from_us), np.minimum(ends_us, to_us))
    number = np.arange(1, len(begins) + 1) - np.searchsorted(ends, begins, side="right")
    return int(number.max(initial=0))


def _sorted(begins_us: Ints, ends_us: Ints) -> tuple[Ints, Ints]:
    """Return when stretches begin and when they end, each in order; those that end before they begin are left out."""
    kept = begins_us < ends_us
    return np.sort(np.compress(kept, begins_us)), np.sort(np.compress(kept, ends_us))
