"""S3, the alarms: what is wrong, since when and why, who has it, who was told, and what to do."""

from __future__ import annotations

from typing import Any

from gatewatch.monitor.web.alerts import alerts_text
from gatewatch.monitor.web.page import OPERATORS, PEOPLE, Asked, Page, gate_title, in_block
from gatewatch.monitor.web.pages.rule_titles import rule_titles

PAGE = Page(
    "/alarms", "Alarms", "alarms.html", PEOPLE, place=20, scripts=("pages/alarms.js",),
    styles=("pages/desk.css", "pages/alarms.css"),
)  # fmt: skip


def content(asked: Asked) -> dict[str, Any]:
    """Return the alerts of now, so that the first picture needs no second request."""
    core, who = asked.services.core, asked.who
    gates = {gate: gate_title(core.border, gate, asked.words) for gate in core.border.gates}
    return {
        "alerts": in_block(alerts_text(core, asked.now).text(who.gates).decode()),
        "gates": gates,
        "titles": rule_titles(asked.words.say),
        "may_act": who.role in OPERATORS,
    }
