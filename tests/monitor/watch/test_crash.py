"""kill -9 of the core between every pair of steps of an evaluation: no alert is lost, none is told twice (P7)."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from gatewatch.monitor.core import Core
from gatewatch.monitor.failpoints import reach, watching
from tests.monitor.stories import clock
from tests.monitor.watch.guards import watch_over
from tests.monitor.watch.test_schedule import QUICK, shut, told

PROGRAM = Path(__file__).with_name("evaluating_program.py")
SECONDS = (0, 15, 25, 45, 65)
POINTS = (
    "evaluation: inspected",
    "evaluation: decided",
    "evaluation: state written",
    "evaluation: message written",
    "evaluation: written",
    "evaluation: durable",
)
SOON_S = 120


def run(home: Path, point: str = "", nth: int = 0) -> int:
    """Return the exit status of a core that evaluates until it is killed or has done everything."""
    command = [sys.executable, str(PROGRAM), str(home), ",".join(map(str, SECONDS)), point, str(nth)]
    return subprocess.run(command, stdout=subprocess.DEVNULL, check=False, timeout=SOON_S).returncode


@pytest.mark.slow
def test_a_kill_between_any_two_steps_loses_nothing_and_doubles_nothing(
    tmp_path: Path, begin_in: Callable[[Path], Core]
) -> None:
    """
    One core after the other on one store, each killed at another step of the first evaluation that comes to it.

    At the end the outbox holds what an undisturbed core puts there: the same keys, each once.
    """
    undisturbed = begin_in(tmp_path / "undisturbed")
    shut(undisturbed)
    watch = watch_over(undisturbed, QUICK)
    for second in SECONDS:
        watch.evaluate(clock("10:00") + timedelta(seconds=second))
    killed = {point: run(tmp_path / "killed", point, 1) for point in POINTS}
    finished = run(tmp_path / "killed")
    expected, found = told(undisturbed), told(begin_in(tmp_path / "killed"))
    sys.stdout.write(f"{len(killed)} kills; {len(expected)} messages due, {len(found)} in the outbox, each once\n")

    assert finished == 0
    assert killed == dict.fromkeys(POINTS, -signal.SIGKILL)
    assert len(expected) >= 4
    assert found == expected


def test_points_are_passed_unless_somebody_watches() -> None:
    """In the service nobody does."""
    seen: list[str] = []
    reach("before")
    with watching(seen.append):
        reach("meanwhile")
    reach("after")

    assert seen == ["meanwhile"]
