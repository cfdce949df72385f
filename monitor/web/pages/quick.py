"""S4, counts by hand and lanes, for a phone in the yard: the simplest screen, since every estimate starts from it."""

from __future__ import annotations

from typing import Any

from gatewatch.monitor.web.page import OPERATORS, Asked, Page, gate_title, gates_in_order

PAGE = Page(
    "/quick", "Hand count", "quick.html", OPERATORS, place=20, scripts=("pages/quick.js",), styles=("pages/quick.css",)
)


def content(asked: Asked) -> dict[str, Any]:
    """Return what can be counted at each gate that the caller may reach."""
    border, vietnamese = asked.services.core.border, asked.words.language == "vi"
    gates = []
    for name in gates_in_order(border, asked.who):
        gate = border.gates[name]
        directions = [way for way in ("export", "import") if gate.direction(way) is not None]
        yards = [
            {"id": yard, "title": (found.title_vi if vietnamese else None) or found.title or yard}
            for yard, found in gate.yards.items()
            if found.kind != "counterpart"
        ]
        gates.append(
            {"id": name, "title": gate_title(border, name, asked.words), "directions": directions, "yards": yards}
        )
    query = asked.request.query_params
    return {"gates": gates, "wanted": {"gate": query.get("gate", ""), "direction": query.get("direction", "")}}
