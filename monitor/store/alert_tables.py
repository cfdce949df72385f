"""The tables of alerts: what alerting remembers, every alert that fired, and who did what about it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Float, ForeignKey, Index, Integer, LargeBinary, Table, Text

from gatewatch.monitor.store.tables import metadata

alerting: Final = Table(
    "alerting",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("rev", BigInteger, nullable=False, comment="grows by one with every evaluation and every deed"),
    Column("at_us", BigInteger, nullable=False, comment="of the last evaluation"),
    Column("sha256", LargeBinary, nullable=False, comment="of the body"),
    Column("body", Text, nullable=False, comment="JSON: every clock of every alert, group, escalation, silence"),
    CheckConstraint("id = 1", name="one_row"),
)

alert: Final = Table(
    "alert",
    metadata,
    Column("id", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("gate", Text, nullable=False, comment="empty: the province or the service"),
    Column("direction", Text, nullable=False, comment="empty: both"),
    Column("labels", Text, nullable=False, comment="JSON object"),
    Column("phase", Text, nullable=False),
    Column("doubt", Text, comment="why nobody can say at present; null: it is known"),
    Column("level", Text, nullable=False),
    Column("level_before", Text),
    Column("value", Float),
    Column("unit", Text, nullable=False),
    Column("threshold", Float),
    Column("sentence_vi", Text, nullable=False),
    Column("sentence_en", Text, nullable=False),
    Column("evidence_us", BigInteger, nullable=False),
    Column("active_us", BigInteger, nullable=False, comment="first evaluation at which the condition held"),
    Column("fired_us", BigInteger, nullable=False),
    Column("level_us", BigInteger, nullable=False, comment="from when it has its level"),
    Column("recovering_us", BigInteger),
    Column("resolved_us", BigInteger),
    Column("assigned_to", Text),
    Column("n_notes", Integer, nullable=False),
    Index(None, "resolved_us"),
    Index(None, "fired_us"),
)

alert_event: Final = Table(
    "alert_event",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False, comment="from 1, in the order of writing"),
    Column("alert_id", Text, ForeignKey("alert.id"), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("who", Text, nullable=False, comment="account or key; empty: the service"),
    Column("text", Text, nullable=False),
    Column("sentence_vi", Text, nullable=False, comment="what the rule said then"),
    Column("sentence_en", Text, nullable=False),
    Column("level", Text),
    Index(None, "alert_id"),
)

silence: Final = Table(
    "silence",
    metadata,
    Column("id", Text, primary_key=True),
    Column("matchers", Text, nullable=False, comment="JSON list"),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("begins_us", BigInteger, nullable=False),
    Column("ends_us", BigInteger, nullable=False),
    Column("ended_by", Text, comment="who ended it early"),
)

rule_health: Final = Table(
    "rule_health",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("failure", Text, comment="what its last evaluation failed of; null: it did not"),
    Column("since_us", BigInteger, nullable=False, comment="since when that is so"),
    Column("n_failures", BigInteger, nullable=False, comment="times that it began to fail"),
)
