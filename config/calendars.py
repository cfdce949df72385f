"""Opening hours as data: effective-dated rules, days with another state, and closures of hours."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from gatewatch.config.records import Dated, Record
from gatewatch.config.units import Hours, Span

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DayState = Literal["open", "preregistered", "shut"]
DirectionName = Literal["export", "import"]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("a time zone is an IANA name such as Asia/Ho_Chi_Minh") from None
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone), Field(json_schema_extra={"unit": "IANA time zone"})]


def _hours_or_list(value: object) -> str:
    return "list" if isinstance(value, list) else "hours"


class HoursRule(Dated):
    """Ordinary hours from a date on. Of several rules that match a day, the last one in the file holds."""

    days: list[Weekday] = Field(default=list(WEEKDAYS), min_length=1, description="Weekdays the rule holds on.")
    direction: DirectionName | None = Field(default=None, description="Only this direction; without it, both.")
    open: list[Hours] = Field(description="Open hours, local time of the calendar; an empty list is shut.")
    lunch: Hours | None = Field(
        default=None,
        description="Taken out of the open hours, unless `work_through_lunch` of the calendar is on.",
    )
    overtime: (
        Annotated[Annotated[Hours, Tag("hours")] | Annotated[list[Hours], Tag("list")], Discriminator(_hours_or_list)]
        | None
    ) = Field(
        default=None,
        description="The part of the open hours that is paid as overtime, or several; for the cost measure only.",
    )

    @property
    def overtime_spans(self) -> list[Span]:
        """Return the parts of the open hours that are paid as overtime."""
        if self.overtime is None:
            return []
        return self.overtime if isinstance(self.overtime, list) else [self.overtime]


class DayRule(Dated):
    """Days with a state of their own, such as Tet."""

    state: DayState = Field(
        description="`shut`, `preregistered` (only vehicles registered before are served) or `open`."
    )
    open: list[Hours] | None = Field(default=None, description="Hours of these days; without it, the ordinary hours.")
    reason: str = Field(default="", description="Why, in words.")


class Closure(Record):
    """A closure of hours, planned or an incident."""

    begins: datetime = Field(alias="from", description="Start, local time of the calendar, no zone.")
    ends: datetime = Field(alias="to", description="End, local time of the calendar, no zone.")
    planned: bool = Field(default=True, description="Announced before it began.")
    reason: str = Field(default="", description="Why, in words.")

    @model_validator(mode="after")
    def _local_and_ascending(self) -> Self:
        if self.begins.tzinfo or self.ends.tzinfo:
            raise ValueError("from and to are local times of the calendar and carry no zone")
        if self.ends <= self.begins:
            raise ValueError("to must be after from")
        return self


class Calendar(Record):
    """
    When one side of a gate is open.

    Order of precedence for an instant: a closure, then the last matching day rule, then the last matching
    hours rule. A day that no rule covers is shut.
    """

    title: str = Field(default="", description="Name for people.")
    timezone: TimeZone = Field(default="Asia/Ho_Chi_Minh", description="Zone in which every hour here is written.")
    work_through_lunch: bool = Field(default=False, description="The lunch switch: true keeps lunch hours open.")
    hours: list[HoursRule] = Field(min_length=1, description="Ordinary hours, oldest rule first.")
    days: list[DayRule] = Field(default=[], description="Days with another state.")
    closures: list[Closure] = Field(default=[], description="Closures of hours.")
