"""A place for a store that is tried out and thrown away."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from gatewatch.monitor.store.engine import Store, open_store
from gatewatch.monitor.store.errors import StoreError


@contextmanager
def scratch_store(like: Store, folder: Path) -> Iterator[Store]:
    """
    Yield an empty place for a store of the kind of `like`; all of it is gone afterwards.

    Args:
        like: An SQLite store, or a PostgreSQL store whose server then gets another database.
        folder: Where an SQLite store is tried out, on the disk of its copies.

    Raises:
        StoreError: The place cannot be made.
    """
    if like.backend == "sqlite":
        try:
            scratch = tempfile.TemporaryDirectory(prefix=".trial-", dir=folder)
        except OSError as error:
            raise StoreError(f"no folder for a trial can be made in {folder}: {error.strerror}.") from error
        with scratch as name, _opened(f"sqlite:///{Path(name).absolute() / 'store.db'}") as store:
            yield store
        return
    name = f"gatewatch_trial_{secrets.token_hex(4)}"
    _on_server(like.url, f'CREATE DATABASE "{name}"')
    try:
        with _opened(like.url.set(database=name).render_as_string(hide_password=False)) as store:
            yield store
    finally:
        _on_server(like.url, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _opened(address: str) -> Iterator[Store]:
    store = open_store(address)
    try:
        yield store
    finally:
        store.close()


def _on_server(url: URL, statement: str) -> None:
    """Run a statement that no transaction may hold."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    except DBAPIError as error:
        raise StoreError(
            f"no database for a trial can be made on the server: {str(error.orig).splitlines()[0]}. Give the role the "
            "right with ALTER ROLE … CREATEDB, or try the restore on another server."
        ) from error
    finally:
        engine.dispose()
