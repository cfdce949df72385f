"""What is data elsewhere, settings, notes and reasons, is told in Vietnamese too."""

import inspect
import re
from dataclasses import replace
from datetime import date, datetime

import pytest

from gatewatch.config.loader import load_border
from gatewatch.simulator.policies import find_policy, list_policies
from gatewatch.simulator.report.sections.question import _settings
from gatewatch.simulator.report.sections.theory import _reason
from gatewatch.simulator.report.words import Words
from gatewatch.simulator.shadow.beside import _why
from gatewatch.simulator.shadow.one_gate import OneGate
from tests.simulator.report.html_tree import read

SHIPPED = load_border()
_ENGLISH = re.compile(r"\b(the|of|and|all|or|without|it|which|at|by|from|gates?|stations?)\b", re.IGNORECASE)


def settings_of(text, language="vi"):
    """Return the settings of a policy as a report lists them: name, value, unit, basis, key."""
    (group,) = _settings(find_policy(text, SHIPPED), Words(language, SHIPPED.border)).groups
    return [[cell if isinstance(cell, str) else cell.mark.word for cell in row] for row in group.rows]


@pytest.mark.parametrize("name", sorted(list_policies()))
def test_the_settings_of_every_ready_policy_have_names(name):
    """Names for ids, numbers and dates as the language writes them; the last column is the key as it is typed."""
    rows = settings_of(name)

    assert rows
    assert not [row for row in rows if _ENGLISH.search(" ".join(row[:4]))]
    assert not [row for row in rows if re.search(r"[\[\]{}_\"]", row[1])]
    assert [row[4] for row in rows] == list(find_policy(name, SHIPPED).stated())


def test_a_setting_is_told_by_name_value_unit_and_basis():
    """By hand, in both languages."""
    text = "huu_nghi_later_when_full"

    assert settings_of("five_hours_a_day")[1:] == [
        ["Khung giờ", "08:00-11:00, 12:00-14:00", "", "công bố", "hours"],
        ["Ngày trong tuần", "T2, T3, T4, T5, T6", "", "công bố", "weekdays"],
    ]
    assert settings_of(text)[-1][1] == "Khi chờ hơn 400, Đóng muộn hơn 1; Khi chờ hơn 600, Đóng muộn hơn 2"
    assert settings_of(text, "en")[-1][:3] == [
        "Steps", "When more wait than 400, Closes later by 1; When more wait than 600, Closes later by 2", "veh, h",
    ]  # fmt: skip
    assert settings_of("desks_only_two_hours_later")[-1][:2] == ["Phía Trung Quốc đồng ý", "không"]


def test_dates_and_ids_without_a_name_are_told_as_they_are():
    """A moment keeps its time; a station that a policy made is called by its id."""
    words = Words("vi", SHIPPED.border)

    assert words.value(date(2025, 7, 5), "YYYY-MM-DD") == "05/07/2025"
    assert words.value(datetime(2025, 7, 5, 14, 30), "") == "05/07/2025 14:30"  # noqa: DTZ001
    assert words.value(["carrier_export"], "stations") == "carrier_export"
    assert words.value(1234.5, "veh") == "1.234,5"


def test_every_shipped_scenario_says_its_note_in_vietnamese():
    """The same counts of vehicles stand in both."""
    for name, scenario in SHIPPED.border.scenarios.items():
        counts = re.findall(r"\d{3,}|\d{1,3}[,.]\d{3}", scenario.note)

        assert scenario.note, name
        assert scenario.note_vi, name
        assert not _ENGLISH.search(scenario.note_vi), name
        assert not [count for count in counts if count.replace(",", ".") not in scenario.note_vi], name


def test_a_note_without_translation_says_that_it_is_english(page_alone, results):
    """It is marked for who reads it out, and has no mark in an English report."""
    noted = results.plan.scenario.model_copy(update={"note": "Mind the gap."})
    vietnamese, english = read(page_alone(replace(results, plan=replace(results.plan, scenario=noted)))).all("main")

    assert [p.text for p in vietnamese.all("p", lang="en")] == ["Về kịch bản (nguyên văn tiếng Anh): Mind the gap."]
    assert "Of the scenario: Mind the gap." in english.text


def test_every_reason_for_a_gap_and_every_way_of_running_is_told():
    """What the shadow may say of a gap, what a manifest says of streams: no English is left."""
    words = Words("vi", SHIPPED.border)
    left_out = re.findall(r'yield f?"([^"]+)"', inspect.getsource(OneGate._left_out))
    behind = re.findall(r'[ (]f?"(\S[^"\n]{20,}\S)"', inspect.getsource(_why).split('"""')[2])
    texts_of_shadow = [re.sub(r"\{[^}]*:\.2f\}", "0.93", text) for text in (*left_out, *behind)]
    said = [_reason(re.sub(r"\{[^}]*\}", "customs_export", text), "huu_nghi", words) for text in texts_of_shadow]

    assert len(said) == 10
    assert not [text for text in said if _ENGLISH.search(text)]
    assert _reason("customs_export is at load 0.93, where days that differ count most", "huu_nghi", words) == (
        "Thủ tục hải quan xuất khẩu ở mức tải 0,93, khi đó chênh lệch giữa các ngày ảnh hưởng nhiều nhất"
    )


def test_how_it_was_run_is_told_without_english(page):
    """Pairing, adjustment and streams are words of a manifest, and sentences in a report."""
    vietnamese, english = read(page()).all("main")
    rows = [row.text for row in vietnamese.all("section", class_="experiment")[0].all("tr")]

    assert "ghép cặp lần lặp thứ n của mọi phương án dùng cùng dòng số ngẫu nhiên" in rows
    assert "hiệu chỉnh cho nhiều phương án Holm trên các phương án, cho từng chỉ tiêu" in rows
    assert "pairing the n-th replications of all scenarios have the same streams" in english.text
