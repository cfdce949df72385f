"""A core that sleeps until it has lost its lock: another takes over, and what it wakes up to write is refused (P9)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO

import pytest
from sqlalchemy import text

from gatewatch.monitor.core import Core, start_core
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.store import open_store
from tests.monitor.stories import BORDER, FEEDS, clock
from tests.monitor.watch.guards import watch_over
from tests.monitor.watch.test_schedule import QUICK, shut, told
from tests.monitor.web.sites import EASY

ANSWER = "answer: "
PROGRAM = Path(__file__).with_name("sleeping_program.py")


class Sleeper:
    """A core in a process of its own, that evaluates when it is told and sleeps at a point of second 25."""

    def __init__(self, home: Path, database: str, point: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(home), database, point],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def evaluate(self, second: int) -> str:
        """Return what comes of an evaluation."""
        self.begin(second)
        return self.answer()

    def begin(self, second: int) -> None:
        """Let it evaluate."""
        self._pipe(self.process.stdin).write(f"{second}\n")
        self._pipe(self.process.stdin).flush()

    def answer(self) -> str:
        """Return what came of it."""
        lines = self._pipe(self.process.stdout)
        return next((line.removeprefix(ANSWER).strip() for line in lines if line.startswith(ANSWER)), "")

    def sleeps(self) -> bool:
        """Wait until it is stopped, and return whether it is."""
        _, status = os.waitpid(self.process.pid, os.WUNTRACED)
        return os.WIFSTOPPED(status)

    def wake(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Have it gone."""
        self.process.kill()
        self.process.communicate()

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


@pytest.fixture
def sleeper(tmp_path: Path, address: str, request: pytest.FixtureRequest) -> Iterator[Sleeper]:
    """A core that sleeps at the point that the test names; gone after it."""
    made = Sleeper(tmp_path / "first", address, request.getfixturevalue("point"))
    yield made
    made.close()


def take_lock(address: str) -> None:
    """Free the lock of a store, as a server does whose client went silent, or who removes a lock file."""
    store = open_store(address)
    if store.backend == "sqlite":
        store.path.with_name(f"{store.path.name}.lock").unlink()
    else:
        with store.reading() as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted "
                     "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
            ).all()  # fmt: skip
    store.close()


def evaluate(core: Core, *seconds: int) -> None:
    """Evaluate at these seconds, from what was remembered."""
    watch = watch_over(core, QUICK)
    for second in seconds:
        watch.evaluate(clock("10:00") + timedelta(seconds=second))


@pytest.mark.slow
@pytest.mark.parametrize("point", ["evaluation: inspected", "evaluation: decided"])
def test_a_leader_that_sleeps_through_its_decision_writes_none_of_it(
    point: str, sleeper: Sleeper, tmp_path: Path, address: str, begin_in: Callable[[Path], Core]
) -> None:
    """
    It is stopped before it keeps what it found at second 25; the other decides the same second and those after it.

    Awake again it is refused, at once and for good. The outbox holds what one undisturbed core puts there.
    """
    undisturbed = begin_in(tmp_path / "undisturbed")
    shut(undisturbed)
    evaluate(undisturbed, 0, 15, 25, 45, 65)
    before = [sleeper.evaluate(second) for second in (0, 15)]
    sleeper.begin(25)
    is_asleep = sleeper.sleeps()
    take_lock(address)
    settings = load_settings({}, home=tmp_path / "second", database=address)
    second = start_core(settings, clock("7:00"), EASY, BORDER, FEEDS)
    try:
        evaluate(second, 25)
        sleeper.wake()
        after = [sleeper.answer(), sleeper.evaluate(45)]
        evaluate(second, 45, 65)
        after.append(sleeper.evaluate(85))
        expected, found = told(undisturbed), told(second)
        rev = second.watch.book.remembered().rev
    finally:
        second.stop()
    sys.stdout.write(f"asleep at {point!r}: {len(found)} messages, each once; then {', '.join(after)}\n")

    assert (before, is_asleep) == (["done", "done"], True)
    assert [answer.split()[0] for answer in after] == ["refused", "refused", "refused"]
    assert len(expected) >= 4
    assert found == expected
    assert rev == undisturbed.watch.book.remembered().rev == 5
