"""`gatewatch verify`: the shipped exact cases, simulated and set beside their exact values."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gatewatch.config.terminal import STOPPED, progress, telling_faults
from gatewatch.simulator.cli import prepare_engine
from gatewatch.simulator.replications import DEFAULT_ENGINE
from gatewatch.simulator.verification.case import CLOCK
from gatewatch.simulator.verification.cases import list_cases
from gatewatch.simulator.verification.judging import CONFIDENCE, Figure
from gatewatch.simulator.verification.runner import verify as run_cases

_COLUMNS = ("figure", "exact", "found", "± by chance", "unit", "rule")
_WIDEST = 20  # figures with a longer name may push the other columns of their case aside
RULE = (
    f"A mean agrees within Student's limit (t30: over 30 replications), which holds for all figures together "
    f"at {CONFIDENCE:.1%}, if its "
    "standard error (s.e.) is below a share of the exact value; a distribution within the limit of "
    "Kolmogorov and Smirnov (K-S); a hand calculation to the microsecond."
)


def verify(
    names: Annotated[list[str] | None, typer.Argument(metavar="[CASE]…", help="Cases; without any, all.")] = None,
    *,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes; without it, one for each core. Figures do not change."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Root seed of every stream.")] = 1,
    engine: Annotated[str, typer.Option(help="Name of the engine.")] = DEFAULT_ENGINE,
    is_list: Annotated[bool, typer.Option("--list", help="Name the cases and run nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print what does not agree, and the last line.")] = False,
) -> None:
    """
    Check the simulator against results that are known exactly.

    Ends with status 1 when a figure does not agree.
    """
    if is_list:
        _show_cases()
        return
    is_quiet = quiet or as_json
    try:
        with telling_faults():
            prepare_engine(engine, is_quiet=is_quiet)
            with progress("verifying", is_quiet=is_quiet) as step:
                figures = run_cases(names, workers or os.cpu_count() or 1, seed=seed, engine=engine, on_done=step)
    except KeyboardInterrupt:
        typer.echo("Stopped. Nothing was compared.", err=True)
        raise typer.Exit(STOPPED) from None
    if as_json:
        typer.echo(as_text(figures))
    else:
        _show_figures([figure for figure in figures if not (quiet and figure.passed)])
        typer.echo(summary(figures))
    if not all(figure.passed for figure in figures):
        raise typer.Exit(1)


def as_text(figures: Sequence[Figure]) -> str:
    """Return the figures as JSON, with how many agree."""
    rows = [
        {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in asdict(figure).items()}
        for figure in figures
    ]
    agree = sum(figure.passed for figure in figures)
    return json.dumps(
        {"figures": rows, "agree": agree, "count": len(rows)}, ensure_ascii=False, allow_nan=False, indent=1
    )


def summary(figures: Sequence[Figure]) -> str:
    """Return the last line: how many figures agree, in how many cases."""
    agree, cases = sum(figure.passed for figure in figures), len({figure.case for figure in figures})
    of = f"{agree} of {len(figures)} figure{'s' * (len(figures) != 1)}"
    return f"{of} agree{'s' * (len(figures) == 1)} ({cases} case{'s' * (cases != 1)})"


def _show_cases() -> None:
    table = _table("case", "figures", "what is compared")
    for case in list_cases().values():
        table.add_row(case.name, str(len(case.quantities())), Text(case.title))
    _console().print(table)


def _show_figures(figures: Sequence[Figure]) -> None:
    if not figures:
        return
    titles = {case.name: case.title for case in list_cases().values()}
    console = _console()
    for name, group in groupby(figures, key=lambda figure: figure.case):
        rows = list(group)
        widths = [max(map(len, column)) for column in zip(*map(_cells, rows), strict=True)]
        table = _table("", *_COLUMNS, show_header=False)
        for n, (column, width) in enumerate(zip(table.columns[1:], widths, strict=False)):
            column.min_width = min(width, _WIDEST) if n == 0 else width
            if n > 0:
                column.justify, column.no_wrap = "right" if n < 4 else "left", True
        faults = []
        for figure in rows:
            verdict = Text("ok", style="green") if figure.passed else Text("NO", style="bold red")
            table.add_row(verdict, *(Text(cell) for cell in _cells(figure)))
            if not figure.passed:
                faults.append(Text(f"NO {figure.figure}: {figure.fault}", style="bold red"))
        console.print(Text(f"{titles[name]} ({name})", style="bold"))
        console.print(table)
        console.print(*faults, sep="\n", end="\n" if faults else "")
        console.print()
    console.print(Text(f"Columns: agrees or not, {', '.join(_COLUMNS)}. {RULE}"))


def _cells(figure: Figure) -> tuple[str, ...]:
    unit = "clock" if figure.unit == CLOCK else figure.unit
    rule = figure.rule.replace("Student over ", "t").replace("K-S over ", "K-S ").replace(", limit", "")
    return (figure.figure, *shown(figure), unit, rule)


def shown(figure: Figure) -> tuple[str, str, str]:
    """
    Return exact value, found value and half width, with no more digits than the half width allows.

    A time of the clock is written HH:MM:SS.
    """
    if figure.unit == CLOCK:
        return _clock(figure.exact), _clock(figure.found), ""
    if figure.rule == "equal":
        return f"{figure.exact:g}", f"{figure.found:g}", ""
    decimals = 1
    while decimals < 6 and figure.half_width < 10 ** (1 - decimals):
        decimals += 1
    return (
        f"{figure.exact:,.{decimals}f}",
        f"{figure.found:,.{decimals}f}",
        f"{figure.half_width:,.{decimals}f}",
    )


def _clock(us: float) -> str:
    """Return a simulated time as HH:MM:SS, with the day from the second on, and what is left of a second."""
    if us < 0:
        return "never"
    seconds, rest = divmod(int(us), 1_000_000)
    day, seconds = divmod(seconds, 86_400)
    time = f"{seconds // 3_600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}" + (f".{rest:06d}" if rest else "")
    return f"day {day + 1} {time}" if day else time


def _table(*columns: str, show_header: bool = True) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), show_header=show_header)
    for column in columns:
        table.add_column(column)
    return table


def _console() -> Console:
    """Return a console as wide as the terminal; a pipe or a file gets whole lines."""
    is_wide = not Console().is_terminal and "COLUMNS" not in os.environ
    return Console(width=10_000 if is_wide else None, highlight=False)
