"""Settings of the service: from the environment (`GATEWATCH_…`) and from one file, the environment first."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from gatewatch.config.errors import ConfigError, Fault, known_names

PREFIX = "GATEWATCH_"
FILE_VARIABLE = "GATEWATCH_SETTINGS"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

Port = Annotated[int, Field(ge=0, le=65_535)]


class Settings(BaseModel):
    """
    How the service runs.

    Each key may stand in the settings file as written, or in the environment in capitals after `GATEWATCH_`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    home: Path = Field(default=Path("gatewatch-data"), description="Folder of everything that the service keeps.")
    database: SecretStr = Field(
        default=SecretStr(""),
        description="Address of the store: sqlite:///FILE or postgresql+psycopg://…; without it, a file in `home`.",
    )
    border: Path | None = Field(default=None, description="Folder or file of the border; without it, Lang Son.")
    teams: Path | None = Field(
        default=None, description="File of who is told of alerts; without it, the border's or the shipped teams.toml."
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: Port = Field(default=8000, description="Port to listen on; 0 takes any that is free.")
    is_open_to_others: bool = Field(
        default=False, alias="open_to_others", description="Allow an address that other machines reach."
    )
    is_behind_tls: bool = Field(
        default=False, alias="behind_tls", description="A proxy in front speaks https: cookies are marked secure."
    )
    most_waiting: Annotated[int, Field(ge=100, le=1_000_000)] = Field(
        default=20_000, description="Observations that may wait for the disk before more are refused with 503."
    )
    requests_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        default=6_000, description="Requests a minute from one key or address before 429."
    )
    session_hours: Annotated[float, Field(gt=0, le=24 * 31)] = Field(
        default=12.0, description="How long a person stays signed in [h]."
    )
    is_simulated: bool = Field(
        default=False, alias="simulated", description="What is watched is a simulation: every page says so."
    )
    plate_key: SecretStr | None = Field(
        default=None, description="Key for turning plates into tokens at adapters; without it, plates are not read."
    )
    backup_folder: Path | None = Field(default=None, description="Where backups go; without it, `home`/backups.")
    backups_kept: Annotated[int, Field(ge=1, le=10_000)] = Field(default=48, description="Backups that are kept.")
    alerts_kept_days: Annotated[int, Field(ge=367, le=36_600)] = Field(
        default=400,
        description="Days that an alert is kept after its end, with its timeline; alarm figures look back on a year.",
    )
    messages_kept_days: Annotated[int, Field(ge=8, le=36_600)] = Field(
        default=60,
        description="Days that a delivered message is kept; it stays while it waits, was given up, or tells of an "
        "alert that has not ended.",
    )
    bulletin_folder: Path | None = Field(
        default=None, description="Folder whose new bulletin files are taken in; without it, none is watched."
    )

    simulation_workers: Annotated[int, Field(ge=1, le=64)] = Field(
        default=2, description="Processes that simulate; they give way to everything else on the machine."
    )
    simulations_waiting: Annotated[int, Field(ge=0, le=10_000)] = Field(
        default=20, description="Simulations that may wait before more are refused with 429."
    )
    simulation_seconds: Annotated[float, Field(ge=1, le=86_400)] = Field(
        default=300.0, description="How long a simulation may take before it is ended [s]."
    )
    simulations_kept: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=500, description="Results of simulations that are kept, beside those of saved plans."
    )

    forecast_minutes: Annotated[float, Field(ge=0, le=1_440)] = Field(
        default=30.0, description="How often a forecast is made by itself [min]; 0: only when somebody asks."
    )

    @field_validator("database")
    @classmethod
    def _readable(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            try:
                make_url(value.get_secret_value())
            except ArgumentError:
                raise ValueError("write sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME") from None
        return value

    @model_validator(mode="after")
    def _not_open_by_accident(self) -> Self:
        if self.host not in LOOPBACK and not self.is_open_to_others:
            raise ValueError(
                "host is reached from other machines: set open_to_others = true as well, behind a proxy that speaks "
                "https, or keep 127.0.0.1"
            )
        return self

    @property
    def database_url(self) -> str:
        """Address of the store, a password included."""
        return self.database.get_secret_value() or f"sqlite:///{self.home / 'gatewatch.db'}"

    @property
    def backups(self) -> Path:
        """Folder of the backups."""
        return self.backup_folder or self.home / "backups"


def load_settings(environment: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """
    Return the settings: given ones first, then the environment, then the file named by `GATEWATCH_SETTINGS`.

    Raises:
        ConfigError: With every fault, named by file or variable.
    """
    environment = os.environ if environment is None else environment
    keys = {field.alias or name: name for name, field in Settings.model_fields.items()}
    places: dict[str, tuple[str, str]] = {}
    values: dict[str, Any] = {}
    found: list[Fault] = []
    file = environment.get(FILE_VARIABLE)
    for key, value in _in_file(Path(file)).items() if file else ():
        places[key], values[key] = (str(file), key), value
        if key not in keys:
            found.append(Fault(str(file), key, "no setting", known_names("setting", key, keys)))
    for name, value in environment.items():
        if not name.startswith(PREFIX) or name == FILE_VARIABLE:
            continue
        key = name.removeprefix(PREFIX).lower()
        if key in keys:
            places[key], values[key] = (name, ""), value
        else:
            found.append(Fault(name, "", "no setting", known_names("setting", key, keys)))
    values |= {key: value for key, value in given.items() if value is not None}
    if found:
        raise ConfigError(found)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_faults(error, values, places)) from None


def _in_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError([Fault(FILE_VARIABLE, "", str(path), f"not readable: {error.strerror}")]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([Fault(str(path), "", "no valid TOML", str(error))]) from None


def _faults(error: ValidationError, values: Mapping[str, Any], places: Mapping[str, tuple[str, str]]) -> list[Fault]:
    found = []
    for detail in error.errors(include_url=False):
        key = str(detail["loc"][0]) if detail["loc"] else "host"
        file, shown = places.get(key, ("settings", key))
        value = "secret" if key in ("database", "plate_key") else str(values.get(key, "missing"))
        message = str(detail.get("ctx", {}).get("error", detail["msg"]))
        found.append(Fault(file, shown, value, message[:1].lower() + message[1:]))
    return found
