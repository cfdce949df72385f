"""What printed figures say of each other, on the bulletins of the record (config/reported)."""

from __future__ import annotations

from datetime import date

from gatewatch.config.loader import load_border
from gatewatch.monitor.bulletins import BulletinFinding, check_bulletins, read_bulletin
from gatewatch.monitor.observations import Observation, parse_event
from tests.monitor.bulletins.test_reading import WIDE
from tests.monitor.stories import project

BORDER = load_border().border

NEW_YEAR = """Ngày 01/01/2026
Cửa khẩu;Chiều;Thông quan;Xe từ nội địa lên;Xe tồn;Tăng giảm tồn;Xe hoa quả;Mặt hàng khác
Toàn tỉnh;Xuất khẩu;261;249;312;+12;181;80
Toàn tỉnh;Nhập khẩu;938;;;;;
Toàn tỉnh;;1.199;;;;;
"""
MID_JANUARY = """Ngày 15/01/2026
Cửa khẩu;Chiều;Thông quan;Xe từ nội địa lên;Xe tồn;Tăng giảm tồn
Toàn tỉnh;Xuất khẩu;372;425;305;+52
Toàn tỉnh;Nhập khẩu;1.481;;;
Toàn tỉnh;;1.853;;;
"""


def _found(text: str, day: date) -> list[BulletinFinding]:
    observed = [parse_event(event) for event in read_bulletin(text.encode(), BORDER).events]
    return check_bulletins(project([o for o in observed if isinstance(o, Observation)]), day, day)


def test_the_sign_error_of_new_year_is_found():
    """249 came and 261 went, so the stock fell by 12; the bulletin prints +12."""
    day = date(2026, 1, 1)

    assert _found(NEW_YEAR, day) == [BulletinFinding(day, None, "export", "sign", "remaining_change", 12, -12)]


def test_one_vehicle_is_missing_in_mid_january():
    """425 less 372 are 53; the bulletin prints 52."""
    day = date(2026, 1, 15)

    (finding,) = _found(MID_JANUARY, day)
    assert (finding.kind, finding.printed, finding.reckoned, finding.residual) == ("change", 52, 53, -1)


def test_the_gates_of_august_add_up_once_all_of_them_are_there():
    """784 + 347 + 9 + 103 = 1,243; with Chi Ma at 100 they do not."""
    gates = "Ngày 22/8/2024\nCửa khẩu;Thông quan\nHữu Nghị;784\nTân Thanh;347\nCốc Nam;9\nChi Ma;{}\nToàn tỉnh;1.243\n"
    day = date(2024, 8, 22)

    assert _found(gates.format(103), day) == []
    assert _found(gates.format(100), day) == [BulletinFinding(day, None, None, "sum", "cleared", 1_243, 1_240)]


def test_fruit_and_other_goods_add_up():
    """138 + 82 = 220 at Huu Nghi; one fruit lorry more is told."""
    day = date(2024, 8, 22)

    assert [f for f in _found(WIDE, day) if f.kind == "parts"] == []
    wrong = _found(WIDE.replace("220;138", "220;139"), day)
    assert [f for f in wrong if f.kind == "parts"] == [
        BulletinFinding(day, "huu_nghi", "export", "parts", "cleared", 220, 221)
    ]


def test_the_stock_of_two_days_and_the_flows_between_them_agree_or_are_told():
    """300 the day before, 425 in, 372 out: 353 and not 305."""
    before = "Ngày 14/01/2026\nCửa khẩu;Chiều;Xe tồn\nToàn tỉnh;Xuất khẩu;300\n"
    events = [*read_bulletin(before.encode(), BORDER).events, *read_bulletin(MID_JANUARY.encode(), BORDER).events]
    observed = [parse_event(event) for event in events]
    day = date(2026, 1, 15)

    found = check_bulletins(project([o for o in observed if isinstance(o, Observation)]), day, day)

    assert [(f.kind, f.printed, f.reckoned) for f in found] == [("identity", 305, 353), ("change", 52, 5)]
