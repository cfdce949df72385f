"""Instants that may be missing, as columns hold them: null."""

from __future__ import annotations

from datetime import datetime

from gatewatch.monitor.observations import from_us, to_us


def us_or_none(at: datetime | None) -> int | None:
    """Return the microseconds since 1970 of an aware instant [us], None for none."""
    return None if at is None else to_us(at)


def at_or_none(us: int | None) -> datetime | None:
    """Return the aware UTC of microseconds since 1970 [us], None for none."""
    return None if us is None else from_us(us)
