"""Snapshots of the live state: a fast start, never a second truth."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from gatewatch.monitor.observations import from_us, to_us
from gatewatch.monitor.store.engine import Store
from gatewatch.monitor.store.tables import state_snapshot

KEPT: Final = 3


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """
    The live state after an event.

    Args:
        seq: Place in the journal of the last event in it.
        layout: How the body is to be read; a program that writes another one takes no notice of it.
        taken_at: Aware UTC.
        body: The state.
    """

    seq: int
    layout: str
    taken_at: datetime
    body: bytes


class Snapshots:
    """Reads and writes the snapshots of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @staticmethod
    def save(connection: Connection, snapshot: StoredSnapshot) -> None:
        """Keep a snapshot and forget all but the last few."""
        kept = state_snapshot.c
        connection.execute(delete(state_snapshot).where(kept.seq == snapshot.seq))
        connection.execute(
            insert(state_snapshot).values(
                seq=snapshot.seq,
                layout=snapshot.layout,
                taken_us=to_us(snapshot.taken_at),
                sha256=hashlib.sha256(snapshot.body).digest(),
                body=snapshot.body,
            )
        )
        last = connection.scalars(select(kept.seq).order_by(kept.seq.desc()).limit(KEPT)).all()
        connection.execute(delete(state_snapshot).where(kept.seq < min(last)))

    @staticmethod
    def clear(connection: Connection) -> None:
        """Forget every snapshot; the journal makes the state again."""
        connection.execute(delete(state_snapshot))

    def latest(self, layout: str, up_to_seq: int) -> StoredSnapshot | None:
        """
        Return the last snapshot that can be used, or None; the state is then made from the journal.

        Args:
            layout: The one the program reads.
            up_to_seq: End of the journal: after a restored backup a snapshot must not be ahead of it.
        """
        kept = state_snapshot.c
        query = select(state_snapshot).where(kept.layout == layout, kept.seq <= up_to_seq).order_by(kept.seq.desc())
        with self._store.reading() as connection:
            for row in connection.execute(query):
                body = bytes(row.body)
                if hashlib.sha256(body).digest() == bytes(row.sha256):
                    return StoredSnapshot(row.seq, row.layout, from_us(row.taken_us), body)
        return None
