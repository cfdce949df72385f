"""What is known of a border at one instant, as a value: what a forecast starts from."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gatewatch.config.calendars import DayState, DirectionName
from gatewatch.config.loader import fingerprint
from gatewatch.config.records import Record
from gatewatch.config.units import Hours

Number = Annotated[float, Field(ge=0, le=10_000_000, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False, json_schema_extra={"unit": "s"})]
Quality = Literal["A", "B", "C", "D"]


class Band(Record):
    """A number and the band that holds the truth 90 times in 100."""

    value: Number = Field(description="Best guess [veh].")
    low: Number = Field(description="Lower end [veh].")
    high: Number = Field(description="Upper end [veh].")

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise ValueError("low, value and high must ascend")
        return self


class VehiclesAt(Record):
    """Vehicles that are known one by one at a stage, first in the queue first; what is not known is None."""

    stage: str = Field(description="Stage they wait for or are in.")
    count: Annotated[int, Field(ge=1, le=1_000_000)] = Field(description="How many.")
    class_: str | None = Field(default=None, alias="class", description="Their class; without it, drawn from the mix.")
    waited_s: tuple[Seconds, ...] | None = Field(
        default=None,
        description="Since each joined this queue, up to its service; without it, as others there wait, or 0.",
    )
    served_s: tuple[Seconds, ...] | None = Field(
        default=None, description="How long each has been served; without it, they wait."
    )

    @model_validator(mode="after")
    def _one_for_each(self) -> Self:
        for name in ("waited_s", "served_s"):
            times = getattr(self, name)
            if times is not None and len(times) != self.count:
                raise ValueError(f"{name} must have a time for each of the {self.count} vehicles")
        return self


class YardNow(Record):
    """Vehicles of one direction in a yard."""

    yard: str = Field(description="Yard of the gate.")
    inside: Band = Field(description="Vehicles in it.")


class Arrived(Record):
    """Arrivals by the hour, the last entry up to the instant of the forecast; None where nobody counted."""

    first: datetime = Field(description="Start of the first hour, aware; a full hour of the border.")
    hourly: tuple[Number | None, ...] = Field(description="Arrivals of each hour [veh].")
    mix: dict[str, Number] = Field(default={}, description="Arrivals by class where it was told [veh].")


class FlowNow(Record):
    """
    One direction of a gate.

    With `vehicles` alone, these are all; a backlog above their number is filled up with others, placed as the arrivals
    of the days before and the model say.
    """

    gate: str = Field(description="Gate.")
    direction: DirectionName = Field(description="`export` or `import`.")
    backlog: Band | None = Field(default=None, description="Laden vehicles inside; None: not known.")
    quality: Quality = Field(default="A", description="Of the backlog.")
    vehicles: tuple[VehiclesAt, ...] = Field(default=(), description="Vehicles that are known one by one.")
    yards: tuple[YardNow, ...] = Field(default=(), description="Yards that are counted.")
    arrived: Arrived | None = Field(default=None, description="Arrivals of the days before.")
    week_ago: tuple[Number | None, ...] = Field(
        default=(), description="Backlog a week before now and before each hour ahead, for a baseline [veh]."
    )
    declared: Annotated[int, Field(ge=0, le=1_000_000)] | None = Field(
        default=None, description="Declared and not arrived [veh]; None: nobody tells."
    )
    notes: tuple[str, ...] = Field(default=(), description="Why the forecast is wide: codes, as `silent SOURCE`.")

    @property
    def place(self) -> tuple[str, str]:
        """Gate and direction."""
        return self.gate, self.direction


class HoursOn(Record):
    """Hours of one side on one day, where they are not those of its calendar: an extension, a closure, a report."""

    gate: str = Field(description="Gate.")
    side: Literal["own", "counterpart"] = Field(description="`own` or `counterpart`.")
    direction: DirectionName | None = Field(default=None, description="Only this direction; without it, both.")
    day: date = Field(description="Service day of that side's calendar.")
    open: list[Hours] = Field(description="Open hours of the day, local time of that side; none: shut.")
    state: DayState = Field(default="open", description="`preregistered` where only such vehicles are served.")


class OnDuty(Record):
    """Servers at work at a station until the end of the local day, where it is not what its roster says."""

    gate: str = Field(description="Gate.")
    station: str = Field(description="Station.")
    servers: Annotated[int, Field(ge=0, le=100_000)] = Field(description="Servers on duty.")


class Now(Record):
    """A border at one instant."""

    at: datetime = Field(description="The instant, aware; a whole minute.")
    rev: int = Field(default=0, description="Version of live state that it was taken from.")
    flows: tuple[FlowNow, ...] = Field(description="Directions of gates; others are left out of the forecast.")
    hours: tuple[HoursOn, ...] = Field(default=(), description="Hours that differ from the calendars.")
    on_duty: tuple[OnDuty, ...] = Field(default=(), description="Servers that differ from the rosters.")

    @model_validator(mode="after")
    def _whole_minute(self) -> Self:
        if self.at.tzinfo is None or self.at.second or self.at.microsecond:
            raise ValueError("at must be a whole minute with a time zone")
        places = [flow.place for flow in self.flows]
        if len(set(places)) < len(places):
            raise ValueError("each direction of a gate stands once in flows")
        return self

    def flow(self, gate: str, direction: str) -> FlowNow | None:
        """Return what is known of a gate and direction; None where nothing is."""
        return next((flow for flow in self.flows if flow.place == (gate, direction)), None)

    @property
    def sha256(self) -> str:
        """Hash of all that is known."""
        return fingerprint(self.model_dump(mode="json", by_alias=True))


def whole_minute(at: datetime) -> datetime:
    """Return the last whole minute up to an instant."""
    return at - timedelta(seconds=at.second, microseconds=at.microsecond)
