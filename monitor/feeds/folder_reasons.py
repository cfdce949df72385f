"""Why figures of a bulletin were refused, in Vietnamese and English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final


@dataclass(frozen=True, slots=True)
class Trouble:
    """
    Something of a file that was refused.

    Args:
        row: Row of the file from 1; 0 for the whole file.
        column: Heading of the column; empty for the whole row.
        reason: Why, in English.
        status: What the ingest said; empty when it never came to it.
    """

    row: int
    column: str
    reason: str
    status: str = ""


# What the reading of bulletins says, from the most to the least particular.
_IN_VIETNAMESE: Final = (
    (r"no row of headings was found", "Không tìm thấy dòng tiêu đề. Cần các cột: cửa khẩu, chiều, thông quan, tồn …"),
    (r"the table is larger than", "Bảng quá lớn. Hãy gửi từng phần."),
    (r"unpacks to more than", "Tệp Excel quá lớn sau khi giải nén. Chỉ gửi trang có bản tin."),
    (r"begins like an Excel workbook", "Tệp Excel bị hỏng. Hãy lưu lại dưới dạng .xlsx hoặc .csv."),
    (r"begins like UTF-16", "Không đọc được bảng mã. Hãy lưu lại dưới dạng UTF-8."),
    (r"it is no text", "Tệp không phải là văn bản. Hãy lưu lại dưới dạng .csv hoặc .xlsx."),
    (r"is not read; save it as", "Không đọc loại tệp này. Hãy lưu lại dưới dạng .xlsx hoặc .csv."),
    (r"bytes and at most", "Tệp quá lớn. Chỉ gửi bản tin."),
    (r"there is no row below the headings", "Không có dòng số liệu nào dưới tiêu đề."),
    (r"has no day, nor have the titles", "Thiếu ngày. Hãy thêm cột ngày, hoặc ghi ngày ở phần tiêu đề."),
    (r"is no day", "Ngày không hợp lệ. Hãy ghi như 15/01/2026."),
    (r"^edition is", "Lần cập nhật không hợp lệ. Ghi 1 cho lần đầu, 2 cho lần sửa."),
    (r"^gate is", "Không có cửa khẩu nào mang tên này."),
    (r"^direction is", "Chiều không hợp lệ. Ghi xuất khẩu hoặc nhập khẩu; để trống nếu là cả hai."),
    (r"no line of the bulletin has that name", "Không có chỉ tiêu nào mang tên này."),
    (r"the row has no figure", "Dòng không có số liệu. Hãy bỏ dòng này, hoặc ghi 0 nếu không có xe."),
    (r"has decimals", "Số có phần thập phân. Hãy định dạng cột thành văn bản rồi lưu lại."),
    (r"whole number", "Không phải số nguyên. Hãy ghi bằng chữ số, như 1.761 hoặc 1761."),
)  # fmt: skip
_CONFLICT: Final = "Đã có số liệu khác cho ngày này. Nếu đây là bản sửa, hãy thêm cột “lần” với số 2 (hoặc lớn hơn)."
_CONFLICT_REMEDY: Final = "In a bulletin, give a correction a higher edition: add a column edition with 2 or more."
_ELSE: Final = "Hệ thống không nhận; xem lý do bằng tiếng Anh."


def in_vietnamese(trouble: Trouble) -> str:
    """Return the reason in Vietnamese; where nobody has put it into words, that it stands in English."""
    if trouble.status == "conflict":
        return _CONFLICT
    return next((text for pattern, text in _IN_VIETNAMESE if re.search(pattern, trouble.reason)), _ELSE)


def reasons_text(name: str, now: datetime, n_taken: int, troubles: Sequence[Trouble]) -> str:
    """
    Return what stands beside a refused file.

    Args:
        name: Of the file as it was put in.
        now: When it was refused, in the zone of the reader.
        n_taken: Figures that were taken in all the same.
        troubles: What was refused, at least one.
    """
    at = f"{now:%d/%m/%Y %H:%M}"
    lines = [
        f"Tệp “{name}”, lúc {at}: {len(troubles)} mục không được nhận, {n_taken} số liệu đã được nhận.",
        "Hãy sửa và bỏ cả tệp vào thư mục một lần nữa; số liệu đã nhận sẽ không bị tính hai lần.",
        "",
        *(f"- {_place_vi(trouble)}{in_vietnamese(trouble)}" for trouble in troubles),
        "",
        f'File "{name}" at {at}: {len(troubles)} refused, {n_taken} figures taken in.',
        "Mend it and put the whole file in again; what was taken in is not counted twice.",
        "",
        *(f"- {_place(trouble)}{_told(trouble)}" for trouble in troubles),
    ]
    return "\n".join(lines) + "\n"


def _place_vi(trouble: Trouble) -> str:
    column = f", cột “{trouble.column}”" if trouble.column else ""
    return f"Dòng {trouble.row}{column}: " if trouble.row else ""


def _place(trouble: Trouble) -> str:
    column = f', column "{trouble.column}"' if trouble.column else ""
    return f"Row {trouble.row}{column}: " if trouble.row else ""


def _told(trouble: Trouble) -> str:
    reason = trouble.reason if trouble.reason.endswith(".") else f"{trouble.reason}."
    return f"{reason} {_CONFLICT_REMEDY}" if trouble.status == "conflict" else reason
