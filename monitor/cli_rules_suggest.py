"""`gatewatch rules suggest`: thresholds that calm days stay below, offered with how often they would have fired."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from gatewatch.config.feeds import load_feeds
from gatewatch.config.loader import load_border
from gatewatch.config.terminal import progress, telling_faults
from gatewatch.config.thresholds import load_thresholds
from gatewatch.monitor.backtesting.recorded_past import RecordedPast
from gatewatch.monitor.backtesting.simulated_past import SimulatedPast
from gatewatch.monitor.backtesting.suggestions import (
    FEWEST,
    Suggestions,
    basis_en,
    printed_episodes,
    simulated_episodes,
    suggest_thresholds,
    told,
)
from gatewatch.monitor.cli_rules_replay import (
    BorderFolder,
    First,
    Home,
    Json,
    Last,
    Quiet,
    Step,
    open_present,
    period,
)
from gatewatch.monitor.detectors import settings_classes
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.store import Journal


def suggest_for_rules(
    first: First = None,
    last: Last = None,
    scenario: Annotated[str | None, typer.Option(help="Simulated days instead of recorded ones.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=366, help="Simulated days; else the scenario's.")] = None,
    skip: Annotated[int, typer.Option(min=0, max=60, help="Simulated days before the first evaluation.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Root seed of the simulation.")] = 1,
    step: Step = 15,
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
        settings = load_settings(home=home)
        loaded = load_border(border or settings.border)
        feeds = load_feeds(loaded.border, loaded.root)
        thresholds = load_thresholds(loaded.border, settings_classes(), loaded.root)
        show = stack.enter_context(progress("replaying", is_quiet=quiet or as_json))
        pause = timedelta(minutes=step)
        if scenario is not None:
            past = SimulatedPast(loaded, feeds, scenario, days, seed)
            begins, ends = past.truth.begins + timedelta(days=skip), past.truth.ends
            found = suggest_thresholds(
                past.border, feeds, lambda: SimulatedPast(loaded, feeds, scenario, days, seed),
                simulated_episodes(past), thresholds, begins, ends, pause, show,
            )  # fmt: skip
        else:
            begins, ends = period(first, last, ZoneInfo(loaded.border.border.timezone))
            journal = Journal(open_present(settings.database_url, stack))
            found = suggest_thresholds(
                loaded.border, feeds, lambda: RecordedPast(journal, begins), printed_episodes(loaded.border),
                thresholds, begins, ends, pause, show,
            )  # fmt: skip
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
