"""The shift log, and the editions of our own bulletins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    """Make the tables; nothing that was kept before belongs in them."""
    op.create_table(
        "shift_entry",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False, comment="from 1, without gaps"),
        sa.Column("shift", sa.BigInteger(), nullable=False, comment="number of the entry that began the shift"),
        sa.Column("gate", sa.Text(), comment="null: the whole province"),
        sa.Column("kind", sa.Text(), nullable=False, comment="begun, note or signed"),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("takes_over", sa.BigInteger(), comment="of begun: the shift whose hand-over was taken"),
        sa.Column("draft", sa.Text(), comment="of signed: JSON, what the log drafted by itself, as it was signed"),
        sa.Column("key", sa.Text(), comment="of the one who writes: the same again is the same entry"),
        sa.PrimaryKeyConstraint("number", name="pk_shift_entry"),
        sa.UniqueConstraint("who", "key", name="uq_shift_entry_who_key"),
    )
    op.create_index("ix_shift_entry_shift", "shift_entry", ["shift"])
    op.create_index("ix_audit_at_us", "audit", ["at_us"])
    op.create_table(
        "bulletin_edition",
        sa.Column("day", sa.Text(), nullable=False, comment="day of the bulletin, which ends at 20:00"),
        sa.Column(
            "edition", sa.Integer(), nullable=False, autoincrement=False,
            comment="from 1; a late event makes a further one",
        ),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False, comment="last journal entry that it rests on"),
        sa.Column("figures", sa.Text(), nullable=False, comment="JSON list of gate, direction, line, value"),
        sa.PrimaryKeyConstraint("day", "edition", name="pk_bulletin_edition"),
    )  # fmt: skip
