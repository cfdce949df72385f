"""Jobs are done by the leader alone, one at a time, and one that fails stops no other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from gatewatch.monitor.jobs import Job, Jobs, daily, every, leads
from gatewatch.monitor.offline import Led, Watched, leading
from gatewatch.monitor.store import LeaderPresentError, open_store
from tests.monitor.stories import BORDER, FEEDS

NOW = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
SOON_S = 30
OFTEN_S = 0.01


class Count:
    """A job that counts its runs, and can be waited for."""

    def __init__(self) -> None:
        self.told: list[datetime] = []
        self._changed = threading.Condition()

    def __call__(self, now: datetime) -> None:
        """Count a run."""
        with self._changed:
            self.told.append(now)
            self._changed.notify_all()

    def reaches(self, n: int) -> bool:
        """Wait until there were `n` runs more."""
        return self.reaches_in_all(len(self.told) + n)

    def reaches_in_all(self, n: int) -> bool:
        """Wait until there were `n` runs."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.told) >= n, SOON_S)


@pytest.fixture
def run() -> Iterator[Callable[..., Jobs]]:
    """Start jobs; they are stopped after the test."""
    with ExitStack() as stack:

        def start(*table: Job, leads: Callable[[], bool] = lambda: True, on_lost: Callable[[], None] = list) -> Jobs:
            jobs = Jobs(table, lambda: NOW, leads, on_lost)
            jobs.start()
            stack.callback(jobs.stop)
            return jobs

        yield start


def test_a_job_is_done_again_and_again_and_told_the_time(run) -> None:
    """The time is the service's, which a demonstration may let run faster."""
    count = Count()
    jobs = run(Job("count", every(OFTEN_S), count))

    assert count.reaches(3)
    assert set(count.told) == {NOW}
    assert jobs.states()[0].n_runs >= 2
    assert jobs.states()[0].failure is None


def test_a_job_can_be_done_at_the_start(run) -> None:
    """A service that restarts every night would never make an hourly backup otherwise."""
    at_once, later = Count(), Count()
    run(Job("at once", every(3_600), at_once, is_first_at_once=True), Job("later", every(3_600), later))

    assert at_once.reaches_in_all(1)
    assert later.told == []


def test_a_job_that_fails_is_logged_and_done_again(run) -> None:
    """The others do not notice."""
    failing, other = Count(), Count()

    def fail(now: datetime) -> None:
        failing(now)
        raise OSError("disk gone")

    with capture_logs() as logs:
        jobs = run(Job("fail", every(OFTEN_S), fail), Job("other", every(OFTEN_S), other))
        assert failing.reaches(3)
        assert other.reaches(3)
        jobs.stop()

    assert jobs.states()[0].failure == "disk gone"
    assert {(line["event"], line["job"]) for line in logs} == {("job failed", "fail")}


def test_a_slow_job_never_runs_twice_at_once_and_is_made_up_once(run) -> None:
    """Twenty of its times pass while it runs; then it is done once for all of them."""
    begun, go_on = threading.Event(), threading.Event()
    slow_runs, other = Count(), Count()

    def slow(now: datetime) -> None:
        slow_runs(now)
        begun.set()
        assert go_on.wait(SOON_S)

    run(Job("slow", every(OFTEN_S), slow), Job("other", every(OFTEN_S), other))
    assert begun.wait(SOON_S)
    assert other.reaches(20)

    assert len(slow_runs.told) == 1
    go_on.set()
    assert slow_runs.reaches_in_all(2)


def test_a_daily_job_keeps_the_time_of_the_border() -> None:
    """Half past two in Hanoi is half past seven in the evening before, in Greenwich."""
    trigger = daily(time(2, 30), HANOI)

    assert trigger.get_next_fire_time(None, NOW) == datetime(2026, 1, 16, 2, 30, tzinfo=HANOI)
    assert trigger.get_next_fire_time(None, NOW - timedelta(hours=8)) == datetime(2026, 1, 15, 2, 30, tzinfo=HANOI)


def test_no_job_is_done_once_the_lead_is_lost(run) -> None:
    """Whoever runs the service is told once."""
    is_leader, lost, count = threading.Event(), Count(), Count()
    is_leader.set()
    run(
        *(Job(f"count {n}", every(OFTEN_S), count) for n in range(3)),
        leads=is_leader.is_set,
        on_lost=lambda: lost(NOW),
    )
    assert count.reaches(3)
    is_leader.clear()
    assert lost.reaches_in_all(1)
    done = len(count.told)

    assert len(lost.told) == 1
    assert len(count.told) - done <= 3  # those that were under way


def test_two_cores_on_one_store_do_the_jobs_once(sqlite_address: str, run, cleanup: ExitStack) -> None:
    """The second is refused; when the first has lost its lock, the second leads and the first does nothing more."""
    two_cores(sqlite_address, run, cleanup)


@pytest.mark.slow
def test_two_cores_on_one_server_do_the_jobs_once(postgresql_address: str, run, cleanup: ExitStack) -> None:
    """The same where the lock is the server's; each waits some seconds for it."""
    two_cores(postgresql_address, run, cleanup)


def two_cores(address: str, run: Callable[..., Jobs], cleanup: ExitStack) -> None:
    """Start a core, be refused a second one, take the first one's lock, start the second."""
    watched = Watched(BORDER, FEEDS)
    first_count, second_count, lost = Count(), Count(), threading.Event()

    def core(name: str) -> Led:
        return cleanup.enter_context(leading(open_store(address), watched, name, NOW))

    first = core("core A")
    run(Job("count", every(OFTEN_S), first_count), leads=lambda: leads(first.writer), on_lost=lost.set)
    assert first_count.reaches(2)
    with pytest.raises(LeaderPresentError, match="core A"):
        core("core B")
    second = take_over(first, lambda: core("core B"))
    run(Job("count", every(OFTEN_S), second_count), leads=lambda: leads(second.writer))
    assert lost.wait(SOON_S)
    after = len(first_count.told)
    assert second_count.reaches(3)

    assert len(first_count.told) == after
    assert leads(second.writer)
    assert not leads(first.writer)


def take_over(led: Led, start: Callable[[], Led]) -> Led:
    """
    Free the lock behind the leader's back, as who removes its file or a server that ends a session; start another.

    On a server the other waits for the lock before it is freed: the leader, which asks again at once, stands behind it.
    """
    if led.store.backend == "sqlite":
        led.store.path.with_name(f"{led.store.path.name}.lock").unlink()
        return start()
    with ThreadPoolExecutor(1) as pool:
        successor = pool.submit(start)
        while not _n_locks(led, "NOT granted"):
            assert not successor.done()
        assert _n_locks(led, "granted", "pg_terminate_backend(pid)") == 1
        return successor.result()


def _n_locks(led: Led, which: str, select: str = "pid") -> int:
    """Return how many sessions hold, or wait for, an advisory lock of the store's database, after a call for each."""
    with led.store.reading() as connection:
        return len(
            connection.exec_driver_sql(
                f"SELECT {select} FROM pg_locks WHERE locktype = 'advisory' AND {which} "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            ).all()
        )
