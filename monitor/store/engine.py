"""Where the store is, and connections to it: many that read, and one that writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import Connection, Engine, Row, Select, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool, StaticPool

from gatewatch.monitor.store.errors import (
    StoreError,
    StoreUnavailableError,
    is_missing_table,
    is_of_the_place,
    unavailable,
)

Backend = Literal["sqlite", "postgresql"]

_BUSY_MS: Final = 5_000
_MOST_READERS: Final = 20
_LARGEST_WAL: Final = 64 * 1024 * 1024  # bytes kept after a checkpoint
_IDLE_IN_TRANSACTION: Final = "60s"
_DURABLE: Final = {"on", "remote_apply"}
# From this version on, SQLite no longer spoils a file when two connections write and checkpoint at the same time.
_SQLITE_WITHOUT_WAL_RESET_FAULT: Final = (3, 51, 3)


@dataclass(frozen=True)
class Store:
    """
    A store by its address; opening it writes nothing.

    Args:
        url: Address, a password included.
        backend: What keeps it.
        readers: Connections that cannot write.
    """

    url: URL
    backend: Backend
    readers: Engine

    @property
    def path(self) -> Path:
        """The file of an SQLite store."""
        assert self.url.database is not None
        return Path(self.url.database)

    def __str__(self) -> str:
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """
        Yield a connection that sees one state of the store throughout and cannot change it.

        Raises:
            StoreError: Nobody has led this store yet, so that it has no tables.
            StoreUnavailableError: The store cannot be reached.
        """
        try:
            with self.readers.connect() as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            if is_missing_table(error):
                raise StoreError(f"{self} is empty so far; `gatewatch serve` makes its tables.") from error
            if is_of_the_place(error):
                raise unavailable(error) from error
            raise
        except PoolTimeoutError as error:
            raise StoreUnavailableError("too many read the store at once; try again in a moment.") from error

    def rows(self, query: Select[Any]) -> list[Row[Any]]:
        """Return what a query finds; raises as `reading` does."""
        with self.reading() as connection:
            return list(connection.execute(query))

    def find_row(self, query: Select[Any]) -> Row[Any] | None:
        """Return the one row that a query finds, or None; raises as `reading` does."""
        with self.reading() as connection:
            return connection.execute(query).one_or_none()

    def close(self) -> None:
        """Close the readers' connections; the leader closes its own, after them."""
        self.readers.dispose()

    def notes(self) -> list[str]:
        """Return what an operator should know of this place's promises, for `doctor`."""
        if self.backend == "sqlite":
            version = sqlite3.sqlite_version
            is_old = sqlite3.sqlite_version_info < _SQLITE_WITHOUT_WAL_RESET_FAULT
            fault = "; it has the WAL-reset fault, which needs two writing connections: we keep one and lock out others"
            return [f"SQLite {version}{fault if is_old else ''}"]
        with self.reading() as connection:
            found = {
                name: str(connection.exec_driver_sql(f"SHOW {name}").scalar_one())
                for name in ("server_version", "fsync", "full_page_writes")
            }
        off = [f"{name} is off: a power cut may lose what was acknowledged" for name in found if found[name] == "off"]
        return [f"PostgreSQL {found['server_version']}", *off]


def open_store(address: str) -> Store:
    """
    Return the store at an address, such as "sqlite:////var/lib/gatewatch/store.db" or "postgresql://user@host/name".

    Raises:
        StoreError: The address is none that we know.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise StoreError(_no_address("the address of the store")) from None
    if url.drivername in ("sqlite", "sqlite+pysqlite") and url.database and url.database != ":memory:":
        if url.query:
            raise StoreError(f'{_no_address("sqlite")} An SQLite store takes no "?…" options.')
        url = url.set(drivername="sqlite", database=str(Path(url.database).absolute()))
        return Store(url, "sqlite", _sqlite_readers(Path(str(url.database))))
    if url.drivername in ("postgresql", "postgresql+psycopg") and url.database:
        url = url.set(drivername="postgresql+psycopg")
        return Store(url, "postgresql", _postgresql_readers(url))
    raise StoreError(_no_address(f"{url.drivername}://…"))


def _no_address(found: str) -> str:
    return (
        f'{found} is no address of a store; write "sqlite:////folder/store.db" with the whole path, or '
        '"postgresql://user@host/database".'
    )


def _sqlite_readers(path: Path) -> Engine:
    def connect() -> sqlite3.Connection:
        uri = f"{path.as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        connection.execute("PRAGMA mmap_size = 0")
        connection.execute("PRAGMA query_only = ON")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=5, max_overflow=_MOST_READERS)
    _begin_with(engine, "BEGIN")
    return engine


def sqlite_writer(path: Path) -> Engine:
    """Return the engine of the one connection that writes to an SQLite store, and that checkpoints it."""

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for setting in (
            f"busy_timeout = {_BUSY_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "mmap_size = 0",
            f"journal_size_limit = {_LARGEST_WAL}",
        ):
            connection.execute(f"PRAGMA {setting}")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool)
    _begin_with(engine, "BEGIN IMMEDIATE")
    return engine


def _begin_with(engine: Engine, statement: str) -> None:
    """The driver would begin a transaction only before it writes: we say when, and which."""

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)


def _postgresql_readers(url: URL) -> Engine:
    return create_engine(
        url,
        pool_size=5,
        max_overflow=_MOST_READERS,
        pool_pre_ping=True,
        isolation_level="REPEATABLE READ",
        connect_args={"options": "-c default_transaction_read_only=on", "application_name": "gatewatch reader"},
    )


def postgresql_writer(url: URL) -> Engine:
    """Return the engine of the one connection that writes to a PostgreSQL store."""
    engine = create_engine(
        url,
        pool_size=1,
        max_overflow=0,
        pool_reset_on_return=None,
        connect_args={
            "application_name": "gatewatch leader",
            # A host that vanished gives up its lock within a minute.
            "keepalives_idle": 20,
            "keepalives_interval": 10,
            "keepalives_count": 3,
        },
    )

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            if cursor.fetchone()[0] not in _DURABLE:
                cursor.execute("SET synchronous_commit = on")
            cursor.execute(f"SET idle_in_transaction_session_timeout = '{_IDLE_IN_TRANSACTION}'")
        connection.commit()

    return engine
