"""The CSV files that a border names: measured durations and recorded arrivals."""

from __future__ import annotations

import csv
from pathlib import Path as FilePath

from gatewatch.config.errors import one_fault


def csv_path(root: FilePath, file: str) -> FilePath:
    """Return where a CSV file lies that a border names: below its folder, or beside its one file."""
    return (root if root.is_dir() else root.parent) / file


def read_rows(root: FilePath, file: str) -> list[dict[str, str]]:
    """
    Return the rows of a CSV file that a border names.

    Raises:
        ConfigError: The file is not readable.
    """
    try:
        with csv_path(root, file).open(newline="", encoding="utf-8-sig") as stream:
            return list(csv.DictReader(stream))
    except FileNotFoundError:
        raise one_fault(file, "", "missing", "put it there: its path starts at the border's folder") from None
    except OSError as error:
        raise one_fault(file, "", "not readable", (error.strerror or str(error)).lower()) from None
    except (UnicodeDecodeError, csv.Error):
        raise one_fault(file, "", "no CSV text", "save it as CSV in UTF-8") from None


def read_values(root: FilePath, file: str, column: str) -> list[str]:
    """Return one column of a CSV file that a border names; empty cells are left out."""
    return [row[column] for row in read_rows(root, file) if row.get(column)]
