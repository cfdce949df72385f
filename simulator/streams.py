"""
Named random streams: every draw has an address, so that a change of one thing moves nothing else.

A stream is addressed by the seed, the replication and names (such as the flow and the purpose). Within a stream
each day starts at a place of its own, so that vehicle k of day d has the same numbers whatever the other days
hold and however many vehicles come (common random numbers by construction).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DRAWS_PER_DAY = 1 << 24
BIT_GENERATOR = "PCG64DXSM"


class Counts(list[int]):
    """
    Draws on each day of which only some are wanted.

    Args:
        counts: How many, by day.
        first: How many of the day lie before them, by day.
    """

    def __init__(self, counts: Iterable[int], first: Iterable[int]) -> None:
        super().__init__(counts)
        self.first = list(first)


class Streams:
    """
    The streams of one replication.

    Args:
        seed: Root seed, not negative.
        replication: Number of the replication, from 0.
    """

    def __init__(self, seed: int, replication: int) -> None:
        self._seed = seed
        self._replication = replication

    def generator(self, *names: str) -> np.random.Generator:
        """Return a generator at the start of the stream with these names."""
        key = (*(_stable_hash(name) for name in names), self._replication)
        return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(self._seed, spawn_key=key)))

    def uniforms(self, counts: Sequence[int], *names: str) -> Floats:
        """
        Return uniforms on [0, 1), `counts[d]` of them from the place of day d, one after the other.

        Args:
            counts: Draws on each day; as `Counts` from a place of the day on.
            names: Address of the stream.
        """
        total = int(sum(counts))
        if total == 0:
            return np.empty(0)
        generator = self.generator(*names)
        firsts = counts.first if isinstance(counts, Counts) else [0] * len(counts)
        if len(counts) == 1 and not firsts[0]:
            return generator.random(total)
        drawn, n, here = np.empty(total), 0, 0
        advance, random = generator.bit_generator.advance, generator.random  # type: ignore[attr-defined]
        for day, (count, first) in enumerate(zip(counts, firsts, strict=True)):
            if count:
                place = day * DRAWS_PER_DAY + first
                advance(place - here)
                random(None, np.float64, drawn[n : n + count])
                n, here = n + count, place + count
        return drawn


@lru_cache(maxsize=4096)
def _stable_hash(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")
