"""Stretches of time: how much of them others cover, and how many go on at once; exact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gatewatch.simulator.record import Ints


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches of time in order and apart, each `begins_us` included and `ends_us` excluded, shape (n,)."""

    begins_us: Ints
    ends_us: Ints

    @classmethod
    def covering(cls, begins_us: Ints, ends_us: Ints) -> Spans:
        """Return the union of stretches that may overlap and come in any order."""
        kept = begins_us < ends_us
        order = np.argsort(begins_us[kept], kind="stable")
        begins, ends = begins_us[kept][order], np.maximum.accumulate(ends_us[kept][order])
        firsts = np.flatnonzero(np.concatenate([[True], begins[1:] > ends[:-1]])[: len(begins)])
        return cls(begins[firsts], ends[np.append(firsts[1:], len(begins))[: len(firsts)] - 1])

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> Spans:
        """Return the union of stretches given as pairs."""
        table = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
        return cls.covering(table[:, 0], table[:, 1])

    def __or__(self, other: Spans) -> Spans:
        """Return what either covers."""
        return Spans.covering(
            np.concatenate([self.begins_us, other.begins_us]), np.concatenate([self.ends_us, other.ends_us])
        )

    def without(self, other: Spans) -> Spans:
        """Return what this covers and the other does not."""
        if not len(self.begins_us):
            return self
        outside = other.gaps(int(self.begins_us[0]), int(self.ends_us[-1]))
        _, begins, ends = outside.pieces(self.begins_us, self.ends_us)
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
        which = np.repeat(np.arange(len(n)), n)
        span = first[which] + np.arange(len(which)) - np.repeat(np.cumsum(n) - n, n)
        return (
            which,
            np.maximum(begins_us[which], self.begins_us[span]),
            np.minimum(ends_us[which], self.ends_us[span]),
        )

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


def overlap_us(begins_us: Ints, ends_us: Ints, from_us: int, to_us: int) -> Ints:
    """Return how much of each [begins_us, ends_us) lies in [from_us, to_us) [us]."""
    return np.asarray(np.maximum(np.minimum(ends_us, to_us) - np.maximum(begins_us, from_us), 0))


def number_at_once(begins_us: Ints, ends_us: Ints, from_us: int, to_us: int) -> tuple[Ints, Ints]:
    """
    Return the instants at which the number of stretches under way changes, and that number from then on.

    From `from_us`, the first instant, until `to_us`, not included. A place that is given up and taken at one
    instant is taken once.
    """
    begins, ends = np.maximum(begins_us, from_us), np.minimum(ends_us, to_us)
    kept = begins < ends
    times, place = np.unique(
        np.concatenate([[from_us], begins[kept], ends[kept & (ends < to_us)]]), return_inverse=True
    )
    came = np.bincount(place[1 : 1 + kept.sum()], minlength=len(times))
    went = np.bincount(place[1 + kept.sum() :], minlength=len(times))
    return times, np.cumsum(came - went).astype(np.int64)
