"""S5, what if: alternatives set beside doing nothing, run apart from the service, read in words and charts."""

from __future__ import annotations

from typing import Any

from gatewatch.monitor.web.page import COORDINATORS, PEOPLE, PLANNERS, Asked, Page

PAGE = Page("/plan", "What if", "plan.html", PEOPLE, place=30, scripts=("pages/plan.js",), styles=("pages/plan.css",))


def content(asked: Asked) -> dict[str, Any]:
    """Return whether the caller may run anything and decide on it: others read what was run."""
    return {"may_run": asked.who.role in PLANNERS, "may_decide": asked.who.role in COORDINATORS}
