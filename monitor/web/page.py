"""Pages: what a page is, who may see it, and how it is put together for the caller, in his language and colours."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final, Literal, get_args
from urllib.parse import quote

from fastapi.routing import APIRoute, APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gatewatch.config.calendars import DirectionName
from gatewatch.config.schema import Border
from gatewatch.monitor.access import Caller, Role
from gatewatch.monitor.feeds.control import ControlFolder, demo_folder
from gatewatch.monitor.web.assets import Assets, packed_response
from gatewatch.monitor.web.auth import admitted
from gatewatch.monitor.web.problems import TITLES, ProblemError
from gatewatch.monitor.web.rules import RULES, Rule
from gatewatch.monitor.web.services import Services, services_of
from gatewatch.monitor.web.words import FIRST, LANGUAGES, Language, Words, load_words

Theme = Literal["system", "light", "dark", "contrast"]
THEMES: Final[tuple[Theme, ...]] = get_args(Theme)
LANGUAGE_COOKIE: Final = "gatewatch-language"
THEME_COOKIE: Final = "gatewatch-theme"
HTML: Final = "text/html; charset=utf-8"

PEOPLE: Final[frozenset[Role]] = frozenset({"viewer", "operator", "coordinator", "planner", "admin"})
OPERATORS: Final[frozenset[Role]] = frozenset({"operator", "coordinator", "admin"})
COORDINATORS: Final[frozenset[Role]] = frozenset({"coordinator", "admin"})
PLANNERS: Final[frozenset[Role]] = frozenset({"planner", "coordinator", "admin"})
WALLS: Final[frozenset[Role]] = PEOPLE | {"wall"}
ADMINS: Final[frozenset[Role]] = frozenset({"admin"})
ROW_ENDS: Final = 45  # pages from this place on stand in the menu of the navigation, the others in its row


@dataclass(frozen=True, slots=True)
class Page:
    """
    A page.

    Args:
        path: Its address; `{names}` are handed to `content` through `Asked.at`.
        title: Its title in English, a text of the catalogues.
        template: Its file in `dashboards/templates`.
        roles: Who may see it; None: anybody, signed in or not.
        place: Its place in the navigation, from `ROW_ENDS` on in its menu; None: it is not there.
        scripts: Its modules, as paths under `dashboards`.
        styles: Its styles beside the common ones.
        example: An address to try it at where `path` has names; the contract tests visit it.
    """

    path: str
    title: str
    template: str
    roles: frozenset[Role] | None
    place: int | None = None
    scripts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    example: str = ""

    @property
    def url(self) -> str:
        """An address at which it can be seen."""
        return self.example or self.path


@dataclass(frozen=True)
class Asked:
    """
    A page that is asked for.

    Args:
        services: What routes work with.
        request: The request.
        caller: Who asks; None on pages that need nobody.
        words: His language.
        now: Aware UTC.
    """

    services: Services
    request: Request
    caller: Caller | None
    words: Words
    now: datetime

    @property
    def at(self) -> Mapping[str, str]:
        """The names in the page's path with what stands there."""
        return self.request.path_params

    @property
    def who(self) -> Caller:
        """Who asks, on a page that needs somebody."""
        assert self.caller is not None
        return self.caller


Content = Callable[[Asked], Mapping[str, Any]]


@dataclass(frozen=True)
class Screens:
    """
    What pages are made of: files, words, templates.

    Args:
        assets: Static files.
        pages: Every page, in the order of the navigation.
    """

    assets: Assets
    pages: tuple[Page, ...] = ()
    _said: dict[tuple[Language, tuple[str, ...]], str] = field(default_factory=dict)
    _found: dict[tuple[str, ...], list[str]] = field(default_factory=dict)

    @cached_property
    def words(self) -> Mapping[Language, Words]:
        """Words of each language."""
        return load_words(self.assets.folder / "locales")

    @cached_property
    def environment(self) -> Environment:
        """The templates."""
        found = Environment(
            loader=FileSystemLoader(self.assets.folder / "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True, auto_reload=False,
        )  # fmt: skip
        found.globals |= {"static": self.assets.url, "LANGUAGES": LANGUAGES, "THEMES": THEMES}
        found.filters["data"] = as_data
        return found

    def render(self, page: Page, asked: Asked, values: Mapping[str, Any]) -> str:
        """Return a page as HTML."""
        services, caller, language = asked.services, asked.caller, asked.words.language
        demo_places = demo_places_of(services, caller, asked.words)
        is_prepared = caller is None or not is_being_prepared(services)
        more = (*(("elements/demo.js",) if demo_places else ()), *(() if is_prepared else ("elements/preparing.js",)))
        scripts = ("shared/shell.js", *more, *page.scripts)
        has_charts = "charts/time_chart.js" in self._imported(scripts)
        common = {
            "_": asked.words.say,
            "pick": asked.words.pick,
            "language": language,
            "theme": theme_of(asked.request),
            "page": page,
            "scripts": scripts,
            "has_charts": has_charts,
            "navigation": [
                other for other in self.pages
                if other.place is not None and caller is not None and caller.role in (other.roles or ())
            ],
            "row_ends": ROW_ENDS,
            "may_take": caller is not None and caller.role in OPERATORS,
            "shell": None if caller is None else self._shell(asked, caller),
            "caller": caller,
            "name": None if caller is None else caller.id.partition(":")[2],
            "csrf": "" if caller is None else caller.csrf or "",
            "path": asked.request.url.path + (f"?{asked.request.url.query}" if asked.request.url.query else ""),
            "is_simulated": services.core.settings.is_simulated,
            "demo_places": demo_places,
            "is_prepared": is_prepared,
            "zone": services.core.border.border.timezone,
            "now": asked.now,
            "said": self._said_by(scripts, language),
        }  # fmt: skip
        return self.environment.get_template(page.template).render({**common, **values})

    def _shell(self, asked: Asked, caller: Caller) -> dict[str, Any]:
        """Return what keys and search lead to: the caller's gates and pages."""
        say, border = asked.words.say, asked.services.core.border
        pages = [page for page in self.pages if page.roles is not None and caller.role in page.roles]
        return {
            "gates": [[gate, gate_title(border, gate, asked.words)] for gate in gates_in_order(border, caller)],
            "pages": [[page.path, say(page.title)] for page in pages if "{" not in page.path],
        }

    def _imported(self, scripts: tuple[str, ...]) -> list[str]:
        """Return scripts and all that they import."""
        if scripts not in self._found:
            self._found[scripts] = self.assets.imported(scripts)
        return self._found[scripts]

    def _said_by(self, scripts: tuple[str, ...], language: Language) -> Markup:
        """Return the words that scripts say, as data for the page."""
        key = (language, scripts)
        if key not in self._said:
            said = self.words[language].said
            self._said[key] = as_data({t: said[t] for t in self.assets.texts(scripts) if t in said})
        return Markup(self._said[key])


def as_data(value: object) -> Markup:
    """Return a value as JSON that may stand in a page's data block."""
    return in_block(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def in_block(text: str) -> Markup:
    """
    Return JSON as it may stand in a page's data block: nothing in it ends the block.

    >>> "<" in in_block('"</script>"')
    False
    """
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def demo_places_of(services: Services, caller: Caller | None, words: Words) -> list[dict[str, str]]:
    """Return gates and directions on which a caller may make jams; none where the border is no simulated one."""
    may = RULES["POST", "/v1/demo/jams"].roles or ()
    if not services.core.settings.is_simulated or caller is None or caller.role not in may:
        return []
    border = services.core.border
    return [
        {"gate": name, "direction": direction, "title": gate_title(border, name, words)}
        for name, gate in border.gates.items()
        for direction in get_args(DirectionName)
        if not gate.dormant and gate.direction(direction) is not None and caller.may_reach(name)
    ]


def is_being_prepared(services: Services) -> bool:
    """Return whether the past of a simulated border is still being told."""
    settings = services.core.settings
    try:
        return settings.is_simulated and not ControlFolder(demo_folder(settings.home)).read().has_begun
    except OSError:
        return False  # nobody plays it from here


def gate_title(border: Border, gate: str, words: Words) -> str:
    """Return a gate's name for people."""
    found = border.gates[gate]
    return (found.title_vi if words.language == "vi" else None) or found.title or gate


def gates_in_order(border: Border, caller: Caller) -> list[str]:
    """Return the gates that a caller may see, from north to south: on every screen in the same place."""
    seen = [name for name, gate in border.gates.items() if not gate.dormant and caller.may_reach(name)]
    return sorted(seen, key=lambda name: (-(border.gates[name].latitude or 0.0), name))


def language_of(request: Request) -> Language:
    """Return the language that a browser has chosen; Vietnamese before it has."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return next((language for language in LANGUAGES if language == chosen), FIRST)


def theme_of(request: Request) -> Theme:
    """Return the colours that a browser has chosen; those of its system before it has."""
    chosen = request.cookies.get(THEME_COOKIE)
    return next((theme for theme in THEMES if theme == chosen), "system")


def page_route(page: Page, content: Content | None) -> APIRouter:
    """Return the route of a page."""
    router = APIRouter(route_class=_route_class(page))

    async def get_page(request: Request) -> Response:
        services = services_of(request)
        asked = _asked(request, services)
        values = {} if content is None else await run_in_threadpool(content, asked)
        return respond(request, services.screens.render(page, asked, values))

    router.add_api_route(page.path, get_page, methods=["GET"], include_in_schema=False, response_class=Response)
    return router


def respond(request: Request, text: str, status: int = 200) -> Response:
    """Return HTML as a response, packed where the browser takes that."""
    content = text.encode()
    response = packed_response(request, content, gzip.compress(content, 6, mtime=0), HTML)
    response.status_code = status
    response.headers["cache-control"] = "no-store"
    return response


def _asked(request: Request, services: Services) -> Asked:
    words = services.screens.words[language_of(request)]
    return Asked(services, request, getattr(request.state, "caller", None), words, services.clock())


def _route_class(page: Page) -> type[APIRoute]:
    """Return a route that sends who is not signed in to sign in, and tells refusals as a page."""

    class PageRoute(APIRoute):
        """The route of one page."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            """Return the handler behind the door."""
            handle = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                services = services_of(request)
                try:
                    request.state.caller = admitted(request, Rule(page.roles), services)
                    response = await handle(request)
                except ProblemError as error:
                    response = await run_in_threadpool(refusal, request, services, error)
                services.metrics.answered(request.method, page.path, response.status_code)
                return response

            return guarded

    return PageRoute


_REFUSED: Final = Page("", "This page cannot be shown", "problem.html", None)


def refusal(request: Request, services: Services, error: ProblemError) -> Response:
    """Return what a person is shown instead of a page: where to sign in, or what is wrong and whom to ask."""
    if error.status_code == 401:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(path, safe='')}", 303)
    asked = _asked(request, services)
    if asked.caller is None:
        asked = Asked(services, request, _caller(request, services), asked.words, asked.now)
    admins = [
        account.name for account in services.core.register.accounts()
        if account.role == "admin" and not account.is_disabled
    ] if asked.caller is not None else []  # fmt: skip
    values = {"status": error.status_code, "kind": TITLES.get(error.status_code, "Refused"), "detail": error.detail,
              "admins": sorted(admins)}  # fmt: skip
    response = respond(request, services.screens.render(_REFUSED, asked, values), error.status_code)
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


def _caller(request: Request, services: Services) -> Caller | None:
    """Return who is at the door although the page is not for him."""
    try:
        return admitted(request, Rule(None), services)
    except ProblemError:
        return None
