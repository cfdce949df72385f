"""`/v1/keys`: API keys of devices and programs."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated, Any, Self

from fastapi import Body, Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from gatewatch.config.errors import known_names
from gatewatch.monitor.access import Role
from gatewatch.monitor.observations.fields import Name
from gatewatch.monitor.observations.instants import Instant
from gatewatch.monitor.store import ApiKey
from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.schemas import Answer, Utc
from gatewatch.monitor.web.services import Address, Calling, Services, Serving

router = new_router("accounts")

Gates = Annotated[list[Name] | None, Field(max_length=100, description="Only these gates; without it, every gate.")]
KeyId = Annotated[str, Path(alias="id", max_length=64, description="The key's beginning.")]


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError:
        raise ValueError('write a network as its first address and length, such as "10.20.0.0/16"') from None


Network = Annotated[str, AfterValidator(_network), Field(max_length=50)]


class NewKey(BaseModel):
    """A key to be made."""

    model_config = ConfigDict(extra="forbid", strict=True)

    title: str = Field(min_length=1, max_length=200, description="What it is for.")
    role: Role
    gates: Gates = None
    sources: Annotated[list[Name], Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="For which sources it may report; a device needs at least one."
    )
    ends_at: Instant | None = Field(default=None, description="Without it, it opens until it is revoked.")
    networks: Annotated[list[Network], Field(min_length=1, max_length=50)] | None = Field(
        default=None, description="From where it opens, such as `10.20.0.0/16`; without it, from everywhere."
    )

    @model_validator(mode="after")
    def _bound(self) -> Self:
        if self.role == "device" and self.sources is None:
            raise ValueError("a device's key is bound to its sources: give sources")
        return self


class Rotation(BaseModel):
    """How a key is replaced."""

    model_config = ConfigDict(extra="forbid", strict=True)

    overlap_hours: Annotated[float, Field(ge=0, le=24 * 31)] = Field(
        default=24.0, description="How long the old one still opens, so that devices can be changed over."
    )


class KeyModel(Answer):
    """A key, without what opens."""

    id: str = Field(description="Its beginning, which may be told.")
    title: str
    role: Role
    gates: list[str] | None
    sources: list[str] | None
    created_at: Utc
    ends_at: Utc | None = Field(description="From then on it opens nothing; null: no end.")
    networks: list[str] | None = Field(description="From where it opens; null: from everywhere.")


class NewKeyModel(KeyModel):
    """A key just made."""

    key: str = Field(description="The key, told this once.")


class KeysModel(Answer):
    """All keys, ended ones too."""

    keys: list[KeyModel]


@router.get("/v1/keys", response_model=KeysModel, summary="List API keys")
def get_keys(services: Serving) -> KeysModel:
    """Return every key, oldest first."""
    return KeysModel(keys=[KeyModel(**_values(key)) for key in services.core.register.api_keys()])


@router.post("/v1/keys", response_model=NewKeyModel, status_code=201, summary="Make an API key")
def post_key(body: NewKey, services: Serving, caller: Calling, address: Address) -> NewKeyModel:
    """Make a key bound to a role, gates and sources; it is told this once and only its hash is kept."""
    check_gates(body.gates, services)
    text, kept = services.core.register.make_key(
        body.title, body.role, body.gates, body.sources, body.ends_at, caller.id, services.clock(), address,
        body.networks,
    )  # fmt: skip
    return NewKeyModel(**_values(kept), key=text)


@router.post("/v1/keys/{id}/rotate", response_model=NewKeyModel, status_code=201, summary="Replace an API key")
def post_rotation(
    key_id: KeyId, services: Serving, caller: Calling, address: Address, body: Annotated[Rotation, Body()]
) -> NewKeyModel:
    """Make a key of the same rights; the old one opens for some hours more."""
    overlap = timedelta(hours=body.overlap_hours)
    text, kept = services.core.register.rotate_key(key_id, overlap, caller.id, services.clock(), address)
    return NewKeyModel(**_values(kept), key=text)


@router.delete("/v1/keys/{id}", response_model=KeyModel, summary="Revoke an API key")
def delete_key(key_id: KeyId, services: Serving, caller: Calling, address: Address) -> KeyModel:
    """End a key now."""
    return KeyModel(**_values(services.core.register.revoke_key(key_id, caller.id, services.clock(), address)))


def check_gates(gates: list[str] | None, services: Services) -> None:
    """
    Let only known gates pass.

    Raises:
        ProblemError: The border has none of that name.
    """
    known = services.core.border.gates
    wrong = [f'gate is "{gate}"; {known_names("gate", gate, known)}.' for gate in gates or () if gate not in known]
    if wrong:
        raise ProblemError(422, "the request is not understood; see reasons.", wrong)


def _values(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "title": key.title,
        "role": key.role,
        "gates": None if key.gates is None else list(key.gates),
        "sources": None if key.sources is None else list(key.sources),
        "created_at": key.created_at,
        "ends_at": key.ends_at,
        "networks": None if key.networks is None else list(key.networks),
    }
