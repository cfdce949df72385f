"""Accounts, API keys, sessions, and the audit of who did what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Make the tables; the first start makes the first account."""
    op.create_table(
        "account",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("gates", sa.Text(), comment="JSON list; null: every gate"),
        sa.Column("password", sa.Text(), nullable=False, comment="argon2id, with its parameters and salt"),
        sa.Column("is_disabled", sa.Boolean(), nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("changed_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_account"),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.Text(), nullable=False, comment="the key's beginning, which may be told"),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="of the whole key, which is not kept"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("gates", sa.Text(), comment="JSON list; null: every gate"),
        sa.Column("sources", sa.Text(), comment="JSON list; null: every source"),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("ends_us", sa.BigInteger(), comment="from then on it opens nothing; null: no end"),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
    )
    op.create_table(
        "session",
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="of the cookie's value, which is not kept"),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False, comment="what a page sends back with every change"),
        sa.Column("begun_us", sa.BigInteger(), nullable=False),
        sa.Column("ends_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_session"),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name="fk_session_account_account"),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False, comment="from 1, without gaps"),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column(
            "address",
            sa.Text(),
            nullable=False,
            comment="where the request came from; empty: this machine's own command",
        ),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, comment="JSON object"),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="of the row before and of this one"),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
