"""Counts: how many vehicles passed a point, over an interval or since a counter was set to zero."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Self

from pydantic import Field, model_validator

from gatewatch.config.calendars import DirectionName
from gatewatch.monitor.observations.fields import Counted, CounterReading, Facts, Name, SequenceNumber
from gatewatch.monitor.observations.instants import Instant
from gatewatch.monitor.observations.passages import OF_A_STAGE, OF_A_YARD, Point

_LONGEST_INTERVAL = timedelta(days=400)


class _Count(Facts):
    gate: Name = Field(description="Gate by permanent id.")
    direction: DirectionName = Field(description="Seen from Vietnam.")
    what: Point = Field(description="Passage that is counted: a passage type without `vehicle.`.")
    stage: Name | None = Field(default=None, description="Stage of the route; needed for `check_…`.")
    yard: Name | None = Field(default=None, description="Yard of the gate; needed for `yard_…`.")
    vehicle_class: Name | None = Field(default=None, description="Only this class; without it, all.")
    seq: SequenceNumber | None = Field(default=None, description="Running number of the source.")

    @model_validator(mode="after")
    def _placed(self) -> Self:
        if self.what in OF_A_YARD and self.yard is None:
            raise ValueError(f"{self.what} needs the yard: give yard")
        if self.what in OF_A_STAGE and self.stage is None:
            raise ValueError(f"{self.what} needs the stage: give stage")
        return self


class IntervalCount(_Count):
    """Vehicles that passed from one instant (included) to another (excluded)."""

    begins: Instant = Field(alias="from", description="Start of the interval.")
    ends: Instant = Field(alias="to", description="End of the interval.")
    value: Counted = Field(description="Vehicles counted; zero is a count, nothing sent is not.")

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if self.ends <= self.begins:
            raise ValueError("to must be after from")
        if self.ends - self.begins > _LONGEST_INTERVAL:
            raise ValueError(f"an interval lasts at most {_LONGEST_INTERVAL.days} days; send several")
        return self


class CumulativeCount(_Count):
    """What a counter shows at `time`; a lower reading than the one before means that it began again at zero."""

    value: CounterReading = Field(description="The counter's reading.")


COUNTS: Final[Mapping[str, type[Facts]]] = {"count.interval": IntervalCount, "count.cumulative": CumulativeCount}
