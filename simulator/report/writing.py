"""The public door: write a report as one file of HTML that needs nothing else."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

from gatewatch.config.errors import ConfigError, Fault, known_names, one_fault
from gatewatch.simulator.comparison.comparison import Comparison
from gatewatch.simulator.report.page import page
from gatewatch.simulator.report.study import Study, study_alone, study_of
from gatewatch.simulator.report.words import LANGUAGES, Language
from gatewatch.simulator.results import Results
from gatewatch.simulator.sensitivity import Sensitivity
from gatewatch.simulator.shadow import Shadow

OPTION: Final = "--report"
_SUFFIXES: Final = (".html", ".htm")
_REMEDIES: Final = {
    errno.ENOENT: "Make its folder first, or name another file",
    errno.ENOSPC: "Free some space or name another file",
}
_FINISHED: Final = "The run was finished, but its report is not kept."


class ReportFile:
    """
    The file of a report, tried before anything runs; it takes its name when it is whole.

    Args:
        path: Where it goes, a name that ends in .html; its folder must exist.

    Raises:
        ConfigError: It is a folder, has another ending, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        if path.is_dir():
            raise one_fault(OPTION, "", f'"{path}"', "it is a folder; name a file")
        if path.suffix.lower() not in _SUFFIXES:
            raise one_fault(OPTION, "", f'"{path}"', "a report is HTML; end its name in .html, and print that to PDF")
        try:
            self._partial.touch()
        except OSError as error:
            raise ConfigError([self._fault(error)]) from None

    def _fault(self, error: OSError) -> Fault:
        remedy = f"the system says: {error.strerror or error}. {_REMEDIES.get(error.errno or 0, 'Name another file')}"
        return Fault(OPTION, "", f'"{self.path}", which cannot be written', remedy)

    def __enter__(self) -> Self:
        return self

    def write(self, text: str) -> None:
        """
        Write the report.

        Raises:
            ConfigError: It cannot be written; nothing of it is left, and an older report stays.
        """
        try:
            self._partial.write_text(text, encoding="utf-8", newline="\n")
            self._partial.replace(self.path)
        except OSError as error:
            raise ConfigError([self._fault(error)], _FINISHED) from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._partial.unlink(missing_ok=True)


def write_report(
    path: Path | str,
    comparison: Comparison,
    *,
    language: Language | Literal["both"] = "both",
    sensitivity: Sensitivity | Sequence[Sensitivity] | None = None,
    shadow: Mapping[str, Shadow] | Shadow | None = None,
) -> None:
    """
    Write a comparison as one HTML file: question, answer, results, assumptions, experiment, manifest.

    Args:
        path: The file; its folder must exist.
        comparison: What is told.
        language: `vi`, `en`, or `both` with a switch.
        sensitivity: What the conclusions hang on.
        shadow: What theory says of the scenarios, by name (`baseline` for the baseline), or of the baseline alone.

    Raises:
        ConfigError: The file cannot be written, or there is no such language.
    """
    with ReportFile(Path(path)) as file:
        file.write(report_text(study_of(comparison, _several(sensitivity), shadow), language))


def write_report_of_results(
    path: Path | str,
    results: Results,
    *,
    language: Language | Literal["both"] = "both",
    sensitivity: Sensitivity | Sequence[Sensitivity] | None = None,
    shadow: Shadow | None = None,
) -> None:
    """
    Write the results of one scenario as one HTML file, with reported figures drawn over the simulated band.

    Args:
        path: The file; its folder must exist.
        results: What is told.
        language: `vi`, `en`, or `both` with a switch.
        sensitivity: What the conclusions hang on.
        shadow: What theory says of it; without it, what the results carry.

    Raises:
        ConfigError: The file cannot be written, or there is no such language.
    """
    with ReportFile(Path(path)) as file:
        file.write(report_text(study_alone(results, _several(sensitivity), shadow), language))


def report_text(study: Study, language: str = "both") -> str:
    """Return the HTML of a report; raises ConfigError when there is no such language."""
    if language != "both" and language not in LANGUAGES:
        raise one_fault("language", "", f'"{language}"', known_names("language", language, ("both", *LANGUAGES)))
    return page(study, [name for name in LANGUAGES if language in {"both", name}])


def _several(sensitivity: Sensitivity | Sequence[Sensitivity] | None) -> Sequence[Sensitivity]:
    if sensitivity is None:
        return ()
    return (sensitivity,) if isinstance(sensitivity, Sensitivity) else sensitivity
