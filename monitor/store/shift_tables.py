"""The tables of the shift log and of our own bulletins: rows that are only ever added; a change needs a migration."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint

from gatewatch.monitor.store.tables import metadata

shift_entry: Final = Table(
    "shift_entry",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False, comment="from 1, without gaps"),
    Column("shift", BigInteger, nullable=False, comment="number of the entry that began the shift"),
    Column("gate", Text, comment="null: the whole province"),
    Column("kind", Text, nullable=False, comment="begun, note or signed"),
    Column("at_us", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("takes_over", BigInteger, comment="of begun: the shift whose hand-over was taken"),
    Column("draft", Text, comment="of signed: JSON, what the log drafted by itself, as it was signed"),
    Column("key", Text, comment="of the one who writes: the same again is the same entry"),
    UniqueConstraint("who", "key"),
    Index(None, "shift"),
)

bulletin_edition: Final = Table(
    "bulletin_edition",
    metadata,
    Column("day", Text, primary_key=True, comment="day of the bulletin, which ends at 20:00"),
    Column("edition", Integer, primary_key=True, comment="from 1; a late event makes a further one"),
    Column("made_us", BigInteger, nullable=False),
    Column("rev", BigInteger, nullable=False, comment="last journal entry that it rests on"),
    Column("figures", Text, nullable=False, comment="JSON list of gate, direction, line, value"),
)
