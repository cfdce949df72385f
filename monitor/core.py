"""The core: settings made into store, writer, projector, register and simulations, started and stopped in order."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from gatewatch.config.feeds import Feed, load_feeds
from gatewatch.config.loader import load_border
from gatewatch.config.schema import Border
from gatewatch.config.teams import LoadedTeams
from gatewatch.config.thresholds import load_thresholds
from gatewatch.monitor.access import Passwords, Register
from gatewatch.monitor.alerting import completed, rules_of
from gatewatch.monitor.alerting.messages import Composer
from gatewatch.monitor.alerting.teams import settings_of
from gatewatch.monitor.channels.teams import load_told
from gatewatch.monitor.detectors import settings_classes
from gatewatch.monitor.detectors.runbooks import runbook
from gatewatch.monitor.forecasts import Decisions, Forecasts, Misses, Scorecard, SkillBook, UsualDays
from gatewatch.monitor.processes import with_settings
from gatewatch.monitor.projector import Projector
from gatewatch.monitor.settings import Settings
from gatewatch.monitor.simulations.catalogue import Catalogue
from gatewatch.monitor.simulations.pool import Limits, Pool
from gatewatch.monitor.simulations.runs import Runs
from gatewatch.monitor.store import (
    Accounts,
    Audit,
    BulletinEditions,
    Journal,
    Leader,
    Shifts,
    Store,
    open_store,
)
from gatewatch.monitor.store.alert_book import AlertBook
from gatewatch.monitor.store.forecasts import StoredForecasts
from gatewatch.monitor.store.history import History
from gatewatch.monitor.store.runs import StoredRuns
from gatewatch.monitor.store.snapshots import Snapshots
from gatewatch.monitor.watch import Evaluator, OwnState, Watch
from gatewatch.monitor.writer import Writer

# A worker runs as many threads as it is told; libraries must not add their own.
_ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_KEEP_S: Final = 30.0  # how long the last snapshot of the state may take


@dataclass(frozen=True)
class Core:
    """
    Everything that lives as long as the service.

    Args:
        settings: How it runs.
        border: The border watched.
        feeds: Feeds declared, by source.
        store: Where everything is kept.
        journal: What was taken in.
        history: Quarter-hours.
        audit: Who did what.
        shifts: The shift log.
        editions: Of our own bulletins.
        writer: The one thread that writes.
        projector: Follows the journal; tells what is so now.
        register: Who may come in.
        runs: Simulations that were asked for, in processes of their own.
        catalogue: What can be planned.
        told: Who is told of alerts.
        forecasts: What is to be expected, by the clock and on demand.
        skill: How good forecasts were.
        scorecard: The same summed up, with the worst of them and why.
        decisions: What was decided on them.
        usual_days: What the same weekdays before had inside.
        watch: Evaluates the rules, and keeps the alerts.
        first_password: Of the account `admin`, when this start made it; told once.
        own_files: Folder with what the border says of its own, of thresholds too; None: the one that ships.
    """

    settings: Settings
    border: Border
    feeds: Mapping[str, Feed]
    store: Store
    journal: Journal
    history: History
    audit: Audit
    shifts: Shifts
    editions: BulletinEditions
    writer: Writer
    projector: Projector
    register: Register
    runs: Runs
    catalogue: Catalogue
    told: LoadedTeams
    forecasts: Forecasts
    skill: SkillBook
    scorecard: Scorecard
    decisions: Decisions
    usual_days: UsualDays
    watch: Watch
    first_password: str | None = None
    _ending: ExitStack = field(default_factory=ExitStack, repr=False)
    own_files: Path | None = None

    def stop(self, now: datetime | None = None) -> None:
        """
        End in order; what was acknowledged is on the disk already.

        Args:
            now: Aware UTC, for a snapshot that makes the next start fast; without it none is kept.
        """
        with self._ending:
            if now is not None and self.writer.health().failure is None:
                self.projector.wait_for(self.journal.last_seq(), _KEEP_S)
                self.projector.keep(now).result(_KEEP_S)


def start_core(
    settings: Settings,
    now: datetime,
    passwords: Passwords | None = None,
    border: Border | None = None,
    feeds: Mapping[str, Feed] | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Core:
    """
    Start everything that the settings ask for, and return it when it takes observations.

    Args:
        settings: How it runs.
        now: Aware UTC.
        passwords: How passwords are proved; by default as argon2 advises.
        border: The border watched; without it, the one of the settings.
        feeds: Its feeds; without them, those beside the border.
        clock: Says the time for what happens by itself, aware UTC; without it, time goes on from `now`.

    Raises:
        ConfigError: The border, its feeds, its thresholds or who is told cannot be used.
        LeaderPresentError: Another core leads the store.
        StoreError: The store cannot be used.
    """
    own_files = Path(os.devnull) if border is not None else settings.border  # a border that is given has none
    if border is None:
        border = load_border(settings.border).border
    if feeds is None:
        feeds = load_feeds(border, settings.border)
    thresholds = load_thresholds(border, settings_classes(), own_files)
    rules = rules_of(thresholds)
    told = load_told(border, rules, settings.teams, own_files)
    with ExitStack() as ending:
        store = open_store(settings.database_url)
        ending.callback(store.close)
        leader = Leader(store, f"{socket.gethostname()} process {os.getpid()}", now)
        ending.callback(leader.close)
        ending.callback(store.close)  # readers go before the leader
        journal, history = Journal(store), History(store)
        writer = Writer(leader, journal, settings.most_waiting)
        writer.start()
        ending.callback(writer.stop)
        projector = Projector(border, feeds, journal, writer, history, Snapshots(store))
        ending.callback(projector.stop)
        projector.start()
        length = timedelta(hours=settings.session_hours)
        register = Register(Accounts(store), writer, passwords or Passwords(), length)
        first_password = register.start(now)
        runs = Runs(StoredRuns(store), writer, _pool(settings), clock or _going_on_from(now), settings.simulations_kept)
        runs.recover(now)
        ending.callback(runs.pool.stop)
        every, kept = timedelta(minutes=settings.forecast_minutes), StoredForecasts(store)
        forecasts = Forecasts(border, feeds, projector, history, runs, kept, writer, every)
        forecasts.start()
        evaluator = Evaluator(
            border, feeds, thresholds, projector, OwnState(settings, store, writer, now),
            Composer(border, feeds, told, runbook), lambda: forecasts.outlooks,
        )  # fmt: skip
        skill = SkillBook(forecasts, runs.pool, writer)
        watch = Watch(evaluator, completed(settings_of(told, rules)), writer, AlertBook(store))
        watch.start()
        return Core(
            settings, border, feeds, store, journal, history, Audit(store), Shifts(store), BulletinEditions(store),
            writer, projector, register, runs, Catalogue(runs.pool), told, forecasts,
            skill, Scorecard(skill, Misses(border, feeds, projector, forecasts), kept), Decisions(forecasts, writer),
            UsualDays(forecasts, border), watch, first_password, ending.pop_all(), own_files,
        )  # fmt: skip
    raise AssertionError("the block returns or raises")


def _pool(settings: Settings) -> Pool:
    limits = Limits(settings.simulation_workers, settings.simulations_waiting, settings.simulation_seconds)
    return Pool({**with_settings(settings, os.environ), **_ONE_THREAD}, limits)


def _going_on_from(now: datetime) -> Callable[[], datetime]:
    begun_s = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - begun_s)
