"""How a store is: its version, its length, who leads it, and a fingerprint of its quarter hours."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from gatewatch.monitor.observations import from_us
from gatewatch.monitor.store import tables
from gatewatch.monitor.store.engine import Store
from gatewatch.monitor.store.migrations import current_revision, list_revisions
from gatewatch.monitor.store.nullable import at_or_none

_CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class Condition:
    """
    How a store is.

    Args:
        revision: Of its tables.
        newest_revision: Of the tables that this program makes.
        last_seq: Last place in the journal, 0 when it is empty.
        last_received: When that was received, aware UTC; None when the journal is empty.
        n_quarantined: Observations kept apart.
        holder: Who led it last.
        led_since: Since when, aware UTC.
    """

    revision: str | None
    newest_revision: str
    last_seq: int
    last_received: datetime | None
    n_quarantined: int
    holder: str
    led_since: datetime


def condition_of(store: Store) -> Condition:
    """
    Return how a store is.

    Raises:
        StoreError: It has no tables yet.
        StoreUnavailableError: It cannot be reached.
    """
    kept = tables.event.c
    with store.reading() as connection:
        leader = connection.execute(select(tables.leader)).one()
        last_seq = int(connection.scalar(select(func.max(kept.seq))) or 0)
        received_us = connection.scalar(select(kept.received_us).where(kept.seq == last_seq))
        return Condition(
            revision=current_revision(connection),
            newest_revision=list_revisions()[-1],
            last_seq=last_seq,
            last_received=at_or_none(received_us),
            n_quarantined=int(connection.scalar(select(func.count()).select_from(tables.event_quarantine)) or 0),
            holder=leader.holder,
            led_since=from_us(leader.since_us),
        )


def windows_sha256(store: Store) -> tuple[int, str]:
    """Return how many versions of quarter hours a store has, and the SHA-256 of all of them in their order."""
    n, digest = 0, hashlib.sha256()
    query = select(tables.window_15m).order_by(*tables.window_15m.primary_key.columns)
    with store.reading() as connection:
        for row in connection.execution_options(yield_per=_CHUNK).execute(query):
            n += 1
            digest.update(repr(tuple(row)).encode())
    return n, digest.hexdigest()
