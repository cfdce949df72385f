"""Recorded days as a past to replay: the journal of a store, read beside whoever leads it, as it was received."""

from __future__ import annotations

from collections import deque
from datetime import UTC, date, datetime

from gatewatch.monitor.backtesting.replaying import FORETIME
from gatewatch.monitor.observations import Observation
from gatewatch.monitor.projection.keeping import forget
from gatewatch.monitor.projection.projecting import Projection, Ref
from gatewatch.monitor.projection.recalled import Recalled
from gatewatch.monitor.store import Entry, Journal

_CHUNK = 2_000


class RecordedPast:
    """
    What a journal holds, from five weeks before the first evaluation on.

    Args:
        journal: The journal.
        begins: First evaluation, aware UTC.
    """

    def __init__(self, journal: Journal, begins: datetime) -> None:
        self._journal = journal
        self._after = journal.seq_before(begins - FORETIME)
        self._read: deque[Entry] = deque()
        self._received: date | None = None
        self.projection = Projection(self._find, recalled=Recalled())

    def advance(self, until: datetime) -> None:
        """Take in what was received before an instant."""
        while (entry := self._next()) is not None and entry.received_at < until:
            self._read.popleft()
            received = entry.received_at.astimezone(UTC).date()
            if self._received is not None and received > self._received:
                forget(self.projection, entry.received_at)
            self._received = received if self._received is None else max(received, self._received)
            self.projection.apply(entry.observation(), entry.seq, entry.received_at, entry.sent_at)

    def _next(self) -> Entry | None:
        if not self._read:
            self._read.extend(self._journal.read(self._after, _CHUNK))
            if self._read:
                self._after = self._read[-1].seq
        return self._read[0] if self._read else None

    def _find(self, ref: Ref) -> Observation | None:
        entry = self._journal.find(*ref)
        return entry.observation() if entry is not None and entry.seq <= self.projection.last_seq else None
