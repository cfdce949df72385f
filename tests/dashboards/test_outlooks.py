"""Forecasts on the screens: a coordinator adopts longer hours and sees the dashed line; how good forecasts were."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.dashboards.looks import axe_findings, overflows
from tests.dashboards.outlooks import foretell, score
from tests.dashboards.people import OFFICE, PHONE, Person
from tests.dashboards.sites import NAMES, LiveSite

pytestmark = pytest.mark.slow
LONG_MS = 300_000  # the first forecast on a machine compiles the engine
LATER = "Hữu Nghị đóng cửa muộn hơn hai giờ"
LOOKS = [("vi", "dark", PHONE), ("en", "light", OFFICE), ("zh", "contrast", OFFICE)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """A site of these tests' own, with a forecast made by the clock and scores of others."""
    made = LiveSite(tmp_path_factory.mktemp("outlooks"))
    foretell(made)
    score(made)
    yield made
    made.close()


def twin(page: Page, chart: str) -> tuple[list[str], list[list[str]]]:
    """Open the table under a chart, and return its head and its rows."""
    figure = page.locator(f"#{chart}")
    if not figure.locator("details.twin").get_attribute("open"):
        figure.locator("details.twin summary").click()
    figure.locator("tbody tr").first.wait_for()
    rows = figure.locator("tbody tr").all()
    return figure.locator("thead th").all_inner_texts(), [row.locator("th, td").all_inner_texts() for row in rows]


def test_a_forecast_is_beside_the_day(site: LiveSite, sit_down: Callable[..., Person]) -> None:
    """What is left at the close stands on the tile, its band to the next opening on the gate's chart."""
    person = sit_down(site, role="operator")
    page = person.go("/")
    left = page.locator("#gate-tan_thanh section", has_text="Xuất khẩu").locator("dt", has_text="Còn lại lúc 20:00")
    expect(left).to_be_visible()
    figure = left.locator("xpath=following-sibling::dd[1]").locator(".figure")
    expect(figure).to_contain_text(" xe (")
    gate = person.go("/g/tan_thanh")
    expect(gate.locator("#expected")).to_contain_text("Dự báo còn lại lúc đóng cửa 20:00")
    head, rows = twin(gate, "chart-backlog")

    ahead = [row[head.index("dự báo")] for row in rows]
    assert "dự báo" in head
    assert "bây giờ" not in head
    assert sum(bool(value) for value in ahead) >= 15  # each hour to seven in the morning
    assert (axe_findings(gate), overflows(gate), person.errors) == ([], [], [])


def test_a_coordinator_adopts_longer_hours_and_sees_the_dashed_line(
    site: LiveSite, sit_down: Callable[..., Person]
) -> None:
    """The form asks for the reason and the Chinese side; then the plan is on the overview and at the gate."""
    person = sit_down(site, role="coordinator")
    page = person.go("/plan")
    expect(page.locator("#skill")).to_contain_text("nằm trong dải 80 %")
    page.locator("#policy-0-0").select_option("huu_nghi_two_hours_later")
    page.get_by_role("button", name="So sánh", exact=True).click()
    page.locator("summary", has_text="Chọn một phương án").click(timeout=LONG_MS)
    expect(page.locator("#found")).to_contain_text("chất lượng A")
    expect(page.get_by_role("button", name="Lấy lại trạng thái hiện tại")).to_be_visible()
    assert page.locator("#consent option").all_inner_texts() == ["có, đã đồng ý", "đã hỏi, chưa trả lời", "không"]
    findings = (axe_findings(page), overflows(page))
    page.locator("#consent").select_option("yes")
    page.locator("#reason").fill("Còn nhiều xe hoa quả")
    page.get_by_role("button", name="Chọn", exact=True).click()
    expect(page.locator(".decide .answer")).to_contain_text("Đã ghi quyết định")
    expect(page.locator(".decide .answer")).to_contain_text("đóng 22:00")
    expect(page.locator("#decided")).to_contain_text("Còn nhiều xe hoa quả")
    with page.expect_download() as table:
        page.get_by_role("link", name="CSV").click()
    said = table.value.path().read_text(encoding="utf-8-sig")

    assert findings == ([], [])
    assert said.startswith("alternative,title,gate,direction,at,hours_ahead,backlog_p10_veh")
    assert "huu_nghi_two_hours_later" in said
    overview = person.go("/")
    chart = overview.locator("#chart-huu_nghi")
    expect(chart.locator(".summary")).to_contain_text(f"Nét đứt: {LATER}, {NAMES['coordinator']} chọn lúc 14:32")
    head, rows = twin(overview, "chart-huu_nghi")
    assert sum(bool(row[head.index("phương án, Xuất khẩu")]) for row in rows) == 25
    gate = person.go("/g/huu_nghi")
    expect(gate.locator("#notes")).to_contain_text(f"Đã chọn: {LATER}")
    expect(gate.locator("#notes")).to_contain_text("đóng 22:00")
    assert (axe_findings(gate), overflows(gate), person.errors) == ([], [], [])
    planner = sit_down(site, role="planner", language="en")
    shown = planner.go("/plan")
    expect(shown.locator("#decided")).to_contain_text("Huu Nghi closes two hours later")
    expect(shown.locator("#decided")).to_contain_text("China agrees")
    assert planner.errors == []


def test_a_day_that_is_over_can_be_chosen(site: LiveSite, sit_down: Callable[..., Person]) -> None:
    """The charts are of that day, and the page says that its figures are of now; no day of tomorrow, no nonsense."""
    person = sit_down(site, role="viewer", language="en")
    page = person.go("/g/huu_nghi?day=2026-01-14")
    expect(page.locator(".day-notice")).to_contain_text("of the day chosen")
    expect(page.locator("#chart-rate .summary")).not_to_have_text("")
    _, rows = twin(page, "chart-rate")

    assert (rows[0][0], rows[-1][0], len(rows)) == ("00:15", "00:00", 96)
    assert (axe_findings(page), overflows(page), person.errors) == ([], [], [])
    assert person.go("/g/huu_nghi?day=2030-01-01").locator("#day").input_value() == "2026-01-15"
    refused = page.request.get("/g/huu_nghi?day=yesterday")
    assert refused.status == 422


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: str(look[0]))
def test_the_accuracy_of_forecasts_is_told_in_words(
    look: tuple[str, str, tuple[int, int]], site: LiveSite, sit_down: Callable[..., Person]
) -> None:
    """A forecast worse than a guess says so; every chart has its table; axe and overflow find nothing."""
    language, theme, size = look
    person = sit_down(site, role="planner", language=language, theme=theme, size=size)
    page = person.go("/plan/accuracy")
    worse = {"vi": "KÉM HƠN", "en": "WORSE than", "zh": "不如"}[language]
    table = page.locator("table.by-place")
    expect(table.locator("tbody tr")).to_have_count(8)
    page.locator("#place").select_option("huu_nghi/export")
    expect(page.locator(".lines svg").first).to_have_attribute("aria-label", title_of_chart(language))
    page.locator(".lines details summary").first.click()

    assert table.locator("tbody tr", has_text=worse).count() == 2
    assert page.locator(".lines").first.locator("tbody tr").count() == 24
    expect(page.locator("table.worst tbody tr").first).to_be_visible()
    assert (axe_findings(page), overflows(page), person.errors) == ([], [], [])


def title_of_chart(language: str) -> str:
    """Return what the first chart is called of the gate chosen."""
    return {
        "vi": "Sai số theo số giờ dự báo trước, Hữu Nghị, Xuất khẩu",
        "en": "Error by hours ahead, Huu Nghi, Export",
        "zh": "各提前小时数的误差，Huu Nghi, 出口",
    }[language]


def test_before_the_first_score_it_says_when_it_comes(border_site: LiveSite, sit_down: Callable[..., Person]) -> None:
    """No empty chart: what has to happen first."""
    person = sit_down(border_site, role="planner", language="en")
    page = person.go("/plan/accuracy")
    state = page.locator("#accuracy .state")
    expect(state).to_contain_text("No forecast has been scored in this time.")

    assert "A forecast is made every 30 min" in state.inner_text()
    assert (axe_findings(page), overflows(page), person.errors) == ([], [], [])
