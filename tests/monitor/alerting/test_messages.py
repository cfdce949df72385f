"""Messages: what, where, how bad it is and will get, who has it, in natural words; nothing can be forged into them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatewatch.monitor.alerting import AlertKey, Bundle
from gatewatch.monitor.alerting.messages import MOST_MARKED, MOST_PLAIN, MOST_SUBJECT
from gatewatch.monitor.alerting.outlook import Outlook, look_ahead
from gatewatch.monitor.alerting.wording import TITLES, UNITS
from gatewatch.monitor.detectors.kinds import list_detectors
from tests.monitor.alerting.telling import EXPORTS, NOW, SILENT, bundle, compose, finding, live, notification


def test_vietnamese_as_officials_write_it(tmp_path: Path) -> None:
    """Level from and to, number, unit, threshold, rule, evidence, forecast, who coordinates, what to do, link."""
    told = compose(tmp_path, bundle())

    assert told.subject == "[Ùn ứ] Tồn xe kéo dài: Hữu Nghị, chiều xuất, 412 xe"
    assert told.text == (
        "Nguy cơ ùn ứ tại Hữu Nghị, chiều xuất: tồn 412 xe, tương đương 1,7 ngày thông quan; "
        "dự báo đầy bãi lúc 17:40.\n"
        "\n"
        "1. Cảnh báo mới: Tồn xe kéo dài – Hữu Nghị, chiều xuất\n"
        "   Hữu Nghị, chiều xuất: tồn 412 xe (từ 407 đến 417); ngưỡng 300 xe.\n"
        "   Mức: thông suốt → ùn ứ; giá trị 412 xe; ngưỡng 300 xe; quy tắc backlog_sustained.\n"
        "   Báo từ 13:40 15/01/2026.\n"
        "   Căn cứ: số liệu từ 13:45 15/01/2026 đến 14:00 15/01/2026, chất lượng A, nguồn: "
        "Camera qua biên giới, chiều xuất, Hữu Nghị.\n"
        "   Việc cần làm: Mở thêm làn.\n"
        "\n"
        "Dự báo đầy bãi lúc 17:40 (ước tính theo tốc độ xe lên và thông quan của giờ vừa qua).\n"
        "\n"
        "Đầu mối điều phối: Trung tâm Quản lý cửa khẩu.\n"
        "\n"
        f"Xem chi tiết và xác nhận tiếp nhận: {told.link}\n"
        "\n"
        f"Gatewatch, 14:00 15/01/2026 (giờ Việt Nam). Mã thông báo: {told.key}\n"
    )
    assert told.brief == "Ùn ứ: Hữu Nghị, chiều xuất, tồn 412 xe, dự báo đầy bãi lúc 17:40"


def test_english_for_who_reads_english(tmp_path: Path) -> None:
    """The language is the contact's."""
    told = compose(tmp_path, bundle(to="ann"))

    assert told.subject == "[Congested] Backlog that lasts: Huu Nghi, exports, 412 vehicles"
    assert told.text.startswith(
        "Risk of congestion at Huu Nghi, exports: 412 vehicles inside, 1.7 days of clearance; "
        "yards full at about 17:40.\n"
    )
    assert "Level: clear → congested; value 412 vehicles; threshold 300 vehicles; rule backlog_sustained." in told.text
    assert "Coordinates: Border Gate Management Center." in told.text


def test_the_yards_fill_by_hand() -> None:
    """110 places are free and 30 vehicles an hour more come than go: 3 h 40 min; the gate shuts later than that."""
    flow = live().flow("huu_nghi", "export")

    assert look_ahead(flow, NOW).full_at == NOW + timedelta(hours=3, minutes=40)


def test_what_nobody_knows_is_not_foretold(tmp_path: Path) -> None:
    """No backlog, no rates: the sentence of the rule stands alone, and no number is made up."""
    flow = live().flow("huu_nghi", "export")
    unknown = replace(flow, arrival_rate_60=replace(flow.arrival_rate_60, value=None))
    told = compose(tmp_path, bundle(), snapshot=None)

    assert look_ahead(unknown, NOW) == Outlook(closes_at=look_ahead(flow, NOW).closes_at)
    assert "báo đầy" not in told.text
    assert told.text.startswith("Hữu Nghị, chiều xuất: tồn 412 xe (từ 407 đến 417); ngưỡng 300 xe.\n")


def test_a_level_that_rose_says_from_where(tmp_path: Path) -> None:
    """And an end says that it is over, since when, and leaves out what was to be done."""
    risen = compose(tmp_path, bundle(notification(level="critical", reason="level", before="congested")))
    ended = compose(tmp_path, bundle(notification(reason="resolved", before="congested", ended=True, value=120)))

    assert "Mức: ùn ứ → nghiêm trọng" in risen.text
    assert risen.is_urgent
    assert ended.text.startswith("Đã hết cảnh báo: Tồn xe kéo dài – Hữu Nghị, chiều xuất.\n")
    assert "Mức: ùn ứ → thông suốt" in ended.text
    assert "hết lúc 14:00 15/01/2026" in ended.text
    assert "Việc cần làm" not in ended.text
    assert ended.subject == "[Đã hết] Tồn xe kéo dài: Hữu Nghị, chiều xuất"
    assert not ended.is_urgent


def test_a_bundle_tells_the_worst_first_and_all_of_it(tmp_path: Path) -> None:
    """The subject is that of the gravest, each alert has its lines and each notice its key."""
    parts = notification(SILENT, "congested", value=12.0), notification(level="critical", reason="escalated")
    told = compose(tmp_path, bundle(*parts))

    assert told.subject == "[Nghiêm trọng] Tồn xe kéo dài: Hữu Nghị, chiều xuất, 412 xe (+1)"
    assert "1. Cảnh báo mới: Nguồn dữ liệu im lặng – Camera qua biên giới, chiều xuất, Hữu Nghị" in told.text
    assert "2. Chưa có ai tiếp nhận: Tồn xe kéo dài" in told.text
    assert "   Mức: nghiêm trọng; giá trị 412 xe" in told.text
    assert [news.key for news in told.news] == [n.key for part in parts for n in part.notices]
    assert told.key == Bundle("lan", NOW, parts).key
    assert told.link == "https://gatewatch.example.vn/alarms"


def test_every_rule_has_a_title_and_every_unit_a_word() -> None:
    """A detector that is added is told by name until it has a title: this says so."""
    detectors = list_detectors()

    assert set(detectors) <= set(TITLES)
    assert {detector.unit for detector in detectors.values()} <= set(UNITS)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("rule", sorted(list_detectors()))
def test_every_rule_can_be_told_without_a_finding(rule: str, language: str, tmp_path: Path) -> None:
    """As at the end of an alert that is judged no more; nothing is longer than its channel takes."""
    key = AlertKey.of(alertname=rule, about=list_detectors()[rule].about, gate="huu_nghi")
    to = "lan" if language == "vi" else "ann"
    told = compose(tmp_path, bundle(notification(key, to=to), to=to), {})

    assert len(told.subject) <= MOST_SUBJECT
    assert len(told.short) <= MOST_PLAIN
    assert len(told.brief) <= MOST_MARKED
    assert rule in told.text
    assert "None" not in told.text


NASTY = st.text(st.one_of(st.sampled_from("\r\n\x00\x1b\u2028\u202e\u200b{}%#<>\"'"), st.characters()), max_size=60)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NASTY)
def test_nothing_that_was_said_becomes_a_line_or_a_template(tmp_path: Path, said: str) -> None:
    """A source, a gate or a reason may hold anything: the message has the lines that we wrote and no others."""
    plain = AlertKey.of(alertname="silent_feed", about="data", gate="huu_nghi", source="x")
    nasty = AlertKey.of(alertname="silent_feed", about="data", gate="huu_nghi", source=f"x{said}")
    expected = compose(tmp_path, bundle(notification(plain, value=12.0)), {})
    told = compose(tmp_path, bundle(notification(nasty, value=12.0)), {})

    assert told.text.count("\n") == expected.text.count("\n")
    assert "\r" not in told.text
    assert not any(ord(c) < 32 or c in "\u2028\u2029\u202e" for c in told.subject + told.short + told.brief)


def test_what_looks_like_a_template_is_told_as_it_was_said(tmp_path: Path) -> None:
    """It is a value: nothing is evaluated, and no attribute reached."""
    key = AlertKey.of(alertname="silent_feed", about="data", source="{{ 7 * 7 }} {{ ''.__class__ }}\r\nBcc: all@x")
    told = compose(tmp_path, bundle(notification(key, value=12.0)), {})

    assert "{{ 7 * 7 }} {{ ''.__class__ }} Bcc: all@x" in told.text
    assert "49" not in told.text
    assert "\nBcc" not in told.text


def test_a_contact_that_is_gone_is_still_told(tmp_path: Path) -> None:
    """Its message waits in a mailbox while the file changes: it is shown on the first channel, in Vietnamese."""
    told = compose(tmp_path, replace(bundle(), destination="gone"))

    assert (told.channel, told.language, told.destination) == ("screen", "vi", "gone")


def test_the_same_bundle_gives_the_same_message(tmp_path: Path) -> None:
    """A message is a function of what was known."""
    assert compose(tmp_path, bundle()) == compose(tmp_path, bundle())
    assert EXPORTS.rule in compose(tmp_path, bundle(), {EXPORTS: finding(1_234)}).text
