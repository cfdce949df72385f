from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.dashboards.people import Person
from tests.dashboards.sites import NAMES, PASSWORD, LiveSite

pytestmark = pytest.mark.slow


def test_who_is_not_signed_in_signs_in_and_comes_to_his_page(
    border_site: LiveSite, sit_down: Callable[..., Person]
) -> None:
    """The address that he asked for is where he ends."""
    person = sit_down(border_site)
    page = person.go("/?from=bookmark")
    expect(page).to_have_url(f"{border_site.url}/sign-in?next=%2F%3Ffrom%3Dbookmark")
    page.get_by_label("Tên").fill(NAMES["operator"])
    page.get_by_label("Mật khẩu").fill("wrong and long enough")
    page.locator("form#sign-in button").click()
    expect(page.locator(".problem")).to_contain_text("Sai tên hoặc mật khẩu")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.locator("form#sign-in button").click()

    expect(page).to_have_url(f"{border_site.url}/?from=bookmark")
    expect(page.locator(".flow")).to_have_count(8)
