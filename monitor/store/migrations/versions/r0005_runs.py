"""Simulations that people asked for, what came of them, and plans saved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "run",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False, comment="canonical JSON"),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="of kind and request"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="why it is not done; empty: it is, or goes on"),
        sa.Column("faults", sa.Text(), nullable=False, comment="JSON list, of a refused request"),
        sa.Column("summary", sa.Text(), nullable=False, comment="JSON object, a few figures for lists"),
        sa.Column("version", sa.Text(), nullable=False, comment="of the program"),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_us", sa.BigInteger(), nullable=False),
        sa.Column("started_us", sa.BigInteger()),
        sa.Column("ended_us", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_index("ix_run_asked_us", "run", ["asked_us"])
    op.create_table(
        "run_file",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="gzip"),
        sa.PrimaryKeyConstraint("run", "name", name="pk_run_file"),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name="fk_run_file_run_run"),
    )
    op.create_table(
        "plan",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False, comment="canonical JSON"),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="of kind and request"),
        sa.Column("version", sa.Text(), nullable=False, comment="of the program that saved it"),
        sa.Column("run", sa.Text(), comment="what came of it; null: not run when it was saved"),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("saved_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plan"),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name="fk_plan_run_run"),
    )
