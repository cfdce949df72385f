"""The pool: so many worker processes, what waits for them, and an end to each task whatever becomes of its worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

import structlog

from gatewatch.monitor.simulations.frames import ClosedError, Frame, FrameReader, send

EndState = Literal["done", "refused", "failed", "cancelled", "interrupted"]

_LOOK_S: Final = 0.1  # between two looks at the clock, and at who wants to stop, while a worker is silent
_COMMAND: Final = (sys.executable, "-m", "gatewatch.monitor.simulations.worker")

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """
    How a task ended.

    Args:
        state: `done`, `refused` (what was asked for is at fault), `failed` (we are), `cancelled`, or `interrupted` (the
            service stopped).
        reason: Why, in a sentence, unless it is done.
        faults: Of a refused task: `place`, `key`, `found`, `expected` and `text` of each.
        summary: A few figures for lists.
        files: What came of it, by name, as gzip.
    """

    state: EndState
    reason: str = ""
    faults: tuple[Mapping[str, str], ...] = ()
    summary: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


class Listener(Protocol):
    """Hears of one task, on a thread of the pool."""

    def started(self) -> None:
        """Hear that a worker has begun."""

    def told(self, progress: Mapping[str, Any]) -> None:
        """Hear how far it is."""

    def ended(self, ended: Ended) -> None:
        """Hear how it ended: always once, and nothing after it."""


class FullError(Exception):
    """So much waits already that no further task is taken."""


@dataclass(frozen=True, slots=True)
class PoolHealth:
    """
    How the pool does.

    Args:
        workers: Processes there may be.
        alive: Processes there are.
        running: Tasks under way.
        waiting: Tasks that wait.
        replaced: Workers that died or were killed, and were replaced.
    """

    workers: int
    alive: int
    running: int
    waiting: int
    replaced: int


@dataclass(frozen=True, slots=True)
class Limits:
    """
    How much and how long.

    Args:
        workers: Worker processes.
        most_waiting: Tasks that may wait; a task put ahead is taken nevertheless.
        wall_s: How long a task may take before it is ended [s].
        patience_s: How long a task that was told to stop may take to do so before its worker is killed [s].
    """

    workers: int = 2
    most_waiting: int = 20
    wall_s: float = 300.0
    patience_s: float = 5.0


@dataclass(slots=True)
class _Task:
    id: str
    kind: str
    request: Mapping[str, Any]
    listener: Listener
    is_ahead: bool
    is_stopped: bool = False  # somebody wants it to end
    told_s: float | None = None  # when its worker was told so
    reason: str = ""  # why it is made to end by us


class Pool:
    """
    Does tasks in processes of their own, which are started when the first task needs one and kept for the next.

    A worker that dies is replaced, and its task told as failed. A task ends at the latest when its time is up: it is
    told to stop, and if it does not, its worker is killed.

    Args:
        variables: Environment of the workers.
        limits: How much and how long.
        command: The worker's program.
        stopwatch: Seconds that only go forward.
    """

    def __init__(
        self,
        variables: Mapping[str, str],
        limits: Limits | None = None,
        command: tuple[str, ...] = _COMMAND,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._variables, self.limits, self._command = dict(variables), limits or Limits(), command
        self._stopwatch = stopwatch
        self._changed = threading.Condition()
        self._waiting: deque[_Task] = deque()
        self._running: dict[str, _Task] = {}
        self._threads: list[threading.Thread] = []
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._n_idle = self._n_replaced = 0
        self._is_stopping = False

    def submit(
        self, task_id: str, kind: str, request: Mapping[str, Any], listener: Listener, *, is_ahead: bool = False
    ) -> None:
        """
        Have a task done.

        Args:
            task_id: Its id, which no other task has.
            kind: A kind of `kinds`.
            request: What is asked for, as JSON can hold it.
            listener: Hears of it.
            is_ahead: Put before those that wait, and taken however many do: for what the service needs itself.

        Raises:
            FullError: Too much waits already, or the service stops.
        """
        task = _Task(task_id, kind, request, listener, is_ahead)
        with self._changed:
            self._refuse_when_full(is_ahead=is_ahead)
            n_ahead = sum(other.is_ahead for other in self._waiting)
            self._waiting.insert(n_ahead if is_ahead else len(self._waiting), task)
            if self._n_idle < len(self._waiting) and len(self._threads) < self.limits.workers:
                self._add_thread(task)
            self._changed.notify_all()

    def _add_thread(self, task: _Task) -> None:
        name = f"gatewatch-simulation-{len(self._threads) + 1}"
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # the machine has no more; those that there are do it, when there are any
            if not self._threads:
                self._waiting.remove(task)
                raise FullError(f"nothing more can be started on this machine ({error}); try again later.") from None
        else:
            self._threads.append(thread)

    def check_room(self, *, is_ahead: bool = False) -> None:
        """
        Return when a task would be taken.

        Raises:
            FullError: It would not.
        """
        with self._changed:
            self._refuse_when_full(is_ahead=is_ahead)

    def _refuse_when_full(self, *, is_ahead: bool) -> None:
        if self._is_stopping:
            raise FullError("the service is stopping; try again in a moment.")
        if not is_ahead and len(self._waiting) >= self.limits.most_waiting:
            raise FullError(
                f"{len(self._waiting)} simulations wait already and no more may; try again when some are done, or "
                "cancel one that nobody needs."
            )

    def cancel(self, task_id: str) -> bool:
        """Have a task end, and return whether there was one; its listener hears when it has."""
        with self._changed:
            waiting = next((task for task in self._waiting if task.id == task_id), None)
            if waiting is not None:
                self._waiting.remove(waiting)
            else:
                running = self._running.get(task_id)
                if running is None:
                    return False
                running.is_stopped = True  # its thread tells its worker
        if waiting is not None:
            _tell(waiting.listener.ended, Ended("cancelled"))
        return True

    def health(self) -> PoolHealth:
        """Return how the pool does now."""
        with self._changed:
            alive = sum(process.poll() is None for process in self._processes)
            return PoolHealth(self.limits.workers, alive, len(self._running), len(self._waiting), self._n_replaced)

    def stop(self) -> None:
        """End every worker; what waits or is under way is told as interrupted."""
        with self._changed:
            self._is_stopping = True
            waiting, self._waiting = list(self._waiting), deque()
            for process in self._processes:
                process.kill()
            self._changed.notify_all()
        for task in waiting:
            _tell(task.listener.ended, Ended("interrupted", _STOPPED))
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        """Do tasks one after the other, in a process that is started anew whenever it is gone."""
        worker: _Process | None = None
        while (task := self._next()) is not None:
            try:
                if worker is None or not worker.is_alive():
                    worker = self._start(worker)
            except OSError as error:  # no memory or no file for another process; the next task may find some
                _log.exception("no worker could be started", task=task.id, kind=task.kind)
                ended, worker = Ended("failed", f"no process could be started for it ({error}); ask again"), None
            else:
                try:
                    ended = self._do(task, worker)
                except Exception as error:  # noqa: BLE001 - whatever it is, who waits is told and the next has its turn
                    _log.exception("a worker was not understood", task=task.id, kind=task.kind)
                    worker.popen.kill()
                    worker.popen.wait()  # so that the next task has another
                    ended = Ended("failed", f"its process said what nobody understands ({_said(error)}); ask again")
            with self._changed:
                del self._running[task.id]
                if self._is_stopping and ended.state == "failed":
                    ended = Ended("interrupted", _STOPPED)
            _tell(task.listener.ended, ended)
        if worker is not None:
            worker.end()

    def _next(self) -> _Task | None:
        """Wait for a task and return it; None when the pool stops."""
        with self._changed:
            self._n_idle += 1
            self._changed.wait_for(lambda: self._waiting or self._is_stopping)
            self._n_idle -= 1
            if self._is_stopping:
                return None
            task = self._waiting.popleft()
            self._running[task.id] = task
            return task

    def _start(self, before: _Process | None) -> _Process:
        """Return a new process in the place of one that is gone."""
        with self._changed:
            if before is not None:
                before.end()
                self._processes.discard(before.popen)
                self._n_replaced += 1
            worker = _Process(self._command, self._variables)
            self._processes.add(worker.popen)
            if self._is_stopping:
                worker.popen.kill()
        return worker

    def _do(self, task: _Task, worker: _Process) -> Ended:
        """Return how a task ended in a worker."""
        _tell(task.listener.started)
        ends_s = self._stopwatch() + self.limits.wall_s
        try:
            worker.send({"do": task.id, "kind": task.kind, "request": task.request}, self.limits.wall_s)
            while True:
                frame = worker.next(_LOOK_S)
                if frame is not None and frame.head.get("told") == task.id:
                    _tell(task.listener.told, frame.head["progress"])
                elif frame is not None and frame.head.get("ended") == task.id:
                    return _ended(task, frame)
                self._look_at_the_clock(task, worker, ends_s)
        except ClosedError:
            return self._of_a_death(task, worker)

    def _look_at_the_clock(self, task: _Task, worker: _Process, ends_s: float) -> None:
        """Tell a worker to stop when somebody wants it or its time is up, and kill it if it does not."""
        now_s = self._stopwatch()
        if now_s > ends_s and not task.is_stopped:
            task.reason = (
                f"it took longer than the {self.limits.wall_s:g} s allowed; ask for fewer days or replications"
            )
            task.is_stopped = True
        if task.is_stopped and task.told_s is None:
            task.told_s = now_s
            worker.send({"stop": task.id}, self.limits.patience_s)
        if task.told_s is not None and now_s > task.told_s + self.limits.patience_s:
            worker.popen.kill()

    def _of_a_death(self, task: _Task, worker: _Process) -> Ended:
        """Return the end of a task whose worker has gone."""
        try:
            status = worker.popen.wait(self.limits.patience_s)
        except subprocess.TimeoutExpired:  # it is there, but takes and says nothing
            worker.popen.kill()
            status = worker.popen.wait()
        if self._is_stopping:
            return Ended("interrupted", _STOPPED)
        if task.is_stopped:
            return Ended("failed", task.reason) if task.reason else Ended("cancelled")
        said = f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
        _log.error("a worker died", task=task.id, kind=task.kind, of=said)
        return Ended("failed", f"its process ended by itself ({said}); another has taken its place, so ask again")


_STOPPED: Final = "the service was stopped meanwhile; ask again"


def _ended(task: _Task, frame: Frame) -> Ended:
    """Return how a worker says that a task ended."""
    head, files, at = frame.head, {}, 0
    for name, size in head.get("files", ()):
        files[name] = frame.body[at : at + size]
        at += size
    if head["state"] == "cancelled" and task.reason:
        return Ended("failed", task.reason)
    return Ended(head["state"], head.get("reason", ""), tuple(head.get("faults", ())), head.get("summary", {}), files)


def _said(error: Exception) -> str:
    """Return a fault of ours in a line."""
    return f"{type(error).__name__}: {error}".partition("\n")[0][:200]


def _tell(hear: Callable[..., None], *what: Any) -> None:
    """Tell a listener something; its fault is not the pool's."""
    try:
        hear(*what)
    except Exception:  # noqa: BLE001 - a listener's fault must not end the thread
        _log.exception("a listener failed")


class _Process:
    """A worker's process and the two ends of its pipes."""

    def __init__(self, command: tuple[str, ...], variables: Mapping[str, str]) -> None:
        self.popen = subprocess.Popen(
            command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        assert self.popen.stdin is not None
        assert self.popen.stdout is not None
        os.set_blocking(self.popen.stdin.fileno(), False)
        self._reader = FrameReader(self.popen.stdout.fileno())

    def is_alive(self) -> bool:
        """Return whether it runs."""
        return self.popen.poll() is None

    def send(self, head: Mapping[str, Any], patience_s: float) -> None:
        """Send it a message; ClosedError when it takes nothing for so long [s]."""
        assert self.popen.stdin is not None
        send(self.popen.stdin.fileno(), Frame(head), patience_s)

    def next(self, timeout_s: float) -> Frame | None:
        """Return what it says next, or None."""
        return self._reader.next(timeout_s)

    def end(self) -> None:
        """Have it gone, and its pipes closed."""
        self.popen.kill()
        self.popen.wait()
        for pipe in (self.popen.stdin, self.popen.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()
