"""S10, the quality of the alarms: too many, too restless, too long, looked after or not."""

from __future__ import annotations

from typing import Any

from gatewatch.monitor.web.page import PEOPLE, Asked, Page, gate_title
from gatewatch.monitor.web.pages.rule_titles import rule_titles

PAGE = Page(
    "/alarms/quality", "Quality of the alarms", "quality.html", PEOPLE, scripts=("pages/quality.js",),
    styles=("pages/desk.css",),
)  # fmt: skip


def content(asked: Asked) -> dict[str, Any]:
    """Return the names of gates and rules."""
    border = asked.services.core.border
    return {
        "gates": {gate: gate_title(border, gate, asked.words) for gate in border.gates},
        "titles": rule_titles(asked.words.say),
    }
