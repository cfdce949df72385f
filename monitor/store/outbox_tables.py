"""The tables of what is to be delivered, of each try, and of which alert it tells; a change here needs a migration."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from gatewatch.monitor.store.tables import metadata

_NUMBER: Final = BigInteger().with_variant(Integer(), "sqlite")

outbox: Final = Table(
    "outbox",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=True, comment="order in which it was put in"),
    Column("key", Text, nullable=False, comment="alert, transition and destination: put twice, it is there once"),
    Column("destination", Text, nullable=False, comment="contact"),
    Column("channel", Text, nullable=False),
    Column("body", Text, nullable=False, comment="JSON of the message as rendered"),
    Column("state", Text, nullable=False, comment="waiting, sent or dead"),
    Column("made_us", BigInteger, nullable=False, comment="evaluation that made it"),
    Column("due_us", BigInteger, nullable=False, comment="next try, by the clock of the deliveries"),
    Column("first_us", BigInteger, comment="first try; null: none yet"),
    Column("settled_us", BigInteger, comment="when it was delivered or given up"),
    Column("n_tries", Integer, nullable=False),
    Column("is_doubtful", Boolean, nullable=False, comment="a try ended without a word: it may have arrived"),
    Column("lease", Text, comment="who delivers it now; null: nobody"),
    Column("lease_ends_us", BigInteger),
    Column("said", Text, nullable=False, comment="what the last try that failed said"),
    UniqueConstraint("key"),
    Index(None, "state", "due_us"),
)

outbox_news: Final = Table(
    "outbox_news",
    metadata,
    Column("number", BigInteger, ForeignKey("outbox.number"), primary_key=True),
    Column("key", Text, primary_key=True, comment="of the notice"),
    Column("alert_id", Text, nullable=False),
    Index(None, "alert_id"),
)

delivery: Final = Table(
    "delivery",
    metadata,
    Column("number", BigInteger, ForeignKey("outbox.number"), primary_key=True),
    Column("n", Integer, primary_key=True, comment="which try, from 1"),
    Column("at_us", BigInteger, nullable=False, comment="when it ended"),
    Column("result", Text, nullable=False, comment="sent, failed, unknown"),
    Column("said", Text, nullable=False),
)

delivery_tally: Final = Table(
    "delivery_tally",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("n_failed", BigInteger, nullable=False, comment="tries that failed of messages kept no more"),
)
