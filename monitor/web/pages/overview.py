"""S1, the overview: every gate with both directions, the province, what is to be done."""

from __future__ import annotations

from typing import Any

from gatewatch.monitor.web.live import LiveText
from gatewatch.monitor.web.page import PEOPLE, Asked, Page, gate_title, gates_in_order, in_block

PAGE = Page(
    "/", "Overview", "overview.html", PEOPLE, place=10, scripts=("pages/overview.js",), styles=("pages/overview.css",)
)


def content(asked: Asked) -> dict[str, Any]:
    """Return the gates that the caller may see, and live state, so that the first picture needs no second request."""
    core, words = asked.services.core, asked.words
    snapshot = core.projector.live(asked.now)
    gates = [
        {"id": gate, "title": gate_title(core.border, gate, words)} for gate in gates_in_order(core.border, asked.who)
    ]
    yards = {
        f"{gate['id']}/{name}": (yard.title_vi if words.language == "vi" else None) or yard.title or name
        for gate in gates
        for name, yard in core.border.gates[gate["id"]].yards.items()
    }
    return {
        "gates": gates,
        "yards": yards,
        "live": in_block(LiveText(snapshot, core.border).text(asked.who.gates).decode()),
        "alerts_page": next((p.path for p in asked.services.screens.pages if p.path in {"/alarms", "/alerts"}), ""),
        "may_act": asked.who.role in {"operator", "coordinator", "admin"},
    }
