"""Who did what: rows that are only ever added, each with a hash over itself and the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select

from gatewatch.monitor.observations import from_us, to_us
from gatewatch.monitor.store.account_tables import audit
from gatewatch.monitor.store.engine import Store

_BEGINNING: Final = hashlib.sha256(b"gatewatch audit").digest()


@dataclass(frozen=True, slots=True)
class Deed:
    """
    Something that somebody did.

    Args:
        who: Account or key, such as `account:minh` or `key:3f9a01bc`; `gatewatch` for the service itself.
        action: What, such as `key.made`.
        subject: To what.
        detail: What else belongs to it, as JSON can hold it; never a secret.
        address: Where the request came from.
    """

    who: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    address: str = ""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A deed in the audit, with its number and time."""

    number: int
    at: datetime
    deed: Deed
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Chain:
    """
    What a check of the chain found.

    Args:
        n: Rows that follow from one another.
        broken_at: Number of the first row that does not; None when all do.
        head: Hash of the last row that does: noted elsewhere, it shows later that no row was cut off.
    """

    n: int
    broken_at: int | None
    head: bytes


class Audit:
    """Reads and appends to the audit of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @staticmethod
    def append(connection: Connection, deed: Deed, at: datetime) -> None:
        """Add a deed after the last one, in the transaction under way."""
        kept = audit.c
        last = connection.execute(select(kept.number, kept.sha256).order_by(kept.number.desc()).limit(1)).one_or_none()
        number, before = (last.number + 1, bytes(last.sha256)) if last is not None else (1, _BEGINNING)
        values = {
            "number": number,
            "at_us": to_us(at),
            "who": deed.who,
            "address": deed.address,
            "action": deed.action,
            "subject": deed.subject,
            "detail": json.dumps(deed.detail, sort_keys=True, separators=(",", ":")),
        }
        connection.execute(insert(audit).values(**values, sha256=_linked(before, values)))

    def rows(self, after_number: int = 0, limit: int = 1_000) -> list[AuditRow]:
        """Return the rows after a number, in order."""
        query = select(audit).where(audit.c.number > after_number).order_by(audit.c.number).limit(limit)
        with self._store.reading() as connection:
            return [_read(row) for row in connection.execute(query)]

    def deeds_since(self, begins: datetime) -> list[Deed]:
        """Return what was done from an instant on, in order."""
        query = select(audit).where(audit.c.at_us >= to_us(begins)).order_by(audit.c.number)
        with self._store.reading() as connection:
            return [_read(row).deed for row in connection.execute(query)]

    def verify(self) -> Chain:
        """Return whether every row follows from the one before."""
        before, n = _BEGINNING, 0
        with self._store.reading() as connection:
            for row in connection.execute(select(audit).order_by(audit.c.number)):
                values = dict(row._mapping)  # noqa: SLF001 - public in spite of its name
                found = bytes(values.pop("sha256"))
                if row.number != n + 1 or _linked(before, values) != found:
                    return Chain(n, row.number, before)
                before, n = found, n + 1
        return Chain(n, None, before)


def _linked(before: bytes, values: Mapping[str, Any]) -> bytes:
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(before + text.encode()).digest()


def _read(row: Row[Any]) -> AuditRow:
    deed = Deed(row.who, row.action, row.subject, json.loads(row.detail), row.address)
    return AuditRow(row.number, from_us(row.at_us), deed, bytes(row.sha256))
