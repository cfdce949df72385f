"""S6, how good the forecasts were: in the band or not, too high or too low, beside two ways of guessing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from gatewatch.monitor.forecasts.forecasts import HORIZON_H
from gatewatch.monitor.web.page import PEOPLE, Asked, Page, gate_title

PAGE = Page(
    "/plan/accuracy", "Accuracy of the forecasts", "accuracy.html", PEOPLE, scripts=("pages/accuracy.js",),
    styles=("pages/desk.css", "pages/accuracy.css"),
)  # fmt: skip


def content(asked: Asked) -> dict[str, Any]:
    """Return the names of gates, and until when the first forecast looks: before that there is nothing to score."""
    core = asked.services.core
    first = core.forecasts.stored.first_at()
    ends = None if first is None else first + timedelta(hours=HORIZON_H)
    return {
        "gates": {gate: gate_title(core.border, gate, asked.words) for gate in core.border.gates},
        "first_ends": "" if ends is None else ends.isoformat(),
        "every_min": core.settings.forecast_minutes,
    }
