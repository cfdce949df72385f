"""The keyboard is enough: gates, search, alarms, a comparison; what opens over the page is readable."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.dashboards.looks import axe_findings, overflows
from tests.dashboards.people import OFFICE, PHONE, Person
from tests.dashboards.sites import NAMES, LiveSite

pytestmark = pytest.mark.slow
ONE_ROW_PX = 52
MOST_TABS = 150


def tab_to(page: Page, selector: str) -> None:
    """Go on with the Tab key until an element has focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached with {MOST_TABS} Tab keys")


def test_an_operator_needs_no_mouse(own_site: Callable[..., LiveSite], sit_down: Callable[..., Person]) -> None:
    """A digit is a gate; search finds without diacritics; `a` goes to the worst alarm and then takes it, `n` notes."""
    person = sit_down(own_site(), role="operator")
    page = person.go("/")
    expect(page.locator(".alert-list li").first).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("[data-acknowledge]").first).to_be_focused()
    page.keyboard.press("3")
    expect(page).to_have_url(f"{person.site.url}/g/huu_nghi")

    page.keyboard.press("/")
    expect(page.locator("#find-field")).to_be_focused()
    page.keyboard.type("canh bao huu nghi")
    options = page.locator("#finds li")
    expect(options.first).to_contain_text("Cảnh báo của cửa khẩu")
    expect(options.nth(1)).to_contain_text("chiều xuất")  # the alarm itself, when the stream has told it
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{person.site.url}/alarms?gate=huu_nghi")

    row = page.locator("#active .alarm").first
    expect(row).to_contain_text("chưa ai nhận")
    page.keyboard.press("a")
    expect(row.get_by_role("button")).to_be_focused()
    page.keyboard.press("a")
    expect(row).to_contain_text(f"{NAMES['operator']} đã nhận")
    page.keyboard.press("n")
    expect(page.locator("#d-text")).to_be_focused()
    page.keyboard.type("a 1 n /")  # in a field, keys write
    tab_to(page, "#note-deed button")
    page.keyboard.press("Enter")
    expect(page.locator(".timeline")).to_contain_text("a 1 n /")
    assert person.errors == []


def test_a_planner_needs_no_mouse(border_site: LiveSite, sit_down: Callable[..., Person]) -> None:
    """A comparison is chosen, begun and cancelled with keys alone."""
    person = sit_down(border_site, role="planner")
    page = person.go("/plan")
    expect(page.locator("#policy-0-0")).to_be_visible()
    tab_to(page, "#policy-0-0")
    before = page.locator("#policy-0-0").input_value()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#policy-0-0")).not_to_have_value(before)
    tab_to(page, "form button.main")
    page.keyboard.press("Enter")
    expect(page.locator("#progress .running")).to_be_visible()
    tab_to(page, "#progress button")
    page.keyboard.press("Enter")

    expect(page.locator("#progress .problem")).to_contain_text("Đã hủy")
    assert person.errors == []


def test_keys_of_one_letter_can_be_turned_off(border_site: LiveSite, sit_down: Callable[..., Person]) -> None:
    """Whoever dictates, or leans on the keyboard, is not carried off; the sheet is still there from its button."""
    person = sit_down(border_site, role="viewer", language="en")
    page = person.go("/help")
    page.keyboard.press("?")
    page.get_by_label("Keys of one letter are on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.keyboard.press("2")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(f"{border_site.url}/help")
    page.locator(".rest details.menu > summary").click()
    page.locator("#key-sheet").click()
    expect(page.get_by_role("dialog")).to_contain_text("Keys of one letter are on")


@pytest.mark.parametrize("language", ["vi", "en", "zh"])
def test_the_navigation_of_an_admin_stands_in_one_row(
    language: str, border_site: LiveSite, sit_down: Callable[..., Person]
) -> None:
    """He has the most pages; those of every hour are in the row, the others in a menu that arrows go through."""
    page = sit_down(border_site, role="admin", language=language).go("/bulletin")
    height = page.locator(".navigation").bounding_box()
    rest = page.locator(".top .rest").bounding_box()
    assert height is not None
    assert rest is not None
    assert abs(height["y"] - rest["y"]) < ONE_ROW_PX / 2

    page.locator("#more > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    links = page.locator("#more a:visible")
    expect(links.first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(links.last).to_be_focused()
    sizes = [link.bounding_box() for link in links.all()]
    assert min(size["height"] for size in sizes if size) >= 24
    assert axe_findings(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#more > summary")).to_be_focused()
    assert not page.locator("#more a").last.is_visible()


@pytest.mark.parametrize(
    ("language", "theme", "size"), [("vi", "dark", PHONE), ("en", "light", OFFICE), ("zh", "contrast", PHONE)]
)
def test_what_opens_over_the_page_is_readable(
    language: str, theme: str, size: tuple[int, int], border_site: LiveSite, sit_down: Callable[..., Person]
) -> None:
    """Menu, search with and without anything found, the sheet of keys, the banner of what is critical."""
    person = sit_down(border_site, role="coordinator", language=language, theme=theme, size=size)
    page = person.go("/shift")
    expect(page.locator("#urgent")).to_be_visible()
    found = {}
    page.locator("#more > summary").click()
    found["menu"] = axe_findings(page) + overflows(page)
    page.keyboard.press("Escape")
    page.locator("#find").click()
    expect(page.locator("#finds li").first).to_be_visible()
    found["search"] = axe_findings(page) + overflows(page)
    page.locator("#find-field").fill("xyz xyz")
    expect(page.locator("#finds li")).to_have_count(0)
    found["nothing"] = axe_findings(page) + overflows(page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    found["keys"] = axe_findings(page) + overflows(page)

    assert found == {"menu": [], "search": [], "nothing": [], "keys": []}
    assert person.errors == []
