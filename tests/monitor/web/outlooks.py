"""Forecasts kept by hand, and decisions on them."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from gatewatch.monitor.store.forecasts import Decision, KeptForecast, StoredForecasts
from gatewatch.monitor.store.runs import canonical
from tests.monitor.stories import clock
from tests.monitor.web.sites import Site

TITLE = {"vi": "Đóng lúc 20:00", "en": "Close at 20:00"}
DOUBTED = ["silent camera/out", "quality D"]


def row(alternative: str, start: datetime, p50: float) -> dict[str, Any]:
    """Return what a forecast says of the one direction, hour by hour the same."""
    band = {"p10": p50 - 10, "p50": p50, "p90": p50 + 10}
    return {
        "alternative": alternative, "gate": "north", "direction": "export", "doubts": DOUBTED,
        "hours": {
            "at": [(start + timedelta(hours=n)).isoformat() for n in range(25)],
            "backlog": {name: [value] * 25 for name, value in band.items()},
        },
        "close": {
            "at": clock("18:00").isoformat(), "is_today": True, "never_closes": False, "backlog": band, "places": 50,
            "p_over_places": 0.25, "left_levels": [0, 0],
        },
        "opening": {"at": clock("7:00", 1).isoformat(), "backlog": band},
    }  # fmt: skip


def keep(site: Site, start: datetime, skipped: Sequence[Mapping[str, str]] = (), p50: float = 40) -> None:
    """Keep a forecast made by the clock."""
    forecast = {
        "at": start.isoformat(), "skipped": list(skipped), "yards": [], "hours": [],
        "flows": [] if skipped else [row("do nothing", start, p50), row("later", start, p50 - 20)],
        "titles": {"later": ""},
    }  # fmt: skip
    manifest: dict[str, Any] = {"horizon_h": 24, "alternatives": {"do nothing": [], "later": ["extended_hours"]}}
    content = gzip.compress(canonical({**forecast, "manifest": manifest}).encode())
    kept = KeptForecast(f"{start:%d%H%M}", start, start, True, "service", manifest, content)
    site.core.writer.write(lambda connection: StoredForecasts.add(connection, kept)).result()


def decide(site: Site, forecast: str, alternative: str, number: int = 1) -> None:
    """Keep a decision on it."""
    decision = Decision(
        f"d{number}", site.now, "account:huong", forecast, alternative, ("extended_hours",), "asked", "", (),
        {"flows": [{"gate": "north", "direction": "export"}], "title": TITLE}, site.now,
    )  # fmt: skip
    site.core.decisions.keep(decision)
