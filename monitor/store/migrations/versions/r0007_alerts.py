"""What alerting remembers, alerts with their timelines, silences, and how the rules do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "alerting",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False, comment="grows by one with every evaluation and every deed"),
        sa.Column("at_us", sa.BigInteger(), nullable=False, comment="of the last evaluation"),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="of the body"),
        sa.Column(
            "body", sa.Text(), nullable=False, comment="JSON: every clock of every alert, group, escalation, silence"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_alerting"),
        sa.CheckConstraint("id = 1", name="ck_alerting_one_row"),
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False, comment="empty: the province or the service"),
        sa.Column("direction", sa.Text(), nullable=False, comment="empty: both"),
        sa.Column("labels", sa.Text(), nullable=False, comment="JSON object"),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("doubt", sa.Text(), comment="why nobody can say at present; null: it is known"),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("level_before", sa.Text()),
        sa.Column("value", sa.Float()),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("threshold", sa.Float()),
        sa.Column("sentence_vi", sa.Text(), nullable=False),
        sa.Column("sentence_en", sa.Text(), nullable=False),
        sa.Column("evidence_us", sa.BigInteger(), nullable=False),
        sa.Column("active_us", sa.BigInteger(), nullable=False, comment="first evaluation at which the condition held"),
        sa.Column("fired_us", sa.BigInteger(), nullable=False),
        sa.Column("level_us", sa.BigInteger(), nullable=False, comment="from when it has its level"),
        sa.Column("recovering_us", sa.BigInteger()),
        sa.Column("resolved_us", sa.BigInteger()),
        sa.Column("assigned_to", sa.Text()),
        sa.Column("n_notes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
    )
    op.create_index("ix_alert_resolved_us", "alert", ["resolved_us"])
    op.create_index("ix_alert_fired_us", "alert", ["fired_us"])
    op.create_table(
        "alert_event",
        sa.Column(
            "number", sa.BigInteger(), autoincrement=False, nullable=False, comment="from 1, in the order of writing"
        ),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False, comment="account or key; empty: the service"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sentence_vi", sa.Text(), nullable=False, comment="what the rule said then"),
        sa.Column("sentence_en", sa.Text(), nullable=False),
        sa.Column("level", sa.Text()),
        sa.PrimaryKeyConstraint("number", name="pk_alert_event"),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_alert_event_alert_id_alert"),
    )
    op.create_index("ix_alert_event_alert_id", "alert_event", ["alert_id"])
    op.create_table(
        "silence",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("matchers", sa.Text(), nullable=False, comment="JSON list"),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("begins_us", sa.BigInteger(), nullable=False),
        sa.Column("ends_us", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", sa.Text(), comment="who ended it early"),
        sa.PrimaryKeyConstraint("id", name="pk_silence"),
    )
    op.create_table(
        "rule_health",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), comment="what its last evaluation failed of; null: it did not"),
        sa.Column("since_us", sa.BigInteger(), nullable=False, comment="since when that is so"),
        sa.Column("n_failures", sa.BigInteger(), nullable=False, comment="times that it began to fail"),
        sa.PrimaryKeyConstraint("rule", name="pk_rule_health"),
    )
