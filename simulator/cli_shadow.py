"""`gatewatch shadow`: what theory says of each gate and direction, at once; and the same ahead of a simulation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gatewatch.config.terminal import telling_faults
from gatewatch.simulator.cli_tables import duration, plain_table
from gatewatch.simulator.experiment import prepare
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.shadow import Shadow
from gatewatch.simulator.shadow import shadow as find_shadow


def shadow(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a TOML file with one.")],
    border: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder or file of another border.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Measured days.")] = None,
    warmup_days: Annotated[int | None, typer.Option(min=0, help="Days before them, left out.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Say what a fluid model, and exact chains, expect of a scenario, without simulating it."""
    with telling_faults():
        plan, _ = prepare(scenario, border, days, warmup_days, None, 1, None)
        answer = answer_of(plan, is_quiet=as_json)
        if as_json:
            typer.echo(json.dumps(answer.to_dict(), indent=1, ensure_ascii=False, allow_nan=False))
        else:
            show_shadow(Console(), answer, plan)


def answer_of(plan: Plan, *, is_quiet: bool) -> Shadow:
    """Return the shadow of a plan; say on the error stream that its functions are being compiled, if it lasts."""
    console = Console(stderr=True, quiet=is_quiet)
    with console.status("Asking theory (some ten seconds the first time, then kept on disk) …"):
        return find_shadow(plan)


def show_shadow(console: Console, answer: Shadow, plan: Plan) -> None:
    """Print the headline, what was solved exactly, and what is left out."""
    console.print(headline(answer, plan))
    titles = {name: gate.title or name for name, gate in plan.loaded.border.gates.items()}
    places: dict[str, list[str]] = {}
    for note in answer.notes:
        if note["about"] != "no exact answer":
            places.setdefault(note["text"], []).append(f"{titles[note['gate']]} {note['direction']}")
    for text, where in places.items():
        console.print(f"{', '.join(where)}: {text}.", style="dim", highlight=False)
    console.print(
        "A fluid model with what chance adds; ± holds 8 of 10 days. Where a chain is small enough it is solved "
        "exactly (--json has both).\nScenario, not calibrated: rests on assumed service times and servers.",
        style="dim",
        highlight=False,
    )


def headline(answer: Shadow, plan: Plan) -> Table:
    """Return what theory expects, by gate and direction."""
    table = plain_table(
        f"{answer.scenario}: what theory expects",
        "gate", "", ">cleared\nveh/day", ">backlog\nat 20:00", ">wait\nmean", ">crossing\nmean", "binds", ">load",
    )  # fmt: skip
    titles = {name: gate.title or name for name, gate in plan.loaded.border.gates.items()}
    binds = {(row["gate"], row["direction"]): row for row in answer.binding}
    rows: dict[tuple[str, str], dict[str, dict[str, float | None]]] = {}
    for row in answer.rows:
        rows.setdefault((row["gate"], row["direction"]), {})[row["measure"]] = row
    shown = ""
    for (gate, direction), found in rows.items():
        resource = binds.get((gate, direction), {"resource": "–", "load": None})
        table.add_row(
            titles[gate] if gate != shown else "",
            direction,
            f"{found['cleared_per_day']['fluid']:,.0f}",
            _banded(found.get("backlog_at_2000")),
            duration(_best(found.get("wait"))),
            duration(_best(found.get("crossing_time"))),
            str(resource["resource"]),
            "–" if resource["load"] is None else f"{resource['load']:.0%}",
        )
        shown = gate
    return table


def _best(row: dict[str, float | None] | None) -> float | None:
    if row is None:
        return None
    return next((row[name] for name in ("diffusion", "fluid") if row[name] is not None), None)


def _banded(row: dict[str, float | None] | None) -> str:
    value = _best(row)
    if row is None or value is None:
        return "–"
    low, high = row["low"], row["high"]
    return f"{value:,.0f}" if low is None or high is None else f"{value:,.0f} ±{(high - low) / 2:,.0f}"
