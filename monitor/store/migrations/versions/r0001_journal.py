"""The journal, its quarantine, and who leads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of the journal; nobody leads yet."""
    op.create_table(
        "event",
        sa.Column("seq", _NUMBER, autoincrement=False, nullable=False, comment="order of acceptance, without gaps"),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("eid", sa.Text(), nullable=False, comment="id of the CloudEvent"),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("occurred_us", sa.BigInteger(), nullable=False, comment="by the reporter's clock"),
        sa.Column("received_us", sa.BigInteger(), nullable=False, comment="by ours"),
        sa.Column("sent_us", sa.BigInteger(), comment="the reporter's clock when it sent"),
        sa.Column("key_id", sa.Text(), comment="API key it came with"),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="of the content, extensions left out"),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="canonical CloudEvent"),
        sa.PrimaryKeyConstraint("seq", name="pk_event"),
        sa.UniqueConstraint("source", "eid", name="uq_event_source_eid"),
    )
    op.create_table(
        "event_quarantine",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        sa.Column(
            "cause",
            sa.Text(),
            nullable=False,
            comment="conflict: another content under a known id; refused: see reason",
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("eid", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("occurred_us", sa.BigInteger(), nullable=False),
        sa.Column("received_us", sa.BigInteger(), nullable=False, comment="the first time it came"),
        sa.Column("key_id", sa.Text()),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_event_quarantine"),
        sa.UniqueConstraint("source", "eid", "sha256", "cause", name="uq_event_quarantine_source_eid_sha256_cause"),
    )
    leader = op.create_table(
        "leader",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "token",
            sa.BigInteger(),
            nullable=False,
            comment="grows by one with every leader; checked by every write",
        ),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("since_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_leader"),
        sa.CheckConstraint("id = 1", name=op.f("ck_leader_one_row")),
    )
    op.bulk_insert(leader, [{"id": 1, "token": 0, "holder": "nobody", "since_us": 0}])
