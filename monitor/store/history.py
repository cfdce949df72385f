"""Quarter hours: how many vehicles passed a point, in every version that was ever shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select
from sqlalchemy.dialects import postgresql

from gatewatch.monitor.observations import from_us, to_us
from gatewatch.monitor.store.engine import Store
from gatewatch.monitor.store.rows import insert_rows
from gatewatch.monitor.store.tables import window_15m

_KEY = ("gate", "direction", "vehicle_class", "what", "place", "start_us")
_TOLD = ("n", "is_final", "rev")
_COLUMNS = (*_KEY, "version", *_TOLD)  # as `_values` has them
_REPLACING = (
    f"ON CONFLICT ({', '.join((*_KEY, 'version'))}) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in _TOLD)}"
)


@dataclass(frozen=True, slots=True, order=True)
class WindowRow:
    """
    One version of a quarter of an hour at a point.

    Args:
        gate: Gate by permanent id.
        direction: `export` or `import`.
        vehicle_class: Class, or empty for all.
        what: Passage that is counted.
        place: Stage or yard, or empty for the gate.
        start: Aware UTC, start of the quarter of an hour.
        version: From 1; late and corrected observations make further ones.
        n: Vehicles [pass].
        is_final: Whether the watermark has passed its end.
        rev: Place in the journal of the event that made it.
    """

    gate: str
    direction: str
    vehicle_class: str
    what: str
    place: str
    start: datetime
    version: int
    n: int
    is_final: bool
    rev: int


class History:
    """Reads and writes the quarter hours of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @staticmethod
    def write(connection: Connection, rows: Iterable[WindowRow]) -> None:
        """Keep versions; one that is there already is replaced, so that a replay writes the same again."""
        values = [_values(row) for row in rows]
        if not values:
            return
        if connection.dialect.name == "sqlite":
            insert_rows(connection, window_15m.name, _COLUMNS, [tuple(row.values()) for row in values], _REPLACING)
            return
        statement = postgresql.insert(window_15m)
        changed = {name: statement.excluded[name] for name in _TOLD}
        connection.execute(statement.on_conflict_do_update(index_elements=[*_KEY, "version"], set_=changed), values)

    @staticmethod
    def clear(connection: Connection) -> None:
        """Forget every window; the journal makes them again."""
        connection.execute(delete(window_15m))

    def latest(
        self,
        begins: datetime,
        ends: datetime,
        gate: str | None = None,
        direction: str | None = None,
        what: str | None = None,
        rev: int | None = None,
    ) -> list[WindowRow]:
        """
        Return the last version of each window, in the order of point and time.

        Args:
            begins: First start, included.
            ends: Last start, excluded.
            gate: Only this gate.
            direction: Only this direction.
            what: Only this passage.
            rev: As it was shown at this revision; without it, as it is now.
        """
        kept = window_15m.c
        matches = [kept.start_us >= to_us(begins), kept.start_us < to_us(ends)]
        wanted = {kept.gate: gate, kept.direction: direction, kept.what: what}
        matches += [place == value for place, value in wanted.items() if value is not None]
        if rev is not None:
            matches.append(kept.rev <= rev)
        newest_first = func.row_number().over(partition_by=[kept[name] for name in _KEY], order_by=kept.version.desc())
        ranked = select(window_15m, newest_first.label("age")).where(*matches).subquery()
        query = select(*(ranked.c[place.name] for place in kept)).where(ranked.c.age == 1)
        return self._rows(query.order_by(*(ranked.c[name] for name in _KEY)))

    def versions(self, row: WindowRow) -> list[WindowRow]:
        """Return every version of the window of `row`, oldest first."""
        kept, values = window_15m.c, _values(row)
        same = [kept[name] == values[name] for name in _KEY]
        return self._rows(select(window_15m).where(*same).order_by(kept.version))

    def last_rev(self) -> int:
        """Return the last revision that made a version, 0 when there is none."""
        with self._store.reading() as connection:
            return int(connection.scalar(select(func.max(window_15m.c.rev))) or 0)

    def _rows(self, query: Select[Any]) -> list[WindowRow]:
        with self._store.reading() as connection:
            return [_row(found) for found in connection.execute(query)]


def _values(row: WindowRow) -> dict[str, Any]:
    return {
        "gate": row.gate,
        "direction": row.direction,
        "vehicle_class": row.vehicle_class,
        "what": row.what,
        "place": row.place,
        "start_us": to_us(row.start),
        "version": row.version,
        "n": row.n,
        "is_final": row.is_final,
        "rev": row.rev,
    }


def _row(found: Row[Any]) -> WindowRow:
    values = dict(found._mapping)  # noqa: SLF001 - public in spite of its name
    start, is_final = from_us(values.pop("start_us")), bool(values.pop("is_final"))
    return WindowRow(start=start, is_final=is_final, **values)
