"""Sites to ask, over a core in the test's folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gatewatch.config.feeds import Feed
from gatewatch.config.schema import Border
from gatewatch.monitor.core import Core, start_core
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.web.stream_hub import Pace
from tests.monitor.stories import FEEDS, clock
from tests.monitor.web.sites import EASY, TWO_GATES, Site


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Core]]:
    """Start a core in the test's folder; stopped after the test."""
    started: list[Core] = []

    def begin(border: Border = TWO_GATES, feeds: dict[str, Feed] | None = None, **settings: Any) -> Core:
        chosen = load_settings({}, home=tmp_path, **settings)
        core = start_core(chosen, clock("10:00"), EASY, border, FEEDS if feeds is None else feeds)
        started.append(core)
        return core

    yield begin
    for core in started:
        core.stop()


@pytest.fixture
def make_site(start: Callable[..., Core]) -> Iterator[Callable[..., Site]]:
    """Make a site; closed after the test."""
    made: list[Site] = []

    def make(pace: Pace | None = None, **settings: Any) -> Site:
        made.append(Site(start(**settings), pace))
        return made[-1]

    yield make
    for site in made:
        site.close()


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """A site over an empty journal."""
    return make_site()
