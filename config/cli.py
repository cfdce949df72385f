"""`gatewatch config`: is the border in order, and what does it say about a gate?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gatewatch.config.errors import ConfigError, Fault
from gatewatch.config.loader import check_everything, load_border
from gatewatch.config.reading import border_files
from gatewatch.config.show import explain_gate
from gatewatch.config.show_rows import DirectionRow, GateExplained, SourceRow, StageRow, Stated
from gatewatch.config.terminal import telling_faults

app = typer.Typer(name="config", help="Check the border's files and explain them.", no_args_is_help=True)

BorderFolder = Annotated[
    str | None, typer.Option("--border", help="Folder or TOML file of the border; without it, Lang Son.")
]


@app.command()
def check(
    border: Annotated[
        str | None, typer.Argument(metavar="[DIR]", help="Folder or TOML file; without it, Lang Son.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """
    Check every file of a border and every scenario.

    Prints each fault with its file, key, value and remedy. Exit status 1 when there is one.
    """
    found = check_everything(border)
    if as_json:
        typer.echo(json.dumps({"faults": [asdict(fault) for fault in found]}, ensure_ascii=False, indent=2))
    elif found:
        typer.echo(str(ConfigError(found)))
    else:
        typer.echo(_all_clear(border))
    raise typer.Exit(1 if found else 0)


def _all_clear(border: str | None) -> str:
    loaded = load_border(border)
    counts = (
        (len(border_files(loaded.root)), "file"),
        (len(loaded.border.gates), "gate"),
        (len(loaded.border.scenarios), "scenario"),
    )
    return ", ".join(f"{n} {noun}{'' if n == 1 else 's'}" for n, noun in counts) + ": no fault."


@app.command()
def show(
    gate: Annotated[str, typer.Argument(help="Id of the gate, such as huu_nghi.")],
    *,
    border: BorderFolder = None,
    on: Annotated[str | None, typer.Option(help="Day whose hours are shown, YYYY-MM-DD; today.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Explain a gate: hours, stages, servers, service times, yards, and where the numbers come from."""
    with telling_faults():
        loaded = load_border(border)
        explained = explain_gate(loaded, gate, _day(on, loaded.border.border.timezone))
    if as_json:
        typer.echo(json.dumps(asdict(explained), ensure_ascii=False, indent=2, default=str))
    else:
        _print_gate(explained)


def _day(text: str | None, timezone: str) -> date:
    if text is None:
        return datetime.now(ZoneInfo(timezone)).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        expected = "write a day as YYYY-MM-DD, for example 2025-06-30"
        raise ConfigError([Fault("--on", "", f'"{text}"', expected)]) from None


# --- printing ---------------------------------------------------------------------------------------


def _print_gate(gate: GateExplained) -> None:
    console = Console(highlight=False)
    vietnamese = f" · {gate.title_vi}" if gate.title_vi not in ("", gate.title) else ""
    console.print(Text(f"{gate.title}{vietnamese} ({gate.gate})", style="bold"))
    if gate.is_dormant:
        console.print(Text("Dormant: shut for goods."))
    if gate.note:
        console.print(Text(gate.note))
    console.print()
    console.print(_hours_table(gate))
    for direction in gate.directions:
        console.print()
        console.print(_stages_table(direction))
        if direction.channels:
            console.print(_pairs_table("Customs channels", direction.channels))
        if direction.patience:
            console.print(_pairs_table("Longest wait in a queue before turning back", direction.patience))
    if gate.yards:
        console.print()
        console.print(_yards_table(gate))
    console.print()
    console.print(Text("* assumed. [KEY] reported by this source; ~[KEY] inferred from it."))
    if gate.sources:
        _print_sources(console, gate.sources)


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=Text(title, style="bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _hours_table(gate: GateExplained) -> Table:
    columns = ["side", f"{gate.time_here} time", f"{gate.time_there} time", ""]
    if gate.time_here == gate.time_there:
        del columns[2]
    table = _table(f"Hours on {gate.on:%A %Y-%m-%d}", *columns)
    for row in gate.hours:
        there = [] if gate.time_here == gate.time_there else [Text(row.there)]
        table.add_row(Text(row.side), _lines([row.here]), *there, Text(row.remark))
    return table


def _stages_table(direction: DirectionRow) -> Table:
    table = _table(direction.direction.capitalize(), "", "stage", "servers", "time")
    for n, row in enumerate(direction.stages, 1):
        table.add_row(Text(str(n)), Text(_stage_words(row)), _lines(row.servers), _lines(row.service))
    return table


def _stage_words(row: StageRow) -> str:
    lines = [row.stage]
    lines += [f"  {row.who} only"] if row.who else []
    lines += [f"  at {row.station}"] if row.station != row.stage else []
    lines += [f"  in {row.yard}"] if row.yard else []
    return "\n".join([*lines, *(f"  {remark}" for remark in row.remarks)])


def _pairs_table(title: str, pairs: Iterable[tuple[str, Stated]]) -> Table:
    table = _table(title, "class", "")
    for name, value in pairs:
        table.add_row(Text(name), _lines([value]))
    return table


def _yards_table(gate: GateExplained) -> Table:
    table = _table("Yards", "yard", "", "kind", "limits")
    for row in gate.yards:
        table.add_row(Text(row.yard), Text(row.title), Text(row.kind), _lines(row.limits))
    return table


def _print_sources(console: Console, sources: Iterable[SourceRow]) -> None:
    console.print()
    console.print(Text("Sources", style="bold"))
    for source in sources:
        dated = f" ({source.date})" if source.date else ""
        console.print(Text(f"{source.key}  {source.title}{dated}".rstrip()))
        if source.url:
            console.print(Text(f"  {source.url}"), soft_wrap=True)  # whole, so that a terminal can follow it


def _lines(values: Iterable[Stated]) -> Text:
    return Text("\n".join(f"{value.text}{_mark(value)}" for value in values))


def _mark(value: Stated) -> str:
    keys = f"[{', '.join(value.sources)}]" if value.sources else ""
    return {"assumed": "*", "inferred": f" ~{keys}", "reported": f" {keys}", None: ""}[value.basis]
