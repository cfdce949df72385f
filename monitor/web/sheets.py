"""Tables as files: CSV that no spreadsheet runs as a formula, and Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from starlette.responses import Response

Format = Literal["json", "csv", "parquet"]

_STARTS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_PARQUET: Final = "application/vnd.apache.parquet"


@dataclass(frozen=True, slots=True)
class Sheet:
    """
    A table.

    Args:
        name: Of the file, without its ending.
        columns: Headings.
        rows: Values in their order.
    """

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


def csv_response(sheet: Sheet) -> Response:
    """Return a table as CSV in UTF-8, with the mark that spreadsheets need."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(sheet.columns)
    writer.writerows([safe(value) for value in row] for row in sheet.rows)
    return _file(b"\xef\xbb\xbf" + text.getvalue().encode(), "text/csv; charset=utf-8", f"{sheet.name}.csv")


def parquet_response(sheet: Sheet, schema: pa.Schema) -> Response:
    """Return a table as Parquet."""
    columns = list(zip(*sheet.rows, strict=True)) or [() for _ in sheet.columns]
    table = pa.table(
        [pa.array(list(values), field.type) for values, field in zip(columns, schema, strict=True)], schema
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return _file(buffer.getvalue(), _PARQUET, f"{sheet.name}.parquet")


def safe(value: Any) -> Any:
    """
    Return a cell that a spreadsheet shows as it stands.

    >>> safe("=1+1"), safe("+12"), safe(-3), safe(None)
    ("'=1+1", "'+12", -3, '')
    """
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_STARTS_FORMULA):
        return f"'{value}"
    return value


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"content-disposition": f'attachment; filename="{name}"'})
