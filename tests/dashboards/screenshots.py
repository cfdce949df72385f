"""
Take a picture of every page: two languages, two themes, phone, office and wall.

`python3 dev.py screenshots FOLDER` writes them into a folder that is not kept; look at each, and mend what looks bad.
`--only WORD` takes the pages whose address has that word.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.dashboards.people import Person

LOADED_MS = 60_000  # for what pages fetch after they are there: at most
SETTLED_MS = 1_500  # for what is drawn then


def main() -> None:
    """Take them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", metavar="WORD")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    package = ModuleType("tests")  # the tests are no installed package
    package.__path__ = [str(Path(__file__).resolve().parents[1])]
    sys.modules["tests"] = package
    with tempfile.TemporaryDirectory() as home:
        n = _take(options.folder, options.only, Path(home))
    sys.stdout.write(f"{n} pictures in {options.folder}\n")


def _take(folder: Path, only: str, home: Path) -> int:
    from playwright.sync_api import sync_playwright

    from gatewatch.monitor.web.pages import list_pages
    from tests.dashboards import outlooks, people, sites
    from tests.dashboards.test_every_page import role_for

    pages = [page for page, _ in list_pages() if only in page.url]
    sizes = {"office": people.OFFICE, "phone": people.PHONE}
    walls = {"1080p": people.WALL, "4k": (3840, 2160)}
    site, n = sites.LiveSite(home), 0
    outlooks.foretell(site)
    outlooks.score(site)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(people.CHROMIUM), args=list(people.LAUNCH))
        for page, language, theme in product(pages, ("vi", "en"), ("light", "dark")):
            for name, size in (walls if page.path == "/wall" else sizes).items():
                person: Person = people.Person(browser, site, role_for(page), language, theme, size)
                shown = person.go(page.url)
                shown.wait_for_selector("[aria-busy=true]", state="detached", timeout=LOADED_MS)
                shown.wait_for_timeout(SETTLED_MS)
                file = f"{page.url.strip('/').replace('/', '-') or 'overview'}-{language}-{theme}-{name}.png"
                shown.screenshot(path=str(folder / file), full_page=page.path != "/wall")
                person.context.close()
                n += 1
        browser.close()
    site.close()
    return n


if __name__ == "__main__":
    main()
