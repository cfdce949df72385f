"""The networks from which an API key opens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"


def upgrade() -> None:
    """Add the column; keys that there are open from everywhere, as before."""
    op.add_column("api_key", sa.Column("networks", sa.Text(), comment="JSON list; null: from everywhere"))
