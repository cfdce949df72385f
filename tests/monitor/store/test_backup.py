"""A copy made while the store is written becomes a store with every entry acknowledged before (P13)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gatewatch.monitor.store import Journal, Leader, Store, StoreError, Submitted
from gatewatch.monitor.store.backup import backup, check_integrity, restore
from gatewatch.monitor.writer import Writer

Make = Callable[..., Submitted]
SOON_S = 20


@pytest.fixture
def other_address(address: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a second, empty store of the same kind."""
    if address.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'other.db'}"
    postgres = request.getfixturevalue("postgres")
    made: str = postgres.make_database()
    request.addfinalizer(lambda: postgres.drop_database(made))  # noqa: PT021 - only one backend needs it
    return made


@pytest.fixture
def filled(leader: Leader, submit: Make) -> Leader:
    """A store with ten entries."""
    with leader.writing() as connection:
        Journal.append(connection, [submit(n) for n in range(10)])
    return leader


def test_a_backup_while_writing_restores_to_a_prefix_of_the_journal(
    leader: Leader,
    open_at: Callable[[str], Store],
    other_address: str,
    lead: Callable[..., Leader],
    run_writer: Callable[..., Writer],
    submit: Make,
    tmp_path: Path,
) -> None:
    """Writing goes on; what was acknowledged before is in the copy, and nothing in it is half."""
    journal = Journal(leader.store)
    writer = run_writer(Writer(leader, journal))
    before = [writer.submit([submit(f"before {n}")]) for n in range(50)]
    for future in before:
        future.result(SOON_S)
    during = [writer.submit([submit(f"during {n} {k}") for k in range(20)]) for n in range(100)]
    copy = backup(leader.store, tmp_path / "backups" / "store.copy")
    for future in during:
        future.result(SOON_S)
    writer.stop()
    restored = open_at(other_address)
    restore(copy.path, restored)
    entries = Journal(restored).read(limit=10_000)

    assert len(entries) >= 50
    assert entries == journal.read(limit=10_000)[: len(entries)]
    assert copy.last_seq in (None, len(entries))
    assert copy.size == copy.path.stat().st_size
    assert check_integrity(restored) == []
    assert lead(restored, holder="core B").token == leader.token + 1
    assert [path.name for path in copy.path.parent.iterdir()] == ["store.copy"]


def test_a_backup_replaces_the_one_before(filled: Leader, tmp_path: Path, submit: Make) -> None:
    """At the very end: there is a whole copy at every instant."""
    path = tmp_path / "copy"
    first = backup(filled.store, path)
    with filled.writing() as connection:
        Journal.append(connection, [submit("later")])
    second = backup(filled.store, path)

    assert first.path == second.path
    assert first.last_seq != second.last_seq or filled.store.backend == "postgresql"


def test_a_restore_overwrites_nothing(filled: Leader, tmp_path: Path) -> None:
    """Whoever restores to the wrong place loses nothing."""
    copy = backup(filled.store, tmp_path / "copy")

    with pytest.raises(StoreError, match=r"is there already|has tables already"):
        restore(copy.path, filled.store)
    assert Journal(filled.store).last_seq() == 10


def test_a_damaged_copy_is_refused(
    filled: Leader, tmp_path: Path, other_address: str, open_at: Callable[[str], Store]
) -> None:
    """Nothing is restored from it."""
    copy = backup(filled.store, tmp_path / "copy")
    whole = copy.path.read_bytes()
    copy.path.write_bytes(whole[: len(whole) // 2])
    target = open_at(other_address)

    with pytest.raises(StoreError, match=r"damaged and nothing was restored|pg_restore ended with status"):
        restore(copy.path, target)
    with pytest.raises(StoreError):
        Journal(target).read()


def test_a_copy_of_the_other_kind_is_refused(
    sqlite_address: str, tmp_path: Path, open_at: Callable[..., Store]
) -> None:
    """A copy goes back to the kind of store it came from."""
    dump = tmp_path / "dump"
    dump.write_bytes(b"PGDMP and more")
    words = tmp_path / "words"
    words.write_text("no backup at all")
    store = open_at(sqlite_address)

    with pytest.raises(StoreError, match="is a backup of a postgresql store"):
        restore(dump, store)
    with pytest.raises(StoreError, match="is no backup of a store"):
        restore(words, store)
    with pytest.raises(StoreError, match="cannot be read: No such file"):
        restore(tmp_path / "absent", store)


def test_a_backup_that_cannot_be_written_leaves_the_old_one(filled: Leader, tmp_path: Path) -> None:
    """A folder in the way, or none that can be made: the reason is said, and no half copy lies about."""
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()

    with pytest.raises(StoreError, match="cannot be made"):
        backup(filled.store, tmp_path / "file" / "copy")
    with pytest.raises(StoreError, match="no backup was made"):
        backup(filled.store, tmp_path / "folder")
    assert not list(tmp_path.glob("*.unfinished"))


def test_nothing_but_a_backup_is_replaced(filled: Leader, tmp_path: Path) -> None:
    """A slip of the keyboard must not cost another file, and least of all the store itself."""
    letter = tmp_path / "letter.txt"
    letter.write_text("Kính gửi", encoding="utf-8")

    with pytest.raises(StoreError, match="is there already and is no backup"):
        backup(filled.store, letter)
    assert letter.read_text(encoding="utf-8") == "Kính gửi"
    if filled.store.backend == "sqlite":
        with pytest.raises(StoreError, match="is the store itself"):
            backup(filled.store, filled.store.path)


def test_a_copy_beside_us_is_restored(
    filled: Leader, open_at: Callable[[str], Store], other_address: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """By its name alone, as somebody types it who stands in its folder."""
    backup(filled.store, tmp_path / "store.copy")
    monkeypatch.chdir(tmp_path)
    restored = open_at(other_address)
    restore(Path("store.copy"), restored)

    assert len(Journal(restored).read()) == 10


def test_a_missing_tool_is_named(postgresql_address: str, tmp_path: Path, open_at: Callable[..., Store],
    lead: Callable[..., Leader], monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """The monitor runs without PostgreSQL's client tools; a backup does not."""
    leader = lead(open_at(postgresql_address))
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(StoreError, match="pg_dump is not installed; on Debian: sudo apt-get install postgresql-client"):
        backup(leader.store, tmp_path / "copy")


def test_a_missing_entry_is_found(filled: Leader) -> None:
    """The journal has no gaps; one is damage, and `doctor` says so."""
    before = check_integrity(filled.store)
    with filled.writing() as connection:
        connection.exec_driver_sql("DELETE FROM event WHERE seq = 4")

    assert before == []
    assert check_integrity(filled.store) == ["the journal has 9 entries up to number 10: 1 are missing"]


def test_flipped_bytes_are_found(
    sqlite_address: str, open_at: Callable[..., Store], lead: Callable[..., Leader], submit: Make, tmp_path: Path
) -> None:
    """A corrupt page is found by the check, and a backup of it is refused."""
    leader = lead(open_at(sqlite_address))
    with leader.writing() as connection:
        Journal.append(connection, [submit(n) for n in range(2_000)])
    leader.close()
    path = leader.store.path
    damaged = bytearray(path.read_bytes())
    for page in range(20, len(damaged) // 4096):
        damaged[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(damaged)
    store = open_at(sqlite_address)

    assert check_integrity(store) != []
    with pytest.raises(StoreError, match=r"no backup was made|damaged"):
        backup(store, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
