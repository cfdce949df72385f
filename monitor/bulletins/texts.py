"""Bytes to text: the encodings that old and new spreadsheets of Vietnamese offices come in."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

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


_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")


class UnreadableError(Exception):
    """The file is no table; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Below:
    """A cell of a workbook that is merged with the one above it, which holds the value; empty by itself."""

    value: object

    def __str__(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class File:
    """
    A file, read.

    Args:
        table: Its rows that are not empty.
        is_text: Whether it is text, in which a mark may have cut a figure in two.
        others: Further sheets with something in them, which are not read.
    """

    table: Table
    is_text: bool
    others: tuple[str, ...] = ()


def folded(text: object) -> str:
    """
    Return a text without marks, case and punctuation, so that every spelling of a heading is one.

    >>> folded("Hiệu suất  thông quan (xe)")
    'hieu suat thong quan xe'
    """
    plain = unicodedata.normalize("NFD", str(text).replace("đ", "d").replace("Đ", "d"))
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(letters.lower().split())


def read_table(data: bytes, is_known: Callable[[str], bool]) -> File:
    """
    Return the rows of a CSV or XLSX file that are not empty.

    Of a workbook the first sheet is read that is not hidden.

    Args:
        data: The file.
        is_known: Whether a folded text is a heading; decides between encodings that all can be read.

    Raises:
        UnreadableError: It is neither, or too large.
    """
    is_text = not data.startswith(b"PK")
    rows, others = (_csv(data, is_known), ()) if is_text else _workbook(data)
    if len(rows) > MOST_ROWS or any(len(row) > MOST_COLUMNS for row in rows):
        raise UnreadableError(f"the table is larger than {MOST_ROWS} rows of {MOST_COLUMNS} columns; send it in parts")
    return File([(n, row) for n, row in enumerate(rows, 1) if not _is_empty(row)], is_text, others)


def _is_empty(row: Row) -> bool:
    return not any(str(cell if cell is not None else "").strip() for cell in row)


def _workbook(data: bytes) -> tuple[list[Row], tuple[str, ...]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            n_bytes = sum(part.file_size for part in archive.infolist())
        found = _sheets(data) if n_bytes <= MOST_UNPACKED else None
    except Exception as error:  # whatever a broken file makes its reader stumble over
        raise UnreadableError("it begins like an Excel workbook and is none; save it as .xlsx or .csv again") from error
    if found is None:
        raise UnreadableError("the workbook unpacks to more than 64 MiB; send only the sheet of the bulletin")
    return found


def _sheets(data: bytes) -> tuple[list[Row], tuple[str, ...]]:
    """Return the rows of the first sheet that is not hidden, and the names of others with something in them."""
    # Loaded when the first workbook comes: the service starts sooner.
    import openpyxl  # noqa: PLC0415

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    sheet, *others = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
    rows = list(_rows(sheet))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        source = archive.read(sheet._worksheet_path)  # noqa: SLF001 - else the whole book would have to be loaded
    if _FORMULA.search(source):
        formulas = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        _fill_formulas(rows, _rows(formulas[sheet.title]))
        formulas.close()
    for found in _MERGED.findall(source):
        _fill_merged(rows, *openpyxl.utils.cell.range_boundaries(found.decode()))
    unread = tuple(f'"{other.title}"' for other in others if not all(map(_is_empty, _rows(other))))
    book.close()
    return rows, unread


def _rows(sheet: Any) -> Iterator[Row]:
    cells = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
    return (list(row) for row in cells)


def _fill_formulas(rows: list[Row], formulas: Iterator[Row]) -> None:
    """Put formulas where no value of theirs was saved, so that they are told and not taken for empty cells."""
    for row, other in zip(rows, formulas, strict=False):
        for n, (value, formula) in enumerate(zip(row, other, strict=False)):
            if value is None and formula is not None:
                row[n] = formula if isinstance(formula, str) else "="


def _fill_merged(rows: list[Row], left: int, top: int, _right: int, bottom: int) -> None:
    """Say of the cells of a merged range, in its first column, what stands above them."""
    if top > len(rows) or left > len(rows[top - 1]):
        return
    above = rows[top - 1][left - 1]
    for row in rows[top:bottom]:
        if above is not None and left <= len(row):
            row[left - 1] = Below(above)


def _csv(data: bytes, is_known: Callable[[str], bool]) -> list[Row]:
    if b"\x00" in data[:200] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError("it is no text; save it as .csv or .xlsx")
    text = _text(data, is_known)
    head = text[:4_000]
    separator = max(";\t,|", key=lambda mark: (head.count(mark), mark == ";"))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        return [list(row) for row in reader]
    except csv.Error as error:
        raise UnreadableError(
            f"line {reader.line_num} cannot be read ({error}); look for a quotation mark without its end, and save the "
            "file again"
        ) from error


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
