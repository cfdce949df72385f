"""The pool: every task ends once, whatever becomes of its worker."""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gatewatch.monitor.simulations.frames import Frame, FrameReader, send
from gatewatch.monitor.simulations.pool import FullError, Pool
from tests.monitor.simulations.conftest import SOON_S, Ear

Ask = Callable[..., Ear]
MakePool = Callable[..., Pool]


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    ends_s = time.monotonic() + SOON_S
    while not is_so():
        assert time.monotonic() < ends_s
        time.sleep(0.01)


def result_of(ear: Ear) -> Any:
    """Return what a task returned."""
    return json.loads(gzip.decompress(ear.end().files["result.json"]))


def test_a_task_is_done_in_a_process_that_gives_way(make_pool: MakePool, ask: Ask) -> None:
    """Its result and files come back; its process is another and nicer one, and serves the next task as well."""
    pool = make_pool(workers=1)
    first, second = ask(pool, "echo", days=3), ask(pool, "echo", word="Lạng Sơn")
    one, two = result_of(first), result_of(second)

    assert (first.end().state, one["asked"], two["asked"]) == ("done", {"days": 3}, {"word": "Lạng Sơn"})
    assert one["pid"] == two["pid"] != os.getpid()
    assert one["nice"] >= os.nice(0) + 10
    assert gzip.decompress(first.end().files["table.csv"]) == b"a,b\n1,2\n"
    assert first.progress == [{"phase": "running"}]


def test_nothing_is_started_before_it_is_needed(make_pool: MakePool) -> None:
    """A service that nobody asks for simulations has no process for them."""
    assert make_pool(workers=2).health().alive == 0


def test_a_task_whose_worker_cannot_be_started_ends_and_so_does_the_next(make_pool: MakePool, ask: Ask) -> None:
    """A machine without memory for another process loses no task; the thread goes on and tries again."""
    pool = make_pool(workers=1, command=("/nowhere/worker",))
    first, second = ask(pool, "echo").end(), ask(pool, "echo").end()

    assert [(ended.state, "no process could be started" in ended.reason) for ended in (first, second)] == [
        ("failed", True), ("failed", True),
    ]  # fmt: skip
    assert (pool.health().running, pool.health().waiting) == (0, 0)


def test_a_worker_that_dies_is_replaced_and_its_task_told(make_pool: MakePool, ask: Ask) -> None:
    """The task is told as failed with the signal; the next one is done as if nothing had been."""
    pool = make_pool(workers=1)
    ended = ask(pool, "die").end()

    assert (ended.state, "SIGKILL" in ended.reason) == ("failed", True)
    assert result_of(ask(pool, "echo", n=1))["asked"] == {"n": 1}
    assert pool.health().replaced == 1


def test_a_worker_killed_while_it_is_idle_is_replaced(make_pool: MakePool, ask: Ask) -> None:
    """Whoever asks next does not hear of it."""
    pool = make_pool(workers=1)
    pid = result_of(ask(pool, "echo"))["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: pool.health().alive == 0)

    assert result_of(ask(pool, "echo"))["pid"] != pid


BABBLES = "import sys, time; sys.stdout.write('\\0\\0\\0\\4\\0\\0\\0\\0babb'); sys.stdout.flush(); time.sleep(3_600)"
IS_DEAF = "import time; time.sleep(3_600)"


@pytest.mark.parametrize(
    ("program", "n", "wall_s", "said"),
    [
        (BABBLES, 1, SOON_S, "nobody understands (JSONDecodeError"),
        (IS_DEAF, 1_000_000, 0.2, "ended by itself (signal SIGKILL)"),  # more than a pipe holds
    ],
)
def test_a_worker_that_is_not_understood_or_takes_nothing_is_given_up(
    make_pool: MakePool, ask: Ask, program: str, n: int, wall_s: float, said: str
) -> None:
    """Neither words that are none nor a process that hangs keeps a task, or those behind it, under way for ever."""
    pool = make_pool(workers=1, command=(sys.executable, "-c", program), wall_s=wall_s, patience_s=0.1)
    ends = [ask(pool, "echo", word="x" * n).end() for _ in range(2)]

    assert [(ended.state, said in ended.reason) for ended in ends] == [("failed", True)] * 2
    assert (pool.health().running, pool.health().waiting, pool.health().replaced) == (0, 0, 1)


def test_a_request_that_is_no_json_ends_and_so_does_the_next(make_pool: MakePool, ask: Ask) -> None:
    """A mistake of ours is told, and the thread goes on."""
    pool = make_pool(workers=1)
    ended = ask(pool, "echo", at=pytest).end()

    assert (ended.state, "not JSON serializable" in ended.reason) == ("failed", True)
    assert result_of(ask(pool, "echo", n=1))["asked"] == {"n": 1}


def test_more_open_files_than_select_can_count_are_no_matter() -> None:
    """Two hundred screens and their files: pipes get numbers beyond 1,024."""
    reads, writes = os.pipe()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limits[1], 4_096), limits[1]))
    high = fcntl.fcntl(reads, fcntl.F_DUPFD, 1_100)
    try:
        reader = FrameReader(high)
        nothing = reader.next(0)
        send(writes, Frame({"n": 1}))

        assert nothing is None
        assert reader.next(SOON_S) == Frame({"n": 1})
    finally:
        for pipe in (reads, writes, high):
            os.close(pipe)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_a_machine_that_starts_no_thread_refuses_and_keeps_nothing(
    make_pool: MakePool, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is left behind that would wait for ever; when there is room again it is done."""
    pool = make_pool(workers=1)

    def none_left(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", none_left)
        with pytest.raises(FullError, match="can't start new thread"):
            ask(pool, "echo")

    assert pool.health().waiting == 0
    assert ask(pool, "echo").end().state == "done"


def test_a_running_task_is_cancelled(make_pool: MakePool, ask: Ask, tmp_path: Path) -> None:
    """It stops by itself, and its process goes on to the next one."""
    pool = make_pool(workers=1)
    before = result_of(ask(pool, "echo"))["pid"]
    waiting = ask(pool, "wait", file=str(tmp_path / "begun"))
    wait_until((tmp_path / "begun").exists)

    assert pool.cancel("1")
    assert waiting.end().state == "cancelled"
    assert not pool.cancel("1")
    assert result_of(ask(pool, "echo"))["pid"] == before


def test_a_task_that_does_not_stop_loses_its_worker(make_pool: MakePool, ask: Ask, tmp_path: Path) -> None:
    """Compiled code hears nothing: its process is killed after a while, and the asker told that it is cancelled."""
    pool = make_pool(workers=1, patience_s=0.1)
    stubborn = ask(pool, "stubborn", file=str(tmp_path / "begun"))
    wait_until((tmp_path / "begun").exists)
    pool.cancel("0")

    assert stubborn.end().state == "cancelled"
    assert result_of(ask(pool, "echo"))["asked"] == {}


def test_a_task_that_waits_is_cancelled_at_once(make_pool: MakePool, ask: Ask, tmp_path: Path) -> None:
    """Nothing of it ever runs."""
    pool = make_pool(workers=1)
    ask(pool, "wait", file=str(tmp_path / "begun"))
    wait_until((tmp_path / "begun").exists)
    behind = ask(pool, "echo")

    assert pool.cancel("1")
    assert (behind.end().state, behind.progress) == ("cancelled", [])


def test_a_task_may_not_take_for_ever(make_pool: MakePool, ask: Ask, tmp_path: Path) -> None:
    """When its time is up it is ended, and told why."""
    pool = make_pool(workers=1, wall_s=0.2, patience_s=0.1)
    ended = ask(pool, "stubborn", file=str(tmp_path / "begun")).end()

    assert (ended.state, "longer than the 0.2 s" in ended.reason) == ("failed", True)


def test_what_waits_is_bounded(make_pool: MakePool, ask: Ask, tmp_path: Path) -> None:
    """One too many is refused with the remedy; what the service needs itself is taken, and comes first."""
    pool = make_pool(workers=1, most_waiting=1)
    ask(pool, "wait", file=str(tmp_path / "begun"))
    wait_until((tmp_path / "begun").exists)
    behind = ask(pool, "echo")
    with pytest.raises(FullError, match=r"1 simulations wait already.*cancel one"):
        ask(pool, "echo")
    ahead = ask(pool, "wait", is_ahead=True, file=str(tmp_path / "second"))
    pool.cancel("0")
    wait_until((tmp_path / "second").exists)

    assert behind.ends == []
    pool.cancel("3")
    assert (ahead.end().state, behind.end().state) == ("cancelled", "done")


@pytest.mark.parametrize(
    ("kind", "state", "said"),
    [("fail", "failed", "ZeroDivisionError: nothing to divide by"), ("refuse", "refused", "days is 0; 1 or more.")],
)
def test_a_fault_is_told_as_whose_it_is(make_pool: MakePool, ask: Ask, kind: str, state: str, said: str) -> None:
    """Ours is a failure, the asker's a refusal with the place."""
    ended = ask(make_pool(), kind).end()

    assert (ended.state, ended.reason) == (state, said)
    assert [fault["place"] for fault in ended.faults] == (["days"] if state == "refused" else [])


def test_what_a_library_prints_does_no_harm(make_pool: MakePool, ask: Ask) -> None:
    """Prints go to the log; progress that comes too fast is thinned out."""
    ear = ask(make_pool(), "chatter")

    assert ear.end().state == "done"
    assert 1 <= len(ear.progress) < 1_000


def test_a_stop_interrupts_what_is_there(make_pool: MakePool, ask: Ask, tmp_path: Path) -> None:
    """What runs and what waits is told so, the processes are gone, and nothing more is taken."""
    pool = make_pool(workers=1)
    running = ask(pool, "wait", file=str(tmp_path / "begun"))
    wait_until((tmp_path / "begun").exists)
    waiting = ask(pool, "echo")
    pool.stop()

    assert (running.end().state, waiting.end().state) == ("interrupted", "interrupted")
    assert pool.health().alive == 0
    with pytest.raises(FullError, match="stopping"):
        ask(pool, "echo")


def test_two_workers_do_two_tasks_at_once(make_pool: MakePool, ask: Ask, tmp_path: Path) -> None:
    """A long one does not keep a short one waiting while there is a worker."""
    pool = make_pool(workers=2)
    long = ask(pool, "wait", file=str(tmp_path / "begun"))
    wait_until((tmp_path / "begun").exists)

    assert ask(pool, "echo").end().state == "done"
    pool.cancel("0")
    assert long.end().state == "cancelled"
