"""The tables of simulations that people asked for, what came of them, and plans saved; a change needs a migration."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Table, Text

from gatewatch.monitor.store.tables import metadata

run: Final = Table(
    "run",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("request", Text, nullable=False, comment="canonical JSON"),
    Column("sha256", LargeBinary, nullable=False, comment="of kind and request"),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, comment="why it is not done; empty: it is, or goes on"),
    Column("faults", Text, nullable=False, comment="JSON list, of a refused request"),
    Column("summary", Text, nullable=False, comment="JSON object, a few figures for lists"),
    Column("version", Text, nullable=False, comment="of the program"),
    Column("asked_by", Text, nullable=False),
    Column("asked_us", BigInteger, nullable=False),
    Column("started_us", BigInteger),
    Column("ended_us", BigInteger),
    Index(None, "asked_us"),
)

run_file: Final = Table(
    "run_file",
    metadata,
    Column("run", Text, ForeignKey("run.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False, comment="gzip"),
)

plan: Final = Table(
    "plan",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("request", Text, nullable=False, comment="canonical JSON"),
    Column("sha256", LargeBinary, nullable=False, comment="of kind and request"),
    Column("version", Text, nullable=False, comment="of the program that saved it"),
    Column("run", Text, ForeignKey("run.id"), comment="what came of it; null: not run when it was saved"),
    Column("saved_by", Text, nullable=False),
    Column("saved_us", BigInteger, nullable=False),
)
