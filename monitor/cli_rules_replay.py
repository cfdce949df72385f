"""`gatewatch rules replay`: what the rules in force would have told of past days."""

from __future__ import annotations

import json
import math
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from gatewatch.config.errors import one_fault
from gatewatch.config.feeds import load_feeds
from gatewatch.config.loader import load_border
from gatewatch.config.terminal import progress, telling_faults
from gatewatch.config.thresholds import load_thresholds
from gatewatch.monitor.backtesting.recorded_past import RecordedPast
from gatewatch.monitor.backtesting.replaying import Replayed
from gatewatch.monitor.backtesting.reports import Report, midnight, record_of, report_recorded, report_simulated
from gatewatch.monitor.backtesting.scoring import Score
from gatewatch.monitor.backtesting.simulated_past import SimulatedPast
from gatewatch.monitor.detectors import settings_classes
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.store import Journal, Store, StoreError, open_store

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Step = Annotated[int, typer.Option(min=1, max=60, help="Minutes between evaluations; the service's is 15 s.")]
BorderFolder = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Border to watch; without it, the one of the settings.")
]
Home = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the service: GATEWATCH_HOME.")]
First = Annotated[str | None, typer.Option("--from", metavar="DATE", help="First of the recorded days.")]
Last = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last of them; without it, today.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]


def replay_days(
    first: First = None,
    last: Last = None,
    scenario: Annotated[
        str | None, typer.Option(help="Simulated days instead: name of a scenario, or a TOML file with one.")
    ] = None,
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
    Tell what the rules in force would have told of recorded days, or of simulated ones.

    Congestion is a backlog of at least 1.5 days of work and 50 vehicles at 20:00. Of simulated days the simulator tells
    it, of recorded ones the bulletins. An alert up to 48 h before it is its first sign; any other is false. The store
    is read beside the service.
    """
    with telling_faults(), ExitStack() as stack:
        settings = load_settings(home=home)
        loaded = load_border(border or settings.border)
        zone = ZoneInfo(loaded.border.border.timezone)
        feeds = load_feeds(loaded.border, loaded.root)
        thresholds = load_thresholds(loaded.border, settings_classes(), loaded.root)
        show = stack.enter_context(progress("replaying", is_quiet=quiet or as_json))
        pause = timedelta(minutes=step)
        if scenario is not None:
            if first or last:
                raise one_fault("--scenario", "", "given with --from or --to", "leave out one of them")
            past = SimulatedPast(loaded, feeds, scenario, days, seed)
            if past.truth.begins + timedelta(days=skip) >= past.truth.ends:
                raise one_fault("--skip", "", str(skip), "leave some days to evaluate")
            report = report_simulated(past, feeds, thresholds, scenario, timedelta(days=skip), pause, show)
        else:
            begins, ends = period(first, last, zone)
            journal = Journal(open_present(settings.database_url, stack))
            recorded = RecordedPast(journal, begins)
            report = report_recorded(loaded, recorded, feeds, thresholds, begins, ends, pause, show)
    if as_json:
        typer.echo(json.dumps(record_of(report), ensure_ascii=False, indent=2))
    else:
        _show(report, zone)


def open_present(url: str, stack: ExitStack) -> Store:
    """Return a store that is there, to be read."""
    store = open_store(url)
    stack.callback(store.close)
    try:
        Journal(store).last_seq()
    except StoreError as error:
        raise one_fault("the store", "", "not readable", str(error).rstrip(".")) from None
    return store


def period(first: str | None, last: str | None, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the begin and the end of the days asked for; days that are not over end now."""
    if first is None:
        raise one_fault("--from", "", "missing", "give the first day, as --from 2026-01-15, or --scenario NAME")
    now = datetime.now(UTC)
    begins = midnight(_day("--from", first), zone)
    ends = now if last is None else min(now, midnight(_day("--to", last) + timedelta(days=1), zone))
    if ends <= begins:
        remedy = "the last day must not lie before the first, nor the first in the future"
        raise one_fault("--from", "", f'"{first}"', remedy)
    return begins, ends


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise one_fault(option, "", f'"{text}"', "write a date as 2026-01-15") from None


def _show(report: Report, zone: ZoneInfo) -> None:
    console, replayed = Console(), report.replayed
    n_days = replayed.weeks * 7
    console.print(
        f"{report.what}: {_at(replayed.begins, zone)} to {_at(replayed.ends, zone)}, {n_days:.1f} days, "
        f"{replayed.n_evaluations:,} evaluations, one in {replayed.step / timedelta(minutes=1):.0f} min\n",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    _show_episodes(console, report, zone)
    _show_scores(console, report)
    _show_firsts(console, report, zone)
    others = _others(replayed, {score.rule for score in report.scores})
    if others:
        told = ", ".join(f"{n} {rule}" for rule, n in others.items())
        console.print(f"\nBesides, not about the congestion of a gate: {told}.", highlight=False)
    for rule, reason in replayed.failed.items():
        console.print(f"[bold red]failed[/]  {rule}: {reason}", highlight=False, soft_wrap=True)


def _show_episodes(console: Console, report: Report, zone: ZoneInfo) -> None:
    if report.truth == "unknown":
        console.print("Whether there was congestion is not known: no bulletin gives the stock of these evenings.\n")
        return
    if not report.episodes:
        console.print(f"No evening was congested, by the {report.truth}.\n")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("congested", "", "first evening", "until", "worst, days of work", "most, veh"):
        table.add_column(title, justify="right" if title.startswith(("worst", "most")) else "left")
    for one in report.episodes:
        ends = "the end" if one.ends is None else _at(one.ends, zone)
        days = "none cleared" if math.isinf(one.days) else f"{one.days:.1f}"
        table.add_row(one.gate, one.direction, _at(one.begins, zone), ends, days, f"{one.backlog:,}")
    console.print(table)
    console.print()


def _show_scores(console: Console, report: Report) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("rule", no_wrap=True)
    for title in ("detected", "lead, h", "alerts", "a day", "false", "a week and gate"):
        table.add_column(title, justify="right")
    for one in report.scores:
        table.add_row(
            one.rule, _detected(one), "–" if one.lead_h is None else f"{one.lead_h:+.1f}", str(one.n_alerts),
            f"{one.per_day:.2f}", "–" if one.n_false is None else str(one.n_false),
            "–" if one.false_per_week is None else f"{one.false_per_week:.2f}",
        )  # fmt: skip
    console.print(table)


def _detected(score: Score) -> str:
    return "–" if not score.n_episodes else f"{score.n_detected} of {score.n_episodes}"


def _show_firsts(console: Console, report: Report, zone: ZoneInfo) -> None:
    if not report.firsts:
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("", "what", "when", "first alert", "rule", "lead, h"):
        table.add_column(title, justify="right" if title == "lead, h" else "left")
    for one in report.firsts:
        firing = one.firing
        table.add_row(
            one.gate, one.what, _at(one.at, zone), "none" if firing is None else _at(firing.fired_at, zone),
            "" if firing is None else f"{firing.rule} {' '.join(part for part in firing.place if part)}",
            "–" if one.lead_h is None else f"{one.lead_h:.1f}",
        )  # fmt: skip
    console.print()
    console.print(table)


def _others(replayed: Replayed, scored: set[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for firing in replayed.firings:
        if firing.rule not in scored:
            found[firing.rule] = found.get(firing.rule, 0) + 1
    return dict(sorted(found.items()))


def _at(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
