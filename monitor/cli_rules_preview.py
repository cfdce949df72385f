"""`gatewatch rules preview`: how a changed threshold would have fired over past days."""

from __future__ import annotations

import json
import tomllib
from contextlib import ExitStack
from datetime import timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from gatewatch.config.errors import one_fault
from gatewatch.config.terminal import progress, telling_faults
from gatewatch.monitor.backtesting.previewing import Preview, by_place, preview, told
from gatewatch.monitor.backtesting.replaying import Firing
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
    Skip,
    Step,
    days_of,
    watched,
)
from gatewatch.monitor.detectors.changing import changed as with_change


def preview_rule(
    rule: Annotated[str, typer.Option(help="Rule to change, such as backlog_sustained.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="What to change; may be given several times.")
    ] = None,
    gate: Annotated[str | None, typer.Option(help="Only at this gate.")] = None,
    direction: Annotated[str | None, typer.Option(help="Only for export, or for import.")] = None,
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
    """Show how a changed threshold would have fired, beside the one in force; nothing is changed by it."""
    with telling_faults(), ExitStack() as stack:
        changes, of = _read(settings or []), watched(border, home)
        where, pause = (gate, direction), timedelta(minutes=step)
        with_change(of.thresholds, of.loaded.border, rule, changes, where)  # refused before days are simulated
        asked = days_of(stack, of, first, last, scenario, days, skip, seed)
        show = stack.enter_context(progress("replaying", is_quiet=quiet or as_json))
        found = preview(
            asked.border, of.feeds, asked.past(), of.thresholds, rule, changes, where, asked.begins, asked.ends,
            pause, show,
        )  # fmt: skip
    if as_json:
        typer.echo(json.dumps(told(found), ensure_ascii=False, indent=2))
    else:
        _show(found, of.zone)


def _read(texts: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for text in texts:
        key, _, value = text.partition("=")
        try:
            found[key.strip()] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            raise one_fault("--set", "", f'"{text}"', "write KEY=VALUE as in a file of thresholds: busy=120") from None
    return found


def _show(found: Preview, zone: ZoneInfo) -> None:
    console = Console()
    present, changed = found.present, found.changed
    said = ", ".join(f"{key} = {value}" for key, value in found.settings.items()) or "nothing changed"
    console.print(f"{found.rule} over {present.weeks * 7:.1f} days, {said}\n", highlight=False, soft_wrap=True)
    table = Table("gate", "", box=None, pad_edge=False, header_style="dim")
    for title in ("in force", "would have fired"):
        table.add_column(title, justify="right")
    before, after = by_place(present.firings), by_place(changed.firings)
    for place in sorted({*before, *after}):
        table.add_row(*place, *(str(len(rows.get(place, []))) for rows in (before, after)))
    table.add_row("all", "", str(len(present.firings)), str(len(changed.firings)))
    console.print(table)
    for title, firings in (("In force", present.firings), ("Would have fired", changed.firings)):
        if firings:
            console.print(f"\n{title}:", highlight=False)
            console.print(_table(firings, found, zone))
    for (gate, direction), one in found.suggestions.items():
        console.print(
            f"\n{gate} {direction}: the same weekday of {one.n_days} weeks suggests {one.value:.1f}; "
            "nothing is changed by that.", highlight=False, soft_wrap=True,
        )  # fmt: skip


def _table(firings: tuple[Firing, ...], found: Preview, zone: ZoneInfo) -> Table:
    table = Table("fired", "gate", "", "level", box=None, pad_edge=False, header_style="dim")
    for title in ("value", "threshold", "lasted, h"):
        table.add_column(title, justify="right")
    for one in firings:
        lasted = one.lasted(found.present.ends) / timedelta(hours=1)
        table.add_row(
            f"{one.fired_at.astimezone(zone):%Y-%m-%d %H:%M}", *one.place, one.level,
            "–" if one.value is None else f"{one.value:.1f} {one.unit}",
            "–" if one.threshold is None else f"{one.threshold:g}",
            f"{lasted:.1f}{'' if one.resolved_at else ' and on'}",
        )  # fmt: skip
    return table
