"""`gatewatch rules suggest`: thresholds that calm days stay below, offered with how often they would have fired."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import timedelta

import typer
from rich.console import Console
from rich.table import Table

from gatewatch.config.terminal import progress, telling_faults
from gatewatch.monitor.backtesting.suggestions import (
    FEWEST,
    Suggestions,
    basis_en,
    printed_episodes,
    simulated_episodes,
    suggest_thresholds,
    told,
)
from gatewatch.monitor.cli_rules_past import (
    EVERY,
    BorderFolder,
    First,
    Home,
    Json,
    Last,
    NDays,
    Quiet,
    Scenario,
    Seed,
    SimulatedDays,
    Skip,
    Step,
    days_of,
    watched,
)


def suggest_for_rules(
    first: First = None,
    last: Last = None,
    scenario: Scenario = None,
    days: NDays = None,
    skip: Skip = 0,
    seed: Seed = 1,
    step: Step = EVERY,
    border: BorderFolder = None,
    home: Home = None,
    *,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """
    Suggest for each gate and direction a level busy that calm days stay below, with the lines of TOML that set it.

    Days near congested evenings are left out; fourteen calm ones are needed. Nothing is changed by it: whoever looks
    after the service puts the lines into the border's file of thresholds and starts it again.
    """
    with telling_faults(), ExitStack() as stack:
        of = watched(border, home)
        asked, pause = days_of(stack, of, first, last, scenario, days, skip, seed), timedelta(minutes=step)
        show = stack.enter_context(progress("replaying", is_quiet=quiet or as_json))
        episodes = simulated_episodes(asked.one) if isinstance(asked, SimulatedDays) else printed_episodes(asked.border)
        found = suggest_thresholds(
            asked.border, of.feeds, asked.past, episodes, of.thresholds, asked.begins, asked.ends, pause, show
        )
    if as_json:
        typer.echo(json.dumps(told(found), ensure_ascii=False, indent=2))
    else:
        _show(found)


def _show(found: Suggestions) -> None:
    console = Console()
    if not found.found:
        console.print(
            f"{found.n_days} days suggest nothing: the thresholds in force are about as calm days would have them, or "
            f"fewer than {FEWEST} calm days are known.", highlight=False, soft_wrap=True,
        )  # fmt: skip
        return
    table = Table("rule", "gate", "", "unit", box=None, pad_edge=False, header_style="dim")
    for title in ("busy now", "suggested", "days", "fired a week", "would have"):
        table.add_column(title, justify="right")
    for one in found.found:
        table.add_row(
            one.rule, *one.place, one.unit, f"{one.now:g}", f"{one.value:g}", str(one.n_days), f"{one.fired_now:.2f}",
            f"{one.fired_then:.2f}",
        )  # fmt: skip
    console.print(table)
    console.print("\nNothing is changed by this. To apply one, put its lines into the border's file of thresholds:\n")
    for one in found.found:
        console.print(f"# {basis_en(one)}", highlight=False, soft_wrap=True, markup=False)
        console.print(one.toml, highlight=False, soft_wrap=True, markup=False)
