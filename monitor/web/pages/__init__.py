"""
Pages: one file each, found by scanning this folder.

A page is a module with `PAGE`, and where it shows more than its template says a function
`content(asked) -> dict` that returns what the template may use.
"""

from __future__ import annotations

from functools import cache

from fastapi.routing import APIRouter

from gatewatch.config.scanning import modules_with
from gatewatch.monitor.web.page import Content, Page, page_route


@cache
def list_pages() -> tuple[tuple[Page, Content | None], ...]:
    """Return every page with what makes its content, in the order of the navigation."""
    found: list[tuple[Page, Content | None]] = [
        (module.PAGE, getattr(module, "content", None)) for module in modules_with(__name__, "PAGE").values()
    ]
    return tuple(sorted(found, key=lambda item: (item[0].place is None, item[0].place, item[0].path)))


def page_routers() -> list[APIRouter]:
    """Return a route for each page."""
    return [page_route(page, content) for page, content in list_pages()]
