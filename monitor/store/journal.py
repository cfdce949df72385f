"""The journal: every observation that was taken in, in order, for ever."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, Select, Text, bindparam, column, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY

from gatewatch.monitor.observations import Observation, body_and_sha256, from_us, read_body, to_us
from gatewatch.monitor.store.engine import Store
from gatewatch.monitor.store.rows import insert_rows
from gatewatch.monitor.store.tables import event, event_quarantine

Status = Literal["accepted", "duplicate", "conflict", "rejected"]
Cause = Literal["conflict", "refused"]

_Identity = tuple[str, str]
_COLUMNS: Final = ("seq", "source", "eid", "type", "occurred_us", "received_us", "sent_us", "key_id", "sha256", "body")
_EventRow = tuple[int, str, str, str, int, int, int | None, str | None, bytes, bytes]  # as `_COLUMNS`


@dataclass(frozen=True, slots=True)
class Submitted:
    """
    An observation on its way into the journal.

    Args:
        observation: What is reported.
        body: Its canonical body.
        sha256: Hash of what it says.
        received_at: Aware UTC, our clock.
        key_id: API key it came with.
        sent_at: Aware UTC, the reporter's clock when it sent.
        refusal: Why it must not count, such as a time in the future; it is then kept in quarantine.
    """

    observation: Observation
    body: bytes
    sha256: bytes
    received_at: datetime
    key_id: str | None = None
    sent_at: datetime | None = None
    refusal: str | None = None

    @classmethod
    def of(
        cls,
        observation: Observation,
        received_at: datetime,
        key_id: str | None = None,
        sent_at: datetime | None = None,
        refusal: str | None = None,
    ) -> Submitted:
        """Return the submission of an observation, its body and hash worked out."""
        body, sha256 = body_and_sha256(observation)
        return cls(observation, body, sha256, received_at, key_id, sent_at, refusal)

    @property
    def identity(self) -> _Identity:
        """Source and id."""
        return self.observation.source, self.observation.id


@dataclass(frozen=True, slots=True)
class Receipt:
    """
    What became of a submission.

    Args:
        status: `accepted`; `duplicate`, taken in before; `conflict`, taken in before with another content and now kept
            in quarantine; `rejected`, not taken in.
        seq: Its place in the journal when it is there.
        reasons: Sentences with the remedy.
    """

    status: Status
    seq: int | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """
    An observation in the journal.

    Args:
        seq: Order of acceptance, from 1, without gaps.
        source: Who reports.
        id: With the source, its identity.
        type: Type of the event.
        occurred_at: Aware UTC by the reporter's clock.
        received_at: Aware UTC by ours.
        body: Canonical CloudEvent.
        sent_at: Aware UTC by the reporter's clock when it sent; None where it did not say.
        told: The observation, where it was just taken in; what was read from the store has its body only.
    """

    seq: int
    source: str
    id: str
    type: str
    occurred_at: datetime
    received_at: datetime
    body: bytes
    sent_at: datetime | None = None
    told: Observation | None = field(default=None, compare=False, repr=False)

    def observation(self) -> Observation:
        """Return the observation that the body spells."""
        return read_body(self.body) if self.told is None else self.told


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An observation that does not count, kept for people to judge; `number` is its place in the quarantine."""

    number: int
    cause: Cause
    reason: str
    source: str
    id: str
    received_at: datetime
    body: bytes


@dataclass(frozen=True, slots=True)
class Appended:
    """
    What one call of `Journal.append` did.

    Args:
        receipts: One for each submission, in their order.
        entries: What is new in the journal, in its order.
        last_seq: The last place that is taken, 0 in an empty journal.
    """

    receipts: list[Receipt]
    entries: list[Entry]
    last_seq: int


class Journal:
    """Reads and appends to the journal of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @staticmethod
    def append(connection: Connection, items: Sequence[Submitted]) -> Appended:
        """
        Take submissions in, in their order; they are durable when the transaction of `Leader.writing` has ended.

        Source and id are the identity. A second submission with the same content changes nothing, whatever its time
        looks like by now; one with another content goes into quarantine, as does what carries a refusal.
        """
        known = _known(connection, {item.identity for item in items})
        last = _last_seq(connection)
        receipts: list[Receipt] = []
        rows: list[_EventRow] = []
        entries: list[Entry] = []
        apart: list[dict[str, Any]] = []
        for item in items:
            seq, sha256 = known.get(item.identity, (None, b""))
            if seq is not None and sha256 == item.sha256:  # also when our clock has been set back since
                receipts.append(Receipt("duplicate", seq))
            elif item.refusal is not None:
                apart.append(_quarantine_row(item, "refused", item.refusal))
                receipts.append(Receipt("rejected", reasons=(f"{item.refusal} It is kept in quarantine.",)))
            elif seq is not None:
                reason = _conflict(item, seq)
                apart.append(_quarantine_row(item, "conflict", reason))
                receipts.append(Receipt("conflict", reasons=(reason,)))
            else:
                last += 1
                known[item.identity] = (last, item.sha256)
                rows.append(_event_row(last, item))
                entries.append(_entry(last, item))
                receipts.append(Receipt("accepted", last))
        if rows:
            _insert(connection, rows)
        if apart:
            _set_apart(connection, apart)
        return Appended(receipts, entries, last)

    def read(self, after_seq: int = 0, limit: int = 1_000) -> list[Entry]:
        """Return the entries after a place, in order."""
        query = _entries().where(event.c.seq > after_seq).order_by(event.c.seq).limit(limit)
        with self._store.reading() as connection:
            return [_read_entry(row) for row in connection.execute(query).all()]

    def find(self, source: str, event_id: str) -> Entry | None:
        """Return the entry of an identity, or None."""
        query = _entries().where(event.c.source == source, event.c.eid == event_id)
        with self._store.reading() as connection:
            row = connection.execute(query).one_or_none()
        return _read_entry(row) if row is not None else None

    def seq_before(self, received_at: datetime) -> int:
        """Return the last place that was taken before an instant, 0 when none was."""
        query = select(func.max(event.c.seq)).where(event.c.received_us < to_us(received_at))
        with self._store.reading() as connection:
            return int(connection.scalar(query) or 0)

    def last_seq(self) -> int:
        """Return the last place that is taken, 0 in an empty journal."""
        with self._store.reading() as connection:
            return _last_seq(connection)

    def quarantined(
        self, after_number: int = 0, limit: int = 1_000, *, newest_first: bool = False
    ) -> list[Quarantined]:
        """Return what is kept in quarantine after a place, in the order it came, or from the newest back."""
        kept = event_quarantine.c
        order = kept.number.desc() if newest_first else kept.number
        query = select(event_quarantine).where(kept.number > after_number).order_by(order).limit(limit)
        with self._store.reading() as connection:
            return [
                Quarantined(
                    row.number, row.cause, row.reason, row.source, row.eid, from_us(row.received_us), bytes(row.body)
                )
                for row in connection.execute(query)
            ]


def _insert(connection: Connection, rows: Sequence[_EventRow]) -> None:
    if connection.dialect.name != "sqlite":
        connection.execute(insert(event), [dict(zip(_COLUMNS, row, strict=True)) for row in rows])
        return
    for row in rows:
        memoryview(row[-1])  # SQLite would keep a text where bytes belong, as SQLAlchemy would not
    insert_rows(connection, event.name, _COLUMNS, rows)


def _last_seq(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT max(seq) FROM event").scalar() or 0)


def _entries() -> Select[Any]:
    kept = event.c
    return select(
        kept.seq, kept.source, kept.eid, kept.type, kept.occurred_us, kept.received_us, kept.sent_us, kept.body
    )


def _read_entry(row: Row[Any]) -> Entry:
    seq, source, event_id, kind, occurred_us, received_us, sent_us, body = tuple(row)  # as `_entries` asks for them
    sent_at = None if sent_us is None else from_us(sent_us)
    return Entry(seq, source, event_id, kind, from_us(occurred_us), from_us(received_us), bytes(body), sent_at)


def _entry(seq: int, item: Submitted) -> Entry:
    told = item.observation
    return Entry(
        seq, told.source, told.id, told.type, told.occurred_at, item.received_at, item.body, item.sent_at, told
    )


def _event_row(seq: int, item: Submitted) -> _EventRow:
    told = item.observation
    return (
        seq, told.source, told.id, told.type, to_us(told.occurred_at), to_us(item.received_at),
        None if item.sent_at is None else to_us(item.sent_at), item.key_id, item.sha256, item.body,
    )  # fmt: skip


def _quarantine_row(item: Submitted, cause: Cause, reason: str) -> dict[str, Any]:
    told = item.observation
    return {
        "cause": cause,
        "reason": reason,
        "source": told.source,
        "eid": told.id,
        "type": told.type,
        "occurred_us": to_us(told.occurred_at),
        "received_us": to_us(item.received_at),
        "key_id": item.key_id,
        "sha256": item.sha256,
        "body": item.body,
    }


def _conflict(item: Submitted, seq: int) -> str:
    source, event_id = item.identity
    return (
        f"{source} has reported {event_id} before with another content (revision {seq}). Correct that one with "
        "event.corrected, or report this one under an id of its own."
    )


def _set_apart(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep rows in quarantine; one that is there already is there once."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(make(event_quarantine).on_conflict_do_nothing(), list(rows))


def _known(connection: Connection, identities: set[_Identity]) -> dict[_Identity, tuple[int | None, bytes]]:
    """Return place and hash of those identities that are in the journal."""
    if not identities:
        return {}
    if connection.dialect.name == "postgresql":
        sources, ids = zip(*identities, strict=True)
        rows = connection.execute(_known_query(), {"sources": list(sources), "ids": list(ids)})
    else:
        rows = connection.exec_driver_sql(_KNOWN_SQLITE, (json.dumps(list(identities)),))
    return {(source, event_id): (seq, bytes(sha256)) for source, event_id, seq, sha256 in rows}


# Many identities at once, one probe of the index for each. A list of pairs (`(source, eid) IN …`) makes SQLite read the
# whole index.
_KNOWN_SQLITE: Final = """
    SELECT event.source, event.eid, event.seq, event.sha256 FROM json_each(?) AS asked JOIN event
    ON event.source = json_extract(asked.value, '$[0]') AND event.eid = json_extract(asked.value, '$[1]')
"""


@cache
def _known_query() -> Select[Any]:
    """Return the same for PostgreSQL."""
    texts = ARRAY(Text)
    pairs = func.unnest(bindparam("sources", type_=texts), bindparam("ids", type_=texts))
    asked = pairs.table_valued(column("source", Text), column("eid", Text), name="asked").render_derived()
    kept = event.c
    matches = (kept.source == asked.c.source) & (kept.eid == asked.c.eid)
    return select(kept.source, kept.eid, kept.seq, kept.sha256).select_from(asked.join(event, matches))
