"""`gatewatch reported`: rows of the reported record, as a table, JSON or CSV."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from typing import Annotated, Final

import typer
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gatewatch.config.errors import ConfigError, Fault
from gatewatch.config.reported_record import (
    TABLE_COLUMNS,
    load_observations,
    reported_table,
    select,
    to_csv,
    to_records,
    word_faults,
)
from gatewatch.config.terminal import telling_faults

FOOTNOTE: Final = "values are reported counts, never capacities"
CAPACITY_FOOTNOTE: Final = "capacity_per_day is what a source states; months of traffic have passed it."

_COLUMN_GAP: Final = 2
_LEAST_SOURCE_WIDTH: Final = 24
_WIDEST_COMMODITY: Final = 20
# What a narrow terminal goes without: the first set that leaves room.
_HIDDEN: Final[tuple[tuple[str, ...], ...]] = (
    (),
    ("commodity",),
    ("commodity", "confidence"),
    ("commodity", "source"),
    ("commodity", "confidence", "source"),
)
_UNLIMITED_WIDTH: Final = 10_000


def reported(
    *,
    gate: Annotated[str | None, typer.Option(help="huu_nghi, tan_thanh, coc_nam, chi_ma, all, …")] = None,
    metric: Annotated[str | None, typer.Option(help="cleared_per_day, backlog_vehicles, …")] = None,
    direction: Annotated[str | None, typer.Option(help="export, import or both.")] = None,
    date_from: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    date_to: Annotated[str | None, typer.Option("--to", help="Last day, YYYY-MM-DD, included.")] = None,
    confidence: Annotated[str | None, typer.Option(help="Least confidence: high, medium or low.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Show at most so many rows.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON with every column.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV with every column.")] = False,
) -> None:
    """
    Show what was reported about the gates, with its source.

    A row is shown when its period overlaps the days from --from to --to.
    """
    if as_json and as_csv:
        raise typer.BadParameter("--json and --csv exclude each other; give one of them.")
    faults = word_faults("--", gate=gate, metric=metric, direction=direction, confidence=confidence)
    first_day = _parse_day("--from", date_from, faults)
    last_day = _parse_day("--to", date_to, faults)
    if first_day is not None and last_day is not None and first_day > last_day:
        faults.append(Fault("--from", "", f"{first_day}", f"it must not be after --to, {last_day}"))
    if faults:
        with telling_faults():
            raise ConfigError(faults)

    observations = load_observations()
    matching = select(
        observations,
        gate=gate,
        metric=metric,
        direction=direction,
        date_from=first_day,
        date_to=last_day,
        confidence=confidence,
    )
    shown = matching if limit is None else matching.head(limit)
    if as_json:
        records = to_records(shown)
        answer = {"rows": records, "count": len(records)}
        typer.echo(json.dumps(answer, ensure_ascii=False, allow_nan=False, indent=2))
    elif as_csv:
        typer.echo(to_csv(shown), nl=False)
    elif shown.empty:
        typer.echo(f"No row of {len(observations)} matches. Leave out an option to see more.")
    else:
        _print_table(reported_table(shown), n_matching=len(matching), n_rows=len(observations))


def _parse_day(option: str, text: str | None, faults: list[Fault]) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults.append(Fault(option, "", f'"{text}"', "write a day as YYYY-MM-DD, for example 2025-06-30"))
        return None


def _print_table(rows: list[dict[str, str]], *, n_matching: int, n_rows: int) -> None:
    console = _console()
    columns, source_width = _fit_columns(rows, console.width)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for name in columns:
        if name in ("from", "to", "value"):
            table.add_column(name, no_wrap=True, justify="right" if name == "value" else "left")
        elif name in ("commodity", "source"):
            width = source_width if name == "source" else _WIDEST_COMMODITY
            table.add_column(name, no_wrap=True, overflow="ellipsis", max_width=width)
        else:
            table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(row[name]) for name in columns))
    console.print(table)

    left_out = n_matching - len(rows)
    console.print(Text(f"{len(rows)} of {n_rows} rows; {FOOTNOTE}"))
    if left_out:
        console.print(Text(f"--limit leaves out {left_out} more that match."))
    if any(row["metric"] == "capacity_per_day" for row in rows):
        console.print(Text(CAPACITY_FOOTNOTE))
    hidden = [name for name in TABLE_COLUMNS if name not in columns]
    if hidden:
        console.print(Text(f"Hidden at this width: {', '.join(hidden)}. --json and --csv show every column."))


def _console() -> Console:
    """Return a console as wide as the terminal; a pipe or a file gets whole lines."""
    is_piped = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(file=sys.stdout, width=_UNLIMITED_WIDTH if is_piped else None, highlight=False)


def _fit_columns(rows: list[dict[str, str]], width: int) -> tuple[list[str], int]:
    """Return the columns that fit and the width that is left for the source."""
    natural = {name: max(cell_len(name), *(cell_len(row[name]) for row in rows)) for name in TABLE_COLUMNS}
    natural["commodity"] = min(natural["commodity"], _WIDEST_COMMODITY)
    columns, source_width = list(TABLE_COLUMNS), 0
    for hidden in _HIDDEN:
        columns = [name for name in TABLE_COLUMNS if name not in hidden]
        others = sum(natural[name] + _COLUMN_GAP for name in columns if name != "source")
        source_width = width - others
        if source_width >= (0 if "source" in hidden else min(natural["source"], _LEAST_SOURCE_WIDTH)):
            break
    return columns, source_width
