"""The days of those who use the screens, played at a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from playwright.sync_api import expect

from gatewatch.monitor.observations import QueueReading
from tests.dashboards.people import OFFICE, PHONE, Person
from tests.dashboards.sites import NAMES, PASSWORD, LiveSite

pytestmark = pytest.mark.slow
_FIRST_REPORT = "JSON.parse(localStorage[Object.keys(localStorage).find(key => key.includes('outbox'))])[0]"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """A site of these tests' own, since they report and acknowledge; each uses another gate."""
    made = LiveSite(tmp_path_factory.mktemp("days"), is_running=True)
    yield made
    made.close()


def counts(site: LiveSite, gate: str) -> list[tuple[datetime, int]]:
    """Return the hand counts of a gate that came after the morning: when, and how many."""
    kept = [entry.observation() for entry in site.core.journal.read(site.told)]
    return [
        (o.occurred_at, o.data.value) for o in kept if o.source == f"{gate}/person" and isinstance(o.data, QueueReading)
    ]


def test_an_operator_acknowledges_and_counts(site: LiveSite, sit_down: Callable[..., Person]) -> None:
    """He wakes to an alert, says that he has it, counts in the yard, and the band on the screens is narrower."""
    office = sit_down(site, role="operator", size=OFFICE)
    page = office.go("/")
    row = page.locator(".alert-list li").filter(has=page.get_by_role("button", name="Nhận")).first
    text = row.locator(".level + * + *").inner_text()
    row.get_by_role("button", name="Nhận").click()
    mine = page.locator(".alert-list li", has_text=text)
    expect(mine).to_contain_text(f"{NAMES['operator']} đã nhận lúc")
    expect(mine.get_by_role("button", name="Nhận")).to_have_count(0)

    band = page.locator("#gate-coc_nam section", has_text="Nhập khẩu").locator(".backlog .band")
    before = float(band.inner_text().removeprefix("±"))
    phone = sit_down(site, role="operator", size=PHONE).go("/quick?gate=coc_nam&direction=import")
    phone.get_by_role("button", name="+10", exact=True).click()
    phone.locator("#number").fill("15")
    phone.get_by_role("button", name="Ghi lần đếm").click()
    expect(phone.locator("#count .answer")).to_contain_text("Đã ghi lúc")

    expect(band).not_to_have_text(f"±{before:.0f}")
    assert float(band.inner_text().removeprefix("±")) < before
    assert [n for _, n in counts(site, "coc_nam")] == [15]
    assert office.errors == []


def test_a_form_stays_while_the_service_is_away(site: LiveSite, sit_down: Callable[..., Person]) -> None:
    """The page says that its data has stopped, keeps what was typed, and goes on when the service is back."""
    person = sit_down(site, role="operator", language="en")
    page = person.go("/quick?gate=huu_nghi&direction=import")
    page.locator("#number").fill("140")
    page.locator("#reason").fill("barrier broken")
    expect(page.locator("#shown")).to_contain_text("The screens show")
    site.stop()
    expect(page.locator("#frozen")).to_contain_text("DATA STOPPED AT")
    assert page.title().startswith("⚠ ")
    assert "is-frozen" in (page.locator("html").get_attribute("class") or "")
    site.start()
    expect(page.locator("#frozen")).to_be_hidden()

    assert not page.title().startswith("⚠")
    assert (page.locator("#number").input_value(), page.locator("#reason").input_value()) == ("140", "barrier broken")
    page.get_by_role("button", name="Record the count").click()
    expect(page.locator("#count .answer")).to_contain_text("Recorded at")


def test_a_count_in_the_yard_without_a_network_is_sent_once(site: LiveSite, sit_down: Callable[..., Person]) -> None:
    """The page opens from the browser, the count waits with its own time, and is in the journal one time."""
    person = sit_down(site, role="operator", language="en", size=PHONE)
    page = person.go("/quick?gate=chi_ma&direction=export")
    expect(page.locator("html")).to_have_attribute("data-kept", "yes")
    site.stop()
    page.locator("#number").fill("33")
    page.get_by_role("button", name="Record the count").click()
    expect(page.locator("#count .answer")).to_contain_text("Kept on this device")
    page.reload()
    expect(page.locator("#waiting")).to_have_text("1 reports wait to be sent.")
    made_at = page.evaluate(
        "JSON.parse(localStorage.getItem(Object.keys(localStorage).find(k => k.includes('outbox'))))[0].body.at"
    )
    site.start()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#queue li").first).to_contain_text("recorded")
    expect(page.locator("#waiting")).to_have_text("")
    page.evaluate("window.dispatchEvent(new Event('online'))")

    ((at, value),) = counts(site, "chi_ma")
    assert (value, at.isoformat()[:19]) == (33, made_at[:19])


def test_a_session_that_ended_is_begun_again_in_place(site: LiveSite, sit_down: Callable[..., Person]) -> None:
    """What was typed stays, and is recorded after signing in."""
    person = sit_down(site, role="operator", language="en")
    page = person.go("/quick?gate=tan_thanh&direction=import")
    page.locator("#number").fill("19")
    site.core.register.change_account(NAMES["operator"], {"gates": None}, "test", site.now)  # its sessions end
    # The page may have found out by itself, and its dialog lies over the button.
    page.get_by_role("button", name="Record the count", include_hidden=True).dispatch_event("click")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(NAMES["operator"])
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()

    expect(page.locator("#queue li").first).to_contain_text("recorded")
    assert [n for _, n in counts(site, "tan_thanh")] == [19]


def test_a_feed_that_dies_is_told(site: LiveSite, sit_down: Callable[..., Person]) -> None:
    """Twenty minutes without a word: the figures are of quality D, and the source is named as silent."""
    page = sit_down(site, role="operator", language="en").go("/g/huu_nghi")
    fact = page.locator(".fact", has_text="Cleared today").locator(".figure")
    expect(fact).to_have_attribute("data-quality", "A")
    site.pass_by(minutes=20)
    try:
        expect(fact).to_have_attribute("data-quality", "D")
        page.reload()
        camera = page.locator("#sources tr", has_text="Camera at the line, exports")

        expect(camera).to_contain_text("silent")
    finally:
        site.pass_by(minutes=-20)
