"""Pools over small workers."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from gatewatch.monitor.simulations.pool import Ended, Limits, Pool

SOON_S = 60.0
SMALL = (sys.executable, str(Path(__file__).with_name("small_worker.py")))


class Ear:
    """Hears of a task and waits for its end."""

    def __init__(self) -> None:
        self.progress: list[Mapping[str, Any]] = []
        self.ends: list[Ended] = []
        self._started, self._over = threading.Event(), threading.Event()

    def started(self) -> None:
        """Hear that a worker has begun."""
        self._started.set()

    def told(self, progress: Mapping[str, Any]) -> None:
        """Hear how far it is."""
        self.progress.append(progress)

    def ended(self, ended: Ended) -> None:
        """Hear how it ended."""
        self.ends.append(ended)
        self._over.set()

    def wait_for_start(self) -> None:
        """Wait until a worker has begun."""
        assert self._started.wait(SOON_S)

    def end(self) -> Ended:
        """Return how it ended, once it has."""
        assert self._over.wait(SOON_S)
        assert len(self.ends) == 1
        return self.ends[0]


@pytest.fixture
def make_pool() -> Iterator[Callable[..., Pool]]:
    """Make a pool of small workers; stopped after the test."""
    made: list[Pool] = []

    def make(command: tuple[str, ...] = SMALL, **limits: Any) -> Pool:
        made.append(Pool(dict(os.environ), Limits(**limits), command))
        return made[-1]

    yield make
    for pool in made:
        pool.stop()


@pytest.fixture
def ask() -> Callable[..., Ear]:
    """Have a pool do a task, and return who hears of it."""
    numbers = iter(range(1_000))

    def submit(pool: Pool, kind: str, *, is_ahead: bool = False, **request: Any) -> Ear:
        ear = Ear()
        pool.submit(str(next(numbers)), kind, request, ear, is_ahead=is_ahead)
        return ear

    return submit
