"""The planner's day: compares alternatives, prints, shares, saves; the service restarts under an open form."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.dashboards.looks import axe_findings, overflows
from tests.dashboards.people import PHONE, Person
from tests.dashboards.sites import LiveSite

LONG_MS = 300_000  # the first comparison on a machine compiles the engine


def choose(page: Page, n: int, policy: str) -> None:
    """Choose what an alternative does."""
    page.locator(f"#policy-{n}-0").select_option(policy)


def ask_for_little(page: Page) -> None:
    """Ask for a comparison that takes seconds."""
    page.locator("#scenario").select_option("peak")
    page.locator("#days").fill("1")
    page.locator("#replications").fill("4")
    page.locator("summary", has_text="Thêm về phép so sánh").click()
    page.locator("#warmup_days").fill("0")


def compare(page: Page) -> None:
    """Begin the comparison."""
    page.get_by_role("button", name="So sánh", exact=True).click()


@pytest.mark.slow
def test_a_planner_compares_three_alternatives_and_prints(
    border_site: LiveSite, sit_down: Callable[..., Person]
) -> None:
    """The bar fills, the table says better or worse in words, paper has the result without the form."""
    person = sit_down(border_site, role="planner")
    page = person.go("/plan")
    ask_for_little(page)
    choose(page, 0, "huu_nghi_two_hours_later")
    page.get_by_role("button", name="Thêm phương án").click()
    choose(page, 1, "extra_servers")
    card = page.locator("fieldset.card").nth(1)
    card.get_by_label("Số quầy thêm").fill("2")
    card.locator("summary", has_text="Khâu (quầy)").click()
    card.get_by_label("Thủ tục hải quan xuất khẩu").check()
    page.get_by_role("button", name="Thêm phương án").click()
    choose(page, 2, "lunch_worked")
    compare(page)
    expect(page.get_by_role("link", name="Báo cáo đầy đủ")).to_be_visible(timeout=LONG_MS)

    found = page.locator("#found")
    expect(found.locator("section.alternative h3").first).to_contain_text("1 · Hữu Nghị đóng cửa muộn hơn hai giờ")
    assert found.locator("section.alternative").count() >= 5
    verdicts = set(found.locator(".verdict").all_inner_texts())
    assert verdicts <= {"tốt hơn", "xấu hơn", "nhiều hơn", "ít hơn", "như nhau", "chưa rõ", "không biết"}
    assert found.locator("svg.fan").count() == 1
    assert (axe_findings(page), overflows(page), person.errors) == ([], [], [])
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert overflows(page) == []
    page.emulate_media(media="print")
    assert not page.locator("#ask").is_visible()
    assert found.locator("table").first.is_visible()
    page.emulate_media(media="screen")

    page.get_by_label("Lưu với tên").fill("Ba phương án")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.locator("#saved").get_by_role("link", name="Ba phương án")).to_be_visible()
    shared = page.url.removeprefix(border_site.url)
    reader = sit_down(border_site, role="viewer", language="en")
    read = reader.go(shared)
    expect(read.get_by_role("link", name="Whole report")).to_be_visible()
    assert read.get_by_role("button", name="Compare", exact=True).count() == 0
    assert reader.hosts == person.hosts == {border_site.url.removeprefix("http://")}


@pytest.mark.slow
def test_a_mistake_is_told_at_its_field(border_site: LiveSite, sit_down: Callable[..., Person]) -> None:
    """What the form cannot see is told by the service, at the field, and nothing typed is lost."""
    page = sit_down(border_site, role="planner").go("/plan")
    ask_for_little(page)
    choose(page, 0, "extended_hours")
    compare(page)
    wrong = page.locator("fieldset.card .wrong").first
    expect(wrong).to_contain_text("give at least one of opens, closes, earlier and later", timeout=LONG_MS)
    page.locator("#days").fill("0")
    compare(page)

    expect(page.locator("#days")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#policy-0-0")).to_have_value("extended_hours")


@pytest.mark.slow
def test_the_form_and_the_run_outlive_the_server(
    own_site: Callable[..., LiveSite], sit_down: Callable[..., Person]
) -> None:
    """The server goes while a comparison runs and a form is open, and comes back: both are as they were."""
    site = own_site()
    person = sit_down(site, role="planner")
    page = person.go("/plan")
    ask_for_little(page)
    choose(page, 0, "lunch_worked")
    page.locator("#replications").fill("400")
    page.locator("#days").fill("60")
    compare(page)
    page.wait_for_url(re.compile(r"run=[0-9a-f]+"))
    page.get_by_role("button", name="Hủy", exact=True).wait_for()
    site.stop()
    expect(page.locator("#progress .notice")).to_be_visible()
    page.locator("#days").fill("2")
    site.start()
    expect(page.locator("#progress .notice")).to_have_count(0)
    page.get_by_role("button", name="Hủy", exact=True).click()
    expect(page.locator("#progress")).to_contain_text("Đã hủy so sánh", timeout=LONG_MS)

    expect(page.locator("#days")).to_have_value("2")
    page.reload()
    expect(page.locator("#days")).to_have_value("2")
    expect(page.locator("#policy-0-0")).to_have_value("lunch_worked")


@pytest.mark.slow
def test_a_comparison_is_cancelled(border_site: LiveSite, sit_down: Callable[..., Person]) -> None:
    """It says so, and can be asked for again."""
    page = sit_down(border_site, role="coordinator").go("/plan")
    page.locator("#scenario").select_option("peak")
    page.locator("#days").fill("60")
    page.locator("#replications").fill("400")
    compare(page)
    page.get_by_role("button", name="Hủy", exact=True).click()

    expect(page.locator("#progress")).to_contain_text("Đã hủy so sánh", timeout=LONG_MS)
    expect(page.get_by_role("button", name="So sánh lại")).to_be_visible()


@pytest.mark.slow
def test_the_state_now_is_where_a_plan_begins(border_site: LiveSite, sit_down: Callable[..., Person]) -> None:
    """Unless another scenario is chosen: what is left at the close, with its band, beside doing nothing."""
    person = sit_down(border_site, role="coordinator")
    page = person.go("/plan")
    expect(page.locator("#scenario")).to_have_value("now")
    choose(page, 0, "huu_nghi_two_hours_later")
    compare(page)
    section = page.locator("#found section.alternative", has=page.get_by_role("heading", name="Hữu Nghị, Xuất khẩu"))
    expect(section.locator("table").first).to_contain_text("Hữu Nghị đóng cửa muộn hơn hai giờ", timeout=LONG_MS)

    expect(section.locator("tbody tr").first).to_contain_text("Không làm gì")
    expect(section.locator("svg.fan")).to_be_visible()
    assert (axe_findings(page), overflows(page), person.errors) == ([], [], [])
