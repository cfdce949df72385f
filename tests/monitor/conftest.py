"""Stores to test against: SQLite in a temporary folder, PostgreSQL from a server of our own on a Unix socket."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from gatewatch.monitor.observations import Observation, parse_event
from gatewatch.monitor.store import Leader, Store, Submitted, open_store
from gatewatch.monitor.writer import Writer

NOW = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)
DEBIAN = Path("/usr/lib/postgresql")


class PostgresServer:
    """A server in a folder of its own, reached over a Unix socket."""

    def __init__(self, tools: Path) -> None:
        self._tools = tools
        self.folder = Path(tempfile.mkdtemp(prefix="gatewatch-pg-"))
        self._data = self.folder / "data"
        self._n_databases = 0

    def start(self) -> None:
        """Make the cluster and wait until it answers."""
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self._run("initdb", "--pgdata", str(self._data), "--username=gatewatch", "--auth=trust", "--no-sync")
        # We kill our own processes and never the machine: the server need not wait for the disk.
        options = (
            f"-c fsync=off -c listen_addresses='' -c unix_socket_directories='{self.folder}' -c max_connections=100"
        )
        log = str(self.folder / "log")
        self._run("pg_ctl", "--pgdata", str(self._data), "--log", log, "--options", options, "--wait", "start")

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self._run("pg_ctl", "--pgdata", str(self._data), "--mode=immediate", "--wait", "stop")
        shutil.rmtree(self.folder)

    def make_database(self) -> str:
        """Return the address of a new, empty database."""
        self._n_databases += 1
        name = f"store_{self._n_databases}"
        self.execute(f"CREATE DATABASE {name}")
        return f"postgresql://gatewatch@/{name}?host={self.folder}"

    def drop_database(self, address: str) -> None:
        """Remove a database with whoever is connected to it."""
        self.execute(f"DROP DATABASE {make_url(address).database} WITH (FORCE)")

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement as the owner of the server."""
        conninfo = f"host={self.folder} user=gatewatch dbname=postgres"
        with psycopg.connect(conninfo, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _run(self, tool: str, *arguments: str) -> None:
        as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        command = [*(as_postgres if os.geteuid() == 0 else []), str(self._tools / tool), *arguments]
        # A server keeps its standard output: a pipe would never end.
        with (Path(tempfile.gettempdir()) / f"{self.folder.name}.out").open("w+") as said:
            done = subprocess.run(command, cwd=self.folder, stdout=said, stderr=subprocess.STDOUT, check=False)
            said.seek(0)
            assert done.returncode == 0, said.read()
        Path(said.name).unlink()


def _postgres_tools() -> Path | None:
    on_path = shutil.which("pg_ctl")
    if on_path is not None:
        return Path(on_path).parent
    found = sorted(DEBIAN.glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server; without one installed the test is skipped here and fails in CI."""
    tools = _postgres_tools()
    if tools is None:
        missing = "PostgreSQL is not installed; on Debian: sudo apt-get install postgresql"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    server = PostgresServer(tools)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def sqlite_address(tmp_path: Path) -> str:
    """The address of an SQLite store that is not there yet."""
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def postgresql_address(postgres: PostgresServer) -> Iterator[str]:
    """The address of an empty PostgreSQL store."""
    address = postgres.make_database()
    yield address
    postgres.drop_database(address)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest) -> str:
    """The address of an empty store, on each backend."""
    found = request.getfixturevalue(f"{request.param}_address")
    assert isinstance(found, str)
    return found


@pytest.fixture
def cleanup() -> Iterator[ExitStack]:
    """What a test opens and must close, last first."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def open_at(cleanup: ExitStack) -> Callable[[str], Store]:
    """Open a store; it is closed after the test."""

    def open_it(address: str) -> Store:
        store = open_store(address)
        cleanup.callback(store.close)
        return store

    return open_it


@pytest.fixture
def lead(cleanup: ExitStack) -> Callable[..., Leader]:
    """Lead a store; given up after the test."""

    def take(store: Store, holder: str = "core A", patience_s: float = 5.0) -> Leader:
        leader = Leader(store, holder, NOW, patience_s)
        cleanup.callback(leader.close)
        return leader

    return take


@pytest.fixture
def leader(address: str, open_at: Callable[[str], Store], lead: Callable[..., Leader]) -> Leader:
    """The leader of a new store, on each backend."""
    return lead(open_at(address))


@pytest.fixture
def store(leader: Leader) -> Store:
    """A new store that is led."""
    return leader.store


@pytest.fixture
def run_writer(cleanup: ExitStack) -> Callable[..., Writer]:
    """Start a writer; it is stopped after the test."""

    def run(writer: Writer) -> Writer:
        writer.start()
        cleanup.callback(writer.stop)
        return writer

    return run


def observe(number: object, source: str = "huu_nghi/camera/export-out", **data: Any) -> Observation:
    """Return a clearance at Huu Nghi."""
    found = parse_event(
        {
            "specversion": "1.0",
            "id": str(number),
            "source": source,
            "type": "vehicle.gate_out",
            "time": "2026-01-15T09:30:00+07:00",
            "data": {"gate": "huu_nghi", "direction": "export", **data},
        }
    )
    assert isinstance(found, Observation), found
    return found


@pytest.fixture(scope="session")
def submit() -> Callable[..., Submitted]:
    """Make a submission of a clearance; the same number and data are the same submission."""

    def make(number: object, source: str = "huu_nghi/camera/export-out", **data: Any) -> Submitted:
        return Submitted.of(observe(number, source, **data), NOW)

    return make
