"""Bulletins from files: every spelling of offices, every row accounted for."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest

from gatewatch.config.loader import load_border
from gatewatch.monitor.bulletins import Sheet, UnreadableError, read_bulletin
from gatewatch.monitor.bulletins.texts import _TCVN3
from gatewatch.monitor.observations import Observation, check_against, parse_event

BORDER = load_border().border
DAY = date(2024, 8, 22)

# 22 August 2024, as the Department of Industry and Trade gave it (config/reported, Cong Thuong via Vietnam.vn).
WIDE = """Tình hình xuất nhập khẩu ngày 22/8/2024
STT;Cửa khẩu;Chiều;Thông quan;Xe hoa quả;Mặt hàng khác;Xe chở hàng;Xe mới;Xe tồn
1;Hữu Nghị;Xuất khẩu;220;138;82;;;
2;Hữu Nghị;Nhập khẩu;564;;;514;50;
3;Tân Thanh;Xuất khẩu;95;87;8;;;
4;Tân Thanh;Nhập khẩu;252;;;;;
;Toàn tỉnh;Xuất khẩu;328;234;94;;;369
;Toàn tỉnh;;1.243;;;;;
"""


def _figures(sheet: Sheet) -> dict[tuple[str | None, str | None, str], int]:
    return {
        (d.get("gate"), d.get("direction"), d["line"]): d["value"] for d in (event["data"] for event in sheet.events)
    }


def test_a_table_with_a_column_for_each_figure():
    """Gates, directions and lines by their Vietnamese names; 1.243 is a thousand and more; the day from the title."""
    sheet = read_bulletin(WIDE.encode(), BORDER)

    figures = _figures(sheet)
    assert figures["huu_nghi", "export", "cleared_fruit"] == 138
    assert figures["huu_nghi", "import", "cleared_new_vehicle"] == 50
    assert figures[None, "export", "remaining"] == 369
    assert figures[None, None, "cleared"] == 1_243
    assert len(figures) == 15
    assert {event["data"]["date"] for event in sheet.events} == {"2024-08-22"}
    assert sheet.ignored == ()


def test_every_event_is_one_that_the_ingest_takes():
    """Valid CloudEvents about gates that the border has."""
    observed = [parse_event(event) for event in read_bulletin(WIDE.encode(), BORDER).events]

    assert all(isinstance(observation, Observation) for observation in observed)
    assert [check_against(o, BORDER) for o in observed if isinstance(o, Observation)] == [[]] * 15


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_encodings_and_separators_make_no_difference(encoding, separator):
    """What old and new spreadsheets save."""
    text = WIDE.replace(";", separator)
    data = _in_cp1258(text) if encoding == "cp1258" else text.encode(encoding)

    assert _figures(read_bulletin(data, BORDER)) == _figures(read_bulletin(WIDE.encode(), BORDER))


def _in_cp1258(text: str) -> bytes:
    """Return a text in Windows-1258, where tone marks stand behind their letters."""
    tones = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
    found = []
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        marks = "".join(c for c in parts if c in tones)
        base = unicodedata.normalize("NFC", "".join(c for c in parts if c not in tones))
        found.append(base + marks)
    return "".join(found).encode("cp1258")


def test_the_fonts_of_the_nineties_are_read():
    """TCVN3, which has no codec: one byte for each letter with marks."""
    bytes_of = {letter: byte for byte, letter in _TCVN3.items()}
    data = bytes(bytes_of.get(letter) or ord(letter) for letter in WIDE)

    assert _figures(read_bulletin(data, BORDER)) == _figures(read_bulletin(WIDE.encode(), BORDER))


def test_a_workbook_is_read_from_its_first_sheet():
    """Numbers as numbers, days as days."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Ngày", "Cửa khẩu", "Chiều", "Thông quan"])
    sheet.append([DAY, "Chi Ma", "Xuất", 13])
    sheet.append([DAY, "Cốc Nam", "Nhập", 9.0])
    file = io.BytesIO()
    book.save(file)

    assert _figures(read_bulletin(file.getvalue(), BORDER)) == {
        ("chi_ma", "export", "cleared"): 13,
        ("coc_nam", "import", "cleared"): 9,
    }


def _workbook(fill: Callable[[openpyxl.Workbook, Any], None]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    fill(book, book.active)
    book.save(file)
    return file.getvalue()


def test_cells_that_are_merged_hold_for_the_rows_below():
    """A gate over both of its directions, as offices print it; a figure over two rows is of neither."""

    def fill(_book: openpyxl.Workbook, sheet: Any) -> None:
        for row in (
            ["Ngày", "Cửa khẩu", "Chiều", "Thông quan", "Tồn"],
            ["22/08/2024", "Hữu Nghị", "Xuất", 220, 300],
            [None, None, "Nhập", 564, None],
            [None, "Chi Ma", "Xuất", 13, None],
        ):
            sheet.append(row)
        for cells in ("A2:A4", "B2:B3", "E2:E3"):
            sheet.merge_cells(cells)

    sheet = read_bulletin(_workbook(fill), BORDER)

    assert _figures(sheet) == {
        ("huu_nghi", "export", "cleared"): 220,
        ("huu_nghi", "export", "remaining"): 300,
        ("huu_nghi", "import", "cleared"): 564,
        ("chi_ma", "export", "cleared"): 13,
    }
    assert [(cell.row, cell.reason) for cell in sheet.cells if cell.event is None] == [
        (3, "Tồn: it is merged with the cell above; unmerge them")
    ]


def test_what_merging_has_emptied_in_a_text_is_not_taken_for_the_province():
    """The gate, or the day where another one is given: the row asks for it. A row of totals says so beside the gate."""
    text = "STT;Ngày;Cửa khẩu;Chiều;Thông quan\n1;15/01/2026;Hữu Nghị;Xuất;220\n2;15/01/2026;;Nhập;564\n"
    text += "3;;Chi Ma;Xuất;13\nTổng cộng;15/01/2026;;;797\n"
    sheet = read_bulletin(text.encode(), BORDER, DAY)

    assert _figures(sheet) == {("huu_nghi", "export", "cleared"): 220, (None, None, "cleared"): 797}
    assert [(cell.row, cell.reason.partition(",")[0]) for cell in sheet.cells if cell.event is None] == [
        (3, 'the row has no gate below "Hữu Nghị"'),
        (4, 'the row has no day below "15/01/2026"; write the day in every row'),
    ]


def test_formulas_hidden_sheets_and_further_ones_are_not_passed_over():
    """A sum whose value was never saved is told; the hidden draft is not read; the other sheet is named."""

    def fill(book: openpyxl.Workbook, draft: Any) -> None:
        draft.append(["Ngày", "Cửa khẩu", "Chiều", "Thông quan"])
        draft.append(["22/08/2024", "Chi Ma", "Xuất", 999])
        draft.sheet_state = "hidden"
        shown, other, _empty = (book.create_sheet(name) for name in ("Báo cáo", "Nháp", "Trang 3"))
        book.active = 1
        shown.append(["Ngày", "Cửa khẩu", "Chiều", "Thông quan", "Tồn"])
        shown.append(["22/08/2024", "Chi Ma", "Xuất", "=6+7", None])
        shown.append(["22/08/2024", "Cốc Nam", "Xuất", 9, None])
        other.append(["Ghi chú"])

    sheet = read_bulletin(_workbook(fill), BORDER)

    assert _figures(sheet) == {("coc_nam", "export", "cleared"): 9}
    assert [(cell.row, cell.reason) for cell in sheet.cells if cell.event is None] == [
        (2, 'Thông quan: "=6+7" is a formula without its value; open the file, save it, and send it again')
    ]
    assert sheet.ignored == ('"Nháp"',)


def test_a_figure_that_a_comma_has_cut_in_two_is_refused():
    """1,234 is not 1 with something behind it; in quotation marks it is whole, and so are empty cells at the end."""
    text = 'date,gate,cleared,remaining\n2026-01-15,chi_ma,1,234,5\n2026-01-15,coc_nam,"1,234",5,,\n'
    sheet = read_bulletin(text.encode(), BORDER)

    assert _figures(sheet) == {("coc_nam", None, "cleared"): 1234, ("coc_nam", None, "remaining"): 5}
    assert 'from "5" on' in sheet.cells[0].reason
    assert "put it in quotation marks" in sheet.cells[0].reason


def test_a_table_with_a_row_for_each_figure():
    """In English, with days and editions of their own."""
    text = "date,gate,direction,line,value,edition\n2026-01-15,,export,remaining change,+52,2\n"
    text += "15/01/2026,,export,arrived,425,\n"

    first, second = read_bulletin(text.encode(), BORDER).events

    assert (first["data"]["line"], first["data"]["value"], first["data"]["text"]) == ("remaining_change", 52, "+52")
    assert first["id"] == "2026-01-15/province/export/remaining_change/2"
    assert second["data"]["edition"] == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Hữu Ngị;Xuất;3", 'gate is "Hữu Ngị"; no gate has that name. Did you mean "huu_nghi"?'),
        ("Chi Ma;Bắc;3", 'direction is "Bắc"; write xuất khẩu or nhập khẩu'),
        ("Chi Ma;Xuất;nhiều", 'Thông quan: "nhiều" is no whole number of vehicles'),
        ("Chi Ma;Xuất;4,5", 'Thông quan: "4,5" is no whole number of vehicles'),
        ("Chi Ma;Xuất;-", "the row has no figure"),
        (f"Chi Ma;Xuất;{'9' * 5_000}", f'Thông quan: "{"9" * 30}…" is longer than any number'),
    ],
)
def test_no_row_is_dropped_without_a_word(row, reason):
    """Each row that is not taken in says why, with its number in the file."""
    text = f"Cửa khẩu;Chiều;Thông quan\n{row}\nCốc Nam;Nhập;7\n"

    wrong, right = read_bulletin(text.encode(), BORDER, DAY).cells

    assert (wrong.row, wrong.event) == (2, None)
    assert wrong.reason.startswith(reason)
    assert right.event is not None


def test_a_bulletin_without_a_day_asks_for_it():
    """Neither in a column, nor in the titles, nor given."""
    (cell,) = read_bulletin("Cửa khẩu;Chiều;Thông quan\nChi Ma;Xuất;3\n".encode(), BORDER).cells

    assert cell.reason == "the row has no day, nor have the titles; add a column date or give the day"


def _broken_workbook() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<broken")
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x00\x01\x02\x03", b"PK\x03\x04 no workbook", b"hello\nworld\n", _broken_workbook(),
        f'Cửa khẩu;Thông quan\nChi Ma;"{"x" * 200_000}\n'.encode(),
    ],
    ids=["empty", "zeros", "no zip", "no table", "broken workbook", "unclosed quotation"],
)  # fmt: skip
def test_what_is_no_bulletin_is_refused_with_a_remedy(data):
    """Not a traceback."""
    with pytest.raises(UnreadableError) as caught:
        read_bulletin(data, BORDER)

    assert any(remedy in str(caught.value) for remedy in ("save it", "save the file", "headings"))


def test_headings_that_nobody_knows_are_told():
    """What stands under them is not read."""
    assert read_bulletin("Cửa khẩu;Thông quan;Thời tiết\nChi Ma;3;mưa\n".encode(), BORDER, DAY).ignored == (
        "Thời tiết",
    )
