"""The writer: the one thread that writes, many submissions in one transaction, answered when it is durable."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from gatewatch.monitor.spread import Spread
from gatewatch.monitor.store import (
    Appended,
    BusyError,
    Entry,
    Journal,
    Leader,
    LeaderLostError,
    LeaderPresentError,
    Receipt,
    StoreError,
    StoreUnavailableError,
    Submitted,
    is_of_the_place,
)

T = TypeVar("T")
Subscriber = Callable[[Sequence[Entry]], None]

MOST_WAITING: Final = 20_000
MOST_PER_COMMIT: Final = 1_000
MOST_OF_SMALL: Final = 20  # items of a task that need not stand behind larger ones
_CATCH_UP: Final = 1_000
_COMMITS_TIMED: Final = 1_000
_REMEMBERED_COMMITS: Final = 500

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WriterHealth:
    """
    How the writer does.

    Args:
        is_running: Takes submissions.
        is_leader: No other core has taken over, and none held the lock when we last tried.
        waiting: Items that wait for their commit.
        commits: Transactions that became durable.
        items: Items that they held.
        last_commit_s: How long the last one took [s].
        commit_p99_s: 99th percentile of the last ones [s]; None before the first.
        commit_s: How long all took [s].
        sync_s: How long the store alone took in them to write and to wait for the disk [s].
        failure: What the last transaction failed of; None when it did not.
    """

    is_running: bool
    is_leader: bool
    waiting: int
    commits: int
    items: int
    last_commit_s: float | None
    commit_p99_s: float | None
    commit_s: Spread
    sync_s: Spread
    failure: str | None


@dataclass(slots=True)
class _Submission:
    items: Sequence[Submitted]
    future: Future[list[Receipt]] = field(default_factory=Future)

    @property
    def size(self) -> int:
        return len(self.items)


@dataclass(slots=True)
class _Work(Generic[T]):
    function: Callable[[Connection], T]
    size: int
    future: Future[T] = field(default_factory=Future)


_Task = _Submission | _Work[Any]
_Outcome = tuple[Any, Exception | None]


class Writer:
    """
    Takes submissions from any thread and commits what waits together.

    While one transaction is on its way to the disk the next gathers, so that a slow disk makes larger groups and not
    longer queues. A submission is kept whole or not at all. Small ones and large ones wait apart and take turns, so
    that a single post waits for one transaction of a backlog that drains, and not for all of it.

    Args:
        leader: The right to write.
        journal: Where submissions go.
        most_waiting: Items that may wait; more are refused.
        most_per_commit: Items in a transaction; a larger submission has one to itself.
        most_of_small: Items of a submission that waits with the small ones.
        stopwatch: Seconds that only go forward, for the duration of commits.
    """

    def __init__(
        self,
        leader: Leader,
        journal: Journal,
        most_waiting: int = MOST_WAITING,
        most_per_commit: int = MOST_PER_COMMIT,
        most_of_small: int = MOST_OF_SMALL,
        stopwatch: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._leader = leader
        self._journal = journal
        self._most_waiting = most_waiting
        self._most_per_commit = most_per_commit
        self._most_of_small = most_of_small
        self._stopwatch = stopwatch
        self._subscribers: list[Subscriber] = []
        self._answered: list[Callable[[], None]] = []
        self._small: deque[_Task] = deque()
        self._large: deque[_Task] = deque()
        self._is_turn_of_large = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_stopping = False
        self._waiting = 0
        self._told_seq = 0
        self._lost: str | None = None
        self._is_kept_out = False
        self._commits = self._items = 0
        self._commits_s: deque[float] = deque(maxlen=_REMEMBERED_COMMITS)
        self._commit_s, self._sync_s = Spread(), Spread()
        self._failure: str | None = None

    def subscribe(self, subscriber: Subscriber) -> None:
        """
        Have new entries told, in order and without gaps, on the writer's thread after they are durable.

        A subscriber that fails is logged; it is told of the next entries all the same.
        """
        self._subscribers.append(subscriber)

    def on_answers(self, told: Callable[[], None]) -> None:
        """Have it told, on the writer's thread, that all futures of a transaction have their results."""
        self._answered.append(told)

    def start(self) -> None:
        """Begin to write; what is in the journal by now is not told."""
        self._told_seq = self._journal.last_seq()
        self._thread = threading.Thread(target=self._run, name="gatewatch-writer", daemon=True)
        self._thread.start()

    def submit(self, items: Sequence[Submitted]) -> Future[list[Receipt]]:
        """
        Return the receipts to come, one for each item, given when they are durable.

        The future raises `StoreUnavailableError` or `LeaderLostError` when nothing of it was kept. After an
        unreachable server it may have been kept all the same: sent again it is then a duplicate.

        Raises:
            BusyError: Too much waits already.
            StoreUnavailableError: The writer does not run.
            LeaderLostError: Another core has taken over.
        """
        task = _Submission(items)
        with self._changed:
            self._admit(task)
            self._changed.notify_all()
        return task.future

    def submit_each(self, submissions: Iterable[Sequence[Submitted]]) -> list[Future[list[Receipt]]]:
        """Return what `submit` would for each, all put at once; one that is refused has its error in its future."""
        tasks = [_Submission(items) for items in submissions]
        with self._changed:
            for task in tasks:
                try:
                    self._admit(task)
                except StoreError as error:
                    task.future.set_exception(error)
            self._changed.notify_all()
        return [task.future for task in tasks]

    def write(self, work: Callable[[Connection], T], size: int = 1, *, is_own: bool = False) -> Future[T]:
        """
        Return the result to come of other work on the writing connection: accounts, windows, snapshots, alerts.

        Work that raises leaves nothing behind and does not touch what shares its transaction. A subscriber may ask for
        work, but not wait for it.

        Args:
            work: Called with the connection.
            size: Rows that it writes, so that large work waits with large submissions.
            is_own: The service does it for itself, one after the other: never refused for want of room.

        Raises:
            BusyError: Too much waits already.
            StoreUnavailableError: The writer does not run.
            LeaderLostError: Another core has taken over.
        """
        task = _Work(work, size)
        with self._changed:
            self._admit(task, is_own=is_own)
            self._changed.notify_all()
        return task.future

    def stop(self) -> None:
        """Take nothing more, write what was taken, and end."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def health(self) -> WriterHealth:
        """Return how the writer does now."""
        with self._changed:
            return WriterHealth(
                self._is_running(),
                self._lost is None and not self._is_kept_out,
                self._waiting,
                self._commits,
                self._items,
                self._commits_s[-1] if self._commits_s else None,
                _p99(self._commits_s),
                self._commit_s.copy(),
                self._sync_s.copy(),
                self._failure,
            )

    def _is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive() and not self._is_stopping

    def _admit(self, task: _Task, *, is_own: bool = False) -> None:
        if self._lost is not None:
            raise LeaderLostError(self._lost)
        is_of_subscriber = threading.current_thread() is self._thread  # who finishes what was begun
        if not is_of_subscriber and not self._is_running():
            raise StoreUnavailableError("the monitor is starting or stopping; send it again in a moment.")
        if not (is_of_subscriber or is_own) and self._waiting + task.size > self._most_waiting:
            raise BusyError(
                f"{self._waiting} observations wait to be written and at most {self._most_waiting} may; "
                "nothing of this was kept. Send it again in some seconds, in smaller batches."
            )
        (self._small if task.size <= self._most_of_small else self._large).append(task)
        self._waiting += task.size

    def _run(self) -> None:
        while group := self._next_group():
            self._settle(group)

    def _next_group(self) -> list[_Task]:
        """Wait for tasks and return those of one transaction; none when the writer is to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._small or self._large or self._is_stopping)
            is_large = bool(self._large) and (self._is_turn_of_large or not self._small)
            tasks = self._large if is_large else self._small
            self._is_turn_of_large = not is_large
            group: list[_Task] = []
            size = 0
            while tasks and (not group or size + tasks[0].size <= self._most_per_commit):
                task = tasks.popleft()
                size += task.size
                group.append(task)
            self._waiting -= size
            return group

    def _settle(self, group: list[_Task]) -> None:
        """Commit a group, answer it and tell what is new."""
        running = [task for task in group if task.future.set_running_or_notify_cancel()]
        try:
            self._answer(running)
        except StoreError as error:
            self._fail(running, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told
            if len(running) == 1:
                self._fail(running, error)
                return
            for task in running:  # one of them is at fault: the others must not suffer
                try:
                    self._answer([task])
                except Exception as own:  # noqa: BLE001 - the same
                    self._fail([task], own)

    def _answer(self, group: list[_Task]) -> None:
        submissions = [task for task in group if isinstance(task, _Submission)]
        works = [task for task in group if isinstance(task, _Work)]
        appended, results = self._commit([item for task in submissions for item in task.items], works)
        at = 0
        for submission in submissions:
            submission.future.set_result(appended.receipts[at : at + submission.size])
            at += submission.size
        for work, (result, error) in zip(works, results, strict=True):
            if error is None:
                work.future.set_result(result)
            else:
                work.future.set_exception(error)
        self._tell_answered()
        self._tell(appended)

    def _commit(self, items: Sequence[Submitted], works: Sequence[_Work[Any]]) -> tuple[Appended, list[_Outcome]]:
        started = self._stopwatch()
        with self._leader.writing() as connection:
            appended = self._journal.append(connection, items)
            results = [_done(work, connection) for work in works]
        with self._changed:
            self._commits += 1
            self._items += len(items) + len(works)
            self._commits_s.append(self._stopwatch() - started)
            self._commit_s.add(self._commits_s[-1])
            self._sync_s.add(self._leader.synced_s)
            self._failure = None
            self._is_kept_out = False
        return appended, results

    def _tell_answered(self) -> None:
        for told in self._answered:
            told()

    def _tell(self, appended: Appended) -> None:
        """Tell subscribers what is new, also what an earlier commit kept whose answer never came."""
        if self._told_seq + len(appended.entries) == appended.last_seq:
            self._tell_entries(appended.entries)
            return
        try:
            while self._told_seq < appended.last_seq:
                self._tell_entries(self._journal.read(self._told_seq, _CATCH_UP))
        except StoreError as error:
            _log.warning("entries are told later", after_seq=self._told_seq, reason=str(error))

    def _tell_entries(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        self._told_seq = entries[-1].seq
        for subscriber in self._subscribers:
            try:
                subscriber(entries)
            except Exception:  # noqa: BLE001 - a listener's fault is not the journal's
                _log.exception("subscriber failed", first_seq=entries[0].seq, last_seq=entries[-1].seq)

    def _fail(self, group: Sequence[_Task], error: Exception) -> None:
        with self._changed:
            is_news = self._failure != str(error)  # a full disk is told once, not with every post
            self._failure = str(error)
            if isinstance(error, LeaderLostError):
                self._lost = str(error)
            self._is_kept_out = isinstance(error, LeaderPresentError)  # the server came back, to another core
        if is_news:
            _log.error("nothing was written", reason=str(error), tasks=len(group))
        for task in group:
            task.future.set_exception(error)
        self._tell_answered()


def _p99(values: Collection[float]) -> float | None:
    """Return the 99th percentile by nearest rank."""
    return sorted(values)[math.ceil(0.99 * len(values)) - 1] if values else None


def _done(work: _Work[Any], connection: Connection) -> _Outcome:
    """Return the result or the error of a work, which leaves nothing behind when it fails."""
    try:
        with connection.begin_nested():
            return work.function(connection), None
    except DBAPIError as error:
        if is_of_the_place(error):  # then it concerns everything in the transaction
            raise
        return None, error
    except Exception as error:  # noqa: BLE001 - it belongs to who asked for the work
        return None, error
