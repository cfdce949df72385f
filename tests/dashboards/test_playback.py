"""Somebody watches a jam: a recorded day and a simulated one, by keys and by buttons, moving and still."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.dashboards.looks import axe_findings, overflows
from tests.dashboards.people import Person
from tests.dashboards.sites import LiveSite

LONG_MS = 300_000
HUE = """() => { const c = document.getElementById('canvas'), x = c.getContext('2d');
  const d = x.getImageData(0, 0, c.width, c.height).data; let n = 0;
  for (let i = 0; i < d.length; i += 4) n = (n * 31 + d[i] + 3 * d[i + 1] + 7 * d[i + 2]) % 1000003;
  return n; }"""


def picture(page: Page) -> int:
    """Return a number that changes with what the canvas shows."""
    return int(page.evaluate(HUE))


@pytest.mark.slow
def test_a_recorded_day_is_watched_by_steps(border_site: LiveSite, sit_down: Callable[..., Person]) -> None:
    """With reduced motion nothing plays by itself: steps show another still, and the table says the same."""
    person = sit_down(border_site, role="viewer")
    page = person.go("/playback?gate=huu_nghi&date=2026-01-15")
    expect(page.locator("#film-title")).to_contain_text("Hữu Nghị, ghi nhận ngày 15/01/2026")
    expect(page.locator("#play")).to_be_hidden()
    before, clock = picture(page), page.locator("#film-clock").inner_text()
    page.locator("#film").click(position={"x": 5, "y": 5})
    for _ in range(16):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#film-clock")).not_to_have_text(clock)
    page.locator("#twin summary").click()

    said = page.locator("#peak").inner_text()
    page.locator("#worst").click()
    worst = page.locator("#film-clock").inner_text().partition(" ")[0]
    last = [page.locator(f"#curve polyline >> nth={n}").get_attribute("points") for n in (0, 1)]

    assert said.startswith(f"Đông nhất lúc {worst}: ")
    assert any(not (points or "").endswith(",54.0") for points in last)  # a day does not end in nothing
    assert picture(page) != before
    expect(page.locator("#rows tr").first).to_contain_text("Xuất khẩu")
    expect(page.locator("#jam")).to_contain_text("Chờ nhiều nhất")
    assert (axe_findings(page), overflows(page), person.errors) == ([], [], [])


@pytest.mark.slow
def test_a_simulated_day_plays(border_site: LiveSite, sit_down: Callable[..., Person]) -> None:
    """It moves while it plays and stands still when it does not; speed and pause by keys."""
    person = sit_down(border_site, role="planner")
    page = person.page
    page.emulate_media(reduced_motion="no-preference")
    person.go("/playback")
    page.locator("#what").select_option("simulated")
    page.locator("#gate").select_option("huu_nghi")
    page.locator("#scenario option").first.wait_for(state="attached")
    page.get_by_role("button", name="Xem", exact=True).click()
    expect(page.locator("#film-title")).to_contain_text("mô phỏng ngày", timeout=LONG_MS)
    page.locator("#film").click(position={"x": 5, "y": 5})
    page.keyboard.press("+")
    expect(page.locator("#speed")).to_contain_text("1.800")
    before = page.locator("#at").input_value()
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_text("Tạm dừng")
    expect(page.locator("#at")).not_to_have_value(before)
    page.keyboard.press("Space")

    expect(page.locator("#play")).to_have_text("Chạy")
    still = picture(page)
    assert picture(page) == still
    assert person.errors == []
