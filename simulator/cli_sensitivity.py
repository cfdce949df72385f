"""`gatewatch sensitivity`: which of the assumed parameters a conclusion hangs on."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from rich.console import Console
from rich.table import Table

from gatewatch.config.errors import known_names, one_fault
from gatewatch.config.terminal import STOPPED, progress, telling_faults
from gatewatch.simulator.cli_tables import plain_table
from gatewatch.simulator.experiment import prepare
from gatewatch.simulator.policies import find_policy
from gatewatch.simulator.sensitivity import METHODS, Sensitivity
from gatewatch.simulator.sensitivity import sensitivity as find_sensitivity
from gatewatch.simulator.sensitivity.study import SHORT_DAYS, TRAJECTORIES, Method

_SHOWN = 12


def sensitivity(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a TOML file with one.")],
    policy: Annotated[
        list[str] | None, typer.Option(metavar="NAME|FILE[:key=value,…]", help="Ask what these change; repeatable.")
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH[=low..high]", help="Vary this; without any, every assumed one of the gate by 25 %."),
    ] = None,
    gate: Annotated[str | None, typer.Option(help="Gate; without it, the one that the policies change.")] = None,
    direction: Annotated[str | None, typer.Option(help="Direction of the measure; without it, both.")] = None,
    measure: Annotated[str, typer.Option(help="Measure that is asked for.")] = "backlog_at_2000",
    method: Annotated[str, typer.Option(help=f"One of: {', '.join(METHODS)}.")] = "both",
    trajectories: Annotated[int, typer.Option(min=2, help="Trajectories of the screening.")] = TRAJECTORIES,
    budget: Annotated[int | None, typer.Option(min=1, help="Runs for the shares of variance.")] = None,
    replications: Annotated[int, typer.Option(min=1, help="Runs at every point.")] = 1,
    days: Annotated[int, typer.Option(min=1, help="Measured days of each run at most.")] = SHORT_DAYS,
    seed: Annotated[int, typer.Option(min=0, help="Root seed of every stream.")] = 1,
    border: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder or file of another border.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Points at once; results do not change.")] = None,
    *,
    fast: Annotated[bool, typer.Option("--fast", help="Ask theory (gatewatch shadow) in place of runs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Find which assumed parameters a measure, or what policies change about it, hangs on."""
    with telling_faults():
        plan, _ = prepare(scenario, border, None, None, None, seed, None)
        policies = [find_policy(text, plan.loaded) for text in policy or []]
        try:
            with progress("points", is_quiet=as_json) as show:
                answer = find_sensitivity(
                    plan, policies, gate=gate, direction=direction, measure=measure, parameters=parameter or (),
                    method=_method(method), trajectories=trajectories, budget=budget, days=days,
                    replications=replications, is_fast=fast, workers=workers or os.cpu_count() or 1, on_done=show,
                )  # fmt: skip
        except KeyboardInterrupt:
            typer.echo("Stopped before anything could be said.", err=True)
            raise typer.Exit(STOPPED) from None
        if as_json:
            typer.echo(json.dumps(answer.to_dict(), indent=1, ensure_ascii=False, allow_nan=False))
        else:
            show_sensitivity(Console(), answer)
        if not answer.is_complete:
            typer.echo(f"Stopped after {answer.runs} points; what was finished is above.", err=True)
            raise typer.Exit(STOPPED)


def _method(name: str) -> Method:
    for known in get_args(Method):
        if name == known:
            return known  # type: ignore[no-any-return]
    raise one_fault("--method", "", f'"{name}"', known_names("method", name, METHODS))


def show_sensitivity(console: Console, answer: Sensitivity) -> None:
    """Print what the value hangs on, the switch points, and how it was found."""
    console.print(_heading(answer), highlight=False)
    console.print(rows_table(answer))
    rest = len(answer.rows) - len(_moving(answer))
    if rest:
        console.print(f"{rest} more hardly move it, or not at all.", style="dim", highlight=False)
    for row in answer.switches:
        console.print(
            f"It changes its sign at {row['parameter']} = {row['at']:.4g} {row['unit']} (assumed {row['base']:.4g}): "
            f"{row['effect_below']:+.3g} below, {row['effect_above']:+.3g} above.",
            highlight=False,
        )
    if answer.policies and not answer.switches:
        console.print("No single parameter turns its sign within its range.", highlight=False)
    who = "theory (gatewatch shadow)" if answer.is_fast else f"{answer.replications} runs a point, the same streams"
    console.print(
        f"{answer.runs} points of {answer.days} days, {who}. Effect: mean of absolute effects over the whole range "
        "(Morris). Share: of the variance, with interactions (Sobol, total), 95 % bars.",
        style="dim",
        highlight=False,
    )


def _heading(answer: Sensitivity) -> str:
    place = " ".join(part for part in (answer.gate or "all gates", answer.direction) if part)
    what = f"What {' and '.join(answer.policies)} change about " if answer.policies else ""
    return f"\n{answer.scenario}: {what}{answer.measure} at {place} is {answer.base:,.4g} {answer.unit}; it hangs on:"


def rows_table(answer: Sensitivity) -> Table:
    """Return the strongest parameters with their effects, names short of their gate where there is only one."""
    table = plain_table("Strongest first", "parameter", ">range", ">effect", ">share", ">at its ends")
    flows = f"demand.{answer.scenario}."
    for row in _moving(answer):
        name = row["parameter"].removeprefix(f"gates.{answer.gate}.").removeprefix("gates.").removeprefix(flows)
        times = "×" if row["unit"] == "factor" else ""
        table.add_row(
            name.replace(".arrivals.", ".").removeprefix("flows.").removesuffix(".weights"),
            f"{times}{_short(row['low'])}..{_short(row['high'])}",
            _short(row["strength"]),
            _barred(row["total_share"], row["total_share_half_width"]),
            "–" if row["value_at_low"] is None else f"{_short(row['value_at_low'])}..{_short(row['value_at_high'])}",
        )
    return table


def _moving(answer: Sensitivity) -> list[dict[str, Any]]:
    """Return the rows worth a line: within a factor of 200 of the strongest."""
    key = "strength" if any(row["strength"] for row in answer.rows) else "total_share"
    most = max((row[key] or 0.0 for row in answer.rows), default=0.0)
    return [row for row in answer.rows if (row[key] or 0.0) > most / 200][:_SHOWN]


def _short(value: float | None) -> str:
    """
    Return a number in few characters.

    >>> _short(0.0381), _short(1.254), _short(-133.94), _short(1234.6)
    ('0.038', '1.25', '-134', '1,235')
    """
    if value is None:
        return "–"
    if abs(value) >= 10:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.1 else f"{value:.2g}"


def _barred(value: float | None, half: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" + ("" if half is None else f" ±{half:.2f}")
