"""How a job does: told by the jobs, shown by the web."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class JobState:
    """
    How a job does.

    Args:
        name: Name.
        next_at: When it is done next, aware UTC; None when the jobs are stopped.
        last_at: When it was done last; None: not yet.
        last_s: How long that took [s].
        failure: What the last run failed of; None when it did not.
        n_runs: Runs since the start.
    """

    name: str
    next_at: datetime | None = None
    last_at: datetime | None = None
    last_s: float | None = None
    failure: str | None = None
    n_runs: int = 0
