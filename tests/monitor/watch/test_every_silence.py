"""Every feed silenced in every order, through the running service: no cell says normal or zero (promise P5)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from gatewatch.monitor.core import Core
from tests.monitor.detectors.test_silences import NEEDS
from tests.monitor.stories import BULLETIN, CAMERA_IN, CAMERA_OUT, LOOP_OUT, Story, clock
from tests.monitor.watch.guards import tell
from tests.monitor.web.sites import Site

DEVICES = (CAMERA_IN, CAMERA_OUT, LOOP_OUT)
SOURCES = (*DEVICES, BULLETIN)
BROKE, NOW = clock("8:00"), clock("12:00")
ARRIVALS: list[set[str]] = [{CAMERA_IN}]
CLEARANCES: list[set[str]] = [{CAMERA_OUT, LOOP_OUT}]
# Which feeds each cell of live state needs: one of every group.
CELLS = {
    "arrival_rate_60": ARRIVALS,
    "arrived_today": ARRIVALS,
    "backlog": [*ARRIVALS, *CLEARANCES],
    "cleared_today": CLEARANCES,
    "days_of_work": [*ARRIVALS, *CLEARANCES],
    "rate_15": CLEARANCES,
    "rate_60": CLEARANCES,
}


def orders() -> Iterator[tuple[str, ...]]:
    """Yield every order in which some of the feeds can fall silent, one a minute; none of them first."""
    seen = dict.fromkeys(order[:n] for order in permutations(SOURCES) for n in range(len(order) + 1))
    yield from sorted(seen, key=len)


def before() -> Story:
    """Return six days and a morning on which everything is heard, up to eight; 40 vehicles a day."""
    story = Story()
    for source in DEVICES:
        story.beats(source, clock("0:00", -6), clock("7:45"), minutes=15).beats(source, clock("7:45"), BROKE)
    for day in range(-6, 0):
        story.vehicles("arrived", clock("7:00", day), clock("11:00", day), 40, CAMERA_IN)
        for source in (CAMERA_OUT, LOOP_OUT):
            story.vehicles("gate_out", clock("8:00", day), clock("12:00", day), 40, source)
    story.tell("device.heartbeat", clock("21:00", -4), BULLETIN)
    return story.counted(clock("7:30"), 5)


def after(story: Story, order: tuple[str, ...]) -> None:
    """Add the hours from eight to noon: a feed that falls silent says nothing from its minute on."""
    for source in DEVICES:
        until = clock(f"8:{order.index(source):02}") if source in order else NOW
        story.beats(source, BROKE, until)
        if until == NOW and source == CAMERA_IN:
            story.vehicles("arrived", BROKE, NOW, 32, source)
        elif until == NOW:
            story.vehicles("gate_out", BROKE, NOW, 32, source)
    if BULLETIN not in order:
        story.tell("device.heartbeat", clock("7:59"), BULLETIN)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the store that every order begins with."""
    return tmp_path_factory.mktemp("silences") / "home"


def is_known(groups: list[set[str]], silent: set[str]) -> bool:
    """Return whether of every group somebody is heard."""
    return all(group - silent for group in groups)


@pytest.mark.slow
def test_what_is_not_heard_is_called_neither_normal_nor_zero(
    kept: Path, tmp_path: Path, begin_in: Callable[[Path], Core]
) -> None:
    """65 ways in which none to all of four feeds fall silent; live state, feeds and alerts against the tables."""
    first, story = begin_in(kept), before()
    tell(first, story.observations)
    first.stop()
    n_cells = 0
    for number, order in enumerate(orders()):
        home = tmp_path / str(number)
        shutil.copytree(kept, home)
        core = begin_in(home)
        told = Story()
        told.observations = list(story.observations)
        after(told, order)
        tell(core, told.observations[len(story.observations) :])
        site = Site(core)
        try:
            for text in ("8:10", "12:00"):
                site.now = clock(text)
                core.watch.evaluate(site.now)
            n_cells += look(site, set(order))
        finally:
            site.close()
            core.stop()
            shutil.rmtree(home)

    assert n_cells == 65 * (len(CELLS) + len(NEEDS) + len(SOURCES))


def look(site: Site, silent: set[str]) -> int:
    """Hold what the service says at noon against the tables, and return how many cells that were."""
    viewer = site.holder("viewer")
    live, feeds, alerts = (viewer.get(path).json() for path in ("/v1/live", "/v1/feeds", "/v1/alerts"))
    (flow,) = live["flows"]
    for cell, groups in CELLS.items():
        check_cell(cell, flow[cell], groups, silent)
    if not is_known(CELLS["days_of_work"], silent):
        assert flow["level"] == "unknown", silent
        assert live["national_colour"] is None, silent
    for feed in feeds["sources"]:
        if feed["source"] in SOURCES:
            assert feed["is_silent"] is (feed["source"] in silent), (feed["source"], silent)
    doubted = {one["rule"] for one in alerts["doubts"]}
    for rule, groups in NEEDS.items():
        assert (rule in doubted) is not is_known(groups, silent), (rule, silent)
        assert rule not in {one["rule"] for one in alerts["alerts"]}, (rule, silent)
    told = {one["labels"]["source"] for one in alerts["alerts"] if one["rule"] == "silent_feed"}
    assert told == silent
    return len(CELLS) + len(NEEDS) + len(SOURCES)


def check_cell(cell: str, figure: dict[str, Any], groups: list[set[str]], silent: set[str]) -> None:
    """A figure that is not known is null, or is marked as of the worst quality and is no zero."""
    if is_known(groups, silent):
        assert (figure["value"] is not None, figure["quality"] != "D") == (True, True), (cell, silent, figure)
    else:
        assert figure["value"] is None or (figure["quality"] == "D" and figure["value"] > 0), (cell, silent, figure)
