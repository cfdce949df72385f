"""Quarter hours with their versions, and snapshots of the live state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Make the tables that can be made again from the journal."""
    op.create_table(
        "window_15m",
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("vehicle_class", sa.Text(), nullable=False, comment="empty: all"),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False, comment="stage or yard; empty: the gate"),
        sa.Column("start_us", sa.BigInteger(), nullable=False, comment="start of the quarter of an hour"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False, comment="passes"),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False, comment="seq of the event that made this version"),
        sa.PrimaryKeyConstraint(
            "gate", "direction", "vehicle_class", "what", "place", "start_us", "version", name="pk_window_15m"
        ),
    )
    op.create_index("ix_window_15m_start_us", "window_15m", ["start_us"])
    op.create_index("ix_window_15m_rev", "window_15m", ["rev"])
    op.create_table(
        "state_snapshot",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False, comment="last event in it"),
        sa.Column("layout", sa.Text(), nullable=False, comment="how the body is to be read"),
        sa.Column("taken_us", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="of the body"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_state_snapshot"),
    )
