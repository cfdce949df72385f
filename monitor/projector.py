"""The projector: follows the journal on a thread of its own and answers what is so now."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, date, datetime
from typing import Final, TypeVar

import structlog

from gatewatch.config.feeds import Feed
from gatewatch.config.schema import Border
from gatewatch.monitor.live.snapshot import Snapshot, take_snapshot
from gatewatch.monitor.observations import Observation, from_us, to_us
from gatewatch.monitor.projection.hearing import QUARTER_US
from gatewatch.monitor.projection.keeping import FORM, forget, from_bytes, to_bytes
from gatewatch.monitor.projection.projecting import Projection, Ref
from gatewatch.monitor.projection.recalled import Recalled
from gatewatch.monitor.projection.windows import Shown, Windows
from gatewatch.monitor.store import Entry, Journal, StoreError
from gatewatch.monitor.store.history import History, WindowRow
from gatewatch.monitor.store.snapshots import Snapshots, StoredSnapshot
from gatewatch.monitor.writer import Writer

LAYOUT: Final = f"projection-{FORM}"
_CHUNK: Final = 1_000

_log: Final = structlog.get_logger(__name__)
Listener = Callable[[int], None]
T = TypeVar("T")


class Projector:
    """
    Keeps the projection up to date with the journal.

    The writer answers those who submit before it tells us; what we do here never delays an answer. Windows are written
    through the writer, and after a crash between the two they are written again by the same entries.

    Args:
        border: The border watched.
        feeds: Feeds declared, by source.
        journal: What was taken in.
        writer: Tells of new entries, and writes windows and snapshots.
        history: Windows.
        snapshots: Kept projections, for a fast start.
    """

    def __init__(
        self,
        border: Border,
        feeds: Mapping[str, Feed],
        journal: Journal,
        writer: Writer,
        history: History,
        snapshots: Snapshots,
    ) -> None:
        self._border, self._feeds = border, feeds
        self._journal, self._writer = journal, writer
        self._history, self._snapshots = history, snapshots
        self._lock = threading.Lock()  # holds the projection still
        self._changed = threading.Condition()
        self._told: deque[Entry] = deque()
        self._is_stopping = False
        self._thread: threading.Thread | None = None
        self._listeners: list[Listener] = []
        self._projection = Projection(self._find, recalled=Recalled())
        self._windows = Windows(feeds)
        self._received: date | None = None
        self._live: Snapshot | None = None
        self._settled_seq = 0

    @property
    def rev(self) -> int:
        """Return the number of the last journal entry that is in the projection."""
        return self._projection.last_seq

    def listen(self, listener: Listener) -> None:
        """Have the new revision told after each change, on the projector's thread."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Catch up with the journal, from the last snapshot if there is one, then follow it."""
        self._load()
        self._settled_seq = self.rev
        self._writer.subscribe(self._hear)
        self._catch_up()
        self._thread = threading.Thread(target=self._run, name="gatewatch-projector")
        self._thread.start()

    def stop(self) -> None:
        """Take in what was told, and end; before the writer is stopped."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def live(self, now: datetime) -> Snapshot:
        """Return live state as of `now`; the same one within a second while nothing new came."""
        with self._lock:
            known = self._live
            if known is None or known.rev != self.rev or abs((now - known.at).total_seconds()) >= 1:
                known = self._live = take_snapshot(self._border, self._feeds, self._projection, now)
            return known

    def read(self, look: Callable[[Projection], T]) -> T:
        """Return what a function finds in the projection while it is held still."""
        with self._lock:
            return look(self._projection)

    def digest(self) -> str:
        """Return the SHA-256 of every figure."""
        with self._lock:
            return self._projection.digest()

    def wait_for(self, seq: int, timeout_s: float) -> bool:
        """Return whether the entry `seq` is taken in, and its windows written, within the time given [s]."""
        with self._changed:
            return self._changed.wait_for(lambda: self._settled_seq >= seq, timeout_s)

    def keep(self, now: datetime) -> Future[None]:
        """Have a snapshot kept for the next start."""
        with self._lock:
            state = {"projection": to_bytes(self._projection).decode(), "windows": self._windows.to_lines()}
            seq = self.rev
        body = json.dumps(state, separators=(",", ":"), ensure_ascii=False).encode()
        return self._writer.write(lambda c: Snapshots.save(c, StoredSnapshot(seq, LAYOUT, now, body)))

    def rebuild(self) -> str:
        """
        Forget all figures and windows, apply the journal anew, and return the digest.

        Used on a store that takes nothing in meanwhile.
        """
        self._writer.write(History.clear).result()
        self._writer.write(Snapshots.clear).result()
        with self._lock:
            self._projection = Projection(self._find, recalled=Recalled())
            self._windows, self._received = Windows(self._feeds), None
        self._catch_up()
        return self.digest()

    def _catch_up(self) -> None:
        """Take in what the journal has by now; one part's windows go to the disk while the next part is read."""
        writing: Callable[[], None] | None = None
        while entries := self._journal.read(self.rev, _CHUNK):
            rows = self._applied(entries)
            if writing is not None:
                writing()
            writing = self._write(rows)
        if writing is not None:
            writing()
        self._settle()

    def _find(self, ref: Ref) -> Observation | None:
        """Return an observation of the journal up to the last entry that was applied."""
        entry = self._journal.find(*ref)
        return entry.observation() if entry is not None and entry.seq <= self._projection.last_seq else None

    def _load(self) -> None:
        kept = self._snapshots.latest(LAYOUT, self._journal.last_seq())
        if kept is None:
            return
        state = json.loads(kept.body)
        projection = from_bytes(state["projection"].encode(), self._find)
        if projection is not None:
            projection.recalled = Recalled()
            self._projection, self._windows = projection, Windows.from_lines(self._feeds, state["windows"])
            self._received = kept.taken_at.astimezone(UTC).date()

    def _hear(self, entries: Sequence[Entry]) -> None:
        with self._changed:
            self._told.extend(entries)
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._told or self._is_stopping)
                if not self._told:
                    return
                entries = [self._told.popleft() for _ in range(min(len(self._told), _CHUNK))]
            self._take_in([entry for entry in entries if entry.seq > self.rev])

    def _take_in(self, entries: Sequence[Entry]) -> None:
        rows = self._applied(entries)
        if rows:
            self._write(rows)()
        self._settle()

    def _applied(self, entries: Sequence[Entry]) -> list[WindowRow]:
        rows: list[WindowRow] = []
        for entry in entries:
            with self._lock:
                rows += [_row(shown, entry.seq) for shown in self._apply(entry)]
        return rows

    def _settle(self) -> None:
        for listener in self._listeners:
            listener(self.rev)
        with self._changed:
            self._settled_seq = self.rev
            self._changed.notify_all()

    def _apply(self, entry: Entry) -> list[Shown]:
        received = entry.received_at.astimezone(UTC).date()
        if self._received is not None and received > self._received:
            forget(self._projection, entry.received_at)
            self._windows.forget(to_us(entry.received_at))
        self._received = received if self._received is None else max(received, self._received)
        self._projection.apply(entry.observation(), entry.seq, entry.received_at, entry.sent_at)
        return list(self._windows.follow(self._projection, to_us(entry.received_at)))

    def _write(self, rows: list[WindowRow]) -> Callable[[], None]:
        """Have windows written; call what is returned to wait until they are."""
        last = {(r.gate, r.direction, r.vehicle_class, r.what, r.place, r.start, r.version): r for r in rows}

        def finish() -> None:
            try:
                written.result()
            except StoreError as error:
                # The journal has everything; the windows are made again from it at the next start.
                _log.warning("windows not written", n=len(last), reason=str(error))

        try:
            work = lambda connection: History.write(connection, list(last.values()))  # noqa: E731 - what is written
            written = self._writer.write(work, len(last), is_own=True)
        except StoreError as error:
            written = Future()
            written.set_exception(error)
        return finish


def _row(shown: Shown, seq: int) -> WindowRow:
    window, name, version = shown
    gate, direction, what, where = window.place
    start = from_us(window.quarter * QUARTER_US)
    return WindowRow(gate, direction, name, what, where, start, version.version, version.n, version.is_final, seq)
