"""Days at the desk: a coordinator silences an alarm and hands his shift over; an admin makes a key and ends it."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from tests.dashboards.people import PHONE, Person
from tests.dashboards.sites import NAMES, PASSWORD, LiveSite

pytestmark = pytest.mark.slow


def lane_is_out(site: LiveSite) -> str:
    """Let the only reported lane of a gate be closed for long enough, and return the alert of it."""
    key, _ = site.core.register.make_key("desk", "operator", None, None, None, "test", site.now)
    closed = {"gate": "coc_nam", "lane": "1", "state": "closed", "reason": "mất điện"}
    answer = httpx.post(
        f"{site.url}/v1/lanes/state",
        json=closed,
        headers={"authorization": f"Bearer {key}"},
        trust_env=False,
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    assert site.core.projector.wait_for(answer.json()["rev"], 60)
    for _ in range(20):
        site.pass_by(1)
        site.core.watch.evaluate(site.now)
        for kept in site.core.watch.board.alerts.values():
            if kept.alert.key.rule == "lane_closed" and kept.alert.state == "firing":
                return kept.id
    raise AssertionError("the closed lane is no alert after twenty minutes")


def test_a_coordinator_silences_an_alarm_and_hands_over(
    own_site: Callable[..., LiveSite], sit_down: Callable[..., Person]
) -> None:
    """What he silenced, noted and signed is there for the next one, who takes the shift over."""
    site = own_site()
    alert = lane_is_out(site)
    page = sit_down(site, role="coordinator").go("/shift")
    page.get_by_role("button", name="Bắt đầu ca").click()
    expect(page.get_by_role("heading", name="đang trong ca")).to_be_visible()

    page.goto(f"/alarms#{alert}")
    detail = page.locator("#detail")
    detail.get_by_text("Tắt tiếng", exact=True).first.click()
    detail.get_by_label("Lý do").fill("thợ điện đang sửa")
    detail.get_by_role("button", name="Tắt tiếng").click()
    expect(page.locator(f'#silenced [data-id="{alert}"]')).to_contain_text("thợ điện đang sửa")
    expect(page.locator(f'#active [data-id="{alert}"]')).to_have_count(0)

    page.goto("/shift")
    page.get_by_label("Điều ca sau cần biết").fill("Làn 1 Cốc Nam")
    page.get_by_label("Ghi chú mới").fill("Đã gọi điện lực.")
    page.get_by_role("button", name="Thêm ghi chú").click()
    expect(page.locator("#note-list")).to_contain_text("Đã gọi điện lực.")
    expect(page.get_by_label("Điều ca sau cần biết")).to_have_value("Làn 1 Cốc Nam")
    expect(page.locator("main")).to_contain_text("làn đóng (1: mất điện)")
    page.get_by_role("button", name="Ký và bàn giao").click()
    expect(page.get_by_role("heading", name="đã bàn giao")).to_be_visible()

    other = sit_down(site, role="operator", size=PHONE).go("/shift")
    expect(other.locator("main")).to_contain_text("Làn 1 Cốc Nam")
    other.get_by_role("button", name="Nhận ca và bắt đầu").click()
    expect(other.locator(".facts.wide").first).to_contain_text("ca của huong")


def test_an_alarm_is_taken_on_with_one_key(own_site: Callable[..., LiveSite], sit_down: Callable[..., Person]) -> None:
    """`a` takes it; the list and everybody else's say who has it."""
    site = own_site()
    alert = lane_is_out(site)
    page = sit_down(site, role="operator").go("/alarms")
    row = page.locator(f'#active [data-id="{alert}"]')
    expect(row).to_contain_text("chưa ai nhận")
    row.get_by_role("link").focus()
    page.keyboard.press("a")

    expect(row).to_contain_text("minh đã nhận")


def test_an_admin_makes_a_key_that_is_shown_once(
    own_site: Callable[..., LiveSite], sit_down: Callable[..., Person]
) -> None:
    """It opens; after the second tap on its end it opens nothing, and no page shows it again."""
    site = own_site(is_told=False)
    page = sit_down(site, role="admin").go("/admin")
    page.get_by_text("Khoá mới", exact=True).click()
    form = page.locator("#new-key")
    form.get_by_label("Dùng để làm gì").fill("màn hình lãnh đạo")
    form.get_by_role("button", name="Tạo khoá").click()
    secret = page.locator("#key-secret .secret")
    expect(secret).to_be_visible()
    headers = {"authorization": f"Bearer {secret.inner_text()}"}
    opened = httpx.get(f"{site.url}/v1/live", headers=headers, trust_env=False, timeout=60)
    page.reload()
    row = page.locator("#key-list tr", has_text="màn hình lãnh đạo")
    expect(row).to_be_visible()
    shown_again = page.locator(".secret").count()
    row.get_by_role("button", name="Chấm dứt").click()
    row.get_by_role("button", name="Nhấn lần nữa để chấm dứt").click()
    expect(row).to_contain_text("hết hạn")
    closed = httpx.get(f"{site.url}/v1/live", headers=headers, trust_env=False, timeout=60)
    page.get_by_role("button", name="Kiểm tra chuỗi").click()

    expect(page.locator("#chain")).to_contain_text("Chuỗi nguyên vẹn")
    assert (opened.status_code, shown_again, closed.status_code) == (200, 0, 401)


def test_a_note_survives_the_end_of_the_session(
    own_site: Callable[..., LiveSite], sit_down: Callable[..., Person]
) -> None:
    """Who has to sign in again finds what he typed, and it is sent."""
    site = own_site(is_told=False)
    page = sit_down(site, role="coordinator").go("/shift")
    page.get_by_role("button", name="Bắt đầu ca").click()
    page.get_by_label("Ghi chú mới").fill("Sương mù dày, xe đi chậm.")
    site.core.register.change_account(NAMES["coordinator"], {"password": PASSWORD}, "test", site.now)
    page.get_by_role("button", name="Thêm ghi chú").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Tên").fill(NAMES["coordinator"])
    dialog.get_by_label("Mật khẩu").fill(PASSWORD)
    dialog.get_by_role("button", name="Đăng nhập").click()

    expect(page.locator("#note-list")).to_contain_text("Sương mù dày, xe đi chậm.")


def test_other_hours_are_recorded_with_reason_and_consent(
    own_site: Callable[..., LiveSite], sit_down: Callable[..., Person]
) -> None:
    """One side alone is a conflict, and the calendar says so at once."""
    site = own_site(is_told=False)
    page = sit_down(site, role="coordinator").go("/calendar?gate=chi_ma&day=2026-01-16")
    form = page.locator("#hours")
    form.get_by_label("Đóng cửa lúc").fill("21:30")
    form.get_by_label("Lý do").fill("tồn nhiều")
    form.get_by_label("Cơ quan nào của phía bên kia đồng ý").fill("Hải quan Ái Điểm")
    form.get_by_role("button", name="Ghi nhận giờ").click()

    expect(page.locator("main")).to_contain_text("Hải quan Ái Điểm đồng ý")
    expect(page.locator("table.calendar").first).to_contain_text("chỉ phía Việt Nam mở 20:00–21:30")
