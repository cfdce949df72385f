"""S1, the overview: every gate with both directions, the province, what is to be done."""

from __future__ import annotations

from typing import Any

from gatewatch.monitor.web.live import LiveText
from gatewatch.monitor.web.page import PEOPLE, Asked, Page, gate_title, in_block

PAGE = Page(
    "/", "Overview", "overview.html", PEOPLE, place=10, scripts=("pages/overview.js",), styles=("pages/overview.css",)
)


def content(asked: Asked) -> dict[str, Any]:
    """Return the gates that the caller may see, and live state, so that the first picture needs no second request."""
    core = asked.services.core
    snapshot = core.projector.live(asked.now)
    shown = dict.fromkeys(flow.gate for flow in snapshot.flows if asked.who.may_reach(flow.gate))
    gates = [{"id": gate, "title": gate_title(core.border, gate, asked.words)} for gate in shown]
    return {"gates": gates, "live": in_block(LiveText(snapshot, core.border).text(asked.who.gates).decode())}
