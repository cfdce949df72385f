"""What the settings of policies are made of: types with unit and a form that a person writes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from gatewatch.config.calendars import DirectionName, Weekday
from gatewatch.config.laws import Law
from gatewatch.config.records import Dated, Record
from gatewatch.config.units import Clock, Hours

_CLOCK = r"^\d{2}:\d{2}$"
_HOURS = r"^\d{2}:\d{2}-\d{2}:\d{2}$"


def _listed(value: object) -> object:
    """Return one name as a list of one: `gate = "huu_nghi"` is as good as `gate = ["huu_nghi"]`."""
    return [value] if isinstance(value, str) else value


def unit(text: str, **more: Any) -> dict[str, Any]:
    """Return what a field says of its unit in its JSON schema."""
    return {"unit": text, **more}


Names = Annotated[list[str], BeforeValidator(_listed)]
GateName = Annotated[str, Field(json_schema_extra=unit("gate"))]
GateNames = Annotated[Names, Field(min_length=1, json_schema_extra=unit("gates"))]
ClassNames = Annotated[Names, Field(min_length=1, json_schema_extra=unit("vehicle classes"))]
StationNames = Annotated[Names, Field(min_length=1, json_schema_extra=unit("stations"))]
StageNames = Annotated[Names, Field(min_length=1, json_schema_extra=unit("stages"))]
DirectionOf = Annotated[DirectionName, Field(json_schema_extra=unit("direction"))]
Weekdays = Annotated[list[Weekday], BeforeValidator(_listed), Field(min_length=1, json_schema_extra=unit("weekdays"))]
Switch = Annotated[bool, Field(json_schema_extra=unit("true or false"))]
Day = Annotated[date, Field(json_schema_extra=unit("YYYY-MM-DD"))]
ClockTime = Annotated[Clock, WithJsonSchema({"type": "string", "pattern": _CLOCK, "unit": "HH:MM"})]
HoursOfDay = Annotated[Hours, WithJsonSchema({"type": "string", "pattern": _HOURS, "unit": "HH:MM-HH:MM"})]
Moment = Annotated[
    datetime | date, WithJsonSchema({"type": "string", "format": "date-time", "unit": "YYYY-MM-DD, or with THH:MM:SS"})
]
HoursList = Annotated[
    list[Hours],
    BeforeValidator(_listed),
    WithJsonSchema({"type": "array", "items": {"type": "string", "pattern": _HOURS}, "unit": "HH:MM-HH:MM"}),
]
LawOf = Annotated[Law, Field(json_schema_extra=unit("law"))]
MorePlaces = Annotated[int, Field(ge=-1_000_000, le=1_000_000, json_schema_extra=unit("places"))]
MoreServers = Annotated[int, Field(ge=-1_000, le=1_000, json_schema_extra=unit("servers"))]
Minutes = Annotated[float, Field(ge=0, le=1_440, allow_inf_nan=False, json_schema_extra=unit("min"))]


class Gated(Record):
    """Settings of one direction of one gate or several."""

    gate: GateNames | None = Field(default=None, description="Gate or gates; without it, all in use.")
    direction: DirectionOf | None = Field(default=None, description="Only this direction; without it, both.")


class Between(Dated):
    """Settings that hold from one day to another."""

    first: Day | None = Field(default=None, alias="from", description="First day; without it, always before.")
    last: Day | None = Field(default=None, alias="to", description="Last day, included; without it, no end.")
