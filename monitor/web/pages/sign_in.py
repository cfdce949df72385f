"""Sign-in, for people; who is signed in already may sign in as somebody else."""

from __future__ import annotations

from typing import Any

from gatewatch.monitor.web.page import Asked, Page
from gatewatch.monitor.web.preferences import local_path

PAGE = Page("/sign-in", "Sign in", "sign_in.html", None, scripts=("pages/sign_in.js",))


def content(asked: Asked) -> dict[str, Any]:
    """Return where to go afterwards."""
    return {"next": local_path(asked.request.query_params.get("next"))}
