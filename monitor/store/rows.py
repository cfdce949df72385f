"""Many rows into SQLite at once, past what costs more than the rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection

_MOST_AT_ONCE: Final = 64  # rows of one statement: SQLite once took 999 values at most


def insert_rows(
    connection: Connection, table: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]], tail: str = ""
) -> None:
    """
    Insert rows, many in one statement.

    Value by value, SQLAlchemy would take three times as long as SQLite does. Row by row (`executemany`), the driver
    lets go of the interpreter after each row, and has to wait for it again while other threads reckon.

    Args:
        connection: To an SQLite store.
        table: Its name.
        columns: Their names.
        rows: Values as the driver takes them, in the order of the columns.
        tail: What follows the values, such as `ON CONFLICT …`.
    """
    at = 0
    while at < len(rows):
        n = min(_MOST_AT_ONCE, 1 << ((len(rows) - at).bit_length() - 1))  # few sizes: the driver keeps them prepared
        statement = _statement(table, columns, n, tail)
        connection.exec_driver_sql(statement, tuple(chain.from_iterable(rows[at : at + n])))
        at += n


@cache
def _statement(table: str, columns: tuple[str, ...], n: int, tail: str) -> str:
    row = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * n)} {tail}"
