"""Who wants to cross, when: flows of vehicles, diversions to another gate, halts of intake."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gatewatch.config.calendars import DirectionName
from gatewatch.config.laws import Law
from gatewatch.config.records import Dated, Record
from gatewatch.config.units import Factor, HoursLong, MinutesLong, PerDay, Share, Vehicles, Weight


class DatedFactor(Dated):
    """A factor on the level between two dates, such as the week before Tet."""

    factor: Factor = Field(description="Times the level of these days; factors that overlap multiply.")
    reason: str = Field(default="", description="Why, in words.")


class _ByLevel(Record):
    per_day: PerDay = Field(description="Mean arrivals a day before season, weekday and dated factors.")
    hours: str | None = Field(default=None, description="Hour profile; without it, even over the day.")
    weekdays: str | None = Field(default=None, description="Weekday profile; without it, all alike.")
    season: str | None = Field(default=None, description="Season; without it, all months alike.")
    dates: list[DatedFactor] = Field(default=[], description="Factors by date.")
    day_factor_cv: Annotated[float, Field(ge=0, le=3, json_schema_extra={"unit": "-"})] = Field(
        default=0.0, description="Standard deviation over mean of the gamma factor that makes days differ."
    )
    day_factor_of: Literal["border", "gate", "flow"] = Field(
        default="flow",
        description="Who shares the luck of a day: the whole border, the gate, or this flow alone.",
    )


class Poisson(_ByLevel):
    """Independent vehicles at a rate that changes by the hour."""

    kind: Literal["poisson"]


class Convoys(_ByLevel):
    """Groups that arrive together; `per_day` counts vehicles."""

    kind: Literal["convoys"]
    size: Annotated[int, Field(ge=1, le=10_000, json_schema_extra={"unit": "veh"})] = Field(
        description="Vehicles in a convoy."
    )
    headway: MinutesLong = Field(default=0.0, description="Time between vehicles of a convoy.")


class Appointments(_ByLevel):
    """Booked vehicles: evenly spaced slots along the hour profile, met with scatter, some not at all."""

    kind: Literal["appointments"]
    scatter: MinutesLong = Field(default=0.0, description="Standard deviation of the arrival around its slot.")
    no_show: Share = Field(default=0.0, description="Share of the bookings that never come.")


class Renewal(Record):
    """Independent gaps between vehicles, around the clock from the start of the run."""

    kind: Literal["renewal"]
    gap: Law = Field(description="Law of the gap between two arrivals; the first comes one gap after the start.")


class TraceArrivals(Record):
    """Arrivals as they were recorded."""

    kind: Literal["trace"]
    file: str = Field(
        description="CSV file, its path taken from the border's folder: column `arrived_at` (date and time, "
        "local time of the border) or `arrived_s` (seconds from the start), and if wanted `class`."
    )
    exact: bool = Field(
        default=False,
        description="Keep the times as recorded. Without it, times that are all whole minutes get an offset within "
        "the minute, fixed for each vehicle, so that ties between recorded minutes do not decide who is first.",
    )


Arrivals = Annotated[Poisson | Convoys | Appointments | Renewal | TraceArrivals, Field(discriminator="kind")]


class Flow(Dated):
    """Vehicles of one gate and direction that arrive by one law, on all days or between two dates."""

    gate: str = Field(description="Gate that the vehicles come to.")
    direction: DirectionName = Field(description="`export` or `import`.")
    arrivals: Arrivals = Field(description="When they come.")
    mix: dict[str, Weight] = Field(
        default={}, description="Weights of the classes, scaled to sum to one; without it, all `general`."
    )


class Demand(Record):
    """A set of flows that a scenario can ask for."""

    title: str = Field(default="", description="Name for people.")
    flows: dict[str, Flow] = Field(min_length=1, description="Flows by name.")


class Diversion(Record):
    """A rule that sends vehicles to another gate."""

    gate: str = Field(description="Gate that sends them away.")
    to: str = Field(description="Gate that takes them.")
    direction: DirectionName = Field(default="export", description="`export` or `import`.")
    classes: list[str] | None = Field(default=None, description="Only these classes; without it, all that may.")
    decides: Literal["on_arrival", "while_held"] = Field(
        default="on_arrival",
        description="`on_arrival`, or `while_held`: at each check those held last in a park go, as many as "
        "are too many.",
    )
    when_backlog_over: Vehicles = Field(description="Backlog of the sending gate and direction that starts it.")
    while_backlog_below: Vehicles | None = Field(
        default=None,
        description="Only while the backlog of the taking gate is below this; without it, always.",
    )
    compliance: Share = Field(default=1.0, description="Share of the drivers who follow.")
    check_every: Annotated[float, Field(gt=0, json_schema_extra={"unit": "min"})] = Field(
        default=60.0, description="Time between checks, for `while_held`."
    )
    travel: Law | None = Field(default=None, description="Driving time; without it, the one of `travel`.")


class IntakeHalt(Record):
    """A class is refused for a time; those already on the road and those who do not comply still come."""

    gates: list[str] = Field(min_length=1, description="Gates that refuse.")
    direction: DirectionName = Field(default="export", description="`export` or `import`.")
    classes: list[str] = Field(min_length=1, description="Classes refused.")
    begins: datetime | date = Field(
        alias="from", description="Start, local time of the border; a date begins at its midnight."
    )
    ends: datetime | date = Field(
        alias="to", description="End, local time of the border, not included; a date stands for its midnight."
    )
    compliance: Share = Field(default=1.0, description="Share of the vehicles that the halt keeps away.")
    on_the_road: HoursLong = Field(
        default=0.0,
        description="Vehicles that arrive within this time after the start had set off before, and come.",
    )

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        begins, ends = _instant(self.begins), _instant(self.ends)
        if begins.tzinfo or ends.tzinfo:
            raise ValueError("from and to are local times of the border and carry no zone")
        if ends <= begins:
            raise ValueError("to must be after from")
        return self


def _instant(day: datetime | date) -> datetime:
    return day if isinstance(day, datetime) else datetime.combine(day, time())
