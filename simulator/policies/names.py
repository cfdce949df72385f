"""Names of what policies add to a border."""

from __future__ import annotations

from gatewatch.config.records import Record
from gatewatch.simulator.policies.fields import Between


def entry_name(settings: Record, *parts: str | None) -> str:
    """
    Return a name made of what an entry is about and of its dates.

    Two policies about the same thing on the same days get the same name: then they are in conflict, as they should be.
    """
    dates = (settings.first, settings.last) if isinstance(settings, Between) else ()
    return "_".join([*(part for part in parts if part), *(f"{day:%Y%m%d}" for day in dates if day is not None)])
