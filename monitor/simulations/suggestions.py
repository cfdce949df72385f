"""Thresholds suggested from recorded days: asked for each night or by people, worked out by a worker, kept as a run."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from typing import Any, Final

import structlog

from gatewatch.monitor.observations import instant_text
from gatewatch.monitor.simulations.kinds import RESULT
from gatewatch.monitor.simulations.pool import FullError
from gatewatch.monitor.simulations.runs import Runs
from gatewatch.monitor.store.runs import Run

KIND: Final = "rules_suggestions"
DAYS: Final = 28
SERVICE: Final = "service"  # who asks by the clock
_LOOKED_AT: Final = 50  # runs of the kind, of which the last that is done counts

_log: Final = structlog.get_logger(__name__)


class RuleSuggestions:
    """
    Has thresholds suggested, and finds what was suggested last.

    Args:
        runs: Does it, and keeps it.
    """

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def ask(self, days: int, by: str, now: datetime) -> Run:
        """
        Have the days before now looked at, and return the run.

        Raises:
            FullError: Too much waits already.
            StoreError: It could not be kept.
        """
        return self._runs.ask(KIND, {"ends": instant_text(now), "days": days}, by, f"{days} days")

    def look(self, now: datetime) -> None:
        """Ask for it by the clock; where too much waits, the next night is early enough."""
        try:
            self.ask(DAYS, SERVICE, now)
        except FullError as error:
            _log.warning("no thresholds are suggested", reason=str(error))

    def latest(self) -> tuple[Run, dict[str, Any]] | None:
        """Return the last run that is done with its result, or None."""
        for view in self._runs.latest(_LOOKED_AT, [KIND]):
            if view.run.state == "done":
                content = self._runs.stored.file(view.run.id, RESULT)
                if content is not None:
                    return view.run, json.loads(gzip.decompress(content))
        return None
