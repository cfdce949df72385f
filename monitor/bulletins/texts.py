"""Bytes to text: the encodings that old and new spreadsheets of Vietnamese offices come in."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from collections.abc import Callable

Row = list[object]
Table = list[tuple[int, Row]]  # number of the row in the file, from 1, and its cells

MOST_ROWS = 10_000
MOST_COLUMNS = 100
MOST_UNPACKED = 64 * 1024 * 1024  # bytes: a workbook that unpacks to more is no bulletin

# TCVN 5712:1993 (VN3), the "ABC" of old Vietnamese fonts: a byte each for the letters with marks.
_TCVN3 = dict(
    zip(
        bytes.fromhex(
            "b8b5b6b7b9a8bebbbcbdc6a9cac7c8c9cbaed0cccecfd1aad5d2d3d4d6ddd7d8dcdee3dfe1e2e4abe8e5e6e7e9acedeaebeceef3eff1f2"
            "f4adf8f5f6f7f9fdfafbfcfea1a2a3a4a5a6a7"
        ),
        "áàảãạăắằẳẵặâấầẩẫậđéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵĂÂÊÔƠƯĐ",
        strict=True,
    )
)


class UnreadableError(Exception):
    """The file is no table; the message says what to do."""


def folded(text: object) -> str:
    """
    Return a text without marks, case and punctuation, so that every spelling of a heading is one.

    >>> folded("Hiệu suất  thông quan (xe)")
    'hieu suat thong quan xe'
    """
    plain = unicodedata.normalize("NFD", str(text).replace("đ", "d").replace("Đ", "d"))
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(letters.lower().split())


def read_table(data: bytes, is_known: Callable[[str], bool]) -> Table:
    """
    Return the rows of a CSV or XLSX file that are not empty.

    Args:
        data: The file.
        is_known: Whether a folded text is a heading; decides between encodings that all can be read.

    Raises:
        UnreadableError: It is neither, or too large.
    """
    rows = _workbook(data) if data.startswith(b"PK") else _csv(data, is_known)
    if len(rows) > MOST_ROWS or any(len(row) > MOST_COLUMNS for row in rows):
        raise UnreadableError(f"the table is larger than {MOST_ROWS} rows of {MOST_COLUMNS} columns; send it in parts")
    return [(n, row) for n, row in enumerate(rows, 1) if any(str(cell or "").strip() for cell in row)]


def _workbook(data: bytes) -> list[Row]:
    # Loaded when the first workbook comes: the service starts sooner.
    import openpyxl  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise UnreadableError("the workbook unpacks to more than 64 MiB; send only the sheet of the bulletin")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = [list(row) for row in sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)]
        book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError) as error:
        raise UnreadableError("it begins like an Excel workbook and is none; save it as .xlsx or .csv again") from error
    return rows


def _csv(data: bytes, is_known: Callable[[str], bool]) -> list[Row]:
    if b"\x00" in data[:200] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError("it is no text; save it as .csv or .xlsx")
    text = _text(data, is_known)
    head = text[:4_000]
    separator = max(";\t,|", key=lambda mark: (head.count(mark), mark == ";"))
    return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)]


def _text(data: bytes, is_known: Callable[[str], bool]) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise UnreadableError("it begins like UTF-16 and is none; save it as UTF-8") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    candidates = [
        unicodedata.normalize("NFC", data.decode("cp1258", errors="replace")),
        "".join(_TCVN3.get(byte, chr(byte)) for byte in data),
        data.decode("cp1252", errors="replace"),
    ]
    return max(candidates, key=lambda text: _n_known(text, is_known))


def _n_known(text: str, is_known: Callable[[str], bool]) -> int:
    cells = text[:20_000].replace(";", "\n").replace(",", "\n").replace("\t", "\n").splitlines()
    return sum(is_known(folded(cell)) for cell in cells)
