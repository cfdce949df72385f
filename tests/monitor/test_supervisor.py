"""The supervisor starts again what fell over, and ends all in order, whoever is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("supervised.py")
SOON_S = 60
SAY = "import os, signal; say = lambda text: os.write(1, (text + chr(10)).encode())\n"  # a line at once
RUNS = (
    SAY
    + """
signal.pthread_sigmask(signal.SIG_BLOCK, {{signal.SIGTERM}})  # none is missed between two instructions
say(f"{name} runs {{os.getpid()}}")
signal.sigwait({{signal.SIGTERM}})
say("{name} ends")
"""
)


class Supervised:
    """A supervisor in a process of its own, and what its children say."""

    def __init__(self, patience: dict[str, float], **programs: str) -> None:
        arguments = [part for name, code in programs.items() for part in (name, code)]
        command = [sys.executable, str(SCRIPT), json.dumps(patience), *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def line(self) -> str:
        """Return the next line that a child says, empty when all have ended."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def rest(self) -> list[str]:
        """Return all further lines of children, once all of them have ended."""
        assert self.process.stdout is not None
        return self.process.stdout.read().splitlines()

    def starts(self, *names: str) -> dict[str, int]:
        """Return the processes of the programs that say that they run."""
        found = dict(self.line().split(" runs ") for _ in names)
        assert set(found) == set(names)
        return {name: int(pid) for name, pid in found.items()}

    def end(self, number: int = signal.SIGTERM) -> int:
        """Return the exit status after a signal."""
        self.process.send_signal(number)
        return self.process.wait(SOON_S)

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Return the lines of the log about something, of a supervisor that has ended."""
        assert self.process.stderr is not None
        lines = [json.loads(line) for line in self.process.stderr]
        return [line for line in lines if line["event"] == event]


@pytest.fixture
def supervise() -> Iterator[Any]:
    """Start a supervisor; it is gone after the test."""
    with ExitStack() as stack:

        def start(patience: dict[str, float] | None = None, **programs: str) -> Supervised:
            found = Supervised(patience or {"first_s": 0.01, "end_s": SOON_S / 2}, **programs)
            stack.callback(found.process.communicate)
            stack.callback(found.process.kill)
            return found

        yield start


def test_all_end_in_reverse_order_when_it_is_told_to(supervise) -> None:
    """What was started last rests on what was started first."""
    found = supervise(core=RUNS.format(name="core"), notifier=RUNS.format(name="notifier"))
    found.starts("core", "notifier")
    status = found.end()

    assert status == 0
    assert [found.line(), found.line(), found.line()] == ["notifier ends", "core ends", ""]


def test_ctrl_c_ends_them_with_the_status_of_a_stopped_command(supervise) -> None:
    """A shell tells it from an end by itself."""
    found = supervise(core=RUNS.format(name="core"))
    found.starts("core")

    assert found.end(signal.SIGINT) == 130
    assert found.line() == "core ends"


def test_a_process_that_was_killed_is_started_again(supervise) -> None:
    """The other one is left alone."""
    found = supervise(core=RUNS.format(name="core"), notifier=RUNS.format(name="notifier"))
    first = found.starts("core", "notifier")
    os.kill(first["core"], signal.SIGKILL)
    second = found.starts("core")
    status = found.end()

    assert second["core"] != first["core"]
    assert status == 0
    assert found.line() == "notifier ends"
    (fall,) = found.logged("process ended by itself")
    assert (fall["process"], fall["of"], fall["again_in_s"]) == ("core", "signal SIGKILL", 0.01)


def test_a_process_that_falls_again_and_again_is_started_ever_later(supervise, tmp_path: Path) -> None:
    """The wait doubles up to the longest."""
    counter = f"""{SAY}
import pathlib, sys
path = pathlib.Path({str(tmp_path / "n")!r})
n = len(path.read_text()) if path.exists() else 0
path.write_text("x" * (n + 1))
if n < 5:
    sys.exit(75)
say("core runs 0")
signal.sigwait({{signal.SIGINT}})
"""
    found = supervise({"first_s": 0.01, "most_s": 0.04, "end_s": SOON_S / 2}, core=counter)
    found.starts("core")
    found.end()

    falls = found.logged("process ended by itself")
    assert {fall["of"] for fall in falls} == {"status 75"}
    assert [fall["again_in_s"] for fall in falls] == [0.01, 0.02, 0.04, 0.04, 0.04]


def test_a_process_that_refuses_to_run_ends_the_service(supervise) -> None:
    """A port that is taken is taken the next time too; the reason is on the screen, not in a loop."""
    found = supervise(notifier=RUNS.format(name="notifier"), core="import sys; sys.exit(1)")

    assert found.process.wait(SOON_S) == 1
    assert found.rest()[-1:] in ([], ["notifier ends"])  # told to end as well, maybe before it could say anything


def test_a_process_that_has_done_its_work_is_left_at_that(supervise) -> None:
    """The others go on; when all have, the supervisor has done its own."""
    found = supervise(feed=SAY + "say('feed runs 0')", core=RUNS.format(name="core"))
    core = found.starts("feed", "core")["core"]
    os.kill(core, signal.SIGTERM)

    assert found.process.wait(SOON_S) == 0
    assert found.rest() == ["core ends"]


def test_a_process_that_does_not_end_is_killed(supervise) -> None:
    """The supervisor itself always ends."""
    deaf = SAY + "signal.signal(15, signal.SIG_IGN); say('core runs 0'); signal.sigwait({signal.SIGINT})"
    found = supervise({"first_s": 0.01, "end_s": 0.05}, core=deaf)
    found.starts("core")

    assert found.end() == 0
    assert len(found.logged("killed")) == 1


def test_children_end_when_their_supervisor_is_killed(supervise) -> None:
    """No core is left behind that nobody watches, holding the port and the store."""
    lifeline = "from gatewatch.monitor.supervisor import stop_when_left_alone; stop_when_left_alone()"
    found = supervise(core=RUNS.format(name="core").replace("say(f", f"{lifeline}\nsay(f", 1))
    found.starts("core")
    found.process.kill()

    assert found.line() == "core ends"
    assert found.line() == ""
