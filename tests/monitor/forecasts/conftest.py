"""A running site over a small border that workers can read from its file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gatewatch.config.loader import load_border
from gatewatch.monitor.core import Core, start_core
from gatewatch.monitor.observations import Observation
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.store import Submitted
from tests.monitor.stories import CAMERA_IN, CAMERA_OUT, FEEDS, Story, clock
from tests.monitor.web.sites import EASY, Site, Visitor

SOON_S = 300  # the first run on a machine compiles the engine

BORDER = """
[calendars.gate]
hours = [{ open = ["07:00-18:00"] }]
[calendars.far]
timezone = "Asia/Shanghai"
hours = [{ open = ["08:00-19:00"] }]
[gates.north]
calendar = "gate"
[gates.north.counterpart]
calendar = "far"
[gates.north.stations.booth]
servers = 2
opens_with = "both"
[gates.north.export.stages.booth]
service = { law = "exponential", mean = 6, unit = "min" }
[demand.few.flows.north]
gate = "north"
direction = "export"
arrivals = { kind = "poisson", per_day = 100 }
[scenarios.july_2025]
start = 2026-01-15
days = 1
demand = "few"
"""


@pytest.fixture
def border_file(tmp_path: Path) -> Path:
    """A border of one gate with two servers, from eight to six in Hanoi where both sides are open."""
    file = tmp_path / "border.toml"
    file.write_text(BORDER, encoding="utf-8")
    return file


@pytest.fixture
def make_site(tmp_path: Path, border_file: Path) -> Iterator[Callable[..., Site]]:
    """Make a site at ten in the morning over the observations of a story."""
    made: list[tuple[Site, Core]] = []

    def make(story: Story | None = None, **settings: Any) -> Site:
        chosen = load_settings({}, home=tmp_path / "home", border=border_file, **settings)
        core = start_core(chosen, clock("10:00"), EASY, load_border(border_file).border, FEEDS)
        site = Site(core)
        made.append((site, core))
        if story is not None:
            take_in(site, story.observations)
        return site

    yield make
    for site, core in made:
        site.close()
        core.stop()


def take_in(site: Site, observations: list[Observation]) -> None:
    """Have observations taken in as they happened, and live state know them."""
    submitted = [Submitted.of(each, each.occurred_at, "test", None, None) for each in observations]
    receipts = site.core.writer.submit(submitted).result()
    site.follow(max(receipt.seq or 0 for receipt in receipts))


def morning(n_inside: int = 30, days: int = 5) -> Story:
    """Return some days of a camera that sees six arrivals an hour, and a count of everybody inside at ten."""
    story = Story()
    for day in range(-days, 1):
        for hour in range(24 if day < 0 else 10):
            at = clock("0:00", day) + timedelta(hours=hour)
            story.vehicles("arrived", at, at + timedelta(hours=1), 6, CAMERA_IN, vehicle_class="general")
            story.beats(CAMERA_OUT, at, at + timedelta(hours=1), 15)
    return story.counted(clock("10:00"), n_inside)


def wait_for(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    ends_s = time.monotonic() + SOON_S
    while not is_so():
        assert time.monotonic() < ends_s
        time.sleep(0.05)


def made(visitor: Visitor, **asked: Any) -> dict[str, Any]:
    """Return a forecast that was asked for, once it is kept."""
    answer = visitor.post("/v1/forecasts", {"replications": 12, **asked})
    assert answer.status_code == 202, answer.text
    place = answer.headers["location"]
    wait_for(lambda: visitor.get(f"/v1/runs/{answer.json()['id']}").json()["ended_at"] is not None)
    wait_for(lambda: visitor.get(place).status_code == 200)
    return {"id": answer.json()["id"], **visitor.get(place).json()}
