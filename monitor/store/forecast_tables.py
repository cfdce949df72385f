"""The tables of forecasts, of their scores, and of what was decided on them; a change needs a migration."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, Table, Text

from gatewatch.monitor.store.tables import metadata

forecast: Final = Table(
    "forecast",
    metadata,
    Column("id", Text, primary_key=True, comment="that of its run"),
    Column("at_us", BigInteger, nullable=False, comment="the instant it starts from"),
    Column("made_us", BigInteger, nullable=False),
    Column("is_scheduled", Boolean, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("manifest", Text, nullable=False, comment="canonical JSON: what makes it repeatable"),
    Column("content", LargeBinary, nullable=False, comment="gzip of the forecast as JSON"),
    Index(None, "at_us"),
)

forecast_score: Final = Table(
    "forecast_score",
    metadata,
    # Scores outlive the forecasts that they are of.
    Column("forecast", Text, primary_key=True),
    Column("gate", Text, primary_key=True),
    Column("direction", Text, primary_key=True),
    Column("horizon_h", Integer, primary_key=True, autoincrement=False),
    Column("at_us", BigInteger, nullable=False, comment="the instant that was foretold"),
    Column("seen", Float, nullable=False, comment="backlog [veh]"),
    Column("median", Float, nullable=False),
    Column("is_inside", Boolean, nullable=False, comment="in the band from p10 to p90"),
    Column("crps", Float, nullable=False),
    Column("pinball", Text, nullable=False, comment="JSON list: p10, p50, p90"),
    Column("baselines", Text, nullable=False, comment="JSON list: absolute errors, null where it said nothing"),
    Index(None, "at_us"),
)

decision: Final = Table(
    "decision",
    metadata,
    Column("id", Text, primary_key=True),
    Column("decided_us", BigInteger, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("forecast", Text, comment="the forecast that was seen"),
    Column("alternative", Text, nullable=False, comment="as the forecast names it"),
    Column("policies", Text, nullable=False, comment="JSON list: kind and settings of each"),
    Column("consent", Text, nullable=False, comment="of the Chinese side: yes, asked, no, not_needed"),
    Column("note", Text, nullable=False),
    Column("applied", Text, nullable=False, comment="JSON list: hours put into the live calendar"),
    Column("foretold", Text, nullable=False, comment="JSON: what the forecast said of it and of doing nothing"),
    Column("due_us", BigInteger, nullable=False, comment="when it can be told what happened"),
    Column("outcome", Text, comment="JSON: what happened; null: not yet known"),
    Index(None, "decided_us"),
)
