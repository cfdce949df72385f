"""The wall: one screen, no scrolling, a key that opens nothing else, back by itself."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from tests.dashboards.people import WALL, Person
from tests.dashboards.sites import LiveSite

pytestmark = pytest.mark.slow
FOUR_K = (3840, 2160)
_MEASURES = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)], root = document.documentElement;
  return [
    all(".n, .total, .wall-clock").map((e) => parseFloat(getComputedStyle(e).fontSize)),
    [root.scrollHeight - innerHeight, root.scrollWidth - innerWidth],
    all(".wall-flow, .wall-gate")
      .filter((e) => e.scrollHeight > e.clientHeight + 2 || e.scrollWidth > e.clientWidth + 2)
      .map((e) => e.innerText)
      .concat(all(".wall-line")
        .filter((e) => e.clientHeight > 2 * parseFloat(getComputedStyle(e).fontSize))
        .map((e) => e.innerText)),
  ];
}"""


def new_key(site: LiveSite) -> str:
    """Return a key for a wall."""
    text, _ = site.core.register.make_key("wall", "wall", None, None, None, "test", site.now)
    return text


@pytest.mark.parametrize("size", [WALL, FOUR_K], ids=["1080p", "4K"])
def test_everything_is_on_one_screen(
    size: tuple[int, int], border_site: LiveSite, sit_down: Callable[..., Person]
) -> None:
    """No scrolling, nothing cut off, and the numbers can be read from the other end of the room."""
    person = sit_down(border_site, size=size, theme="dark")
    page = person.go(f"/wall/open?key={new_key(border_site)}")
    expect(page.locator(".wall-flow .n").first).not_to_have_text("—")
    expect(page.locator("html")).to_have_attribute("data-stream", "open")
    sizes, room, cut = page.evaluate(_MEASURES)

    assert (len(sizes), min(sizes) >= 72) == (10, True)
    assert (max(room) <= 0, cut) == (True, [])
    assert person.errors == []
    assert "key=" not in page.url


def test_the_key_of_a_wall_opens_nothing_else(border_site: LiveSite) -> None:
    """Who takes it off the wall sees what the wall shows."""
    key = new_key(border_site)
    with httpx.Client(base_url=border_site.url, trust_env=False, timeout=60) as browser:
        opened = browser.get("/wall/open", params={"key": key})
        cookie = opened.headers["set-cookie"]
        browser.cookies.set("gatewatch-wall", key)  # to every path, which no browser does
        found = {
            path: browser.get(path).status_code for path in ("/wall", "/", "/v1/live", "/v1/alerts", "/v1/session")
        }
        bearer = browser.get("/v1/live", headers={"authorization": f"Bearer {key}"})

    assert (opened.status_code, opened.headers["location"]) == (303, "/wall")
    assert "Path=/wall" in cookie
    assert "HttpOnly" in cookie
    assert found == {"/wall": 200, "/": 403, "/v1/live": 403, "/v1/alerts": 403, "/v1/session": 403}
    assert bearer.status_code == 403


def test_a_key_of_another_kind_opens_no_wall(border_site: LiveSite) -> None:
    """A viewer's key does not belong on a wall."""
    text, _ = border_site.core.register.make_key("reader", "viewer", None, None, None, "test", border_site.now)
    answer = httpx.get(f"{border_site.url}/wall/open", params={"key": text}, trust_env=False)

    assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)


def test_a_wall_comes_back_by_itself(own_site: Callable[..., LiveSite], sit_down: Callable[..., Person]) -> None:
    """Nobody is there to press a key when the service has been away."""
    site = own_site(is_told=False)
    page = sit_down(site, size=WALL, language="en").go(f"/wall/open?key={new_key(site)}")
    expect(page.locator("html")).to_have_attribute("data-stream", "open")
    site.stop()
    expect(page.locator("#frozen")).to_be_visible()
    site.start()

    expect(page.locator("#frozen")).to_be_hidden()
    expect(page.locator("html")).to_have_attribute("data-stream", "open")
