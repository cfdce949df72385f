"""The planner's look at rules: other thresholds on past days, cases, suggestions; nothing is changed from the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from gatewatch.monitor.detectors import list_detectors
from gatewatch.monitor.web.pages.rule_titles import rule_titles
from tests.dashboards.looks import axe_findings, overflows
from tests.dashboards.people import PHONE, Person
from tests.dashboards.sites import LiveSite

LONG_MS = 300_000  # a replay on a machine that has much to do


def test_every_rule_has_a_title() -> None:
    """Its name is a key of files; people read a title in their language."""
    assert set(rule_titles(str)) == set(list_detectors())


@pytest.mark.slow
def test_a_planner_tries_another_threshold(own_site: Callable[..., LiveSite], sit_down: Callable[..., Person]) -> None:
    """What would have fired stands beside what fired; the address leads others to it; the rule is as it was."""
    site = own_site()
    person = sit_down(site, role="planner", language="en")
    page = person.go("/rules")
    in_force = site.core.watch.thresholds["backlog_sustained"]
    rule = page.locator("#backlog_sustained")
    rule.get_by_text("When it fires, and when not").click()
    expect(rule).to_contain_text("one fewer is clear")
    rule.get_by_role("button", name="Try").click()
    expect(page.locator("#try-rule")).to_have_value("backlog_sustained")
    page.get_by_label("Gate", exact=True).select_option("huu_nghi")
    page.locator("#try-direction").select_option("export")
    page.get_by_label("Days back from now").fill("1")
    page.locator("#try-busy").fill("5000")
    page.locator("#try-congested").fill("6000")
    page.get_by_role("button", name="Show what would have fired").click()
    found = page.locator("#try-found")
    expect(found.get_by_role("heading", name="Backlog that stays")).to_be_visible(timeout=LONG_MS)

    expect(found).to_contain_text("Huu Nghi · Export; Busy = 5,000; Congested = 6,000")
    expect(found.locator("tr.differs").first).to_contain_text("Huu Nghi · Export")
    assert found.locator("tr.differs").first.locator("td").last.inner_text() == "—"
    assert (axe_findings(page), overflows(page), person.errors) == ([], [], [])
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert overflows(page) == []
    assert site.core.watch.thresholds["backlog_sustained"] == in_force
    reader = sit_down(site, role="viewer", language="vi").go(page.url.removeprefix(site.url))
    expect(reader.locator("#try-found")).to_contain_text("nếu đổi sẽ báo")
    expect(reader.locator("#try")).to_have_count(0)
