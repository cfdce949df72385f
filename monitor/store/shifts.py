"""The shift log: who was on duty, what he noted, and what he signed when he handed over. Entries are only added."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast

from sqlalchemy import Connection, Row, Select, func, insert, select

from gatewatch.monitor.observations import from_us, to_us
from gatewatch.monitor.store.audit import Audit, Deed
from gatewatch.monitor.store.engine import Store
from gatewatch.monitor.store.shift_tables import shift_entry

EntryKind = Literal["begun", "note", "signed"]


class ShiftError(Exception):
    """The log does not take an entry; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class ShiftEntry:
    """
    One entry of the log.

    Args:
        number: From 1, without gaps.
        shift: Number of the entry that began the shift.
        gate: Gate; None: the whole province.
        kind: What it says.
        at: Aware UTC.
        who: Account or key, as the audit names it.
        text: In his words.
        takes_over: Of `begun`: the shift whose hand-over was taken; None: there was none.
        draft: Of `signed`: what the log had drafted by itself, as it was signed.
    """

    number: int
    shift: int
    gate: str | None
    kind: EntryKind
    at: datetime
    who: str
    text: str
    takes_over: int | None = None
    draft: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift, by its entries in their order: begun, notes, and signed once it was handed over."""

    entries: tuple[ShiftEntry, ...]

    @property
    def begun(self) -> ShiftEntry:
        """How it began."""
        return self.entries[0]

    @property
    def signed(self) -> ShiftEntry | None:
        """How it ended; None while it is open."""
        last = self.entries[-1]
        return last if last.kind == "signed" else None

    @property
    def notes(self) -> tuple[ShiftEntry, ...]:
        """What was noted."""
        return tuple(entry for entry in self.entries if entry.kind == "note")


Work = Callable[[Connection], ShiftEntry]


class Shifts:
    """Reads and appends to the shift log of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @staticmethod
    def begin(
        gate: str | None, who: str, text: str, at: datetime, key: str | None = None, address: str = ""
    ) -> Work:  # fmt: skip
        """
        Return the work that begins a shift at a gate, or for the province, and takes over from the one before.

        It raises `ShiftError` when one is open there. The deed is in the audit with it.
        """

        def work(connection: Connection) -> ShiftEntry:
            known = _known(connection, who, key)
            if known is not None:
                return known
            last = _last_of(connection, gate)
            if last is not None and last.kind != "signed":
                begun = connection.execute(_entries().where(shift_entry.c.number == last.shift)).one()
                raise ShiftError(
                    f"shift {last.shift} is open there since {from_us(begun.at_us):%Y-%m-%dT%H:%MZ}, begun by "
                    f"{begun.who}; it is signed off before another begins."
                )
            number = _next(connection)
            entry = ShiftEntry(number, number, gate, "begun", at, who, text, None if last is None else last.shift)
            _insert(connection, entry, key)
            detail = {"gate": gate, "takes_over": entry.takes_over}
            Audit.append(connection, Deed(who, "shift.begun", str(number), detail, address), at)
            return entry

        return work

    @staticmethod
    def add(
        shift: int, kind: Literal["note", "signed"], who: str, text: str, at: datetime, key: str | None = None,
        draft: dict[str, Any] | None = None, address: str = "",
    ) -> Work:  # fmt: skip
        """
        Return the work that adds a note to an open shift, or signs it off.

        It raises `ShiftError` when there is no such shift, or it is signed. The deed is in the audit with it.
        """

        def work(connection: Connection) -> ShiftEntry:
            known = _known(connection, who, key)
            if known is not None:
                return known
            rows = list(connection.execute(_entries().where(shift_entry.c.shift == shift)))
            if not rows:
                raise ShiftError(f"there is no shift {shift}.")
            if rows[-1].kind == "signed":
                raise ShiftError(
                    f"shift {shift} is signed and takes nothing more; begin the next one and note it there."
                )
            entry = ShiftEntry(_next(connection), shift, rows[0].gate, kind, at, who, text, None, draft)
            _insert(connection, entry, key)
            action = "shift.signed" if kind == "signed" else "shift.noted"
            Audit.append(connection, Deed(who, action, str(shift), {"entry": entry.number}, address), at)
            return entry

        return work

    def find(self, shift: int) -> Shift | None:
        """Return a shift, or None."""
        with self._store.reading() as connection:
            rows = connection.execute(_entries().where(shift_entry.c.shift == shift))
            entries = tuple(_read(row) for row in rows)
        return Shift(entries) if entries else None

    def latest(self, limit: int = 20, before: int | None = None) -> list[Shift]:
        """
        Return the last shifts of every place, newest first.

        Args:
            limit: At most so many.
            before: Only those that began before the shift of this number.
        """
        kept = shift_entry.c
        begun = select(kept.number).where(kept.kind == "begun").order_by(kept.number.desc()).limit(limit)
        if before is not None:
            begun = begun.where(kept.number < before)
        with self._store.reading() as connection:
            numbers = list(connection.scalars(begun))
            found: dict[int, list[ShiftEntry]] = {number: [] for number in numbers}
            for row in connection.execute(_entries().where(kept.shift.in_(numbers))):
                found[row.shift].append(_read(row))
        return [Shift(tuple(entries)) for entries in found.values()]


_COLUMNS: Final = tuple(column for column in shift_entry.c if column.name != "key")


def _entries() -> Select[Any]:
    return select(*_COLUMNS).order_by(shift_entry.c.number)


def _last_of(connection: Connection, gate: str | None) -> ShiftEntry | None:
    """Return the last entry of the last shift of a place."""
    kept = shift_entry.c
    here = kept.gate.is_(None) if gate is None else kept.gate == gate
    query = select(*_COLUMNS).where(here).order_by(kept.shift.desc(), kept.number.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return _read(row) if row is not None else None


def _known(connection: Connection, who: str, key: str | None) -> ShiftEntry | None:
    """Return the entry that the same hand sent before under the same key."""
    if key is None:
        return None
    kept = shift_entry.c
    row = connection.execute(select(*_COLUMNS).where(kept.who == who, kept.key == key)).one_or_none()
    return _read(row) if row is not None else None


def _next(connection: Connection) -> int:
    return int(connection.scalar(select(func.max(shift_entry.c.number))) or 0) + 1


def _insert(connection: Connection, entry: ShiftEntry, key: str | None) -> None:
    connection.execute(
        insert(shift_entry).values(
            number=entry.number, shift=entry.shift, gate=entry.gate, kind=entry.kind, at_us=to_us(entry.at),
            who=entry.who, text=entry.text, takes_over=entry.takes_over, key=key,
            draft=None if entry.draft is None else json.dumps(entry.draft, ensure_ascii=False),
        )
    )  # fmt: skip


def _read(row: Row[Any]) -> ShiftEntry:
    draft = None if row.draft is None else json.loads(row.draft)
    kind = cast("EntryKind", row.kind)
    return ShiftEntry(
        row.number, row.shift, row.gate, kind, from_us(row.at_us), row.who, row.text, row.takes_over, draft
    )
