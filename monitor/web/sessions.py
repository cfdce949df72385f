"""`/v1/session`: signing in and out, and who one is."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from gatewatch.monitor.access import Caller, Role
from gatewatch.monitor.access.credentials import MOST_PASSWORD
from gatewatch.monitor.web.auth import cookie_name, new_router
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.schemas import Answer, Utc
from gatewatch.monitor.web.services import Address, Calling, Services, Serving

router = new_router("sessions")

Password = Annotated[str, Field(min_length=1, max_length=MOST_PASSWORD, json_schema_extra={"format": "password"})]


class Credentials(BaseModel):
    """Who signs in."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(min_length=1, max_length=100)
    password: Password


class PasswordChange(BaseModel):
    """Another password for oneself."""

    model_config = ConfigDict(extra="forbid", strict=True)

    old: Password
    new: Password = Field(description="At least 12 characters.")


class SessionModel(Answer):
    """Who one is and what one may do."""

    id: str = Field(description="As the audit names him.", examples=["account:minh", "key:3f9a01bc"])
    role: Role
    gates: list[str] | None = Field(description="Null: every gate.")
    sources: list[str] | None = Field(description="Null: every source.")
    csrf_token: str | None = Field(description="To be sent as X-CSRF-Token with every change; null for a key.")
    ends_at: Utc | None = Field(description="When one has to sign in again; told at signing in.")


@router.post("/v1/session", response_model=SessionModel, summary="Sign in")
def post_session(
    request: Request, response: Response, body: Credentials, services: Serving, address: Address
) -> SessionModel:
    """
    Begin a session and set its cookie; a session that the browser had ends.

    Wrong names and wrong passwords are answered alike. After five wrong ones each further try has to wait.
    """
    register, now = services.core.register, services.clock()
    before = request.state.caller
    begun = register.sign_in(body.name, body.password, address, now)
    if begun is None:
        raise ProblemError(401, "name or password is wrong; ask an admin for a new password if it is lost.")
    if before is not None:
        register.sign_out(before, address, now)
    is_behind_tls = services.core.settings.is_behind_tls
    response.set_cookie(
        cookie_name(is_behind_tls=is_behind_tls),
        begun.token,
        max_age=int((begun.ends_at - now).total_seconds()),
        path="/",
        secure=is_behind_tls,
        httponly=True,
        samesite="lax",
    )
    return _model(begun.caller).model_copy(update={"ends_at": begun.ends_at})


@router.get("/v1/session", response_model=SessionModel, summary="Read who one is")
def get_session(caller: Calling) -> SessionModel:
    """Return the caller's role and scope, and the token that changes by cookie must carry."""
    return _model(caller)


@router.delete("/v1/session", status_code=204, response_model=None, summary="Sign out")
def delete_session(response: Response, services: Serving, caller: Calling, address: Address) -> None:
    """End the caller's session and take its cookie back; a key has none and stays."""
    services.core.register.sign_out(caller, address, services.clock())
    _forget_cookie(response, services)


@router.post("/v1/session/password", status_code=204, response_model=None, summary="Change one's password")
def post_password(
    response: Response, body: PasswordChange, services: Serving, caller: Calling, address: Address
) -> None:
    """Change the caller's password; all his sessions end, this one too."""
    services.core.register.change_own_password(caller, body.old, body.new, address, services.clock())
    _forget_cookie(response, services)


def _forget_cookie(response: Response, services: Services) -> None:
    is_behind_tls = services.core.settings.is_behind_tls
    name = cookie_name(is_behind_tls=is_behind_tls)
    response.delete_cookie(name, path="/", secure=is_behind_tls, httponly=True, samesite="lax")


def _model(caller: Caller) -> SessionModel:
    return SessionModel(
        id=caller.id,
        role=caller.role,
        gates=None if caller.gates is None else sorted(caller.gates),
        sources=None if caller.sources is None else sorted(caller.sources),
        csrf_token=caller.csrf,
        ends_at=None,
    )
