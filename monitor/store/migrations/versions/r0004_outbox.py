"""What is to be delivered, of which alert it tells, and each try."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables; nothing waits in them yet."""
    op.create_table(
        "outbox",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False, comment="order in which it was put in"),
        sa.Column(
            "key", sa.Text(), nullable=False, comment="alert, transition and destination: put twice, it is there once"
        ),
        sa.Column("destination", sa.Text(), nullable=False, comment="contact"),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="JSON of the message as rendered"),
        sa.Column("state", sa.Text(), nullable=False, comment="waiting, sent or dead"),
        sa.Column("made_us", sa.BigInteger(), nullable=False, comment="evaluation that made it"),
        sa.Column("due_us", sa.BigInteger(), nullable=False, comment="next try, by the clock of the deliveries"),
        sa.Column("first_us", sa.BigInteger(), comment="first try; null: none yet"),
        sa.Column("settled_us", sa.BigInteger(), comment="when it was delivered or given up"),
        sa.Column("n_tries", sa.Integer(), nullable=False),
        sa.Column(
            "is_doubtful", sa.Boolean(), nullable=False, comment="a try ended without a word: it may have arrived"
        ),
        sa.Column("lease", sa.Text(), comment="who delivers it now; null: nobody"),
        sa.Column("lease_ends_us", sa.BigInteger()),
        sa.Column("said", sa.Text(), nullable=False, comment="what the last try that failed said"),
        sa.PrimaryKeyConstraint("number", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    op.create_index("ix_outbox_state_due_us", "outbox", ["state", "due_us"])
    op.create_table(
        "outbox_news",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="of the notice"),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", "key", name="pk_outbox_news"),
        sa.ForeignKeyConstraint(["number"], ["outbox.number"], name="fk_outbox_news_number_outbox"),
    )
    op.create_index("ix_outbox_news_alert_id", "outbox_news", ["alert_id"])
    op.create_table(
        "delivery",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False, comment="which try, from 1"),
        sa.Column("at_us", sa.BigInteger(), nullable=False, comment="when it ended"),
        sa.Column("result", sa.Text(), nullable=False, comment="sent, failed, unknown"),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", "n", name="pk_delivery"),
        sa.ForeignKeyConstraint(["number"], ["outbox.number"], name="fk_delivery_number_outbox"),
    )
