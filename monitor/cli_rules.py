"""`gatewatch rules`: rules tried on their cases, on days that were recorded, and on days that were simulated."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gatewatch.config.loader import load_border
from gatewatch.config.terminal import telling_faults
from gatewatch.config.thresholds import load_thresholds
from gatewatch.monitor.backtesting.rule_tests import Outcome, read_files, run, shipped_files, summed
from gatewatch.monitor.cli_rules_preview import preview_rule
from gatewatch.monitor.cli_rules_replay import replay_days
from gatewatch.monitor.cli_rules_suggest import suggest_for_rules
from gatewatch.monitor.detectors import settings_classes
from gatewatch.monitor.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Try rules on their cases, on recorded days and on simulated ones.")
app.command("replay")(replay_days)
app.command("preview")(preview_rule)
app.command("suggest")(suggest_for_rules)


@app.command("test")
def try_cases(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILES", help="Files of cases; without any, those that ship with the detectors."),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print every case as JSON.")] = False,
) -> None:
    """
    Run cases that must fire and cases that must not; ends with status 1 when one is wrong.

    A file holds for the rule that it is named as, or that `rule` in it names. What its `settings` leave out is as the
    thresholds in force say.
    """
    with telling_faults():
        if files:
            loaded = load_border(load_settings().border)
            read = read_files(files, load_thresholds(loaded.border, settings_classes(), loaded.root))
        else:
            read = shipped_files()
        outcomes = list(run(read))
    wrong = [outcome for outcome in outcomes if not outcome.is_right]
    if as_json:
        typer.echo(json.dumps([{**asdict(o), "right": o.is_right} for o in outcomes], ensure_ascii=False, indent=2))
    else:
        _show(outcomes, wrong)
    if wrong:
        raise typer.Exit(1)


def _show(outcomes: list[Outcome], wrong: list[Outcome]) -> None:
    console = Console()
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("rule", no_wrap=True)
    for title in ("cases", "stories", "that fire", "wrong"):
        table.add_column(title, justify="right")
    for row in summed(outcomes):
        n = str(row["wrong"])
        table.add_row(
            row["rule"], *(str(row[key]) for key in ("cases", "stories", "fire")),
            f"[bold red]{n}[/]" if row["wrong"] else n,
        )  # fmt: skip
    console.print(table)
    for outcome in wrong:
        console.print(f"\n[bold red]wrong[/]  {escape(outcome.file)}: {escape(outcome.says)}", soft_wrap=True)
        for sentence in outcome.wrong:
            console.print(f"       {escape(sentence)}", soft_wrap=True, highlight=False)
    n_fire = sum(outcome.fires for outcome in outcomes)
    told = f"{len(outcomes)} cases and stories, {n_fire} that fire and {len(outcomes) - n_fire} that do not"
    console.print(f"\n{told}: {f'{len(wrong)} wrong' if wrong else 'all right'}.", highlight=False)
