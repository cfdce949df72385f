"""What the leading core does by the clock: the rows of its table of jobs."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from gatewatch.config.schema import Border
from gatewatch.monitor.bulletin_keeping import OwnBulletins
from gatewatch.monitor.core import Core
from gatewatch.monitor.feeds.delivery import Sink
from gatewatch.monitor.feeds.folder import Seen, look
from gatewatch.monitor.jobs import Job, daily, every
from gatewatch.monitor.letting_go import LettingGo
from gatewatch.monitor.live.snapshot import Snapshot
from gatewatch.monitor.retention import make_backup, thin
from gatewatch.monitor.simulations.suggestions import RuleSuggestions
from gatewatch.monitor.store import StoreError
from gatewatch.monitor.store.backup import check_integrity

TICK_S: Final = 15.0
OWN_BULLETINS_S: Final = 60.0
KEEP_S: Final = 600.0
BACKUP_S: Final = 3_600.0
SKILL: Final = time(3, 30)  # the night's other work is done
SUGGESTIONS: Final = time(3, 50)
LETTING_GO: Final = time(4, 20)  # the night's backup has it all once more
NIGHT: Final = time(2, 30)  # the gates are shut, the day's bulletin is in

_log: Final = structlog.get_logger(__name__)


class SourceWatch:
    """
    Tells when a source falls silent within its hours and when it is heard again.

    Args:
        live: Returns live state.
    """

    def __init__(self, live: Callable[[datetime], Snapshot]) -> None:
        self._live = live
        self._silent: frozenset[str] | None = None

    def look(self, now: datetime) -> None:
        """Log what has changed since the last look; the first look tells all at once."""
        states = {state.source: state for state in self._live(now).sources}
        silent = frozenset(source for source, state in states.items() if state.silent_since is not None)
        if self._silent is None:
            _log.info("sources", known=len(states), silent=sorted(silent))
        else:
            for source in sorted(silent - self._silent):
                heard = states[source].last_heard
                _log.warning("source is silent", source=source, last_heard=heard and heard.isoformat())
            for source in sorted(self._silent - silent):
                _log.info("source is no longer silent", source=source)
        self._silent = silent


class Backups:
    """
    Makes backups and has each one restored for a trial, in a process that gives way to everything else.

    Args:
        core: Whose store is copied.
        variables: Environment of the trial.
    """

    def __init__(self, core: Core, variables: Mapping[str, str]) -> None:
        self._core, self._variables = core, variables
        self._lock = threading.Lock()
        self._trial: subprocess.Popen[str] | None = None
        self._stopping = threading.Event()

    def make(self, now: datetime) -> None:
        """
        Keep a backup that was restored for a trial, and let go of the oldest.

        Raises:
            StoreError: It could not be made, or does not serve.
        """
        self._make(now)

    def make_at_night(self, now: datetime) -> None:
        """
        Read every page of the store, keep a backup, and make its figures anew from its journal.

        Raises:
            StoreError: The store is damaged, or the backup does not serve.
        """
        faults = check_integrity(self._core.store)
        if faults:
            raise StoreError(f"the store is damaged: {'; '.join(faults)}. Restore the last backup that was tried.")
        self._make(now, "--full")

    def stop(self) -> None:
        """End a trial under way; the backup stays."""
        with self._lock:
            self._stopping.set()
            if self._trial is not None:
                self._trial.terminate()

    def _make(self, now: datetime, *options: str) -> None:
        settings = self._core.settings
        copy = make_backup(self._core.store, settings.backups, now)
        said = self._try(copy.path, options)
        if said is None:
            return
        if said:
            raise StoreError(f"the backup {copy.path} was made, but its trial failed: {said}")
        removed = thin(settings.backups, settings.backups_kept)
        _log.info("backup made and tried", file=copy.path.name, bytes=copy.size, removed=len(removed))

    def _try(self, path: Path, options: tuple[str, ...]) -> str | None:
        """Return what is wrong with a backup, nothing when it serves, and None when the service ends meanwhile."""
        command = [sys.executable, "-m", "gatewatch.monitor.trial", str(path), *options]
        with self._lock:
            if self._stopping.is_set():
                return None
            self._trial = subprocess.Popen(
                command, env=dict(self._variables), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
            )
        _, said = self._trial.communicate()
        if self._stopping.is_set():
            return None
        return (said.strip() or f"status {self._trial.returncode}") if self._trial.returncode else ""


class BulletinFolder:
    """
    Takes in the bulletins that people put into a folder.

    Args:
        folder: The folder; made when it is not there.
        sink: Takes events.
        border: For the names of gates.
    """

    def __init__(self, folder: Path, sink: Sink, border: Border) -> None:
        self._folder, self._sink, self._border = folder, sink, border
        self._seen: Seen = {}
        self._problems: set[str] = set()

    def look(self, now: datetime) -> None:
        """Take in what is new and has rested since the last look; what cannot be done now is told once."""
        self._folder.mkdir(parents=True, exist_ok=True)
        found = look(self._folder, self._sink, self._seen, now, self._border)
        self._seen = found.seen
        for file in found.handled:
            tell = _log.warning if file.troubles else _log.info
            tell("bulletin read", file=file.name, now=str(file.path), taken=file.n_taken, refused=len(file.troubles))
        for problem in set(found.problems) - self._problems:
            _log.warning("bulletin waits", reason=problem)
        self._problems = set(found.problems)


def table(
    core: Core,
    backups: Backups,
    tick: Callable[[datetime], object],
    bulletins: BulletinFolder | None,
    has_begun: Callable[[], bool] = lambda: True,
) -> list[Job]:
    """
    Return the jobs of a core.

    Args:
        core: The core.
        backups: Makes them.
        tick: Publishes live state, so that ages go on when nothing new comes.
        bulletins: The folder that is watched, if one is.
        has_begun: Whether rules may be judged by live state: not while a simulated border's past is still being told,
            when every source would seem silent.
    """

    def judge(now: datetime) -> None:
        if has_begun():
            core.watch.evaluate(now)

    zone = ZoneInfo(core.border.border.timezone)
    watch = SourceWatch(core.projector.live)
    jobs = [
        Job("live", every(TICK_S), tick, is_first_at_once=True),
        Job("sources", every(TICK_S), watch.look, is_first_at_once=True),
        Job("own bulletins", every(OWN_BULLETINS_S), OwnBulletins(core).look, is_first_at_once=True),
        Job("alerts", every(TICK_S), judge, is_first_at_once=True),
        Job("forecasts", every(TICK_S), core.forecasts.look, is_first_at_once=True),
        Job("outcomes", every(KEEP_S), core.decisions.look),
        Job("skill", daily(SKILL, zone), core.skill.look),
        Job("suggestions", daily(SUGGESTIONS, zone), RuleSuggestions(core.runs).look),
        Job("let go", daily(LETTING_GO, zone), LettingGo(core.writer, core.settings).look),
        Job("keep", every(KEEP_S), lambda now: core.projector.keep(now).result()),
        Job("backup", every(BACKUP_S), backups.make),
        Job("night", daily(NIGHT, zone), backups.make_at_night),
    ]
    if bulletins is not None:
        jobs.append(Job("bulletins", every(TICK_S), bulletins.look, is_first_at_once=True))
    return jobs
