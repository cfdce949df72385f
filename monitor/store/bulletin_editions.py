"""The editions of our own bulletins: what was counted for a day, each time that it had changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from gatewatch.monitor.observations import from_us, to_us
from gatewatch.monitor.store.engine import Store
from gatewatch.monitor.store.shift_tables import bulletin_edition
from gatewatch.monitor.store.tables import window_15m

Figure = tuple[str | None, str | None, str, int]  # gate, direction, line, value


@dataclass(frozen=True, slots=True)
class OwnEdition:
    """
    What we told of a day at one time.

    Args:
        day: ISO date of the bulletin.
        edition: From 1.
        made_at: Aware UTC.
        rev: Last journal entry that it rests on.
        figures: Every line that was counted.
    """

    day: str
    edition: int
    made_at: datetime
    rev: int
    figures: tuple[Figure, ...]


class BulletinEditions:
    """Reads and appends to the editions of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @staticmethod
    def append(connection: Connection, day: str, figures: Sequence[Figure], rev: int, at: datetime) -> OwnEdition:
        """Add an edition of a day."""
        kept = bulletin_edition.c
        last = int(connection.scalar(select(func.max(kept.edition)).where(kept.day == day)) or 0)
        text = json.dumps([list(figure) for figure in figures], separators=(",", ":"))
        connection.execute(
            insert(bulletin_edition).values(day=day, edition=last + 1, made_us=to_us(at), rev=rev, figures=text)
        )
        return OwnEdition(day, last + 1, at, rev, tuple(figures))

    def of(self, day: str) -> list[OwnEdition]:
        """Return the editions of a day, oldest first."""
        query = select(bulletin_edition).where(bulletin_edition.c.day == day).order_by(bulletin_edition.c.edition)
        with self._store.reading() as connection:
            return [_read(row) for row in connection.execute(query)]

    def last_rev(self) -> int:
        """Return the last journal entry that any edition rests on, 0 when there is none."""
        with self._store.reading() as connection:
            return int(connection.scalar(select(func.max(bulletin_edition.c.rev))) or 0)

    def changed_since(self, rev: int, begins: datetime) -> list[datetime]:
        """Return the starts of the quarter-hours from `begins` on that got a version after a revision."""
        kept = window_15m.c
        query = select(kept.start_us).where(kept.rev > rev, kept.start_us >= to_us(begins)).distinct()
        with self._store.reading() as connection:
            return [from_us(start) for start in connection.scalars(query)]


def _read(row: Row[Any]) -> OwnEdition:
    figures = tuple((gate, direction, line, value) for gate, direction, line, value in json.loads(row.figures))
    return OwnEdition(row.day, row.edition, from_us(row.made_us), row.rev, figures)
