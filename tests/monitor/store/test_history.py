from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gatewatch.monitor.store import Leader, Store
from gatewatch.monitor.store.history import History, WindowRow
from gatewatch.monitor.store.snapshots import KEPT, Snapshots, StoredSnapshot

SEVEN = datetime(2026, 1, 15, 0, 0, tzinfo=UTC)
ROW = WindowRow("huu_nghi", "export", "", "gate_out", "", SEVEN, version=1, n=8, is_final=False, rev=40)
QUARTER = timedelta(minutes=15)


@pytest.fixture
def write(leader: Leader) -> Callable[..., None]:
    """Write windows in a transaction."""

    def keep(*rows: WindowRow) -> None:
        with leader.writing() as connection:
            History.write(connection, rows)

    return keep


def test_the_last_version_is_shown_and_the_others_are_kept(write: Callable[..., None], store: Store) -> None:
    """A late passage makes a new version; who asks what was shown then gets the old one."""
    late = replace(ROW, version=2, n=9, is_final=True, rev=77)
    write(ROW)
    write(late)
    history = History(store)
    day = (SEVEN, SEVEN + timedelta(days=1))

    assert history.latest(*day) == [late]
    assert history.latest(*day, rev=76) == [ROW]
    assert history.latest(*day, rev=39) == []
    assert history.versions(late) == [ROW, late]
    assert history.last_rev() == 77


def test_windows_are_chosen_by_point_and_time(write: Callable[..., None], store: Store) -> None:
    """The end is excluded; rows come in the order of point and time."""
    second = replace(ROW, start=SEVEN + QUARTER, n=0)
    other = replace(ROW, gate="chi_ma", direction="import", what="arrived", vehicle_class="fruit", place="import_yard")
    write(ROW, second, other)
    history = History(store)
    day = (SEVEN, SEVEN + timedelta(days=1))

    assert history.latest(*day) == [other, ROW, second]
    assert history.latest(SEVEN, SEVEN + QUARTER, gate="huu_nghi") == [ROW]
    assert history.latest(*day, direction="import") == [other]
    assert history.latest(*day, what="gate_out") == [ROW, second]
    assert history.latest(SEVEN - QUARTER, SEVEN) == []


@pytest.mark.parametrize("n", [1, 63, 64, 65, 199])
def test_any_number_of_windows_is_written_and_replaced(write: Callable[..., None], store: Store, n: int) -> None:
    """Many rows go into one statement, in whatever pieces they are cut."""
    rows = [replace(ROW, start=SEVEN + k * QUARTER, n=k) for k in range(n)]
    final = [replace(row, n=row.n + 1, is_final=True, rev=41) for row in rows]
    write(*rows)
    write(*final)

    assert History(store).latest(SEVEN, SEVEN + n * QUARTER) == final


def test_writing_the_same_again_changes_nothing(write: Callable[..., None], store: Store) -> None:
    """A replay after a crash writes what is there already."""
    write(ROW)
    write(ROW, replace(ROW, version=2, rev=41))
    write()

    assert len(History(store).versions(ROW)) == 2


def test_windows_can_be_made_again(write: Callable[..., None], leader: Leader) -> None:
    """The journal is the truth; a rebuild begins with none."""
    write(ROW)
    with leader.writing() as connection:
        History.clear(connection)

    assert History(leader.store).versions(ROW) == []
    assert History(leader.store).last_rev() == 0


@pytest.fixture
def save(leader: Leader) -> Callable[..., None]:
    """Save a snapshot in a transaction."""

    def keep(seq: int, layout: str = "1", body: bytes = b"state") -> None:
        with leader.writing() as connection:
            Snapshots.save(connection, StoredSnapshot(seq, layout, SEVEN, body))

    return keep


def test_the_last_snapshot_of_the_layout_is_taken(save: Callable[..., None], store: Store) -> None:
    """A program takes no notice of a layout it does not read, nor of a state ahead of its journal."""
    save(10)
    save(20)
    save(30, layout="2")
    snapshots = Snapshots(store)

    assert snapshots.latest("1", up_to_seq=99) == StoredSnapshot(20, "1", SEVEN, b"state")
    assert snapshots.latest("1", up_to_seq=19) == StoredSnapshot(10, "1", SEVEN, b"state")
    assert snapshots.latest("3", up_to_seq=99) is None


def test_few_snapshots_are_kept(save: Callable[..., None], store: Store) -> None:
    """They are large, and only the last one is needed."""
    for seq in range(1, KEPT + 3):
        save(seq)
    save(KEPT + 2, body=b"again")
    snapshots = Snapshots(store)

    assert snapshots.latest("1", up_to_seq=2) is None
    assert snapshots.latest("1", up_to_seq=3) is not None
    assert snapshots.latest("1", up_to_seq=99) == StoredSnapshot(KEPT + 2, "1", SEVEN, b"again")


def test_a_damaged_snapshot_is_passed_over(save: Callable[..., None], leader: Leader) -> None:
    """An earlier one will do, and without any the journal."""
    save(1)
    save(2)
    with leader.writing() as connection:
        body = "x'00'" if leader.store.backend == "sqlite" else "'\\x00'"
        connection.exec_driver_sql(f"UPDATE state_snapshot SET body = {body} WHERE seq = 2")
    found = Snapshots(leader.store).latest("1", up_to_seq=99)
    with leader.writing() as connection:
        Snapshots.clear(connection)

    assert found is not None
    assert found.seq == 1
    assert Snapshots(leader.store).latest("1", up_to_seq=99) is None
