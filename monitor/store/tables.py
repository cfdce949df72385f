"""
The tables of the store, the same on both backends.

Times are microseconds since 1970 UTC. A change here needs a migration: a test compares the two.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# SQLite numbers rows by themselves only in a column declared INTEGER.
_NUMBER: Final = BigInteger().with_variant(Integer(), "sqlite")

event: Final = Table(
    "event",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False, comment="order of acceptance, without gaps"),
    Column("source", Text, nullable=False),
    Column("eid", Text, nullable=False, comment="id of the CloudEvent"),
    Column("type", Text, nullable=False),
    Column("occurred_us", BigInteger, nullable=False, comment="by the reporter's clock"),
    Column("received_us", BigInteger, nullable=False, comment="by ours"),
    Column("sent_us", BigInteger, comment="the reporter's clock when it sent"),
    Column("key_id", Text, comment="API key it came with"),
    Column("sha256", LargeBinary, nullable=False, comment="of the content, extensions left out"),
    Column("body", LargeBinary, nullable=False, comment="canonical CloudEvent"),
    UniqueConstraint("source", "eid"),
)

event_quarantine: Final = Table(
    "event_quarantine",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("cause", Text, nullable=False, comment="conflict: another content under a known id; refused: see reason"),
    Column("reason", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("eid", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("occurred_us", BigInteger, nullable=False),
    Column("received_us", BigInteger, nullable=False, comment="the first time it came"),
    Column("key_id", Text),
    Column("sha256", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("source", "eid", "sha256", "cause"),
)

leader: Final = Table(
    "leader",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("token", BigInteger, nullable=False, comment="grows by one with every leader; checked by every write"),
    Column("holder", Text, nullable=False),
    Column("since_us", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

window_15m: Final = Table(
    "window_15m",
    metadata,
    Column("gate", Text, primary_key=True),
    Column("direction", Text, primary_key=True),
    Column("vehicle_class", Text, primary_key=True, comment="empty: all"),
    Column("what", Text, primary_key=True),
    Column("place", Text, primary_key=True, comment="stage or yard; empty: the gate"),
    Column("start_us", BigInteger, primary_key=True, comment="start of the quarter of an hour"),
    Column("version", Integer, primary_key=True),
    Column("n", BigInteger, nullable=False, comment="passes"),
    Column("is_final", Boolean, nullable=False),
    Column("rev", BigInteger, nullable=False, comment="seq of the event that made this version"),
    Index(None, "start_us"),
    Index(None, "rev"),
)

state_snapshot: Final = Table(
    "state_snapshot",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False, comment="last event in it"),
    Column("layout", Text, nullable=False, comment="how the body is to be read"),
    Column("taken_us", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False, comment="of the body"),
    Column("body", LargeBinary, nullable=False),
)
