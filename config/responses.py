"""Rules that act while a border runs: a close that moves with the backlog, servers that change sides."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from gatewatch.config.calendars import DirectionName, Weekday
from gatewatch.config.records import Dated, Record
from gatewatch.config.units import Clock, Hours, MinutesLong, ServerCount, Vehicles


class LaterClose(Record):
    """How much later a gate closes above a backlog."""

    over: Vehicles = Field(description="Backlog above which this step holds.")
    later: Annotated[float, Field(gt=0, le=24, allow_inf_nan=False, json_schema_extra={"unit": "h"})] = Field(
        description="Time added after the close."
    )


class ResponsiveHours(Dated):
    """
    At a set time of the day the backlog decides how much later a gate closes that day.

    The close is the last one of the day, of each calendar that the rule moves. Lunch hours stay as they are, a day
    that is shut stays shut, and what has closed before the decision or closes at midnight stays as it is.
    """

    gate: str = Field(description="Gate that closes later.")
    direction: DirectionName | None = Field(
        default=None, description="Backlog that counts, and whose stations and yards close later; without it, both."
    )
    decides_at: Clock = Field(description="When it is decided, local time of the border.")
    days: list[Weekday] | None = Field(default=None, min_length=1, description="Weekdays; without it, all.")
    steps: list[LaterClose] = Field(
        min_length=1, description="By backlog, lowest first; the highest step whose `over` the backlog exceeds holds."
    )
    with_counterpart: bool = Field(
        default=True,
        description="The counterpart's calendar closes later as well; with false, what needs both sides stays shut.",
    )

    @model_validator(mode="after")
    def _steps_ascend(self) -> Self:
        for below, above in pairwise(self.steps):
            if above.over <= below.over or above.later <= below.later:
                raise ValueError("steps ascend: each has a higher over and a longer later than the one before")
        return self

    @field_validator("decides_at")
    @classmethod
    def _within_a_day(cls, minute: int) -> int:
        if minute >= 1_440:
            raise ValueError('it is decided before the day ends; write "00:00" for midnight')
        return minute


class ReversibleServers(Dated):
    """
    Servers that go over to the other of two stations while its queue is the longer one by so much.

    Only while both stations are open. A server that leaves does so by the station's rule for a roster that falls,
    and never are there more servers than the two rosters say together.
    """

    gate: str = Field(description="Gate of the two stations.")
    between: Annotated[list[str], Field(min_length=2, max_length=2)] = Field(
        description="The two stations that share servers."
    )
    servers: Annotated[int, Field(ge=1, le=100_000, json_schema_extra={"unit": "servers"})] = Field(
        description="Servers that go over at most, either way."
    )
    keep: ServerCount = Field(default=1, description="Servers of its own that a station keeps at least.")
    check_every: Annotated[float, Field(ge=1, allow_inf_nan=False, json_schema_extra={"unit": "min"})] = Field(
        default=15.0, description="Time between checks, from the start of the run on."
    )
    over: Vehicles = Field(
        description="They go over when the vehicles that wait there (in the queue or for room in it) are more than "
        "those here by more than this."
    )
    back_below: Vehicles | None = Field(
        default=None, description="They come back when that difference is below this; without it, below `over`."
    )
    changeover: MinutesLong = Field(
        default=0.0, description="Time that servers serve nowhere while they change; at most `check_every`."
    )
    hours: Hours | None = Field(
        default=None, description="Hours of the day, local time of the border; without it, all."
    )
    days: list[Weekday] | None = Field(default=None, min_length=1, description="Weekdays; without it, all.")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.back_below is not None and self.back_below > self.over:
            raise ValueError("back_below must not be above over")
        if self.changeover > self.check_every:
            raise ValueError("changeover must not be longer than check_every")
        return self
