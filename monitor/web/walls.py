"""`/wall/open`: a wall comes in with its key, once; from then on its browser has a cookie that opens the wall alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import RedirectResponse

from gatewatch.monitor.web.auth import WALL_COOKIE, new_router
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.services import Serving

_TEN_YEARS_S = 10 * 365 * 86_400

router = new_router("pages")


@router.get("/wall/open", include_in_schema=False, response_class=RedirectResponse, response_model=None)
async def get_wall_open(
    services: Serving, key: Annotated[str, Query(min_length=1, max_length=200, description="Of the role `wall`.")]
) -> RedirectResponse:
    """Take a wall's key out of the address bar into a cookie, and show the wall."""
    caller = services.core.register.key_caller(key, services.clock())
    if caller is None or caller.role != "wall":
        raise ProblemError(401, 'this is no key of a wall; an admin makes one with POST /v1/keys and the role "wall".')
    response = RedirectResponse("/wall", 303)
    is_behind_tls = services.core.settings.is_behind_tls
    response.set_cookie(
        WALL_COOKIE, key, max_age=_TEN_YEARS_S, path="/wall", secure=is_behind_tls, httponly=True, samesite="strict"
    )
    return response
