from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, text
from structlog.testing import capture_logs

from gatewatch.monitor.store import (
    BusyError,
    Entry,
    Journal,
    Leader,
    LeaderLostError,
    LeaderPresentError,
    Receipt,
    StoreUnavailableError,
    Submitted,
)
from gatewatch.monitor.store.tables import event_quarantine, state_snapshot
from gatewatch.monitor.writer import Writer

Make = Callable[..., Submitted]
Run = Callable[..., Writer]
SOON_S = 20


@pytest.fixture
def writer(leader: Leader, run_writer: Run) -> Writer:
    """A writer that runs, on each backend."""
    return run_writer(Writer(leader, Journal(leader.store)))


class Held:
    """A writer that stands still in the middle of a transaction until it is let go."""

    def __init__(self, writer: Writer) -> None:
        self._go, self._is_held = Event(), Event()
        self.work = writer.write(lambda _: self._wait())
        assert self._is_held.wait(SOON_S)

    def _wait(self) -> None:
        self._is_held.set()
        assert self._go.wait(SOON_S)

    def let_go(self) -> None:
        """Let the writer go on."""
        self._go.set()
        self.work.result(SOON_S)


def receipts(future: Future[list[Receipt]]) -> list[Receipt]:
    """Return what a submission was answered."""
    return future.result(SOON_S)


def test_an_answer_comes_when_it_is_durable(writer: Writer, leader: Leader, submit: Make) -> None:
    """Whoever is told "accepted" finds it in the journal."""
    answer = receipts(writer.submit([submit(1), submit(2), submit(1)]))

    assert answer == [Receipt("accepted", 1), Receipt("accepted", 2), Receipt("duplicate", 1)]
    assert Journal(leader.store).last_seq() == 2


def test_what_waits_is_committed_together(writer: Writer, submit: Make) -> None:
    """While one transaction is on its way the next gathers; each submission gets its own receipts."""
    held = Held(writer)
    before = writer.health()
    futures = [writer.submit([submit(n), submit(f"{n}b")]) for n in range(100)]
    waiting = writer.health().waiting
    held.let_go()
    answers = [receipts(future) for future in futures]
    after = writer.health()

    assert waiting == 200
    assert [answer[0].seq for answer in answers] == list(range(1, 201, 2))
    assert after.commits - before.commits == 2  # the one that was held, and one for all
    assert after.items - before.items == 201
    assert after.waiting == 0


def test_a_group_has_a_size_and_a_large_submission_one_of_its_own(
    leader: Leader, run_writer: Run, submit: Make
) -> None:
    """A submission is never cut in two."""
    writer = run_writer(Writer(leader, Journal(leader.store), most_per_commit=10))
    held = Held(writer)
    sizes = (6, 4, 5, 30, 1)
    futures = [writer.submit([submit(f"{n}-{k}") for k in range(size)]) for n, size in enumerate(sizes)]
    held.let_go()
    for future in futures:
        receipts(future)

    assert writer.health().commits == 1 + 3  # 30; 6 and 4; 5 and 1


def test_a_single_post_waits_for_one_transaction_of_a_backlog(leader: Leader, run_writer: Run, submit: Make) -> None:
    """Small ones and large ones take turns; each lane keeps its order."""
    writer = run_writer(Writer(leader, Journal(leader.store), most_per_commit=10, most_of_small=2))
    held = Held(writer)
    large = [writer.submit([submit(f"backlog {n}-{k}") for k in range(10)]) for n in range(4)]
    small = [writer.submit([submit(f"live {n}")]) for n in range(3)]
    held.let_go()
    seqs = [receipts(future)[0].seq for future in (*large, *small)]

    assert seqs == [1, 14, 24, 34, 11, 12, 13]  # the held one was small: a large one is next, then all small ones


def test_small_ones_do_not_keep_a_backlog_waiting(leader: Leader, run_writer: Run, submit: Make) -> None:
    """While single posts go on coming, every second transaction is the backlog's."""
    writer = run_writer(Writer(leader, Journal(leader.store), most_per_commit=2, most_of_small=1))
    held = Held(writer)
    small = [writer.submit([submit(f"live {n}")]) for n in range(6)]
    large = [writer.submit([submit(f"backlog {n}-{k}") for k in range(2)]) for n in range(3)]
    held.let_go()
    seqs = [receipts(future)[0].seq for future in (*large, *small)]

    assert seqs == [1, 5, 9, 3, 4, 7, 8, 11, 12]


def test_many_are_put_at_once_and_each_is_refused_for_itself(leader: Leader, run_writer: Run, submit: Make) -> None:
    """What has room is kept; the refusal of the others is in their futures."""
    writer = run_writer(Writer(leader, Journal(leader.store), most_waiting=3))
    held = Held(writer)
    first, second, third = writer.submit_each([[submit(1), submit(2)], [submit(3), submit(4)], [submit(5)]])
    held.let_go()

    assert [receipt.seq for future in (first, third) for receipt in receipts(future)] == [1, 2, 3]
    with pytest.raises(BusyError, match=r"2 observations wait"):
        receipts(second)


def test_work_of_the_service_itself_is_not_refused_for_want_of_room(
    leader: Leader, run_writer: Run, submit: Make
) -> None:
    """The quarter hours of a backlog are written while it still drains."""
    writer = run_writer(Writer(leader, Journal(leader.store), most_waiting=2))
    held = Held(writer)
    posted = writer.submit([submit(1), submit(2)])
    with pytest.raises(BusyError):
        writer.write(lambda _: None)
    own = writer.write(lambda _: "written", size=500, is_own=True)
    held.let_go()

    assert len(receipts(posted)) == 2
    assert own.result(SOON_S) == "written"


def test_too_much_waiting_is_refused_whole(leader: Leader, run_writer: Run, submit: Make) -> None:
    """Back-pressure: nothing of the refused submission is kept, and there is room again afterwards."""
    writer = run_writer(Writer(leader, Journal(leader.store), most_waiting=3))
    held = Held(writer)
    first = writer.submit([submit(1), submit(2)])
    with pytest.raises(BusyError, match=r"2 observations wait .* at most 3 may; nothing of this was kept"):
        writer.submit([submit(3), submit(4)])
    second = writer.submit([submit(5)])
    held.let_go()
    receipts(first)
    receipts(second)
    third = writer.submit([submit(3), submit(4)])

    assert [receipt.seq for receipt in receipts(third)] == [4, 5]


def test_everything_accepted_before_the_stop_is_committed(leader: Leader, run_writer: Run, submit: Make) -> None:
    """A graceful end answers everybody; afterwards nothing is taken."""
    writer = run_writer(Writer(leader, Journal(leader.store)))
    held = Held(writer)
    futures = [writer.submit([submit(n)]) for n in range(50)]
    stopping = Thread(target=writer.stop)
    stopping.start()
    held.let_go()
    stopping.join(SOON_S)

    assert [receipts(future)[0].seq for future in futures] == list(range(1, 51))
    assert Journal(leader.store).last_seq() == 50
    assert not writer.health().is_running
    with pytest.raises(StoreUnavailableError, match="starting or stopping"):
        writer.submit([submit(51)])


def test_a_writer_that_has_not_started_takes_nothing(leader: Leader, submit: Make) -> None:
    """Nothing would ever write it."""
    with pytest.raises(StoreUnavailableError, match="starting or stopping"):
        Writer(leader, Journal(leader.store)).submit([submit(1)])


def test_subscribers_are_told_in_order_after_the_commit(leader: Leader, run_writer: Run, submit: Make) -> None:
    """Every accepted entry once; duplicates and conflicts are no news."""
    writer, journal = Writer(leader, Journal(leader.store)), Journal(leader.store)
    told: list[Entry] = []
    durable: list[bool] = []

    def listen(entries: Sequence[Entry]) -> None:
        told.extend(entries)
        durable.append(journal.last_seq() >= entries[-1].seq)

    writer.subscribe(listen)
    run_writer(writer)
    with ThreadPoolExecutor(8) as pool:
        batches = [[submit(n % 60), submit(n, laden=True)] for n in range(100)]
        list(pool.map(lambda batch: receipts(writer.submit(batch)), batches))
    writer.stop()

    assert [entry.seq for entry in told] == list(range(1, journal.last_seq() + 1))
    assert told == journal.read()
    assert all(durable)


def test_what_is_there_at_the_start_is_not_told(leader: Leader, run_writer: Run, submit: Make) -> None:
    """Whoever subscribes has read the journal up to there."""
    with leader.writing() as connection:
        Journal.append(connection, [submit(1)])
    writer = Writer(leader, Journal(leader.store))
    told: list[int] = []
    writer.subscribe(lambda entries: told.extend(entry.seq for entry in entries))
    run_writer(writer)
    receipts(writer.submit([submit(2)]))
    writer.stop()

    assert told == [2]


def test_a_failing_subscriber_does_not_stop_the_others(leader: Leader, run_writer: Run, submit: Make) -> None:
    """It is logged with the entries concerned."""
    writer = Writer(leader, Journal(leader.store))
    told: list[int] = []

    def fail(_: object) -> None:
        raise RuntimeError("a listener's own fault")

    writer.subscribe(fail)
    writer.subscribe(lambda entries: told.extend(entry.seq for entry in entries))
    with capture_logs() as logs:
        run_writer(writer)
        receipts(writer.submit([submit(1)]))
        receipts(writer.submit([submit(2)]))
        writer.stop()

    assert told == [1, 2]
    assert [(log["event"], log["first_seq"]) for log in logs] == [("subscriber failed", 1), ("subscriber failed", 2)]


def test_a_subscriber_may_have_something_written(leader: Leader, run_writer: Run, submit: Make) -> None:
    """The projection keeps its windows this way, also while the writer is stopping or has much to do."""
    writer = Writer(leader, Journal(leader.store), most_waiting=1)
    written: list[Future[int]] = []
    writer.subscribe(lambda entries: written.append(writer.write(lambda _: entries[-1].seq)))
    run_writer(writer)
    receipts(writer.submit([submit(1)]))
    writer.stop()

    assert [future.result(SOON_S) for future in written] == [1]


def test_other_work_shares_the_transaction_and_fails_alone(writer: Writer, leader: Leader, submit: Make) -> None:
    """Work that raises leaves nothing behind; its neighbours are committed."""

    def keep(connection: Connection, seq: int) -> int:
        values = {"seq": seq, "layout": "1", "taken_us": 0, "sha256": b"", "body": b""}
        connection.execute(insert(state_snapshot).values(**values))
        return seq

    def keep_and_fail(connection: Connection) -> None:
        keep(connection, 8)
        raise KeyError("missing")

    held = Held(writer)
    submission = writer.submit([submit(1)])
    good, bad = writer.write(lambda connection: keep(connection, 7)), writer.write(keep_and_fail)
    double = writer.write(lambda connection: keep(connection, 7))
    commits = writer.health().commits
    held.let_go()

    assert receipts(submission) == [Receipt("accepted", 1)]
    assert good.result(SOON_S) == 7
    assert isinstance(bad.exception(SOON_S), KeyError)
    assert "state_snapshot" in str(double.exception(SOON_S))
    assert writer.health().commits == commits + 2
    with leader.store.reading() as connection:
        assert connection.scalars(select(state_snapshot.c.seq)).all() == [7]


def test_a_submission_that_cannot_be_written_fails_alone(writer: Writer, submit: Make) -> None:
    """Our own mistake in one submission costs the others nothing."""
    poison = submit("poison")
    object.__setattr__(poison, "body", "no bytes")
    held = Held(writer)
    futures = [writer.submit([submit(1)]), writer.submit([poison]), writer.submit([submit(2)])]
    held.let_go()

    assert [receipt.seq for future in futures[::2] for receipt in receipts(future)] == [1, 2]
    with pytest.raises(Exception, match="bytes"):
        receipts(futures[1])
    assert receipts(writer.submit([submit(3)])) == [Receipt("accepted", 3)]


def test_who_has_gone_away_is_passed_over(writer: Writer, leader: Leader, submit: Make) -> None:
    """A request that was cancelled before its turn leaves nothing in the journal."""
    held = Held(writer)
    gone, here = writer.submit([submit(1)]), writer.submit([submit(2)])
    assert gone.cancel()
    held.let_go()
    receipts(here)

    assert [entry.id for entry in Journal(leader.store).read()] == ["2"]


def make_full(connection: Connection) -> None:
    """Let an SQLite store take nothing more."""
    execute = connection.exec_driver_sql
    execute(f"PRAGMA max_page_count = {execute('PRAGMA page_count').scalar_one()}")


def make_room(connection: Connection) -> None:
    """Let the store take something again."""
    connection.exec_driver_sql("PRAGMA max_page_count = 1000000")


def test_a_full_disk_refuses_and_recovers_by_itself(
    sqlite_address: str,
    open_at: Callable[..., object],
    lead: Callable[..., Leader],
    run_writer: Run,
    submit: Make,
) -> None:
    """Nothing half-kept, the reason said, and the next that fits is taken without a restart."""
    leader = lead(open_at(sqlite_address))
    writer = run_writer(Writer(leader, Journal(leader.store)))
    receipts(writer.submit([submit("before")]))
    writer.write(make_full).result(SOON_S)
    batch = [submit(n) for n in range(1_000)]
    with pytest.raises(StoreUnavailableError, match=r"database or disk is full. Nothing of this was kept"):
        receipts(writer.submit(batch))
    refused = writer.health()
    writer.write(make_room).result(SOON_S)
    answer = receipts(writer.submit(batch))

    assert "disk is full" in (refused.failure or "")
    assert refused.is_running
    assert refused.is_leader
    assert [receipt.seq for receipt in answer] == list(range(2, 1_002))
    assert writer.health().failure is None


def test_a_store_that_became_read_only_refuses_and_recovers_by_itself(
    writer: Writer, leader: Leader, submit: Make
) -> None:
    """Each backend says so in its own words."""

    def set_read_only(connection: Any, value: str) -> None:
        is_sqlite = leader.store.backend == "sqlite"
        execute = getattr(connection, "exec_driver_sql", None) or connection.execute
        execute(f"PRAGMA query_only = {value}" if is_sqlite else f"SET default_transaction_read_only = {value}")

    writer.write(lambda connection: set_read_only(connection, "on")).result(SOON_S)
    with pytest.raises(StoreUnavailableError, match=r"read-?only"):
        receipts(writer.submit([submit(1)]))
    if leader.store.backend == "sqlite":  # no transaction can begin, so none can set it back
        assert leader._connection is not None
        set_read_only(leader._connection.connection.dbapi_connection, "off")
    else:
        end_session(leader)
        with pytest.raises(StoreUnavailableError):
            receipts(writer.submit([submit(1)]))

    assert receipts(writer.submit([submit(1)])) == [Receipt("accepted", 1)]


def end_session(leader: Leader) -> None:
    """End the leader's session from outside, as a server does that is restarted."""
    with leader.store.reading() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        ).all()


def test_an_answer_that_never_came_is_told_with_the_next(leader: Leader, run_writer: Run, submit: Make) -> None:
    """A commit may have reached the store before the connection broke: subscribers must hear of it all the same."""
    writer = Writer(leader, Journal(leader.store))
    told: list[int] = []
    writer.subscribe(lambda entries: told.extend(entry.seq for entry in entries))
    run_writer(writer)
    receipts(writer.submit([submit(1)]))
    writer.write(lambda connection: Journal.append(connection, [submit(2)])).result(SOON_S)  # nobody is told
    again = receipts(writer.submit([submit(2)]))
    writer.stop()

    assert again == [Receipt("duplicate", 2)]
    assert told == [1, 2]


def test_a_writer_whose_store_was_taken_over_refuses_for_good(writer: Writer, leader: Leader, submit: Make) -> None:
    """It says what to do; `readyz` shows it."""
    receipts(writer.submit([submit(1)]))
    writer.write(lambda connection: connection.execute(text("UPDATE leader SET token = token + 1"))).result(SOON_S)
    with pytest.raises(LeaderLostError, match="Restart it"):
        receipts(writer.submit([submit(2)]))
    with pytest.raises(LeaderLostError, match="Restart it"):
        writer.submit([submit(3)])

    assert not writer.health().is_leader
    assert Journal(leader.store).last_seq() == 1


def test_a_refused_submission_is_in_quarantine_once_it_is_answered(
    writer: Writer, leader: Leader, submit: Make
) -> None:
    """Conflicts are durable too."""
    statuses = [receipt.status for receipt in receipts(writer.submit([submit(1), submit(1, laden=True)]))]
    with leader.store.reading() as connection:
        kept = connection.scalars(select(event_quarantine.c.eid)).all()

    assert statuses == ["accepted", "conflict"]
    assert kept == ["1"]


def test_a_core_that_is_kept_out_says_that_it_leads_no_more(
    postgresql_address: str, open_at: Callable[[str], Any], lead: Callable[..., Leader], run_writer: Run, submit: Make
) -> None:
    """The server ended its session and another core took the lock: not a leader, whether or not it was told so yet."""
    first = lead(open_at(postgresql_address), patience_s=0.05)
    writer = run_writer(Writer(first, Journal(first.store)))
    receipts(writer.submit([submit(1)]))
    with first.store.reading() as connection:
        held = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        connection.execute(text(held)).all()
    lead(open_at(postgresql_address), holder="core B")
    for n in (2, 3):  # the first finds the session gone, the second the other core
        with pytest.raises((StoreUnavailableError, LeaderPresentError)):
            receipts(writer.submit([submit(n)]))

    assert not writer.health().is_leader
