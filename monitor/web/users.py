"""`/v1/users`: the accounts of people."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from gatewatch.monitor.store import Account
from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.keys import Gates, check_gates
from gatewatch.monitor.web.schemas import Answer, Utc
from gatewatch.monitor.web.services import Address, Calling, Serving
from gatewatch.monitor.web.sessions import Password

router = new_router("accounts")

PersonRole = Literal["viewer", "operator", "coordinator", "planner", "admin"]
AccountName = Annotated[
    str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$", description="Small letters, digits, dot, underscore, hyphen.")
]


class NewUser(BaseModel):
    """An account to be made."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: AccountName
    role: PersonRole
    gates: Gates = None
    password: Password | None = Field(default=None, description="Without it, one is made and told once.")


class UserChange(BaseModel):
    """What changes; what is left out stays."""

    model_config = ConfigDict(extra="forbid", strict=True)

    role: PersonRole = "viewer"
    gates: Gates = None
    is_disabled: bool = False
    password: Password = ""


class UserModel(Answer):
    """An account."""

    name: str
    role: PersonRole
    gates: list[str] | None = Field(description="Null: every gate.")
    is_disabled: bool
    created_at: Utc
    changed_at: Utc


class NewUserModel(UserModel):
    """An account just made."""

    password: str | None = Field(description="The one made for it, told this once; null where one was given.")


class UsersModel(Answer):
    """All accounts."""

    users: list[UserModel]


@router.get("/v1/users", response_model=UsersModel, summary="List accounts")
def get_users(services: Serving) -> UsersModel:
    """Return every account, by name."""
    return UsersModel(users=[UserModel(**_values(person)) for person in services.core.register.accounts()])


@router.post("/v1/users", response_model=NewUserModel, status_code=201, summary="Make an account")
def post_user(body: NewUser, services: Serving, caller: Calling, address: Address) -> NewUserModel:
    """Make an account for a person."""
    check_gates(body.gates, services)
    register = services.core.register
    made = register.add_account(
        body.name, body.role, body.gates, body.password, caller.id, services.clock(), address
    )  # fmt: skip
    person = next(person for person in register.accounts() if person.name == body.name)
    return NewUserModel(**_values(person), password=made)


@router.patch("/v1/users/{name}", response_model=UserModel, summary="Change an account")
def patch_user(
    name: Annotated[str, Path(max_length=64, description="Account.")],
    body: UserChange,
    services: Serving,
    caller: Calling,
    address: Address,
) -> UserModel:
    """Change role, gates, password, or whether the person may sign in; all his sessions end."""
    changes = {key: getattr(body, key) for key in body.model_fields_set}
    check_gates(changes.get("gates"), services)
    person = services.core.register.change_account(name, changes, caller.id, services.clock(), address)
    return UserModel(**_values(person))


def _values(person: Account) -> dict[str, Any]:
    return {
        "name": person.name,
        "role": person.role,
        "gates": None if person.gates is None else list(person.gates),
        "is_disabled": person.is_disabled,
        "created_at": person.created_at,
        "changed_at": person.changed_at,
    }
