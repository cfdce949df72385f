"""The door: who comes, whether the rules let him in, how fast he may knock, and how much he may carry."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any, Final

from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query as QueryParameter
from fastapi.routing import APIRoute, APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive

from gatewatch.config.errors import known_names
from gatewatch.monitor.access import Caller, Register
from gatewatch.monitor.web.problems import ProblemError, wait_headers
from gatewatch.monitor.web.rules import RULES, Rule
from gatewatch.monitor.web.services import Services, address_of, services_of

CSRF_HEADER: Final = "x-csrf-token"
WALL_COOKIE: Final = "gatewatch-wall"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_HOW_TO_COME: Final = 'sign in with POST /v1/session, or send the header "Authorization: Bearer" with an API key.'


def cookie_name(*, is_behind_tls: bool) -> str:
    """Return the name of the session's cookie; the prefix makes browsers keep it to this host and to https."""
    return "__Host-gatewatch" if is_behind_tls else "gatewatch"


class GuardedRoute(APIRoute):
    """A route that lets in whom its row in `RULES` names; without a row, nobody."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler behind the door; a parameter that it does not know is refused: it may be misspelt."""
        handle = super().get_route_handler()
        fields = get_flat_params(self.dependant)
        known = [field.alias for field in fields if isinstance(field.field_info, QueryParameter)]

        async def handled(request: Request) -> Response:
            unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
            if unknown:
                reasons = [f"query.{name[:40]}: {known_names('parameter', name, known)}." for name in unknown]
                raise ProblemError(422, "the request is not understood; see reasons.", reasons)
            return await handle(request)

        return guarded(handled if self.path.startswith("/v1/") else handle, self.path)


def guarded(
    handle: Callable[[Request], Awaitable[Response]], path: str
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """Return what answers a request behind the door, as the row of its method and path says."""

    async def answered(request: Request) -> Response:
        rule = RULES.get((request.method, path))
        if rule is None:
            raise ProblemError(403, "nobody may use this yet; it has no row in the table of who may do what.")
        services = services_of(request)
        request.state.caller = admitted(request, rule, services)
        inner = Request(request.scope, _at_most(request, rule.most_bytes))
        response = await handle(inner)
        services.metrics.answered(request.method, path, response.status_code)
        return response

    return answered


def new_router(noun: str) -> APIRouter:
    """Return a router whose routes are guarded."""
    return APIRouter(route_class=GuardedRoute, tags=[noun])


def admitted(request: Request, rule: Rule, services: Services) -> Caller | None:
    """
    Return who makes a request; None where nobody need be signed in and nobody is.

    Raises:
        ProblemError: 401, 403 or 429.
    """
    now = services.clock()
    caller = _caller(request, services.core.register, now, is_behind_tls=services.core.settings.is_behind_tls)
    wait_s = services.buckets.take(caller.id if caller is not None else f"address:{address_of(request)}", now)
    if wait_s:
        raise ProblemError(429, f"too many requests; wait {wait_s:.1f} s.", headers=wait_headers(wait_s))
    if rule.roles is None:
        return caller
    if caller is None:
        raise ProblemError(401, f"nobody is signed in; {_HOW_TO_COME}", headers={"WWW-Authenticate": "Bearer"})
    if caller.role not in rule.roles:
        may = ", ".join(sorted(rule.roles))
        raise ProblemError(403, f"{caller.id} is {caller.role}; this is for {may}. Ask an admin.")
    if caller.csrf is not None and request.method not in _SAFE:
        sent = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(sent.encode(), caller.csrf.encode()):
            raise ProblemError(
                403, f"the header {CSRF_HEADER} is missing or old; read csrf_token from GET /v1/session and send it."
            )
    return caller


def reach(caller: Caller, gate: str) -> None:
    """
    Let a caller reach a gate.

    Raises:
        ProblemError: It is outside his scope.
    """
    if not caller.may_reach(gate):
        may = ", ".join(sorted(caller.gates or ())) or "none"
        raise ProblemError(403, f'{caller.id} has nothing to do with gate "{gate}"; his gates: {may}. Ask an admin.')


def caller_at_door(request: Request, services: Services) -> Caller | None:
    """Return who comes, whatever he may do."""
    is_behind_tls = services.core.settings.is_behind_tls
    return _caller(request, services.core.register, services.clock(), is_behind_tls=is_behind_tls)


def _caller(request: Request, register: Register, now: datetime, *, is_behind_tls: bool) -> Caller | None:
    """Return who comes with a key or a cookie; a key that is sent and opens nothing is not made good by a cookie."""
    authorization = request.headers.get("authorization")
    if authorization is not None:
        scheme, _, key = authorization.partition(" ")
        return _with_key(request, register, key.strip(), now) if scheme.lower() == "bearer" else None
    cookie = request.cookies.get(cookie_name(is_behind_tls=is_behind_tls))
    person = register.session_caller(cookie, now) if cookie else None
    wall = request.cookies.get(WALL_COOKIE) if person is None else None  # browsers send it to /wall only
    hung = _with_key(request, register, wall, now) if wall else None
    return hung if hung is not None and hung.role == "wall" else person


def _with_key(request: Request, register: Register, key: str, now: datetime) -> Caller | None:
    """
    Return who comes with a key; None where it opens nothing.

    Raises:
        ProblemError: It comes from another network than the key is bound to.
    """
    found, address = register.key_caller(key, now), address_of(request)
    networks = None if found is None else register.networks_of(key)
    if found is None or networks is None:
        return found
    try:
        at = ip_address(address)
    except ValueError:
        at = None  # a socket without an address lies in no network
    if at is None or not any(at in ip_network(network) for network in networks):
        detail = (
            f"{found.id} opens from {', '.join(networks)} only; this comes from {address or 'nowhere'}. Ask an admin."
        )
        raise ProblemError(403, detail)
    return found


def _at_most(request: Request, most_bytes: int) -> Receive:
    """
    Return what reads a request's body, up to a length.

    Raises:
        ProblemError: 413, at once where the length is told, else when it is passed.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > most_bytes:
        raise _too_large(most_bytes)
    n_bytes = 0

    async def receive() -> Message:
        nonlocal n_bytes
        message = await request.receive()
        n_bytes += len(message.get("body", b""))
        if n_bytes > most_bytes:
            raise _too_large(most_bytes)
        return message

    return receive


def _too_large(most_bytes: int) -> ProblemError:
    return ProblemError(413, f"the body is larger than {most_bytes:,} bytes; send it in parts of at most that.")
