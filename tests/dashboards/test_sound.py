"""What is critical and nobody's is heard where somebody can end it; it can be quiet for five minutes at most."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.dashboards.people import Person
from tests.dashboards.sites import LiveSite

pytestmark = pytest.mark.slow
# Notes what is played; the browser is silent before the first touch, as browsers of people are.
_EAR = """
window.heard = [];
let touched = false;
for (const kind of ["pointerdown", "keydown"]) window.addEventListener(kind, () => { touched = true; }, true);
let allowed = false;
Object.defineProperty(AudioContext.prototype, "state", { get() { return allowed ? "running" : "suspended"; } });
AudioContext.prototype.resume = async function () { allowed = touched; };
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) {
  window.heard.push(this.frequency.value);
  return start.call(this, at);
};
"""
_AN_HOUR = """
const kept = JSON.parse(localStorage["gatewatch-muted"]);
localStorage["gatewatch-muted"] = JSON.stringify({ ...kept, until: Date.now() + 3600e3 });
"""
TWO_TONES = [784, 988]


def listen_to(person: Person, path: str) -> Page:
    """Open a page with an ear at it."""
    person.page.add_init_script(_EAR)
    return person.go(path)


def hear(page: Page) -> None:
    """Wait for two tones from now on."""
    page.evaluate("() => { window.heard.length = 0; }")
    page.wait_for_function("() => window.heard.length >= 2")
    assert page.evaluate("window.heard.slice(0, 2)") == TWO_TONES


def test_a_critical_alarm_sounds_until_somebody_has_it(
    own_site: Callable[..., LiveSite], sit_down: Callable[..., Person]
) -> None:
    """Before a touch the page says that it cannot; muted it stays in the banner; taken on, both are over."""
    person = sit_down(own_site(), role="operator", language="en")
    page = listen_to(person, "/help")
    banner = page.locator("#urgent")
    expect(banner).to_contain_text("A message has waited for 30 min")
    expect(banner).to_contain_text("The browser stays silent until you touch the page")
    assert page.evaluate("window.heard") == []
    page.locator("h1").click()
    hear(page)
    expect(banner).not_to_contain_text("stays silent")

    banner.get_by_role("button", name="Sound off for 5 minutes").click()
    expect(banner).to_contain_text("Sound off until")
    page.reload()
    page.locator("h1").click()
    expect(banner).to_contain_text("Sound off until")
    assert page.evaluate("window.heard") == []
    page.evaluate(f"() => {{{_AN_HOUR}}}")
    hear(page)  # nobody can have it quiet for an hour
    banner.get_by_role("button", name="Take on").click()
    expect(banner).to_be_hidden()
    page.evaluate("() => { window.heard.length = 0; }")
    expect(page.locator("#alarm-count")).not_to_have_attribute("data-level", "critical")
    assert page.evaluate("window.heard") == []
    assert person.errors == []


def test_who_cannot_end_it_is_told_and_hears_nothing(border_site: LiveSite, sit_down: Callable[..., Person]) -> None:
    """A viewer sees the banner and has no switch."""
    page = listen_to(sit_down(border_site, role="viewer", language="en"), "/feeds")
    page.locator("h1").click()

    expect(page.locator("#urgent")).to_contain_text("A message has waited for 30 min")
    expect(page.locator("#urgent button")).to_have_count(0)
    assert page.evaluate("window.heard") == []
