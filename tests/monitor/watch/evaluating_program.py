"""
A core that evaluates, in a process that a test kills: `evaluating_program.py HOME SECONDS POINT NTH`.

It evaluates at the seconds given, those that were kept already left out, and kills itself without a word when it
passes POINT for the nth time. SECONDS are numbers joined by commas.
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
from tests.monitor.stories import BORDER, FEEDS, clock
from tests.monitor.watch.guards import watch_over
from tests.monitor.watch.test_schedule import QUICK, shut
from tests.monitor.web.sites import EASY


def main(home: Path, seconds: list[int], point: str, nth: int) -> None:
    """Evaluate what is left."""
    passed = 0

    def kill(reached: str) -> None:
        nonlocal passed
        if reached != point:
            return
        passed += 1
        if passed == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    core = start_core(load_settings({}, home=home), clock("7:00"), EASY, BORDER, FEEDS)
    if core.journal.last_seq() == 0:
        shut(core)
    watch = watch_over(core, QUICK)
    with watching(kill):
        for second in seconds:
            now = clock("10:00") + timedelta(seconds=second)
            if watch.board.at is None or watch.board.at < now:
                watch.evaluate(now)
    core.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(second) for second in sys.argv[2].split(",")], sys.argv[3], int(sys.argv[4]))
