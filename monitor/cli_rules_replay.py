"""`gatewatch rules replay`: what the rules in force would have told of past days."""

from __future__ import annotations

import json
import math
from contextlib import ExitStack
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from gatewatch.config.terminal import progress, telling_faults
from gatewatch.monitor.backtesting.replaying import Replayed
from gatewatch.monitor.backtesting.reports import Report, record_of, report_recorded, report_simulated
from gatewatch.monitor.backtesting.scoring import Score
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


def replay_days(
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
    Tell what the rules in force would have told of recorded days, or of simulated ones.

    Congestion is a backlog of at least 1.5 days of work and 50 vehicles at 20:00. Of simulated days the simulator tells
    it, of recorded ones the bulletins. An alert up to 48 h before it is its first sign; any other is false. The store
    is read beside the service.
    """
    with telling_faults(), ExitStack() as stack:
        of = watched(border, home)
        asked, pause = days_of(stack, of, first, last, scenario, days, skip, seed), timedelta(minutes=step)
        show = stack.enter_context(progress("replaying", is_quiet=quiet or as_json))
        if isinstance(asked, SimulatedDays):
            report = report_simulated(asked.past(), of.feeds, of.thresholds, asked.name, asked.skip, pause, show)
        else:
            report = report_recorded(
                of.loaded, asked.past(), of.feeds, of.thresholds, asked.begins, asked.ends, pause, show
            )
    if as_json:
        typer.echo(json.dumps(record_of(report), ensure_ascii=False, indent=2))
    else:
        _show(report, of.zone)


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
