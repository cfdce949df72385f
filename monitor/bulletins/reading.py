"""From a bulletin's file to events, one for each figure; a row that is not taken in says why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from gatewatch.config.errors import known_names
from gatewatch.config.schema import Border
from gatewatch.monitor.bulletins.numbers import day_of, whole_number
from gatewatch.monitor.bulletins.texts import Below, Row, Table, UnreadableError, folded, read_table
from gatewatch.monitor.bulletins.words import (
    COLUMNS,
    DIRECTIONS,
    WHOLE_PROVINCE,
    Line,
    gate_names,
    is_heading,
    line_of,
)

__all__ = ["Cell", "Sheet", "UnreadableError", "read_bulletin"]

SOURCE = "province/bulletin"
CUT = time(20)
_NOTHING = frozenset({"", "-", "\u2013", "x", "..", "..."})  # how offices write that there is no figure
_HEAD_WITHIN = 15  # rows of titles before the headings
_SHORTEST_HEAD = 2


@dataclass(frozen=True, slots=True)
class Cell:
    """
    What became of a figure, or of a whole row.

    Args:
        row: Row of the file, from 1.
        column: Heading of its column; empty for the whole row.
        event: The CloudEvent to be taken in, or None.
        reason: Why there is none.
    """

    row: int
    column: str
    event: Mapping[str, Any] | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """
    A bulletin's file, read.

    Args:
        cells: Every figure and every row that has none, in the order of the file.
        ignored: Headings that nobody knows, and further sheets; what stands there is not read.
    """

    cells: tuple[Cell, ...]
    ignored: tuple[str, ...]

    @property
    def events(self) -> list[Mapping[str, Any]]:
        """The events in order."""
        return [cell.event for cell in self.cells if cell.event is not None]


@dataclass(frozen=True, slots=True)
class _Head:
    row: int
    columns: Mapping[str, int]  # date, gate, direction, edition, line, value
    lines: Mapping[int, tuple[str, Line]]  # headings that are figures themselves
    ignored: tuple[str, ...]
    width: int  # columns up to the last heading


def read_bulletin(data: bytes, border: Border, day: date | None = None, edition: int = 1) -> Sheet:
    """
    Return the figures of a bulletin's file.

    One row for each gate, with a column for each figure, or one row for each figure with the columns `line` and
    `value`. Headings in Vietnamese or English, with or without marks. A day may stand in a column, in the titles above
    the table, or be given. A gate, day or direction that is merged with cells below holds for them.

    Args:
        data: CSV (UTF-8, UTF-16, Windows-1258, TCVN3; comma, semicolon or tab) or XLSX, its first sheet not hidden.
        border: For the names of the gates.
        day: Day of the bulletin, where the file does not say.
        edition: Of rows that do not say; a correction has a higher one.

    Raises:
        UnreadableError: It is no table, or has no headings that are known.
    """
    file = read_table(data, is_heading)
    head = _head(file.table)
    titled = _day_in_titles(file.table, head.row)
    reader = _Reader(border, head, titled or day, edition, is_text=file.is_text)
    cells = [cell for number, row in file.table if number > head.row for cell in reader.cells(number, row)]
    return Sheet(tuple(cells), (*head.ignored, *file.others))


def _head(table: Table) -> _Head:
    for number, row in table[:_HEAD_WITHIN]:
        columns: dict[str, int] = {}
        lines: dict[int, tuple[str, Line]] = {}
        ignored = []
        for n, cell in enumerate(row):
            text = str(cell or "").strip()
            if (name := COLUMNS.get(folded(text))) is not None:
                columns.setdefault(name, n)
            elif (line := line_of(text)) is not None:
                lines[n] = (text, line)
            elif text:
                ignored.append(text)
        if len(columns) + len(lines) >= _SHORTEST_HEAD and (lines or {"line", "value"} <= set(columns)):
            width = max(n for n, cell in enumerate(row) if str(cell or "").strip()) + 1
            return _Head(number, columns, lines, tuple(ignored), width)
    known = "cửa khẩu, chiều, thông quan, tồn, xe từ nội địa lên …, or the columns line and value"
    raise UnreadableError(f"no row of headings was found in the first {_HEAD_WITHIN} rows; known are {known}")


def _day_in_titles(table: Table, head_row: int) -> date | None:
    for number, row in table:
        if number >= head_row:
            break
        for cell in row:
            try:
                return day_of(cell)
            except ValueError:
                continue
    return None


class _Reader:
    def __init__(self, border: Border, head: _Head, day: date | None, edition: int, *, is_text: bool) -> None:
        self._head = head
        self._day = day
        self._edition = edition
        self._gates = gate_names(border)
        self._zone = ZoneInfo(border.border.timezone)
        self._is_text = is_text
        self._above: dict[str, str] = {}  # gate and day as the last row that has them writes them

    def cells(self, number: int, row: Row) -> Iterator[Cell]:
        """Yield what became of a row."""
        try:
            self._check_width(row)
            day, edition = self._day_of(row), self._edition_of(row)
            gate, direction = self._gate_of(row), self._direction_of(row)
        except ValueError as error:
            yield Cell(number, "", None, str(error))
            return
        found = False
        for heading, line, value in self._figures(row):
            text = str(value if value is not None else "").strip()
            if text in _NOTHING and not isinstance(value, Below):
                continue
            found = True
            if isinstance(value, Below):
                yield Cell(number, heading, None, f"{heading}: it is merged with the cell above; unmerge them")
                continue
            if line is None:
                reason = f'{heading} is "{self._at(row, "line")}"; no line of the bulletin has that name'
                yield Cell(number, heading, None, reason)
                continue
            try:
                count = whole_number(value)
            except ValueError as error:
                yield Cell(number, heading, None, f"{heading}: {error}")
                continue
            event = self._event(day, edition, gate, line.direction or direction, line.name, count, value)
            yield Cell(number, heading, event)
        if not found:
            yield Cell(number, "", None, "the row has no figure; leave it out, or write 0 where there was none")

    def _figures(self, row: Row) -> Iterator[tuple[str, Line | None, object]]:
        if "value" in self._head.columns and "line" in self._head.columns:
            yield "line", line_of(self._at(row, "line") or ""), self._cell(row, "value")
        for n, (heading, line) in self._head.lines.items():
            yield heading, line, row[n] if n < len(row) else None

    def _cell(self, row: Row, name: str) -> object:
        n = self._head.columns.get(name)
        return row[n] if n is not None and n < len(row) else None

    def _at(self, row: Row, name: str) -> object:
        """Return what a cell says, also where it is merged with the one above."""
        cell = self._cell(row, name)
        return cell.value if isinstance(cell, Below) else cell

    def _check_width(self, row: Row) -> None:
        """Refuse a row of text with more cells than headings: its figures may stand under the wrong ones."""
        more = [text for cell in row[self._head.width :] if (text := str(cell or "").strip())]
        if self._is_text and more:
            raise ValueError(
                f'the row has more cells than there are headings, from "{more[0][:40]}" on; a figure such as 1,234 may '
                "have been cut at its comma: put it in quotation marks, write 1234, or separate cells by semicolons"
            )

    def _day_of(self, row: Row) -> date:
        cell = self._at(row, "date")
        if cell is not None and (text := str(cell).strip()):
            self._above["day"] = text
            return day_of(cell)
        above = self._above.get("day")
        if self._day is None:
            raise ValueError("the row has no day, nor have the titles; add a column date or give the day")
        if above is not None and day_of(above) != self._day:
            raise ValueError(f'the row has no day below "{above}"; write the day in every row')
        return self._day

    def _edition_of(self, row: Row) -> int:
        cell = self._at(row, "edition")
        if cell is None or not str(cell).strip():
            return self._edition
        edition = whole_number(cell)
        if not 1 <= edition <= 1_000:
            raise ValueError(f"edition is {edition}; count editions of a day from 1")
        return edition

    def _gate_of(self, row: Row) -> str | None:
        text = str(self._at(row, "gate") or "").strip()
        if text:
            self._above["gate"] = text
        elif (above := self._above.get("gate")) is not None and not self._is_total(row):
            raise ValueError(
                f'the row has no gate below "{above}", as where cells were merged; write the gate in every row, and '
                '"Toàn tỉnh" for the whole province'
            )
        name = folded(text).removeprefix("cua khau ").removeprefix("quoc te ").removeprefix("phu ")
        if name in WHOLE_PROVINCE:
            return None
        gate = self._gates.get(name)
        if gate is None:
            raise ValueError(
                f'gate is "{text}"; {known_names("gate", name.replace(" ", "_"), set(self._gates.values()))}'
            )
        return gate

    def _is_total(self, row: Row) -> bool:
        """Return whether a word beside the gate says that the row is of the whole province."""
        figures = {*self._head.lines, self._head.columns.get("value")}
        said = {folded(cell) for n, cell in enumerate(row) if isinstance(cell, str) and n not in figures}
        return bool(said & (WHOLE_PROVINCE - {""}))

    def _direction_of(self, row: Row) -> str | None:
        text = str(self._at(row, "direction") or "").strip()
        if folded(text) not in DIRECTIONS:
            raise ValueError(f'direction is "{text}"; write xuất khẩu or nhập khẩu, or leave it empty for both')
        return DIRECTIONS[folded(text)]

    def _event(
        self, day: date, edition: int, gate: str | None, direction: str | None, line: str, value: int, printed: object
    ) -> dict[str, Any]:
        place = {"gate": gate, "direction": direction}
        name = f"{day.isoformat()}/{gate or 'province'}/{direction or 'both'}/{line}/{edition}"
        return {
            "specversion": "1.0",
            "id": name,
            "source": SOURCE,
            "type": "bulletin.row",
            "time": datetime.combine(day, CUT, self._zone).isoformat(),
            "data": {
                "date": day.isoformat(),
                "edition": edition,
                **{key: value for key, value in place.items() if value is not None},
                "line": line,
                "value": value,
                "text": str(printed).strip(),
            },
        }
