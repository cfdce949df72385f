"""Runs: what was asked for is kept, and a restart tells the truth about it."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from gatewatch.monitor.simulations.pool import FullError, Pool
from gatewatch.monitor.simulations.runs import Runs, RunView
from gatewatch.monitor.store import Journal, Leader, Store, StoreUnavailableError
from gatewatch.monitor.store.runs import Run, SavedPlan, StoredRuns
from gatewatch.monitor.writer import Writer
from tests.monitor.simulations.conftest import SOON_S
from tests.monitor.simulations.test_pool import wait_until

NOW = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)
BY = "account:lan"


class Follower:
    """Hears of a run, and waits until it is over."""

    def __init__(self) -> None:
        self.views: list[RunView] = []
        self._over = threading.Event()

    def __call__(self, view: RunView) -> None:
        """Hear how it is."""
        self.views.append(view)
        if view.is_over:
            self._over.set()

    def last(self) -> Run:
        """Return how it ended."""
        assert self._over.wait(SOON_S)
        return self.views[-1].run


@pytest.fixture
def writer(leader: Leader, store: Store, run_writer: Callable[..., Writer]) -> Writer:
    """A writer that runs."""
    return run_writer(Writer(leader, Journal(store)))


@pytest.fixture
def make_runs(store: Store, writer: Writer, make_pool: Callable[..., Pool]) -> Callable[..., Runs]:
    """Make runs over small workers."""
    seconds = count()

    def make(most: int = 500, **limits: object) -> Runs:
        clock = lambda: NOW + timedelta(seconds=next(seconds))  # noqa: E731 - never the same time twice
        return Runs(StoredRuns(store), writer, make_pool(workers=1, **limits), clock, most)

    return make


def done(runs: Runs, kind: str = "echo", **request: object) -> Run:
    """Return a run that is over."""
    follower = Follower()
    runs.ask(kind, request, BY, follower=follower)
    return follower.last()


def test_what_was_asked_for_and_what_came_of_it_is_kept(make_runs: Callable[..., Runs]) -> None:
    """Both read the same from the store as they were told."""
    runs = make_runs()
    follower = Follower()
    asked = runs.ask("echo", {"days": 3}, BY, "Ba ngày", follower)
    ended = follower.last()

    assert (asked.state, ended.state, ended.title, ended.asked_by) == ("waiting", "done", "Ba ngày", BY)
    assert runs.stored.find(asked.id) == ended
    assert runs.find(asked.id) == RunView(ended)
    assert [view.run for view in runs.latest(10)] == [ended]
    assert runs.stored.files(asked.id) == ["result.json", "table.csv"]
    assert b'"days":3' in gzip.decompress(runs.stored.file(asked.id, "result.json") or b"")
    assert [view.number for view in follower.views] == sorted({view.number for view in follower.views})


def test_the_same_request_has_the_same_hash() -> None:
    """The order of keys does not matter, the kind and each value do."""
    run = Run("1", "echo", "", {"a": 1, "b": [2]}, "waiting", "0", BY, NOW)
    same = replace(run, id="2", title="x", request={"b": [2], "a": 1})

    assert run.sha256 == same.sha256
    assert len({run.sha256, replace(run, kind="wait").sha256, replace(run, request={"a": 2}).sha256}) == 3


def test_faults_of_a_refused_request_are_kept(make_runs: Callable[..., Runs]) -> None:
    """Whoever opens the link later reads them as well."""
    runs = make_runs()
    ended = done(runs, "refuse")

    assert (ended.state, ended.faults[0]["place"]) == ("refused", "days")
    assert runs.stored.find(ended.id) == ended


def test_an_interrupted_run_says_so(make_runs: Callable[..., Runs], writer: Writer) -> None:
    """What an earlier process left under way is not under way for ever."""
    left = [Run(str(n), "echo", "", {}, state, "0", BY, NOW) for n, state in enumerate(["waiting", "running", "done"])]
    for run in left:
        writer.write(lambda c, run=run: StoredRuns.add(c, run)).result()
    runs = make_runs()
    n = runs.recover(NOW + timedelta(minutes=1))
    found = [runs.stored.find(run.id) for run in left]

    assert n == 2
    assert [run.state for run in found if run] == ["interrupted", "interrupted", "done"]
    assert found[0] is not None
    assert "restarted" in found[0].reason


def test_a_stop_is_kept_as_interrupted(make_runs: Callable[..., Runs], tmp_path: Path) -> None:
    """The store knows before the writer ends."""
    runs = make_runs()
    asked = runs.ask("wait", {"file": str(tmp_path / "begun")}, BY)
    wait_until((tmp_path / "begun").exists)
    runs.pool.stop()
    found = runs.stored.find(asked.id)

    assert found is not None
    assert found.state == "interrupted"


def test_one_too_many_leaves_nothing_behind(make_runs: Callable[..., Runs]) -> None:
    """A refused request is not in the list."""
    runs = make_runs(most_waiting=0)
    with pytest.raises(FullError):
        runs.ask("echo", {}, BY)

    assert runs.latest(10) == []


def test_old_runs_are_forgotten_but_those_of_plans(make_runs: Callable[..., Runs], writer: Writer) -> None:
    """The newest stay; what a plan shows stays with it."""
    runs = make_runs(most=2)
    first = done(runs, n=0)
    plan = SavedPlan("aa", "Kế hoạch", "echo", first.request, "0", first.id, BY, NOW)
    writer.write(lambda c: StoredRuns.save_plan(c, plan)).result()
    others = [done(runs, n=n) for n in range(1, 5)]
    kept = {view.run.id for view in runs.latest(100)}

    assert kept == {first.id, *(run.id for run in others[-2:])}
    assert runs.stored.files(first.id) != []
    assert [runs.stored.files(run.id) for run in others if run.id not in kept] == [[], []]
    assert runs.stored.find_plan("aa") == plan


def test_who_comes_late_hears_the_rest(make_runs: Callable[..., Runs], tmp_path: Path) -> None:
    """A page that is opened meanwhile sees how it is, then the end; one that left hears nothing."""
    runs = make_runs()
    asked = runs.ask("wait", {"file": str(tmp_path / "begun")}, BY)
    wait_until((tmp_path / "begun").exists)
    late, gone = Follower(), Follower()
    view = runs.follow(asked.id, late)
    runs.follow(asked.id, gone)
    runs.unfollow(asked.id, gone)
    runs.cancel(asked.id)

    assert view is not None
    assert (view.run.state, late.last().state) == ("running", "cancelled")
    assert gone.views == []
    assert runs.follow(asked.id, late) == RunView(late.views[-1].run)
    assert runs.follow("no such", late) is None


def test_a_result_that_cannot_be_kept_ends_as_a_failure(
    make_runs: Callable[..., Runs], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the fault is, the run is over for those who wait and in the store; the next one is done."""
    runs = make_runs()
    with monkeypatch.context() as patch:
        patch.setattr(StoredRuns, "thin", lambda *_: 1 / 0)
        ended = done(runs)

    assert (ended.state, ended.reason) == ("failed", "its result could not be kept: ZeroDivisionError")
    assert runs.stored.find(ended.id) == ended
    assert done(runs).state == "done"


def test_an_end_that_the_store_does_not_take_is_told_and_kept_later(
    make_runs: Callable[..., Runs], writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full when it ends: nobody sees it under way meanwhile, and the next run brings it to the disk."""
    runs = make_runs()
    write = writer.write

    def full(work: Callable[[Any], Any]) -> Any:
        if runs.latest(1):
            raise StoreUnavailableError("database or disk is full")
        return write(work)

    with monkeypatch.context() as patch:
        patch.setattr(writer, "write", full)
        ended = done(runs)
        waits = runs.stored.find(ended.id)
        meanwhile = (runs.find(ended.id), runs.latest(5), runs.follow(ended.id, Follower()))
    later = done(runs)

    assert (ended.state, "disk is full" in ended.reason) == ("failed", True)
    assert waits is not None
    assert waits.state == "waiting"
    assert [view and view.run for view in (meanwhile[0], *meanwhile[1], meanwhile[2])] == [ended] * 3
    assert runs.stored.find(ended.id) == ended
    assert [view.run for view in runs.latest(5)] == [later, ended]


def test_a_run_that_may_have_been_kept_although_it_was_refused_is_not_under_way(
    make_runs: Callable[..., Runs], writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to the commit was lost: who asked is told to ask again, and the list says that it never began."""
    runs = make_runs()
    write = writer.write

    def lost(work: Callable[[Any], Any]) -> Any:
        write(work).result()
        raise StoreUnavailableError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(writer, "write", lost)
        with pytest.raises(StoreUnavailableError):
            runs.ask("echo", {}, BY)
    [seen] = runs.latest(5)
    done(runs)
    kept = runs.stored.find(seen.run.id)

    assert (seen.run.state, seen.is_over) == ("interrupted", True)
    assert kept is not None
    assert (kept.state, kept.ended_at) == ("interrupted", seen.run.ended_at)
