"""`gatewatch feed`: a simulated border that reports as a real one would."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from gatewatch.config.errors import one_fault
from gatewatch.config.terminal import progress, telling_faults
from gatewatch.monitor.cli_feed_options import (
    BorderFolder,
    KeyFile,
    Quiet,
    SpoolFolder,
    Url,
    border_with_feeds,
    complain,
    counts_text,
    ending,
    n_refused,
    open_spool,
)
from gatewatch.monitor.feeds.changing import ChangingFeed
from gatewatch.monitor.feeds.client import DEFAULT_URL, IngestClient, read_key
from gatewatch.monitor.feeds.clock import RunningClock
from gatewatch.monitor.feeds.control import ControlFolder, ControlledClock
from gatewatch.monitor.feeds.delivery import Delivery
from gatewatch.monitor.feeds.devices import Event
from gatewatch.monitor.feeds.feed_run import FeedRun, next_run, read_run, write_run
from gatewatch.monitor.feeds.jams import Jam
from gatewatch.monitor.feeds.mishaps import read_mishaps
from gatewatch.monitor.feeds.posting import REFUSED_FILE, Poster, RefusedLog
from gatewatch.monitor.feeds.simulated import SimulatedFeed, play, simulate_feed
from gatewatch.simulator.scenario import make_plan
from gatewatch.simulator.trace_files import TraceFile

_TOLD_EVERY_S = 60.0
_WARM_UP_DAYS = 1  # simulated and not sent, where a scenario begins empty: on its first day hardly anything is cleared


def feed(
    scenario: Annotated[str, typer.Argument(help="Name of a scenario, or a TOML file with one.")] = "h1_2025",
    speed: Annotated[float, typer.Option(min=0.01, max=10_000, help="Seconds of the border in one of ours.")] = 1.0,
    url: Url = DEFAULT_URL,
    key_file: KeyFile = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="Days to play, from day 1 on.")] = 7,
    history_days: Annotated[int, typer.Option(min=0, max=60, help="Days before day 1, sent at once.")] = 2,
    mishap: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEXT",
            help="What goes wrong: silent, late or wrong, a source, hours, a day: "
            "silent:huu_nghi/camera/export-out:09:00-12:00@1. May be given several times.",
        ),
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep what really happens: .parquet or .csv.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Root seed of every stream.")] = 1,
    clock: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The service's clock, as START*SPEED@SECONDS; sets the speed.")
    ] = None,
    control: Annotated[
        Path | None, typer.Option(metavar="DIR", hidden=True, help="Where a demonstration is asked to change.")
    ] = None,
    spool: SpoolFolder = None,
    border: BorderFolder = None,
    *,
    from_now: Annotated[
        bool, typer.Option("--from-now/--own-days", help="Day 1 is today, or the scenario's own days are played.")
    ] = True,
    quiet: Quiet = False,
) -> None:
    """
    Be a simulated border: send what its devices would, and keep the truth aside.

    What is past is sent at once, then every event when its time has come. At another speed than 1, and with --own-days,
    the service must run on the same clock, since it tells age by its own and sets times in the future aside:
    `dev.py run --speed N` starts both so; elsewhere give both the same --clock.
    """
    with telling_faults(), ending() as stop, ExitStack() as stack:
        loaded, feeds = border_with_feeds(border)
        zone = ZoneInfo(loaded.border.border.timezone)
        begins = None if from_now else make_plan(loaded, scenario).scenario.start
        starts = None if begins is None else _midnight(begins + timedelta(days=history_days), zone)
        folder = None if control is None else ControlFolder(control)
        hands = _clock(clock, speed, starts) if folder is None else ControlledClock(folder)
        today = hands.now().astimezone(zone).date()
        warm_up = 0 if begins is not None else min(_WARM_UP_DAYS, make_plan(loaded, scenario).scenario.warmup_days)
        begins = begins or today - timedelta(days=history_days)
        held = stack.enter_context(open_spool(spool, "feed"))
        sink = stack.enter_context(IngestClient(url, read_key(key_file), hands.now))
        first, n_days = begins - timedelta(days=warm_up), warm_up + history_days + days
        wanted = FeedRun(scenario, seed, first, n_days, _midnight(begins, zone))
        run = next_run(read_run(held.folder), wanted, today)
        day_1 = begins + timedelta(days=history_days)
        mishaps = read_mishaps(mishap or (), feeds, day_1, zone)
        with ExitStack() as files:
            kept = files.enter_context(TraceFile(truth, "--truth")) if truth is not None else None

            def simulate(jams: Sequence[Jam]) -> SimulatedFeed:
                return simulate_feed(loaded, feeds, scenario, run.first_day, run.days, seed, mishaps, jams)

            played = () if folder is None else folder.played()
            simulated = simulate(played)
            if kept is not None:
                kept.add(simulated.truth_table())
        if not quiet:
            when = f"{run.first_day} to {run.last_day}, at speed {hands.speed:g}"
            typer.echo(f"{scenario} as of {when}, to {sink.url}. Ctrl-C ends.")
            if isinstance(hands, RunningClock) and clock is None and (speed != 1 or not from_now):
                typer.echo(f"The service must run on the same clock: {hands.text}")
        poster = Poster(held, Delivery(sink, stop.wait, complain), RefusedLog(held.folder / REFUSED_FILE, hands.now))
        if isinstance(hands, ControlledClock):
            story = ChangingFeed(simulated, hands.folder, simulate, played).play(hands, run.until, stop.wait)
        else:
            story = play(simulated, hands, run.until, stop.wait)
        _run(
            story,
            run,
            poster,
            zone,
            (lambda: None) if folder is None else lambda: folder.set_off(speed),
            is_quiet=quiet,
        )


def _run(
    story: Iterator[tuple[datetime, list[Event]]],
    run: FeedRun,
    poster: Poster,
    zone: ZoneInfo,
    begin: Callable[[], None],
    *,
    is_quiet: bool,
) -> None:
    """Send a story; what is past is told first, and then it is said that it begins."""
    told_s, told, has_begun = time.monotonic(), Counter[str](), False
    for now, events in story:
        poster.spool.append(events)
        write_run(poster.spool.folder, replace(run, until=now))
        is_much = len(events) > 1_000
        with progress("sending", len(poster.spool), is_quiet=is_quiet or not is_much) as show:
            total, before = len(poster.spool), poster.counted.total()
            poster.drain(lambda _: show(poster.counted.total() - before, total))  # noqa: B023 - called before the next
        if not has_begun:
            begin()
            has_begun = True
        if not is_quiet and (is_much or time.monotonic() - told_s >= _TOLD_EVERY_S):
            typer.echo(f"{now.astimezone(zone):%d.%m. %H:%M}  {counts_text(poster.counted - told)}")
            told_s, told = time.monotonic(), poster.counted.copy()
    poster.drain()
    if not is_quiet:
        typer.echo(f"The last day is over. {counts_text(poster.counted)}.")
    if n_refused(poster.counted):
        complain(f"{n_refused(poster.counted)} events were refused; {poster.refused.path} says why.")


def _clock(text: str | None, speed: float, begins: datetime | None) -> RunningClock:
    """Return the clock that is asked for: a given one, or one that begins now, or at an instant."""
    if text is not None:
        try:
            return RunningClock.from_text(text)
        except ValueError as error:
            raise one_fault("--clock", "", f'"{text}"', str(error)) from None
    clock = RunningClock.of_the_wall(speed)
    return clock if begins is None else replace(clock, start=begins)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time_of_day(), zone)
