"""What holds for every page that the scan finds, in three languages and all colours."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import httpx
import pytest

from gatewatch.monitor.access import Role
from gatewatch.monitor.web.page import LANGUAGE_COOKIE, Page
from gatewatch.monitor.web.pages import list_pages
from tests.dashboards.looks import axe_findings, overflows, sideways
from tests.dashboards.people import OFFICE, PHONE, Person
from tests.dashboards.sites import LiveSite

PAGES = [page for page, _ in list_pages()]
# Each language, each theme and each size comes once for each page; together with the other pages all pairs come.
LOOKS = [("vi", "light", OFFICE), ("en", "dark", PHONE), ("zh", "contrast", OFFICE)]
ZOOMED = (OFFICE[0] // 2, OFFICE[1] // 2)  # what an office screen shows at 200 %
ROLES: tuple[Role, ...] = ("admin", "coordinator", "planner", "operator", "viewer")


def role_for(page: Page) -> Role | None:
    """Return somebody who may see a page."""
    return None if page.roles is None else next(role for role in ROLES if role in page.roles)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "look"), list(product(PAGES, LOOKS)), ids=lambda value: value.url if isinstance(value, Page) else value[0]
)
def test_a_page_is_readable_by_everybody(
    page: Page, look: tuple[str, str, tuple[int, int]], border_site: LiveSite, sit_down: Callable[..., Person]
) -> None:
    """No serious finding of axe, nothing out of place on a phone, in an office, at 200 %; no other host, no error."""
    language, theme, size = look
    person = sit_down(border_site, role=role_for(page), language=language, theme=theme, size=size)
    shown = person.go(page.url)
    shown.locator("main h1").first.wait_for(state="attached")
    findings = axe_findings(shown)
    out_of_place, too_wide = {}, list[str]()
    for width, height in (size, PHONE if size == OFFICE else OFFICE, ZOOMED):
        shown.set_viewport_size({"width": width, "height": height})
        out_of_place[width] = overflows(shown)
        too_wide += sideways(shown) if (width, height) == PHONE else []

    assert findings == []
    assert out_of_place == {OFFICE[0]: [], PHONE[0]: [], ZOOMED[0]: []}
    assert too_wide == []
    assert person.hosts == {border_site.url.removeprefix("http://")}
    assert person.errors == []


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if page.roles is not None], ids=lambda page: page.url)
def test_a_page_is_for_its_roles(page: Page, border_site: LiveSite) -> None:
    """Who is not signed in is sent to sign in; who has no right is told whom to ask."""
    stranger = httpx.get(border_site.url + page.url, trust_env=False)
    assert (stranger.status_code, stranger.headers["location"].partition("?")[0]) == (303, "/sign-in")
    for role in ROLES:
        cookies = {**border_site.session(role), LANGUAGE_COOKIE: "en"}
        answer = httpx.get(border_site.url + page.url, cookies=cookies, trust_env=False, timeout=60)
        assert answer.status_code == (200 if role in (page.roles or ()) else 403), role
        if answer.status_code == 403:
            assert "Ask admin, binh to give you the right." in answer.text
