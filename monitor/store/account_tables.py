"""The tables of who may come in and of who did what; a change here needs a migration."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, LargeBinary, Table, Text

from gatewatch.monitor.store.tables import metadata

account: Final = Table(
    "account",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("gates", Text, comment="JSON list; null: every gate"),
    Column("password", Text, nullable=False, comment="argon2id, with its parameters and salt"),
    Column("is_disabled", Boolean, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("changed_us", BigInteger, nullable=False),
)

api_key: Final = Table(
    "api_key",
    metadata,
    Column("id", Text, primary_key=True, comment="the key's beginning, which may be told"),
    Column("sha256", LargeBinary, nullable=False, comment="of the whole key, which is not kept"),
    Column("title", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("gates", Text, comment="JSON list; null: every gate"),
    Column("sources", Text, comment="JSON list; null: every source"),
    Column("created_us", BigInteger, nullable=False),
    Column("ends_us", BigInteger, comment="from then on it opens nothing; null: no end"),
    Column("networks", Text, comment="JSON list; null: from everywhere"),
)

session: Final = Table(
    "session",
    metadata,
    Column("sha256", LargeBinary, primary_key=True, comment="of the cookie's value, which is not kept"),
    Column("account", Text, ForeignKey("account.name"), nullable=False),
    Column("csrf", Text, nullable=False, comment="what a page sends back with every change"),
    Column("begun_us", BigInteger, nullable=False),
    Column("ends_us", BigInteger, nullable=False),
)

audit: Final = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False, comment="from 1, without gaps"),
    Column("at_us", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("address", Text, nullable=False, comment="where the request came from; empty: this machine's own command"),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False, comment="JSON object"),
    Column("sha256", LargeBinary, nullable=False, comment="of the row before and of this one"),
    Index(None, "at_us"),
)
