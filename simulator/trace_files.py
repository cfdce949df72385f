"""Files of results: written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gatewatch.config.errors import ConfigError, Fault, one_fault
from gatewatch.simulator.results import MEASURE_KEYS, Results

TRACE_SUFFIXES = (".parquet", ".csv")
_STOPPED = "The run was stopped, and nothing of it is kept."


@contextmanager
def _refusing(option: str, path: Path, closing: str) -> Iterator[None]:
    """Turn what the file system refuses into a fault that names the option and the path."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        remedy = f"the system says: {reason}. Free some space or name another path; no file was left there"
        raise ConfigError([Fault(option, str(path), "not written", remedy)], closing) from None


class TraceFile:
    """
    A trace written replication by replication, to Parquet or CSV by the suffix of its name.

    The table grows in a partial file beside the target and takes its name when the run is finished; whatever goes
    wrong, no half file keeps the name.

    Args:
        path: Target; its folder must exist.

    Raises:
        ConfigError: The suffix is unknown or the path cannot be written; raised before anything is simulated.
    """

    def __init__(self, path: Path, option: str = "--trace") -> None:
        if path.suffix not in TRACE_SUFFIXES:
            raise one_fault(option, "", f'"{path}"', "its name must end in .parquet or .csv")
        self.path, self._option = path, option
        self._partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        self._writer: pq.ParquetWriter | None = None
        self._is_first = True
        with _refusing(option, path, "Nothing was started."):
            if path.is_dir():
                raise IsADirectoryError(None, "it is a folder")
            self._partial.touch()

    def __enter__(self) -> Self:
        return self

    def add(self, table: pd.DataFrame) -> None:
        """Append the rows of one replication."""
        with _refusing(self._option, self.path, _STOPPED):
            if self.path.suffix == ".csv":
                table.to_csv(self._partial, mode="a", header=self._is_first, index=False)
            else:
                rows = pa.Table.from_pandas(_with_plain_texts(table), preserve_index=False)
                if self._writer is None:
                    self._writer = pq.ParquetWriter(self._partial, rows.schema, compression="zstd")
                self._writer.write_table(rows)
            self._is_first = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        try:
            with _refusing(self._option, self.path, _STOPPED):
                if self._writer is not None:
                    self._writer.close()
                if kind is None:
                    self._partial.replace(self.path)
        finally:
            with suppress(OSError):
                self._partial.unlink(missing_ok=True)


def _with_plain_texts(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with texts instead of categories, so that every part of a file has the same schema."""
    return table.astype({name: "str" for name, kind in table.dtypes.items() if isinstance(kind, pd.CategoricalDtype)})


def write_results(folder: Path, results: Results, option: str = "--out") -> list[Path]:
    """
    Write the results as results.json and every table that has rows as CSV and Parquet; return the files.

    Raises:
        ConfigError: The folder cannot be made or written.
    """
    tables: dict[str, tuple[Sequence[dict[str, Any]], Sequence[str] | None]] = {
        "measures": (results.measures, MEASURE_KEYS),
        "percentiles": (results.percentiles, None),
        "daily": (results.daily, None),
        "hourly": (results.hourly, None),
        "targets": (results.targets, None),
        "path": (results.path, None),
        "censored": (results.censored, None),
        "shadow": (results.shadow, None),
    }
    written = [_write(folder / "results.json", f"{results.to_json()}\n".encode(), option)]
    for name, (rows, columns) in tables.items():
        table = pd.DataFrame(rows, columns=None if columns is None else list(columns))
        if len(table):
            written.append(_write(folder / f"{name}.csv", table.to_csv(index=False).encode(), option))
            written.append(_write(folder / f"{name}.parquet", table.to_parquet(index=False), option))
    return written


def _write(path: Path, content: bytes, option: str) -> Path:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with _refusing(option, path, "The run was finished, but its results are not kept."):
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(content)
            partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return path
