"""Faults of the CSV files that a border names."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path as FilePath
from typing import Any

from gatewatch.config.csv_files import read_rows
from gatewatch.config.errors import ConfigError, Fault, known_names
from gatewatch.config.faults import fault_at, shown
from gatewatch.config.origins import Document, Path
from gatewatch.config.schema import Border

_FIRST_LINE = 2  # line 1 is the header


def csv_faults(border: Border, document: Document, root: FilePath) -> Iterator[Fault]:
    """Yield the faults of every CSV file; of each file the first bad line."""
    for path, table in _tables_with_files(document.tree, ()):
        try:
            rows = read_rows(root, table["file"])
        except ConfigError as error:
            fault = error.faults[0]
            yield fault_at(document, (*path, "file"), f"{shown(table['file'])}, which is {fault.found}", fault.expected)
            continue
        if table.get("law") == "empirical":
            yield from _measured_faults(rows, document, path, table["file"])
        else:
            yield from _recorded_faults(rows, border, document, path, table["file"])


def _tables_with_files(node: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the measured laws and recorded arrivals of a border; what scenarios restate is checked there."""
    if isinstance(node, dict):
        if isinstance(node.get("file"), str) and (node.get("law") == "empirical" or node.get("kind") == "trace"):
            yield path, node
        for key, value in node.items():
            if not (path[:1] == ("scenarios",) and len(path) == 2 and key == "border"):
                yield from _tables_with_files(value, (*path, key))
    elif isinstance(node, list):
        for n, value in enumerate(node):
            yield from _tables_with_files(value, (*path, n))


def _measured_faults(rows: list[dict[str, str]], document: Document, path: Path, file: str) -> Iterator[Fault]:
    at = (*path, "file")
    if rows and "value" not in rows[0]:
        yield fault_at(document, at, f"{shown(file)} without a column `value`", "name the column `value`")
        return
    if not any(row["value"] for row in rows):
        yield fault_at(document, at, f"{shown(file)} without a value", "put at least one measured duration in it")
    for line, row in enumerate(rows, _FIRST_LINE):
        if row["value"] and not _is_duration(row["value"]):
            yield Fault(file, f"line {line}, column value", shown(row["value"]), "write a number of 0 or more")
            return


def _recorded_faults(
    rows: list[dict[str, str]], border: Border, document: Document, path: Path, file: str
) -> Iterator[Fault]:
    at = (*path, "file")
    if not rows:
        yield fault_at(document, at, f"{shown(file)} without a row", "put at least one arrival in it")
        return
    if not {"arrived_at", "arrived_s"} & set(rows[0]):
        found = f"{shown(file)} without a column `arrived_at` or `arrived_s`"
        yield fault_at(document, at, found, "name the column of the times so")
        return
    for line, row in enumerate(rows, _FIRST_LINE):
        faults = list(_row_faults(row, border, file, line))
        if faults:
            yield from faults
            return


def _row_faults(row: dict[str, str], border: Border, file: str, line: int) -> Iterator[Fault]:
    at, seconds, name = row.get("arrived_at"), row.get("arrived_s"), row.get("class")
    if at and not _is_local_time(at):
        expected = "write a local date and time such as 2025-07-01 07:30:00, without a zone"
        yield Fault(file, f"line {line}, column arrived_at", shown(at), expected)
    if not at and (not seconds or not _is_duration(seconds)):
        column = "arrived_s" if "arrived_s" in row else "arrived_at"
        expected = "write seconds from the start" if column == "arrived_s" else "write a local date and time"
        yield Fault(file, f"line {line}, column {column}", shown(seconds) if seconds else "empty", expected)
    if name and name not in border.vehicle_classes():
        known = known_names("vehicle class", name, border.vehicle_classes())
        yield Fault(file, f"line {line}, column class", shown(name), known)


def _is_duration(text: str) -> bool:
    try:
        number = float(text)
    except ValueError:
        return False
    return math.isfinite(number) and number >= 0


def _is_local_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False
