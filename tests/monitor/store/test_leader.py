"""One leader only, and a leader that slept writes nothing (P9)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from gatewatch.monitor.store import (
    Journal,
    Leader,
    LeaderLostError,
    LeaderPresentError,
    Store,
    StoreError,
    StoreUnavailableError,
    Submitted,
    open_store,
)

Open = Callable[[str], Store]
Lead = Callable[..., Leader]
Make = Callable[..., Submitted]


def take_in(leader: Leader, *items: Submitted) -> None:
    """Append in a transaction of its own."""
    with leader.writing() as connection:
        Journal.append(connection, items)


def take_lock_from(leader: Leader) -> None:
    """Free the lock behind the leader's back, as who removes a lock file or a server that ends a session."""
    if leader.store.backend == "sqlite":
        leader.store.path.with_name(f"{leader.store.path.name}.lock").unlink()
        return
    with leader.store.reading() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        ).all()


def test_a_second_core_is_refused_and_told_who_leads(address: str, open_at: Open, lead: Lead) -> None:
    """Two cores on one store would fire every job twice."""
    lead(open_at(address), holder="core A on pc1")

    with pytest.raises(LeaderPresentError, match=r"another core leads this store: core A on pc1. Stop that one"):
        lead(open_at(address), holder="core B on pc2", patience_s=0.05)


def test_the_next_core_leads_when_the_first_has_ended(address: str, open_at: Open, lead: Lead, submit: Make) -> None:
    """The token grows with every leader."""
    first = lead(open_at(address))
    take_in(first, submit(1))
    first.close()
    second = lead(open_at(address), holder="core B")
    take_in(second, submit(2))

    assert (first.token, second.token) == (1, 2)
    assert Journal(second.store).last_seq() == 2


def test_a_leader_that_slept_through_a_take_over_writes_nothing(
    address: str, open_at: Open, lead: Lead, submit: Make
) -> None:
    """Its lock went to another meanwhile: the token in the store is greater than its own."""
    asleep = lead(open_at(address))
    take_in(asleep, submit("before"))
    take_lock_from(asleep)
    awake = lead(open_at(address), holder="core B")
    take_in(awake, submit("after"))
    with pytest.raises(StoreError):
        take_in(asleep, submit("split"))
    awake.close()

    with pytest.raises((LeaderLostError, StoreUnavailableError)):
        take_in(asleep, submit("split"))
    with pytest.raises(LeaderLostError, match=r"another core has taken over .* Restart it"):
        take_in(asleep, submit("split"))
    assert [entry.id for entry in Journal(asleep.store).read()] == ["before", "after"]


def test_a_server_that_ends_the_session_costs_one_refusal(
    postgresql_address: str, open_at: Open, lead: Lead, submit: Make
) -> None:
    """Nobody led in between: the leader connects again by itself, with its token."""
    leader = lead(open_at(postgresql_address))
    take_in(leader, submit(1))
    take_lock_from(leader)

    with pytest.raises(StoreUnavailableError, match="Nothing of this was kept; send it again later"):
        take_in(leader, submit(2))
    take_in(leader, submit(2))
    assert [entry.id for entry in Journal(leader.store).read()] == ["1", "2"]


def test_commits_wait_for_the_disk(leader: Leader) -> None:
    """The promise is made with these settings; a database that lowers them does not lower ours."""
    with leader.writing() as connection:
        if leader.store.backend == "sqlite":
            names = ("journal_mode", "synchronous", "foreign_keys", "mmap_size")
            found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one_or_none() for name in names]
            assert found == ["wal", 2, 1, 0]
        else:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"


def test_a_database_that_does_not_wait_is_overruled(postgresql_address: str, open_at: Open, lead: Lead) -> None:
    """An acknowledgement that is not on the disk is none."""
    first = lead(open_at(postgresql_address))
    with first.writing() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    first.close()
    second = lead(open_at(postgresql_address))
    with second.writing() as connection:
        found = connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()

    assert found == "on"


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path, open_at: Open, lead: Lead) -> None:
    """A file stands where the folder should be: refused with its place, and no traceback."""
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match=r"gatewatch\.db cannot be used: .*name another place"):
        lead(open_at(f"sqlite:///{tmp_path / 'file' / 'gatewatch.db'}"))


def test_readers_cannot_write(leader: Leader) -> None:
    """Only the leader's connection writes; another one that did could spoil an SQLite file."""
    with pytest.raises(StoreError), leader.store.reading() as connection:
        connection.exec_driver_sql("UPDATE leader SET token = 99")
    with leader.writing() as connection:
        assert connection.exec_driver_sql("SELECT token FROM leader").scalar_one() == 1


def test_notes_say_what_the_place_promises(store: Store) -> None:
    """`doctor` prints them: the version that keeps the data, and what it is known for."""
    notes = store.notes()

    if store.backend == "sqlite":
        assert len(notes) == 1
        assert notes[0].startswith("SQLite 3.")
    else:
        assert notes[0].startswith("PostgreSQL ")
        assert notes[1:] == ["fsync is off: a power cut may lose what was acknowledged"]  # as our tests start it


@pytest.mark.parametrize(
    "address",
    ["", "store.db", "sqlite://", "sqlite:///:memory:", "mysql://host/x", "postgresql://host", "sqlite:///a?b=c"],
)
def test_an_address_of_no_store_is_refused(address: str) -> None:
    """The remedy shows an address of each kind."""
    with pytest.raises(StoreError, match=r'write "sqlite:////folder/store.db".*postgresql://user@host/database'):
        open_store(address)


def test_a_store_that_nobody_has_made_cannot_be_read(tmp_path: Path, open_at: Open) -> None:
    """Reading makes no file."""
    store = open_at(f"sqlite:///{tmp_path}/absent.db")

    with pytest.raises(StoreUnavailableError, match="unable to open database file"):
        Journal(store).read()
    assert list(tmp_path.iterdir()) == []


def test_a_store_without_tables_says_what_makes_them(address: str, open_at: Open) -> None:
    """An empty file or database is not yet a store."""
    store = open_at(address)
    if store.backend == "sqlite":
        store.path.touch()

    with pytest.raises(StoreError, match="is empty so far; `gatewatch serve` makes its tables"):
        Journal(store).read()


def test_a_server_that_is_not_there_is_named(open_at: Open, tmp_path: Path) -> None:
    """The message is the server's; the password is not in it."""
    store = open_at(f"postgresql://gatewatch:secret@/store?host={tmp_path}")

    with pytest.raises(StoreUnavailableError) as refused:
        Journal(store).read()
    assert "No such file or directory" in str(refused.value)
    assert "secret" not in str(refused.value) + str(store)
