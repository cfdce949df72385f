"""
A core that is put to sleep by a test: `sleeping_program.py HOME DATABASE POINT`.

It evaluates at each second that it is told on a line, and answers `done`, or `refused` with what refused it, on a
line that begins with `answer: `. When it passes POINT on the way to second 25 it stops itself as a machine does that
is suspended: SIGCONT lets it go on from there. A word that is no number ends it.
"""

# ruff: noqa: E402 - where the tests are must be said first

from __future__ import annotations

import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType

tests = ModuleType(
    "tests"
)  # outside pytest, the folder of tests is no package, and a library may bring one of its name
tests.__path__ = [str(Path(__file__).parents[2])]
sys.modules["tests"] = tests

from gatewatch.monitor.core import start_core
from gatewatch.monitor.failpoints import watching
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.store import StoreError
from tests.monitor.stories import BORDER, FEEDS, clock
from tests.monitor.watch.guards import watch_over
from tests.monitor.watch.test_schedule import QUICK, shut
from tests.monitor.web.sites import EASY

SLEEPS_AT_S = 25


def main(home: Path, database: str, point: str) -> None:
    """Evaluate as told."""
    second = 0

    def sleep(reached: str) -> None:
        if second == SLEEPS_AT_S and reached == point:
            os.kill(os.getpid(), signal.SIGSTOP)

    core = start_core(load_settings({}, home=home, database=database), clock("7:00"), EASY, BORDER, FEEDS)
    shut(core)
    watch = watch_over(core, QUICK)
    with watching(sleep):
        for line in sys.stdin:
            if not line.strip().isdigit():
                break
            second = int(line)
            try:
                watch.evaluate(clock("10:00") + timedelta(seconds=second))
                answer = "done"
            except StoreError as error:
                answer = f"refused {type(error).__name__}"
            sys.stdout.write(f"answer: {answer}\n")  # its log goes the same way
            sys.stdout.flush()
    os._exit(0)  # it leads no more: what an orderly end would write is another's


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
