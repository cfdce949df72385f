"""Suggested thresholds, kept as a worker's run would be."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from gatewatch.monitor.simulations.suggestions import KIND
from gatewatch.monitor.store.runs import Run, StoredRuns
from tests.monitor.web.sites import Site


def keep_suggestions(site: Site, number: int, suggestions: list[dict[str, Any]]) -> str:
    """Keep a run that is done, the later the higher its number; return its id."""
    said = {"at": "2026-01-14T20:50:00Z", "days": 28, "suggestions": suggestions}
    at = site.now - timedelta(hours=8 - number)
    run = Run(f"run{number}", KIND, "28 days", {"days": 28}, "done", "1", "service", at, at, at)

    def keep(connection: Connection) -> None:
        StoredRuns.add(connection, run)
        StoredRuns.change(connection, run, {"result.json": gzip.compress(json.dumps(said).encode())})

    site.core.writer.write(keep).result()
    return run.id


def suggested_at(gate: str, now: float = 150.0) -> dict[str, Any]:
    """Return 200 vehicles instead of those in force, for exports of a gate."""
    return {
        "rule": "backlog_sustained", "gate": gate, "direction": "export", "key": "busy", "unit": "veh", "now": now,
        "suggested": 200.0, "n_days": 26, "fired_now_per_week": 7.0, "fired_suggested_per_week": 0.25,
        "basis": {"vi": "…", "en": "…"}, "toml": f"# thresholds/{gate}.toml\n[export.backlog_sustained]\nbusy = 200\n",
    }  # fmt: skip
