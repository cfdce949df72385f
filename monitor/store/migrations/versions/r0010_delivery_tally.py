"""How many tries failed of the messages that are kept no more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision: str | None = "0009"


def upgrade() -> None:
    """Make the table; nothing was let go of before."""
    op.create_table(
        "delivery_tally",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("n_failed", sa.BigInteger(), nullable=False, comment="tries that failed of messages kept no more"),
        sa.PrimaryKeyConstraint("channel", name="pk_delivery_tally"),
    )
