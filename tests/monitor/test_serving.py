"""The service as a process: it starts, refuses with a reason, ends in order, and loses nothing acknowledged."""

from __future__ import annotations

import resource
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from gatewatch.monitor.projector import LAYOUT
from gatewatch.monitor.settings import Settings
from gatewatch.monitor.store import Journal, open_store
from gatewatch.monitor.store.snapshots import Snapshots
from tests.monitor.services import SOON_S, Service, clearance, client_of, new_key, settings_in

N_REPORTERS = 8


@pytest.fixture
def start() -> Iterator[Any]:
    """Start a service; it is gone after the test."""
    with ExitStack() as stack:

        def run(settings: Settings, *options: str) -> Service:
            service = Service(settings, *options)
            stack.callback(service.close)
            return service

        yield run


def identities(settings: Settings) -> list[tuple[str, str]]:
    """Return source and id of every entry in the journal, in order."""
    store = open_store(settings.database_url)
    journal, found, after = Journal(store), [], 0
    while entries := journal.read(after):
        found += [(entry.source, entry.id) for entry in entries]
        after = entries[-1].seq
    store.close()
    return found


class Reporter(threading.Thread):
    """A device that posts one event after the other and keeps in mind what was acknowledged."""

    def __init__(self, service: Service, key: str, source: str, enough: threading.Semaphore) -> None:
        super().__init__()
        self._service, self._key, self._source, self._enough = service, key, source, enough
        self.acknowledged: list[tuple[str, str]] = []

    def run(self) -> None:
        """Post until the service is gone."""
        with client_of(self._service, self._key) as client:
            for number in range(1_000_000):
                event = clearance(number, self._source)
                try:
                    answer = client.post("/v1/events", json=event)
                except httpx.TransportError:
                    return
                if answer.status_code != 200:
                    return
                self.acknowledged.append((event["source"], event["id"]))
                self._enough.release()


@pytest.mark.slow
def test_a_graceful_end_under_load_loses_nothing_acknowledged(start, tmp_path: Path) -> None:
    """Eight devices post when it is told to end: each answer that arrived is kept, and the next start is quick."""
    settings = settings_in(tmp_path)
    key = new_key(settings)
    service, enough = start(settings), threading.Semaphore(0)
    reporters = [Reporter(service, key, f"huu_nghi/test/{n}", enough) for n in range(N_REPORTERS)]
    for reporter in reporters:
        reporter.start()
    for _ in range(200):
        assert enough.acquire(timeout=SOON_S)
    status = service.end()
    for reporter in reporters:
        reporter.join(SOON_S)
    kept = identities(settings)
    store = open_store(settings.database_url)
    snapshot = Snapshots(store).latest(LAYOUT, len(kept))
    store.close()
    acknowledged = {identity for reporter in reporters for identity in reporter.acknowledged}

    assert status == 0
    assert len(acknowledged) >= 200
    assert acknowledged <= set(kept)
    assert len(kept) == len(set(kept))
    assert snapshot is not None
    assert snapshot.seq == len(kept)


def test_it_is_ready_ends_in_order_and_says_the_first_password_once(start, tmp_path: Path) -> None:
    """The password is in a file that its user alone can read, and not in the log; a second start makes none."""
    settings = settings_in(tmp_path / "home")
    first = start(settings)
    ready = httpx.get(f"{first.url}/readyz", trust_env=False)
    password_file = settings.home / "first-password.txt"
    password = password_file.read_text().strip()
    status = first.end()
    password_file.unlink()
    second = start(settings)
    second_status = second.end(signal.SIGINT)

    assert ready.status_code == 200
    assert (status, second_status) == (0, 0)
    assert len(password) >= 20
    assert password not in str(first.log)
    assert not password_file.exists()
    assert [path for path in settings.home.iterdir() if path.stat().st_mode & 0o077] == []


def test_streams_end_when_the_service_does(start, tmp_path: Path) -> None:
    """A board that listens is sent the present state, and does not keep the service from ending."""
    settings = settings_in(tmp_path)
    key = new_key(settings, "viewer")
    service = start(settings)
    with client_of(service, key) as client, client.stream("GET", "/v1/stream") as stream:
        lines = stream.iter_lines()
        event = next(line for line in lines if line.startswith("event"))
        status = service.end()
        rest = list(lines)

    assert event == "event: live"
    assert status == 0
    assert not [line for line in rest if line == "event: live"]


def test_a_port_that_is_taken_is_told(start, tmp_path: Path) -> None:
    """With what to do; status 1, so that nothing tries again and again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        service = start(settings_in(tmp_path, port=port))

        assert service.ended() == 1
    assert service.log[-1]["event"] == (
        f"127.0.0.1:{port} cannot be listened on: address already in use. End the program that uses it, or give "
        "another port with --port or GATEWATCH_PORT; 0 takes any that is free."
    )


def test_a_second_core_on_one_store_is_told_who_leads(start, tmp_path: Path) -> None:
    """It does not start, and the first goes on."""
    settings = settings_in(tmp_path)
    first = start(settings)
    second = start(settings)

    assert second.ended() == 1
    assert "another core leads this store" in second.log[-1]["event"]
    assert str(first.process.pid) in second.log[-1]["event"]
    assert httpx.get(f"{first.url}/healthz", trust_env=False).status_code == 200


def test_a_server_that_does_not_answer_is_worth_another_try(start, tmp_path: Path) -> None:
    """PostgreSQL may start after us: the supervisor tries again at this status."""
    service = start(settings_in(tmp_path, database="postgresql+psycopg://nobody@/none?host=/nowhere"))

    assert service.ended() == 75
    assert "takes nothing now" in service.log[-1]["event"]


def test_it_ends_when_its_supervisor_is_gone(start, tmp_path: Path) -> None:
    """Its standard input is the supervisor's; a core that nobody watches would hold the store."""
    service = start(settings_in(tmp_path), "--supervised")
    assert service.process.stdin is not None
    service.process.stdin.close()

    assert service.ended() == 0


def test_a_disk_that_is_full_refuses_and_goes_on_when_there_is_room(start, tmp_path: Path) -> None:
    """P15 over HTTP: 503 with when to come again, nothing half-kept, no restart."""
    settings = settings_in(tmp_path)
    key = new_key(settings)
    service = start(settings)
    with client_of(service, key) as client:
        first = client.post("/v1/events", json=clearance(1))
        wal = settings.home / "gatewatch.db-wal"
        limit = (wal.stat().st_size + 5_000, resource.RLIM_INFINITY)
        _, most = resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, limit)
        many = [clearance(n) for n in range(2, 202)]
        refused = client.post("/v1/events", json=many)
        ready = client.get("/readyz")
        alive = client.get("/healthz")
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, most))
        accepted = client.post("/v1/events", json=many)
        ready_again = client.get("/readyz")
    service.end()

    assert (first.status_code, refused.status_code, accepted.status_code) == (200, 503, 200)
    assert int(refused.headers["Retry-After"]) > 0
    assert (ready.status_code, alive.status_code, ready_again.status_code) == (503, 200, 200)
    assert {item["status"] for item in accepted.json()["items"]} == {"accepted"}
    assert len(identities(settings)) == 201


@pytest.mark.slow
def test_it_is_ready_within_seconds_from_a_snapshot(start, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A journal of 20,000 entries is not applied anew: only what came after the snapshot is."""
    settings = settings_in(tmp_path)
    key = new_key(settings)
    service = start(settings)
    with client_of(service, key) as client:
        for n in range(0, 20_000, 1_000):
            assert client.post("/v1/events", json=[clearance(k) for k in range(n, n + 1_000)]).status_code == 200
    service.end()
    started = time.perf_counter()
    again = start(settings)
    seconds = time.perf_counter() - started
    entries = next(line for line in again.log if line["event"] == "serving")["entries"]
    with capsys.disabled():
        print(f"\nready {seconds:.1f} s after its start, with {entries:,} entries in the journal")  # noqa: T201

    assert entries == 20_000
    assert seconds < 30
