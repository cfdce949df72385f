"""S8, the wall: one screen for a room, without pointer or scrolling, for months."""

from __future__ import annotations

from typing import Any

from gatewatch.monitor.web.live import LiveText
from gatewatch.monitor.web.page import WALLS, Asked, Page, gate_title, gates_in_order, in_block

PAGE = Page("/wall", "Wall", "wall.html", WALLS, scripts=("pages/wall.js",), styles=("pages/wall.css",))


def content(asked: Asked) -> dict[str, Any]:
    """Return the gates in their order, with live state."""
    core = asked.services.core
    text = LiveText(core.projector.live(asked.now), core.border).text(asked.who.gates)
    gates = [
        {
            "id": name,
            "title": gate_title(core.border, name, asked.words),
            "directions": [way for way in ("export", "import") if core.border.gates[name].direction(way) is not None],
        }
        for name in gates_in_order(core.border, asked.who)
    ]
    return {"gates": gates, "live": in_block(text.decode()), "stream_of_wall": "/wall/stream"}
