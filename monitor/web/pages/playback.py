"""Playback: a run or a recorded day is watched, vehicle by vehicle, so that a jam can be seen to grow."""

from __future__ import annotations

from typing import Any

from gatewatch.monitor.web.page import PEOPLE, PLANNERS, Asked, Page, gate_title

PAGE = Page(
    "/playback", "Playback", "playback.html", PEOPLE, place=46, scripts=("pages/playback.js",),
    styles=("pages/playback.css",),
)  # fmt: skip


def content(asked: Asked) -> dict[str, Any]:
    """Return the gates that the caller may see, the fullest of them now, and whether he may run anything."""
    border = asked.services.core.border
    gates = [
        {"name": name, "title": gate_title(border, name, asked.words)}
        for name, gate in border.gates.items()
        if not gate.dormant and asked.who.may_reach(name)
    ]
    today = asked.now.astimezone(asked.services.zone).date().isoformat()
    inside: dict[str, float] = {}
    for flow in asked.services.core.projector.live(asked.now).flows:
        if flow.backlog.value is not None:
            inside[flow.gate] = inside.get(flow.gate, 0.0) + flow.backlog.value
    fullest = max((gate["name"] for gate in gates), key=lambda name: inside.get(name, 0.0), default="")
    return {"fullest": fullest, "may_run": asked.who.role in PLANNERS, "gates": gates, "today": today}
