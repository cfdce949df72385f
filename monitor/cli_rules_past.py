"""The past that `gatewatch rules replay`, `preview` and `suggest` look at: its options, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from gatewatch.config.errors import one_fault
from gatewatch.config.feeds import Feed, load_feeds
from gatewatch.config.loader import LoadedBorder, load_border
from gatewatch.config.schema import Border
from gatewatch.config.thresholds import Thresholds, load_thresholds
from gatewatch.monitor.backtesting.recorded_past import RecordedPast
from gatewatch.monitor.backtesting.reports import midnight
from gatewatch.monitor.backtesting.simulated_past import SimulatedPast
from gatewatch.monitor.detectors import settings_classes
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.store import Journal, Store, StoreError, open_store

First = Annotated[str | None, typer.Option("--from", metavar="DATE", help="First of the recorded days.")]
Last = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last of them; without it, today.")]
Scenario = Annotated[
    str | None, typer.Option(help="Simulated days instead: name of a scenario, or a TOML file with one.")
]
NDays = Annotated[int | None, typer.Option("--days", min=1, max=366, help="Simulated days; else the scenario's.")]
Skip = Annotated[int, typer.Option(min=0, max=60, help="Simulated days before the first evaluation.")]
Seed = Annotated[int, typer.Option(min=0, help="Root seed of the simulation.")]
Step = Annotated[int, typer.Option(min=1, max=60, help="Minutes between evaluations; the service's is 15 s.")]
BorderFolder = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Border to watch; without it, the one of the settings.")
]
Home = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the service: GATEWATCH_HOME.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]

EVERY: Final = 15  # between evaluations, unless told otherwise [min]


@dataclass(frozen=True)
class Watched:
    """
    A border that is watched.

    Args:
        loaded: The border.
        feeds: Its feeds, by source.
        thresholds: Its thresholds in force.
        store: Address of the store of its service.
    """

    loaded: LoadedBorder
    feeds: Mapping[str, Feed]
    thresholds: Thresholds
    store: str

    @property
    def zone(self) -> ZoneInfo:
        """Where its days begin."""
        return ZoneInfo(self.loaded.border.border.timezone)


def watched(border: Path | None, home: Path | None) -> Watched:
    """
    Return the border that is watched.

    Raises:
        ConfigError: It cannot be used.
    """
    settings = load_settings(home=home)
    loaded = load_border(border or settings.border)
    thresholds = load_thresholds(loaded.border, settings_classes(), loaded.root)
    return Watched(loaded, load_feeds(loaded.border, loaded.root), thresholds, settings.database_url)


@dataclass(frozen=True)
class RecordedDays:
    """
    Days that the store of a service has.

    Args:
        border: The border they are of.
        begins: First evaluation, aware UTC.
        ends: No evaluation from then on.
        past: Returns them, from their begin, each time it is asked.
    """

    border: Border
    begins: datetime
    ends: datetime
    past: Callable[[], RecordedPast]


@dataclass(frozen=True)
class SimulatedDays:
    """
    Days of a scenario.

    Args:
        name: The scenario.
        skip: Time before the first evaluation.
        past: Returns them, from their begin, each time it is asked.
        one: The same, to look at; it is the first that `past` returns.
    """

    name: str
    skip: timedelta
    past: Callable[[], SimulatedPast]
    one: SimulatedPast

    @property
    def border(self) -> Border:
        """The border they are of: the scenario's."""
        return self.one.border

    @property
    def begins(self) -> datetime:
        """First evaluation, aware UTC."""
        return self.one.truth.begins + self.skip

    @property
    def ends(self) -> datetime:
        """No evaluation from then on."""
        return self.one.truth.ends


def days_of(
    stack: ExitStack,
    of: Watched,
    first: str | None,
    last: str | None,
    scenario: str | None,
    n_days: int | None,
    skip: int,
    seed: int,
) -> RecordedDays | SimulatedDays:
    """
    Return the days that the options name.

    Args:
        stack: Closes the store that they are read from.
        of: The border.
        first: `--from`.
        last: `--to`.
        scenario: `--scenario`.
        n_days: `--days`.
        skip: `--skip`.
        seed: `--seed`.

    Raises:
        ConfigError: The options contradict each other, there are no such days, or the store is not readable.
    """
    if scenario is None:
        begins, ends = _period(first, last, of.zone)
        journal = Journal(_open_present(of.store, stack))
        return RecordedDays(of.loaded.border, begins, ends, lambda: RecordedPast(journal, begins))
    if first or last:
        raise one_fault("--scenario", "", "given with --from or --to", "leave out one of them")

    def simulated() -> SimulatedPast:
        return SimulatedPast(of.loaded, of.feeds, scenario, n_days, seed)

    one = simulated()
    unused = [one]
    found = SimulatedDays(scenario, timedelta(days=skip), lambda: unused.pop() if unused else simulated(), one)
    if found.begins >= found.ends:
        raise one_fault("--skip", "", str(skip), "leave some days to evaluate")
    return found


def _open_present(url: str, stack: ExitStack) -> Store:
    """Return a store that is there, to be read."""
    store = open_store(url)
    stack.callback(store.close)
    if store.backend == "sqlite" and not store.path.exists():
        remedy = "name the folder of a service that has run (--home), or simulated days (--scenario NAME)"
        raise one_fault("--home", "", f"without a store at {store.path}", remedy)
    try:
        Journal(store).last_seq()
    except StoreError as error:
        raise one_fault("the store", "", "not readable", str(error).rstrip(".")) from None
    return store


def _period(first: str | None, last: str | None, zone: ZoneInfo) -> tuple[datetime, datetime]:
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
