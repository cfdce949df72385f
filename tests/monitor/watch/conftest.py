"""Cores that are watched, in the test's folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gatewatch.monitor.core import Core, start_core
from gatewatch.monitor.settings import load_settings
from tests.monitor.stories import BORDER, FEEDS, clock
from tests.monitor.watch.guards import Guard, watch_over
from tests.monitor.web.sites import EASY


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[[], Core]]:
    """Start a core in the test's folder; what is started is stopped at the next start and after the test."""
    started: list[Core] = []

    def stop() -> None:
        while started:
            started.pop().stop()

    def start() -> Core:
        stop()
        started.append(start_core(load_settings({}, home=tmp_path), clock("7:00"), EASY, BORDER, FEEDS))
        return started[-1]

    yield start
    stop()


@pytest.fixture
def begin_in() -> Iterator[Callable[[Path], Core]]:
    """Start a core in a folder of its own; stopped after the test."""
    started: list[Core] = []

    def start(home: Path) -> Core:
        started.append(start_core(load_settings({}, home=home), clock("7:00"), EASY, BORDER, FEEDS))
        return started[-1]

    yield start
    for core in started:
        core.stop()


@pytest.fixture
def guard(begin: Callable[[], Core]) -> Guard:
    """A watch over an empty journal."""
    core = begin()
    return Guard(core, watch_over(core))
