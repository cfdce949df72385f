"""A person at a browser: Debian's Chromium over a service of our own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.dashboards.people import CHROMIUM, LAUNCH, Person
from tests.dashboards.sites import LiveSite


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """
    Debian's Chromium; without it the test is skipped here and fails in CI.

    One for each file: while Playwright is open its event loop runs in this thread; tests of other files want theirs.
    """
    if not CHROMIUM.exists():
        missing = "Chromium is not installed; on Debian: sudo apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(LAUNCH))
        yield found
        found.close()


@pytest.fixture(scope="session")
def border_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """A site over the morning of `borders`; tests that use it leave it as it was."""
    site = LiveSite(tmp_path_factory.mktemp("border"))
    yield site
    site.close()


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Callable[..., LiveSite]]:
    """Make sites of the test's own."""
    made: list[LiveSite] = []

    def make(**more: bool) -> LiveSite:
        made.append(LiveSite(tmp_path / f"site-{len(made)}", **more))
        return made[-1]

    yield make
    for site in made:
        site.close()


@pytest.fixture
def sit_down(browser: Browser) -> Iterator[Callable[..., Person]]:
    """Let somebody sit down at a browser; gone after the test."""
    opened: list[BrowserContext] = []

    def open_it(site: LiveSite, **options: object) -> Person:
        person = Person(browser, site, **options)  # type: ignore[arg-type]
        opened.append(person.context)
        return person

    yield open_it
    for context in opened:
        context.close()
