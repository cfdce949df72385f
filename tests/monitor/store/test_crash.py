"""No acknowledged event is lost, and none counts twice, when the process is killed at any instant (P1, P9, P15)."""

import json
import random
import resource
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import pytest
from sqlalchemy import text

from gatewatch.monitor.store import Journal, Store

SERVER = Path(__file__).with_name("journal_server.py")
N_REPORTERS = 32
SOON_S = 60


class Core:
    """A process that writes to a store, and its socket."""

    def __init__(self, address: str, folder: Path, name: str = "core") -> None:
        self.socket_path = folder / f"{name}.sock"
        self.socket_path.unlink(missing_ok=True)
        command = [sys.executable, str(SERVER), address, str(self.socket_path)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def connect(self) -> socket.socket:
        """Return a connection to it."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(SOON_S)
        connection.connect(str(self.socket_path))
        return connection

    def ask(self, *events: dict[str, Any]) -> Any:
        """Return what it answers to one request."""
        with self.connect() as connection, connection.makefile("rwb") as lines:
            return request(lines, events)

    def kill(self) -> None:
        """End it at this instant."""
        self.process.kill()

    def end(self) -> None:
        """Have it end, gracefully unless it was killed."""
        with suppress(BrokenPipeError):
            self.process.communicate(timeout=SOON_S)


def request(lines: Any, events: Sequence[dict[str, Any]]) -> Any:
    """Return the answer to a request, or None when the other side is gone."""
    try:
        lines.write(json.dumps(events).encode() + b"\n")
        lines.flush()
        answer = lines.readline()
    except (BrokenPipeError, ConnectionResetError):
        return None
    return json.loads(answer) if answer.endswith(b"\n") else None


def clearance(source: str, number: int) -> dict[str, Any]:
    """Return an event that is like no other."""
    return {
        "specversion": "1.0",
        "id": f"{number:06d}",
        "source": source,
        "type": "vehicle.gate_out",
        "time": f"2026-01-15T09:{number // 60 % 60:02d}:{number % 60:02d}+07:00",
        "data": {"gate": "huu_nghi", "direction": "export", "seq": number},
    }


@dataclass
class Reporter:
    """A device that sends batches and sends again what was not acknowledged, as devices must."""

    source: str
    sizes: random.Random
    next_number: int = 0
    unanswered: list[dict[str, Any]] = field(default_factory=list)
    acknowledged: set[tuple[str, str]] = field(default_factory=set)

    def report(self, core: Core, has_sent: Callable[[], None]) -> None:
        """Send until the core is gone."""
        try:
            with core.connect() as connection, connection.makefile("rwb") as lines:
                while self._batch(lines, has_sent):
                    pass
        except (ConnectionRefusedError, ConnectionResetError, BrokenPipeError, FileNotFoundError):
            return

    def _batch(self, lines: Any, has_sent: Callable[[], None]) -> bool:
        if not self.unanswered:
            size = self.sizes.choice([1, 1, 1, 2, 20])
            self.unanswered = [clearance(self.source, self.next_number + n) for n in range(size)]
            self.next_number += size
        lines.write(json.dumps(self.unanswered).encode() + b"\n")
        lines.flush()
        has_sent()
        answer = lines.readline()
        if not answer.endswith(b"\n"):
            return False
        statuses = json.loads(answer)
        assert set(statuses) <= {"accepted", "duplicate"}, statuses
        self.acknowledged |= {(event["source"], event["id"]) for event in self.unanswered}
        self.unanswered = []
        return True


class KillSwitch:
    """Kills a core in the middle of its work, when a number of requests are on their way."""

    def __init__(self, core: Core, after_requests: int) -> None:
        self._core, self._left, self._lock = core, after_requests, Lock()

    def __call__(self) -> None:
        """Count a request that was sent."""
        with self._lock:
            self._left -= 1
            is_last = self._left == 0
        if is_last:
            self._core.kill()


def one_round(core: Core, reporters: list[Reporter], after_requests: int) -> None:
    """Let all reporters send at once until the core is killed."""
    switch = KillSwitch(core, after_requests)
    threads = [Thread(target=reporter.report, args=(core, switch)) for reporter in reporters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON_S)
    core.end()


def all_identities(store: Store) -> list[tuple[str, str]]:
    """Return source and id of every entry, in order."""
    journal, found, after = Journal(store), [], 0
    while entries := journal.read(after, 5_000):
        found += [(entry.source, entry.id) for entry in entries]
        after = entries[-1].seq
    return found


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose name is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="gw-") as name:
        yield Path(name)


def kill_again_and_again(
    address: str, store: Store, folder: Path, rounds: int, record_property: Callable[[str, object], None]
) -> None:
    """Kill the core in every round; whatever was acknowledged up to then is in the journal, once."""
    chance = random.Random(20260115)
    reporters = [Reporter(f"huu_nghi/camera/{n}", random.Random(n)) for n in range(N_REPORTERS)]
    n_silent = 0
    acknowledged: set[tuple[str, str]] = set()
    for _ in range(rounds):
        one_round(Core(address, folder), reporters, after_requests=chance.randint(1, 1_500))
        kept = all_identities(store)
        acknowledged = set().union(*(reporter.acknowledged for reporter in reporters))
        unanswered = {(event["source"], event["id"]) for reporter in reporters for event in reporter.unanswered}
        n_silent += len(set(kept) & unanswered)

        assert acknowledged - set(kept) == set()
        assert len(kept) == len(set(kept))
    record_property(
        f"table: killed under load, {store.backend}, {rounds} times",
        f"{len(acknowledged):,} events acknowledged, 0 missing, 0 twice, "
        f"{n_silent:,} kept before they could be acknowledged",
    )
    core = Core(address, folder)
    for reporter in reporters:
        if reporter.unanswered:
            assert set(core.ask(*reporter.unanswered)) <= {"accepted", "duplicate"}
    core.end()
    whole = all_identities(store)

    assert len(whole) == len(set(whole)) == sum(reporter.next_number for reporter in reporters)


@pytest.mark.slow
def test_no_acknowledged_event_is_lost_when_the_core_is_killed(
    sqlite_address: str, open_at: Callable[[str], Store], folder: Path, record_property: Callable[[str, object], None]
) -> None:
    """P1 in the small: three kills under the load of 32 devices."""
    kill_again_and_again(sqlite_address, open_at(sqlite_address), folder, 3, record_property)


@pytest.mark.slow
def test_no_acknowledged_event_is_lost_in_fifteen_kills(
    address: str, open_at: Callable[[str], Store], folder: Path, record_property: Callable[[str, object], None]
) -> None:
    """P1 as promised, on each backend."""
    kill_again_and_again(address, open_at(address), folder, 15, record_property)


@pytest.mark.slow
def test_a_core_that_was_stopped_and_goes_on_writes_nothing(
    address: str, open_at: Callable[[str], Store], folder: Path
) -> None:
    """P9: it slept, lost its lock, and another core has led since."""
    asleep = Core(address, folder, "asleep")
    before = asleep.ask(clearance("a", 1))
    asleep.process.send_signal(signal.SIGSTOP)
    store = open_at(address)
    if store.backend == "sqlite":
        store.path.with_name(f"{store.path.name}.lock").unlink()
    else:
        with store.reading() as connection:
            connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")).all()
    awake = Core(address, folder, "awake")
    during = awake.ask(clearance("a", 2))
    awake.end()
    asleep.process.send_signal(signal.SIGCONT)
    refusals = [asleep.ask(clearance("a", 3)) for _ in range(2)]
    asleep.end()

    assert (before, during) == (["accepted"], ["accepted"])
    assert refusals[-1] == "LeaderLostError"
    assert refusals[0] in {"LeaderLostError", "StoreUnavailableError"}
    assert all_identities(store) == [("a", "000001"), ("a", "000002")]


@pytest.mark.slow
def test_a_file_that_cannot_grow_refuses_and_goes_on_when_it_can(
    sqlite_address: str, open_at: Callable[[str], Store], folder: Path
) -> None:
    """P15: the system refuses every further byte; nothing is half-kept, and no restart is needed."""
    core = Core(sqlite_address, folder)
    first = core.ask(clearance("a", 1))
    store = open_at(sqlite_address)
    wal = store.path.with_name(f"{store.path.name}-wal").stat().st_size
    _, most = resource.prlimit(core.process.pid, resource.RLIMIT_FSIZE, (wal + 5_000, resource.RLIM_INFINITY))
    many = [clearance("b", n) for n in range(200)]
    refused = [core.ask(*many), core.ask(*many)]
    kept_meanwhile = all_identities(store)
    resource.prlimit(core.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, most))
    accepted = core.ask(*many)
    core.end()

    assert first == ["accepted"]
    assert refused == ["StoreUnavailableError"] * 2
    assert kept_meanwhile == [("a", "000001")]
    assert accepted == ["accepted"] * 200
    assert len(all_identities(store)) == 201
