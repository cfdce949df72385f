"""Forecasts, their scores, and what was decided on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "forecast",
        sa.Column("id", sa.Text(), nullable=False, comment="that of its run"),
        sa.Column("at_us", sa.BigInteger(), nullable=False, comment="the instant it starts from"),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("is_scheduled", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False, comment="canonical JSON: what makes it repeatable"),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="gzip of the forecast as JSON"),
        sa.PrimaryKeyConstraint("id", name="pk_forecast"),
    )
    op.create_index("ix_forecast_at_us", "forecast", ["at_us"])
    op.create_table(
        "forecast_score",
        sa.Column("forecast", sa.Text(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("horizon_h", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False, comment="the instant that was foretold"),
        sa.Column("seen", sa.Float(), nullable=False, comment="backlog [veh]"),
        sa.Column("median", sa.Float(), nullable=False),
        sa.Column("is_inside", sa.Boolean(), nullable=False, comment="in the band from p10 to p90"),
        sa.Column("crps", sa.Float(), nullable=False),
        sa.Column("pinball", sa.Text(), nullable=False, comment="JSON list: p10, p50, p90"),
        sa.Column(
            "baselines", sa.Text(), nullable=False, comment="JSON list: absolute errors, null where it said nothing"
        ),
        sa.PrimaryKeyConstraint("forecast", "gate", "direction", "horizon_h", name="pk_forecast_score"),
    )
    op.create_index("ix_forecast_score_at_us", "forecast_score", ["at_us"])
    op.create_table(
        "decision",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("decided_us", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("forecast", sa.Text(), comment="the forecast that was seen"),
        sa.Column("alternative", sa.Text(), nullable=False, comment="as the forecast names it"),
        sa.Column("policies", sa.Text(), nullable=False, comment="JSON list: kind and settings of each"),
        sa.Column("consent", sa.Text(), nullable=False, comment="of the Chinese side: yes, asked, no, not_needed"),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("applied", sa.Text(), nullable=False, comment="JSON list: hours put into the live calendar"),
        sa.Column(
            "foretold", sa.Text(), nullable=False, comment="JSON: what the forecast said of it and of doing nothing"
        ),
        sa.Column("due_us", sa.BigInteger(), nullable=False, comment="when it can be told what happened"),
        sa.Column("outcome", sa.Text(), comment="JSON: what happened; null: not yet known"),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
    )
    op.create_index("ix_decision_decided_us", "decision", ["decided_us"])
