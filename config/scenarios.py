"""Runs that are worth a name: dates, demand, what differs from the border, and the state at the start."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from gatewatch.config.calendars import DirectionName
from gatewatch.config.laws import Law
from gatewatch.config.records import Dated, Record
from gatewatch.config.units import Clock, Days, DaysOrNone


class VehiclesInside(Record):
    """Vehicles that are inside at the start of a run, alike but for their draws."""

    gate: str = Field(description="Gate they are at.")
    direction: DirectionName = Field(description="`export` or `import`.")
    class_: str = Field(default="general", alias="class", description="Vehicle class.")
    stage: str = Field(description="Stage they wait for or are in.")
    count: Annotated[int, Field(ge=1, le=1_000_000, json_schema_extra={"unit": "veh"})] = Field(
        default=1, description="How many."
    )
    waited: Law | None = Field(
        default=None, description="Time since they joined this queue; drawn for each, without it 0."
    )
    in_service: Law | None = Field(
        default=None,
        description="Set for vehicles in service: time already served, drawn for each; the rest of the "
        "service follows the stage's law given that much was served.",
    )


class InitialState(Record):
    """What is inside at the start."""

    vehicles: list[VehiclesInside] = Field(default=[], description="Vehicles inside, first in the queue first.")


class Target(Dated):
    """A reported figure that the run is set beside; a clearance may be the mean of some of the days."""

    measure: Literal["cleared_per_day", "backlog"] = Field(description="What the figure is.")
    gate: str | None = Field(default=None, description="Gate; without it, all.")
    direction: DirectionName | None = Field(default=None, description="Direction; without it, both.")
    value: Annotated[float, Field(ge=0, json_schema_extra={"unit": "veh or veh/day"})] = Field(
        description="The reported figure."
    )
    on: date | None = Field(default=None, description="Day, for a backlog.")
    at: Clock = Field(default=1_200, description="Time of day, for a backlog; 20:00 when not given.")


class Scenario(Record):
    """Border, demand, horizon and initial state under one name."""

    title: str = Field(default="", description="Name for people.")
    title_vi: str = Field(default="", description="Name for people, Vietnamese.")
    note: str = Field(default="", description="What a reader should know.")
    note_vi: str = Field(default="", description="The same in Vietnamese.")
    start: date = Field(description="First day; time 0 is its midnight in the border's zone.")
    starts_at: Clock = Field(default=0, description="Time of the first day at which the run begins.")
    days: Days = Field(
        default=28,
        description="Whole days that are measured; a run that `starts_at` later lasts to the end of the last.",
    )
    warmup_days: DaysOrNone = Field(default=0, description="Days before the measured ones that are left out.")
    demand: str = Field(description="Set of flows.")
    replications: Annotated[int, Field(ge=1, le=100_000, json_schema_extra={"unit": "replications"})] = Field(
        default=10, description="Repetitions with streams of their own."
    )
    initial: InitialState = Field(default=InitialState(), description="What is inside at the start.")
    border: dict[str, Any] = Field(
        default={}, description="Any keys of the border, restated for this scenario; the rest stays."
    )
    targets: list[Target] = Field(default=[], description="Reported figures to set beside the results.")
