"""People at a browser, with their language, colours and size of screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, expect

from gatewatch.monitor.access import Role
from gatewatch.monitor.web.page import LANGUAGE_COOKIE, THEME_COOKIE
from tests.dashboards.sites import LiveSite

CHROMIUM: Final = Path("/usr/bin/chromium")
LAUNCH: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--hide-scrollbars",
)  # fmt: skip
OFFICE: Final = (1366, 768)
PHONE: Final = (390, 844)
WALL: Final = (1920, 1080)
SOON_MS: Final = 60_000
expect.set_options(timeout=SOON_MS)


class Person:
    """
    Somebody at a browser of his own.

    Args:
        browser: The browser.
        site: The site he visits.
        role: Who signs in, at once and without the form; None: nobody.
        language: Language chosen.
        theme: Colours chosen.
        size: Of the screen.
        more: For the browser's context.
    """

    def __init__(
        self, browser: Browser, site: LiveSite, role: Role | None = None, language: str = "vi", theme: str = "light",
        size: tuple[int, int] = OFFICE, **more: Any,
    ) -> None:  # fmt: skip
        self.site = site
        width, height = size
        self.context = browser.new_context(
            base_url=site.url, viewport={"width": width, "height": height}, reduced_motion="reduce", **more
        )
        self.context.set_default_timeout(SOON_MS)
        self.cookie(LANGUAGE_COOKIE, language)
        self.cookie(THEME_COOKIE, theme)
        if role is not None:
            for name, value in site.session(role).items():
                self.cookie(name, value)
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.context.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))

    def cookie(self, name: str, value: str) -> None:
        """Keep a cookie."""
        self.context.add_cookies([{"name": name, "value": value, "url": self.site.url}])

    def go(self, path: str) -> Page:
        """Open a page and wait until its scripts have run and its fonts are there."""
        self.page.goto(path, wait_until="load")
        self.page.evaluate("() => document.fonts.ready.then(() => true)")
        return self.page
