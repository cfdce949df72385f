"""The jobs: what the leader does by the clock. A table of name, trigger and function; APScheduler keeps the time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from datetime import time as clock_time
from typing import Final

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from gatewatch.monitor.job_state import JobState
from gatewatch.monitor.store import LeaderLostError, LeaderPresentError, StoreError
from gatewatch.monitor.writer import Writer

Clock = Callable[[], datetime]

# A run that was missed, by sleep or load, is made up once and however late (issues 463 and 766 of APScheduler).
_DEFAULTS: Final = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """
    Something that is done by the clock.

    Args:
        name: Name, once in the table.
        trigger: When.
        function: What; it is told the time, aware UTC.
        is_first_at_once: Whether it is done at the start as well.
    """

    name: str
    trigger: BaseTrigger
    function: Callable[[datetime], object]
    is_first_at_once: bool = False


def every(seconds: float) -> BaseTrigger:
    """Return the trigger of a job that is done again and again [s]."""
    return IntervalTrigger(seconds=seconds, timezone=UTC)


def daily(at: clock_time, zone: tzinfo) -> BaseTrigger:
    """Return the trigger of a job that is done once a day, at a time of a zone."""
    return CronTrigger(hour=at.hour, minute=at.minute, second=at.second, timezone=zone)


def leads(writer: Writer) -> bool:
    """Return whether a writer still leads its store, by an empty transaction; while nothing can be asked, as before."""
    try:
        writer.write(lambda _: None).result()
    except (LeaderLostError, LeaderPresentError):
        return False
    except StoreError:
        return writer.health().is_leader
    return True


class Jobs:
    """
    Does the jobs of a table while this core leads its store.

    The table is made anew at every start and kept in memory only, so that no store of jobs can disagree with it. A job
    that fails is logged, and is done again at its next time.

    Args:
        table: The jobs.
        now: The time that jobs are told, aware UTC.
        leads: Whether this core still leads.
        on_lost: Called once when it does not; no job is done from then on.
    """

    def __init__(
        self, table: Sequence[Job], now: Clock, leads: Callable[[], bool], on_lost: Callable[[], None]
    ) -> None:
        self._table = {job.name: job for job in table}
        self._now, self._leads, self._on_lost = now, leads, on_lost
        self._lock = threading.Lock()
        self._states = {name: JobState(name) for name in self._table}
        self._is_lost = False
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults=_DEFAULTS, executors={"default": ThreadPoolExecutor(max(1, len(self._table)))}
        )
        # We tell of failures ourselves, with the job's name; how it works inside is nobody's concern.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)

    def start(self) -> None:
        """Begin to do them."""
        for name, job in self._table.items():
            at_once = {"next_run_time": datetime.now(UTC)} if job.is_first_at_once else {}
            self._scheduler.add_job(self._run, job.trigger, args=[job], id=name, name=name, **at_once)
        self._scheduler.start()

    def stop(self) -> None:
        """Begin no other job, and wait for those under way."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def states(self) -> list[JobState]:
        """Return how each job does, in the order of the table."""
        planned = {job.id: job.next_run_time for job in self._scheduler.get_jobs()} if self._scheduler.running else {}
        with self._lock:
            return [replace(state, next_at=planned.get(name)) for name, state in self._states.items()]

    def _run(self, job: Job) -> None:
        if not self._may_run():
            return
        started, at = time.perf_counter(), self._now()
        failure = None
        try:
            job.function(at)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other jobs go on
            failure = str(error) or type(error).__name__
            _log.exception("job failed", job=job.name)
        with self._lock:
            n_runs = self._states[job.name].n_runs + 1
            self._states[job.name] = JobState(job.name, None, at, time.perf_counter() - started, failure, n_runs)

    def _may_run(self) -> bool:
        if self._leads():
            return True
        with self._lock:
            is_news, self._is_lost = not self._is_lost, True
        if is_news:
            self._scheduler.pause()
            self._on_lost()
        return False
