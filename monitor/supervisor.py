"""The supervisor: starts the processes of the service, starts again what fell over, and stops all of them in order."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Final, Literal

import structlog

DONE: Final = 0
REFUSED: Final = 1  # wrong settings, a port that is taken, another leader: started again it would refuse again
USAGE: Final = 2
UNAVAILABLE: Final = 75  # the store's server cannot be reached yet (EX_TEMPFAIL of sysexits.h): worth another try
FINAL: Final = frozenset({REFUSED, USAGE})

_LONGEST_WAIT_S: Final = 1.0

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Program:
    """
    A process of the service.

    Args:
        name: Name for people.
        command: The program and its arguments.
        variables: Its whole environment.
        log: File that its error stream is added to; without it, ours.
    """

    name: str
    command: Sequence[str]
    variables: Mapping[str, str]
    log: Path | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """
    How long the supervisor waits.

    Args:
        first_s: Before a process that fell over is started again [s]; doubled each time.
        most_s: The longest such wait [s].
        steady_s: How long a process must have run for the first wait to count again [s].
        end_s: For processes to end when told to, before they are killed [s].
    """

    first_s: float = 1.0
    most_s: float = 60.0
    steady_s: float = 60.0
    end_s: float = 45.0


@dataclass(frozen=True, slots=True)
class _Happening:
    kind: Literal["ended", "told"]
    name: str = ""
    number: int = 0  # exit status, or signal


@dataclass(slots=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    due_s: float | None = None
    is_done: bool = False
    n_falls: int = 0
    waiter: threading.Thread | None = field(default=None, repr=False)


class Supervisor:
    """
    Runs programs until all have done their work, one of them refuses to run, or somebody says stop.

    One that has done its work is not started again, one that falls over is, ever later. A child's standard input is a
    pipe that we hold: when we are killed it ends, and the child stops by itself.

    Args:
        programs: What to run, in the order in which it is started; stopped the other way round.
        patience: How long to wait for what.
        stopwatch: Seconds that only go forward.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        patience: Patience | None = None,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._children = {program.name: _Child(program) for program in programs}
        self._patience = patience or Patience()
        self._stopwatch = stopwatch
        self._happenings: SimpleQueue[_Happening] = SimpleQueue()

    def run(self) -> int:
        """
        Return the exit status once everything has ended.

        That is 0 after SIGTERM and when all have done their work, 130 after Ctrl-C, and a program's own after that
        program refused to run. To be called on the main thread, as signals arrive there.
        """
        with self._hearing_signals():
            for child in self._children.values():
                self._start(child)
            status = self._watch()
            self._end_all()
        return status

    @contextmanager
    def _hearing_signals(self) -> Iterator[None]:
        def told(number: int, _frame: FrameType | None) -> None:
            self._happenings.put(_Happening("told", number=number))

        before = {number: signal.signal(number, told) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _watch(self) -> int:
        while True:
            happening = self._next_happening()
            if happening is None:
                for child in self._children.values():
                    if child.due_s is not None and child.due_s <= self._stopwatch():
                        self._start(child)
            elif happening.kind == "told":
                _log.info("stopping", signal=signal.Signals(happening.number).name)
                return 130 if happening.number == signal.SIGINT else 0
            elif happening.number == DONE:
                self._children[happening.name].is_done = True
                if all(child.is_done for child in self._children.values()):
                    return DONE
            elif happening.number in FINAL:
                return happening.number
            else:
                self._plan_start(self._children[happening.name], happening.number)

    def _next_happening(self) -> _Happening | None:
        """Return what happens next, or None when a process may be due to be started before that."""
        dues = [child.due_s for child in self._children.values() if child.due_s is not None]
        # A signal that comes just before the wait begins does not end it: so none is long.
        return self._happening_until(min([self._stopwatch() + _LONGEST_WAIT_S, *dues]))

    def _start(self, child: _Child) -> None:
        program = child.program
        child.due_s, child.started_s = None, self._stopwatch()
        with ExitStack() as stack:
            log = stack.enter_context(program.log.open("ab")) if program.log is not None else None
            # A session of its own: Ctrl-C at the terminal reaches us alone, and we stop the others in order.
            process = subprocess.Popen(
                program.command, env=dict(program.variables), stdin=subprocess.PIPE, stderr=log, start_new_session=True
            )
        child.process = process
        child.waiter = threading.Thread(target=self._wait, args=(program.name, process), daemon=True)
        child.waiter.start()
        _log.debug("started", process=program.name, pid=process.pid)

    def _wait(self, name: str, process: subprocess.Popen[bytes]) -> None:
        status = process.wait()
        self._happenings.put(_Happening("ended", name, status))

    def _plan_start(self, child: _Child, status: int) -> None:
        now = self._stopwatch()
        child.n_falls = 1 if now - child.started_s > self._patience.steady_s else child.n_falls + 1
        wait_s = min(self._patience.most_s, self._patience.first_s * 2 ** (child.n_falls - 1))
        child.process, child.due_s = None, now + wait_s
        said = f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
        _log.error("process ended by itself", process=child.program.name, of=said, again_in_s=wait_s)

    def _end_all(self) -> None:
        """Tell each process to end, the last started first; kill those that do not, or all at a second signal."""
        ends_s = self._stopwatch() + self._patience.end_s
        for child in reversed(self._children.values()):
            process = child.process
            if process is None:
                continue
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            while process.poll() is None:
                happening = self._happening_until(ends_s)
                if process.poll() is None and (happening is None or happening.kind == "told"):
                    _log.error("killed", process=child.program.name)
                    process.kill()
                    process.wait()
            if process.stdin is not None:
                process.stdin.close()

    def _happening_until(self, ends_s: float) -> _Happening | None:
        with suppress(Empty):
            return self._happenings.get(timeout=max(0.0, ends_s - self._stopwatch()))
        return None


def stop_when_left_alone() -> None:
    """Have this process told to end when its standard input, which the supervisor holds, does."""

    def wait() -> None:
        with suppress(OSError):
            while os.read(0, 4_096):
                pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="gatewatch-lifeline", daemon=True).start()
