"""Who writes: one process for each store, held by a lock and checked by a token in every transaction."""

from __future__ import annotations

import fcntl
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from gatewatch.monitor.observations import to_us
from gatewatch.monitor.store import migrations, tables
from gatewatch.monitor.store.engine import Store, postgresql_writer, sqlite_writer
from gatewatch.monitor.store.errors import (
    LeaderLostError,
    LeaderPresentError,
    StoreError,
    is_of_the_place,
    unavailable,
)

_LOCK_CLASS: Final = 0x67617465  # "gate"; the second half of the key is the schema's


class Leader:
    """
    The right to write to a store.

    The lock keeps a second core out: beside the file for SQLite, with the session of the writing connection for
    PostgreSQL. The token is the second guard: a leader that was asleep while its lock went to another finds a greater
    one in the store and writes nothing. `synced_s` is how long the last commit alone took: the store wrote and waited
    for the disk [s].

    Args:
        store: Where to write; its tables are brought up to date.
        holder: Who we are, told to a second core that tries the same.
        now: Aware UTC, noted beside the holder.
        patience_s: How long to wait for a leader that is just ending [s]; only a server needs any.

    Raises:
        LeaderPresentError: Another core leads this store.
        StoreError: The store was written by a newer program.
        StoreUnavailableError: The store cannot be reached or written.
    """

    def __init__(self, store: Store, holder: str, now: datetime, patience_s: float = 5.0) -> None:
        self.store = store
        self.holder = holder
        self.token = 0
        self.synced_s = 0.0
        self._patience_ms = max(1, int(patience_s * 1_000))
        self._lock_file = _locked(store.path, holder) if store.backend == "sqlite" else None
        self._engine: Engine | None = None
        self._connection: Connection | None = None
        try:
            self._engine = sqlite_writer(store.path) if store.backend == "sqlite" else postgresql_writer(store.url)
            self._take_over(now)
        except BaseException as error:
            self.close()
            if isinstance(error, DBAPIError) and is_of_the_place(error):
                raise unavailable(error) from error
            raise

    def _take_over(self, now: datetime) -> None:
        connection = self._connect()
        with connection.begin():
            migrations.upgrade(connection)
            self.token = self._token_in_store(connection) + 1
            connection.execute(update(tables.leader).values(token=self.token, holder=self.holder, since_us=to_us(now)))

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """
        Yield the writing connection in a transaction; what it did is durable when the block has ended.

        Only one thread may be in such a block at a time.

        Raises:
            LeaderLostError: Another core has taken over.
            LeaderPresentError: The server went away and came back, and another core holds the lock by now.
            StoreUnavailableError: Disk full, read-only, or the server cannot be reached; nothing was kept.
        """
        try:
            connection = self._connect()
            with connection.begin():
                if self._token_in_store(connection) != self.token:
                    raise LeaderLostError(self._lost())
                yield connection
                begun_s = time.perf_counter()
            self.synced_s = time.perf_counter() - begun_s
        except DBAPIError as error:
            if error.connection_invalidated:
                self._disconnect()
            if is_of_the_place(error):
                raise unavailable(error) from error
            raise

    def close(self) -> None:
        """Give up the right to write."""
        self._disconnect()
        if self._engine is not None:
            self._engine.dispose()
        if self._lock_file is not None:
            self._lock_file.close()

    def _connect(self) -> Connection:
        """Return the writing connection; a new one after the server went away, if nobody led in between."""
        if self._connection is not None and not self._connection.invalidated:
            return self._connection
        self._disconnect()
        assert self._engine is not None
        connection = self._engine.connect()
        try:
            if self.store.backend == "postgresql":
                self._lock_session(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(DBAPIError):  # it is gone already
                self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _lock_session(self, connection: Connection) -> None:
        """
        Take the lock that ends with the session.

        Raises:
            LeaderPresentError: Another session keeps it for longer than we wait.
        """
        try:
            with connection.begin():
                connection.execute(
                    text("SELECT set_config('lock_timeout', :ms, true)"), {"ms": f"{self._patience_ms}ms"}
                )
                connection.execute(
                    text("SELECT pg_advisory_lock(:kind, hashtext(current_schema()))"), {"kind": _LOCK_CLASS}
                )
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != "55P03":  # lock_not_available
                raise
            raise LeaderPresentError(_present(self._holder_in_store(connection))) from None

    def _holder_in_store(self, connection: Connection) -> str:
        with connection.begin():
            is_there = inspect(connection).has_table(tables.leader.name)
            return str(connection.scalar(select(tables.leader.c.holder))) if is_there else "a core that is starting"

    @staticmethod
    def _token_in_store(connection: Connection) -> int:
        # Locked for sharing: who wants to take over waits until this transaction has ended. Asked in every transaction,
        # so that it is said to the driver as it stands.
        lock = " FOR SHARE" if connection.dialect.name == "postgresql" else ""
        return int(connection.exec_driver_sql(f"SELECT token FROM leader{lock}").scalar_one())

    def _lost(self) -> str:
        return (
            f"another core has taken over {self.store}; this one ({self.holder}) was asleep or cut off and writes no "
            "more. Restart it; it will wait or refuse as long as the other runs."
        )


def _present(holder: str) -> str:
    return f"another core leads this store: {holder}. Stop that one, or give this one a store of its own."


def _locked(path: Path, holder: str) -> io.TextIOWrapper:
    """
    Return the locked file beside an SQLite store; the system frees the lock when the process ends.

    Raises:
        LeaderPresentError: Another process holds it.
        StoreError: Its folder cannot be used.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(f"{path.name}.lock").open("a+", encoding="utf-8")
    except OSError as error:
        said = f"{path} cannot be used: {error.strerror}; give its folder to this user, or name another place."
        raise StoreError(said) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        present = lock.read().strip() or "a core that is starting"
        lock.close()
        raise LeaderPresentError(_present(present)) from None
    lock.truncate(0)
    lock.write(holder)
    lock.flush()
    return lock
