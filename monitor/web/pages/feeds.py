"""S9, the feeds: the worst first, and what one of them sends just now, with what becomes of it."""

from __future__ import annotations

from typing import Any

from gatewatch.monitor.web.live import feeds_now
from gatewatch.monitor.web.page import PEOPLE, Asked, Page, gate_title, in_block

PAGE = Page(
    "/feeds", "Feeds", "feeds.html", PEOPLE, place=60, scripts=("pages/feeds.js",),
    styles=("pages/desk.css", "pages/feeds.css"),
)  # fmt: skip


def content(asked: Asked) -> dict[str, Any]:
    """Return how the sources do, with the names of gates and the cadence that is expected of each."""
    core, who = asked.services.core, asked.who
    state = feeds_now(core, asked.now, who.gates)
    return {
        "state": in_block(state.model_dump_json()),
        "gates": {gate: gate_title(core.border, gate, asked.words) for gate in core.border.gates},
        "periods": {source: feed.period for source, feed in core.feeds.items()},
    }
