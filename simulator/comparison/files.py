"""Files of a comparison: every table as CSV and Parquet, and the whole as JSON; all of them or none."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from gatewatch.config.errors import ConfigError, Fault
from gatewatch.simulator.comparison.comparison import Comparison

OPTION: Final = "--out"
_FINISHED = "The comparison was finished, but its files are not kept."


class ComparisonFolder:
    """
    A folder for the tables of a comparison, tried before anything runs.

    The files are made in a hidden folder beside the target and take their places when all are written.

    Args:
        path: The folder; made when it is not there.

    Raises:
        ConfigError: It is a file, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._partial = self._beside()
        if path.exists() and not path.is_dir():
            raise ConfigError([Fault(OPTION, "", f'"{path}"', "it is a file; name a folder")])
        try:
            self._partial.mkdir()
        except OSError as error:
            raise ConfigError([self._fault(error)]) from None

    def _beside(self) -> Path:
        """Return a hidden folder in the target, or where the target is going to be."""
        parent = self.path
        while not parent.exists():
            parent = parent.parent
        return parent / f".{self.path.name}.{os.getpid()}.partial"

    def _fault(self, error: OSError) -> Fault:
        remedy = f"the system says: {error.strerror or error}. Free some space or name another folder"
        return Fault(OPTION, "", f'"{self.path}", which cannot be written', remedy)

    def __enter__(self) -> Self:
        return self

    def write(self, comparison: Comparison) -> list[Path]:
        """
        Write all files and return them.

        Raises:
            ConfigError: One cannot be written; none is left.
        """
        try:
            (self._partial / "comparison.json").write_text(comparison.to_json() + "\n", encoding="utf-8")
            for name, table in comparison.tables().items():
                table.to_csv(self._partial / f"{name}.csv", index=False)
                table.to_parquet(self._partial / f"{name}.parquet", index=False)
            self.path.mkdir(parents=True, exist_ok=True)
            made = sorted(self._partial.iterdir())
            return [file.replace(self.path / file.name) for file in made]
        except OSError as error:
            raise ConfigError([self._fault(error)], _FINISHED) from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        shutil.rmtree(self._partial, ignore_errors=True)
