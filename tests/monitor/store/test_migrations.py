"""A store of any earlier revision becomes one of today (P16)."""

from collections.abc import Callable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from gatewatch.monitor.store import Journal, Leader, Store, StoreError, Submitted, migrations, tables
from gatewatch.monitor.store.engine import postgresql_writer, sqlite_writer

EARLIER = [None, *migrations.list_revisions()]


def writing_engine(store: Store) -> Engine:
    """Return an engine that writes without leading, as an earlier program did."""
    return sqlite_writer(store.path) if store.backend == "sqlite" else postgresql_writer(store.url)


@pytest.mark.parametrize("revision", EARLIER)
def test_every_earlier_revision_is_brought_up_to_date(
    revision: str | None,
    address: str,
    open_at: Callable[[str], Store],
    lead: Callable[..., Leader],
    submit: Callable[..., Submitted],
) -> None:
    """What was kept then is kept now, and the tables are those that the program knows."""
    store = open_at(address)
    kept = 0
    if revision is not None:
        engine = writing_engine(store)
        with engine.begin() as connection:
            migrations.upgrade(connection, revision)
            kept = len(Journal.append(connection, [submit(1), submit(2)]).entries)
        engine.dispose()
    leader = lead(store)
    with leader.writing() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), tables.metadata)
        current = migrations.current_revision(connection)

    assert differences == []
    assert current == migrations.list_revisions()[-1]
    assert len(Journal(store).read()) == kept


def test_revisions_follow_one_another() -> None:
    """One line, so that every store has one way up."""
    revisions = migrations.list_revisions()

    assert revisions == sorted(revisions)
    assert revisions[0] == "0001"


def test_a_store_of_a_newer_program_is_refused(
    address: str, open_at: Callable[[str], Store], lead: Callable[..., Leader]
) -> None:
    """An older program must not write to what it does not understand; it says what to do and changes nothing."""
    first = lead(open_at(address))
    with first.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    first.close()
    store = open_at(address)

    with pytest.raises(StoreError, match=r"newer Gatewatch \(revision 9999.*restore a backup"):
        lead(store)
    with store.reading() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"


def test_a_migration_that_fails_changes_nothing(
    address: str, open_at: Callable[[str], Store], lead: Callable[..., Leader]
) -> None:
    """All steps are one transaction: a table in the way leaves the store as it was."""
    store = open_at(address)
    engine = writing_engine(store)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE state_snapshot (x INTEGER)"))  # made by revision 0002
    engine.dispose()

    with pytest.raises(StoreError, match="state_snapshot"):
        lead(store)
    with store.reading() as connection:
        assert inspect(connection).get_table_names() == ["state_snapshot"]
