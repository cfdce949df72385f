"""Runs: what was asked for, how far it is, and what came of it; kept, so that a restart tells the truth."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib.metadata import version
from typing import Any, Final, TypeVar

import structlog

from gatewatch.monitor.simulations.pool import Ended, FullError, Pool
from gatewatch.monitor.store import StoreError, StoreUnavailableError
from gatewatch.monitor.store.runs import Run, StoredRuns
from gatewatch.monitor.writer import Writer

T = TypeVar("T")
Clock = Callable[[], datetime]

_KEEP_S: Final = 60.0  # how long a result may take to be written
_NOT_BEGUN: Final = "the store took too long, so that it was not begun; ask again"
_RESTARTED: Final = "the service was restarted meanwhile; ask again, the answer is the same"

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RunView:
    """
    A run as it is now.

    Args:
        run: What the store has, or will have in a moment.
        progress: What its worker said last; empty where it has said nothing, or is over.
        number: Grows with every change.
    """

    run: Run
    progress: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be told of it."""
        return self.run.ended_at is not None


Follower = Callable[[RunView], None]


class Runs:
    """
    Has tasks done and keeps what was asked for and what came of it.

    Args:
        stored: Where they are kept.
        writer: Writes them.
        pool: Does them.
        clock: Says the time, aware UTC.
        most: Runs that are kept, beside those that belong to plans.
    """

    def __init__(self, stored: StoredRuns, writer: Writer, pool: Pool, clock: Clock, most: int = 500) -> None:
        self.stored, self.pool = stored, pool
        self._writer, self._clock, self._most = writer, clock, most
        self._lock = threading.Lock()
        self._asking = threading.Lock()
        self._views: dict[str, RunView] = {}  # of those under way, and of those whose end is not kept yet
        self._followers: dict[str, list[Follower]] = {}

    def recover(self, now: datetime) -> int:
        """Say of the runs that an earlier process left under way that they were interrupted; return how many."""
        return self._write(lambda c: StoredRuns.interrupt(c, now, _RESTARTED))

    def ask(
        self,
        kind: str,
        request: Mapping[str, Any],
        by: str,
        title: str = "",
        follower: Follower | None = None,
        *,
        is_ahead: bool = False,
    ) -> Run:
        """
        Have a task done, and return its run once that is kept.

        Args:
            kind: A kind of `kinds`.
            request: What is asked for, checked by the kind's `Request`, as JSON can hold it.
            by: Account or key.
            title: Name for people.
            follower: Hears of every change, on a thread of the pool.
            is_ahead: Before those that wait: for what the service needs itself.

        Raises:
            FullError: Too much waits already; nothing is kept.
            StoreError: It could not be kept.
        """
        run = Run(secrets.token_hex(8), kind, title, request, "waiting", version("gatewatch"), by, self._clock())
        with self._asking:  # between the look and the hand-over nobody takes the place
            self.pool.check_room(is_ahead=is_ahead)
            try:
                self._write(lambda c: StoredRuns.add(c, run))
            except StoreUnavailableError:  # it may be kept all the same: then it is to be said that it was not begun
                never = replace(run, request={}, state="interrupted", reason=_NOT_BEGUN, ended_at=self._clock())
                with self._lock:
                    self._views[run.id] = RunView(never)
                raise
            with self._lock:
                self._views[run.id] = RunView(run)
                self._followers[run.id] = [] if follower is None else [follower]
            try:
                self.pool.submit(run.id, kind, request, _Task(self, run.id), is_ahead=is_ahead)
            except FullError as error:  # the service began to stop meanwhile
                self.end(run.id, Ended("interrupted", str(error)))
                raise
        return run

    def cancel(self, run_id: str) -> bool:
        """Have a run end, and return whether it was under way."""
        return self.pool.cancel(run_id)

    def find(self, run_id: str) -> RunView | None:
        """Return a run as it is now, or None."""
        with self._lock:
            view = self._views.get(run_id)
        if view is not None:
            return view
        run = self.stored.find(run_id)
        return None if run is None else RunView(run)

    def latest(self, limit: int, kinds: Sequence[str] | None = None) -> list[RunView]:
        """Return the runs asked for last, newest first."""
        found = self.stored.latest(limit, kinds)
        with self._lock:
            return [self._views.get(run.id, RunView(run)) for run in found]

    def follow(self, run_id: str, follower: Follower) -> RunView | None:
        """Return a run as it is now, and have every later change told until it is over; None: there is no such run."""
        with self._lock:
            view = self._views.get(run_id)
            if view is not None and not view.is_over:
                self._followers[run_id].append(follower)
                return view
        return self.find(run_id)

    def unfollow(self, run_id: str, follower: Follower) -> None:
        """Tell somebody nothing more."""
        with self._lock:
            followers = self._followers.get(run_id, [])
            if follower in followers:
                followers.remove(follower)

    def change(self, run_id: str, progress: Mapping[str, Any] | None = None, **values: Any) -> None:
        """Take in how a run is now, and tell its followers."""
        with self._lock:
            before = self._views[run_id]
            told = {**before.progress, **(progress or {})}
            view = RunView(replace(before.run, **values), told, before.number + 1)
            self._views[run_id] = view
            followers = list(self._followers[run_id])
        _tell(followers, view)

    def end(self, run_id: str, ended: Ended) -> None:
        """Keep how a run ended and what came of it, then tell its followers."""
        with self._lock:
            before = self._views[run_id]
        run = replace(
            before.run, state=ended.state, reason=ended.reason, faults=tuple(ended.faults), summary=ended.summary,
            ended_at=self._clock(),
        )  # fmt: skip
        run, is_kept = self._kept(run, ended.files)
        view = RunView(run, {}, before.number + 1)
        with self._lock:
            if is_kept:
                del self._views[run_id]
            else:
                self._views[run_id] = view
            followers = self._followers.pop(run_id)
        _tell(followers, view)

    def started(self, run_id: str) -> None:
        """Take in that a worker has begun."""
        self.change(run_id, state="running", started_at=self._clock())

    def _kept(self, run: Run, files: Mapping[str, bytes]) -> tuple[Run, bool]:
        """
        Keep how a run ended; return it as it is told, and whether it is kept.

        What cannot be kept for what it is, is kept as a failure. What the store does not take now is told from memory
        and kept with the next write: no run seems under way for ever.
        """
        try:
            self._write(lambda c: self._keep(c, run, files))
        except StoreError as error:
            _log.exception("a run's result is not kept", run=run.id)
            return (_spoilt(run, str(error)) if run.state == "done" else run), False
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told
            _log.exception("a run's result cannot be kept", run=run.id)
            run = _spoilt(run, type(error).__name__)
        else:
            return run, True
        try:
            self._write(lambda c: StoredRuns.change(c, run, {}))
        except Exception:  # noqa: BLE001 - the same
            _log.exception("a run's result is not kept", run=run.id)
            return run, False
        return run, True

    def _keep(self, connection: Any, run: Run, files: Mapping[str, bytes]) -> None:
        StoredRuns.change(connection, run, files)
        StoredRuns.thin(connection, self._most)

    def _write(self, work: Callable[[Any], T]) -> T:
        """
        Return what a work gives once it is durable, and keep with it the ends that could not be kept before.

        Raises:
            StoreError: Nothing of it is kept, or it is not known in time whether it is.
        """
        with self._lock:
            late = [view.run for view in self._views.values() if view.is_over]

        def write(connection: Any) -> T:
            for run in late:
                StoredRuns.change(connection, run, {})
            return work(connection)

        future = self._writer.write(write)
        try:
            found = future.result(_KEEP_S)
        except TimeoutError:
            future.cancel()
            raise StoreUnavailableError(f"the store took longer than {_KEEP_S:g} s; try again later.") from None
        with self._lock:
            for run in late:
                self._views.pop(run.id, None)
        return found


def _spoilt(run: Run, why: str) -> Run:
    """Return a run whose result is lost."""
    return replace(run, state="failed", faults=(), summary={}, reason=f"its result could not be kept: {why}")


class _Task:
    """Hears of a run from the pool."""

    def __init__(self, runs: Runs, run_id: str) -> None:
        self._runs, self._id = runs, run_id

    def started(self) -> None:
        """Hear that a worker has begun."""
        self._runs.started(self._id)

    def told(self, progress: Mapping[str, Any]) -> None:
        """Hear how far it is."""
        self._runs.change(self._id, progress)

    def ended(self, ended: Ended) -> None:
        """Hear how it ended."""
        self._runs.end(self._id, ended)


def _tell(followers: Sequence[Follower], view: RunView) -> None:
    for follower in followers:
        try:
            follower(view)
        except Exception:  # noqa: BLE001 - one who cannot hear must not keep others from it
            _log.exception("a follower failed", run=view.run.id)
