"""Copies of a store made while it is written, and a store made from a copy."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import func, inspect, select
from sqlalchemy.engine import URL

from gatewatch.monitor.store.engine import Store
from gatewatch.monitor.store.errors import StoreError
from gatewatch.monitor.store.tables import event

_SQLITE_MAGIC: Final = b"SQLite format 3\x00"
_PG_DUMP_MAGIC: Final = b"PGDMP"
_LIBPQ: Final = {"host": "PGHOST", "port": "PGPORT", "username": "PGUSER", "password": "PGPASSWORD"}


@dataclass(frozen=True, slots=True)
class Copy:
    """
    A backup that was read back.

    Args:
        path: Where it is.
        size: Bytes.
        last_seq: Last event in it; None when only a restore can tell, as with PostgreSQL.
    """

    path: Path
    size: int
    last_seq: int | None


def backup(store: Store, path: Path) -> Copy:
    """
    Write a whole and durable copy of the store, and read it back; writing to the store goes on meanwhile.

    SQLite copies with VACUUM INTO, PostgreSQL with pg_dump. A backup that is there already is replaced at the very end.

    Raises:
        StoreError: The copy could not be made or is damaged, or something else is there; what was there is untouched.
        StoreUnavailableError: The store cannot be read.
    """
    path = path.absolute()
    _refuse_others(path, store)
    _make_folder(path.parent)
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        if store.backend == "sqlite":
            last_seq: int | None = _copy_sqlite(store, unfinished)
        else:
            _dump_postgresql(store, unfinished)
            last_seq = None
        _sync(unfinished)
        unfinished.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise StoreError(f"no backup was made at {path}: {error.strerror or error}.") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return Copy(path, path.stat().st_size, last_seq)


def restore(path: Path, store: Store) -> None:
    """
    Make a store from a copy; the place must be empty, so that nothing is overwritten.

    Raises:
        StoreError: There is no copy, it is damaged or of the other kind, or the place is taken.
        StoreUnavailableError: The server cannot be reached.
    """
    kind = _kind_of(path)
    if kind != store.backend:
        raise StoreError(
            f"{path} is a backup of a {kind} store and cannot become {store}; use an address of that kind."
        )
    if store.backend == "sqlite":
        _restore_sqlite(path, store)
    else:
        _restore_postgresql(path, store)


def check_integrity(store: Store) -> list[str]:
    """Return what is wrong inside the store, nothing when all is well; reads every page of an SQLite store."""
    found = _sqlite_faults(store.path) if store.backend == "sqlite" else []
    if found:
        return found
    with store.reading() as connection:
        n, last = connection.execute(select(func.count(), func.max(event.c.seq)).select_from(event)).one()
    missing = (last or 0) - n
    return [f"the journal has {n} entries up to number {last}: {missing} are missing"] if missing else []


def _copy_sqlite(store: Store, target: Path) -> int:
    try:
        with closing(sqlite3.connect(f"{store.path.as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise StoreError(f"no backup was made of {store}: {error}.") from error
    faults = _sqlite_faults(target)
    if faults:
        raise StoreError(f"the backup of {store} is damaged and was thrown away: {faults[0]}.")
    with closing(sqlite3.connect(f"{target.as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT coalesce(max(seq), 0) FROM event").fetchone()[0])


def _sqlite_faults(path: Path) -> list[str]:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            said = [row[0] for row in connection.execute("PRAGMA integrity_check(20)")]
            is_ours = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'event'").fetchone()[0]
    except sqlite3.Error as error:
        return [str(error)]
    return [line for line in said if line != "ok"] + ([] if is_ours else ["it is no store of Gatewatch"])


def _restore_sqlite(path: Path, store: Store) -> None:
    faults = _sqlite_faults(path)
    if faults:
        raise StoreError(f"{path} is damaged and nothing was restored: {faults[0]}. Take an earlier backup.")
    target = store.path
    taken = [file for end in ("", "-wal", "-shm") if (file := target.with_name(f"{target.name}{end}")).exists()]
    if taken:
        raise StoreError(f"{taken[0]} is there already; move it away, or restore to another place.")
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        _make_folder(target.parent)
        shutil.copyfile(path, unfinished)
        _sync(unfinished)
        os.link(unfinished, target)  # fails when somebody made the file meanwhile
        _sync(target.parent)
    except OSError as error:
        raise StoreError(f"nothing was restored to {target}: {error.strerror or error}.") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _dump_postgresql(store: Store, target: Path) -> None:
    _run_tool("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", f"--file={target}"], store.url)
    _run_tool("pg_restore", ["--list", str(target)], None)


def _restore_postgresql(path: Path, store: Store) -> None:
    with store.reading() as connection:
        taken = inspect(connection).get_table_names()
    if taken:
        raise StoreError(f"{store} has tables already ({taken[0]}); restore to an empty database.")
    options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
    _run_tool("pg_restore", [*options, f"--dbname={store.url.database}", str(path)], store.url)


def _run_tool(name: str, arguments: Sequence[str], url: URL | None) -> None:
    """Run a tool of PostgreSQL; a password goes by the environment, where other users do not see it."""
    tool = shutil.which(name)
    if tool is None:
        raise StoreError(f"{name} is not installed; on Debian: sudo apt-get install postgresql-client")
    variables = {**os.environ, **(_libpq(url) if url is not None else {})}
    done = subprocess.run([tool, *arguments], env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise StoreError(f"{name} ended with status {done.returncode}: {said[-1] if said else 'it said nothing'}")


def _libpq(url: URL) -> Mapping[str, str]:
    """Return a database's address as the variables that PostgreSQL's tools read."""
    parts = {"host": url.host, "port": url.port, "username": url.username, "password": url.password}
    host = url.query.get("host")
    if isinstance(host, str):
        parts["host"] = host
    port = url.query.get("port")
    if isinstance(port, str):
        parts["port"] = port
    found = {_LIBPQ[name]: str(value) for name, value in parts.items() if value is not None}
    return {**found, "PGDATABASE": str(url.database)}


def _refuse_others(path: Path, store: Store) -> None:
    """Let nothing be replaced but a backup, and not the store itself."""
    if store.backend == "sqlite" and path.exists() and store.path.exists() and path.samefile(store.path):
        raise StoreError(f"{path} is the store itself; give the backup another name.")
    if path.is_file():
        try:
            _kind_of(path)
        except StoreError:
            raise StoreError(f"{path} is there already and is no backup; give the backup another name.") from None


def _kind_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}.") from error
    if start == _SQLITE_MAGIC:
        return "sqlite"
    if start.startswith(_PG_DUMP_MAGIC):
        return "postgresql"
    raise StoreError(f"{path} is no backup of a store; give a file that `gatewatch backup` made.")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the folder {folder} cannot be made: {error.strerror}.") from error


def _sync(path: Path) -> None:
    """Have a file or a folder on the disk, not only on its way there."""
    with _opened(path) as handle:
        os.fsync(handle)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)
