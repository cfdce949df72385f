"""Readings: how many vehicles stand somewhere, what is open, and that a device is alive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from gatewatch.config.calendars import DayState, DirectionName
from gatewatch.config.units import Clock
from gatewatch.monitor.observations.fields import (
    Counted,
    CounterReading,
    Facts,
    Name,
    SequenceNumber,
    Side,
    Text,
    VehiclesMore,
)
from gatewatch.monitor.observations.instants import Day, Instant


class QueueReading(Facts):
    """Vehicles standing at one instant, counted on foot, from the air or on a picture: an anchor."""

    gate: Name = Field(description="Gate by permanent id.")
    direction: DirectionName = Field(description="Seen from Vietnam.")
    what: Literal["backlog", "yard", "queue"] = Field(description="All inside, one yard, or one queue.")
    stage: Name | None = Field(default=None, description="Stage the queue waits for.")
    yard: Name | None = Field(default=None, description="Yard that was counted; needed for `yard`.")
    vehicle_class: Name | None = Field(default=None, description="Only this class; without it, all.")
    value: Counted = Field(description="Vehicles.")
    error: VehiclesMore | None = Field(default=None, description="Half-width; without it, the usual of the source.")

    @model_validator(mode="after")
    def _placed(self) -> Self:
        if self.what == "yard" and self.yard is None:
            raise ValueError("a yard's reading needs the yard: give yard")
        if self.what == "backlog" and (self.yard or self.stage):
            raise ValueError(
                'the backlog is of the whole direction: leave yard and stage out, or use "yard" or "queue"'
            )
        return self


class LaneState(Facts):
    """A lane opens or closes."""

    gate: Name = Field(description="Gate by permanent id.")
    lane: Name = Field(description="Lane, as the gate names it.")
    direction: DirectionName | None = Field(default=None, description="Only this direction; without it, both.")
    state: Literal["open", "closed"] = Field(description="From `time` on.")
    reason: Text | None = Field(default=None, description="Why, in words.")


class GateState(Facts):
    """A side of a gate opens, shuts, or takes only vehicles registered before."""

    gate: Name = Field(description="Gate by permanent id.")
    side: Side = Field(description="`own` or `counterpart`.")
    direction: DirectionName | None = Field(default=None, description="Only this direction; without it, both.")
    state: DayState = Field(description="From `time` on.")
    until: Instant | None = Field(default=None, description="When the calendar holds again; without it, not known.")
    reason: Text | None = Field(default=None, description="Why, in words.")


class CalendarChange(Facts):
    """Other hours on one day, such as an extension agreed with the other side."""

    gate: Name = Field(description="Gate by permanent id.")
    side: Side = Field(description="`own` or `counterpart`.")
    direction: DirectionName | None = Field(default=None, description="Only this direction; without it, both.")
    day: Day = Field(alias="date", description="Day of the side's own calendar.")
    opens: Clock | None = Field(default=None, description="First opening, local time of that side's calendar.")
    closes: Clock | None = Field(default=None, description="Last closing, local time; before `opens`, the next day.")
    reason: Text | None = Field(default=None, description="Why, in words.")
    agreed_by: Text | None = Field(default=None, description="Who agreed it, as an office and not a person.")

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.opens is None and self.closes is None:
            raise ValueError("say what changes: give opens, closes or both; a day without hours is gate.state shut")
        return self


class Heartbeat(Facts):
    """A device is alive, whether or not it has anything to count."""

    seq: SequenceNumber | None = Field(default=None, description="Running number of the source.")
    counters: Annotated[dict[Name, CounterReading], Field(max_length=64)] | None = Field(
        default=None, description="Readings of the device's own counters, by name."
    )
    sent_at: Instant | None = Field(default=None, description="The device's clock when it sent.")


READINGS: Final[Mapping[str, type[Facts]]] = {
    "queue.observed": QueueReading,
    "lane.state": LaneState,
    "gate.state": GateState,
    "calendar.changed": CalendarChange,
    "device.heartbeat": Heartbeat,
}
