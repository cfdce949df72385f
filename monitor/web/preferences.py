"""`/preferences`: language and colours, kept in the browser, so that a page comes right at once and never flashes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from starlette.responses import RedirectResponse

from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.page import LANGUAGE_COOKIE, THEME_COOKIE, THEMES
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.services import Serving
from gatewatch.monitor.web.words import LANGUAGES

_FIVE_YEARS_S = 5 * 365 * 86_400

router = new_router("pages")


def local_path(text: str | None) -> str:
    """
    Return an address of this site to go to; anything else becomes the first page.

    >>> local_path("/g/huu_nghi?day=1"), local_path("//elsewhere/x"), local_path("https://elsewhere"), local_path(None)
    ('/g/huu_nghi?day=1', '/', '/', '/')
    """
    is_local = text is not None and text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if text is not None and is_local else "/"


@router.post("/preferences", include_in_schema=False, response_class=RedirectResponse, response_model=None)
async def post_preferences(
    services: Serving,
    language: Annotated[str | None, Form()] = None,
    theme: Annotated[str | None, Form()] = None,
    back: Annotated[str | None, Form()] = None,
) -> RedirectResponse:
    """Keep a language or colours in the browser and go back to the page."""
    response = RedirectResponse(local_path(back), 303)
    for name, value, known in ((LANGUAGE_COOKIE, language, LANGUAGES), (THEME_COOKIE, theme, THEMES)):
        if value is None:
            continue
        if value not in known:
            raise ProblemError(422, f"{name} is {value[:40]!r}; choose one of {', '.join(known)}.")
        response.set_cookie(
            name, value, max_age=_FIVE_YEARS_S, path="/", samesite="lax", secure=services.core.settings.is_behind_tls
        )
    return response
