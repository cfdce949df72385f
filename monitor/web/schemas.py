"""Live state as JSON: every figure with unit, band, age, method and quality; what is not known is null, never 0."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from gatewatch.config.calendars import DirectionName
from gatewatch.monitor.observations import instant_text


class Answer(BaseModel):
    """What we send."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)


Utc = Annotated[
    datetime,
    PlainSerializer(lambda at: instant_text(at.astimezone(UTC)), return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-01-15T03:00:00Z"]}),
]
Seconds = Annotated[float, Field(json_schema_extra={"unit": "s"})]
Quality = Literal["A", "B", "C", "D"]
Colour = Literal["green", "yellow", "orange", "red"]
Level = Literal["clear", "busy", "congested", "critical", "unknown"]


class ProblemModel(Answer):
    """A refusal (RFC 9457)."""

    type: str = Field(description="Where the kind of problem is explained.")
    title: str
    status: int
    detail: str = Field(description="What was found and what to do.")
    reasons: list[str] = Field(default=[], description="Each mistake in a sentence.")


class FigureModel(Answer):
    """One figure."""

    value: float | None = Field(description="The figure; null where it is not known.")
    unit: str = Field(examples=["veh"])
    low: float | None = Field(description="Lower end of the band that holds the truth about 90 times in 100.")
    high: float | None = Field(description="Upper end.")
    quality: Quality = Field(description="A fresh and narrow … D stale, very wide or not known.")
    method: str = Field(description="How it was found.", examples=["counted"])
    as_of: Utc | None = Field(description="The last observation that it rests on.")
    age_s: Seconds | None = Field(description="How old that is.")
    coverage: float = Field(description="Share of its time in which a feed was heard.")
    sources: list[str] = Field(description="Feeds that it rests on.")


class SideModel(Answer):
    """One side of a gate and direction."""

    state: Literal["open", "preregistered", "shut"]
    next_change: Utc | None = Field(description="When it changes next; null when not within 14 days.")
    is_reported: bool = Field(description="A report overrules the calendar.")
    is_unplanned: bool = Field(description="Shut although the calendar says open.")
    reason: str


class AnchorModel(Answer):
    """A count of everything inside, which the reckoning of the backlog starts from."""

    at: Utc
    value: int
    half_width: float = Field(description="Half of its band [veh].")
    source: str


class BacklogModel(FigureModel):
    """Vehicles that have arrived and are neither cleared nor gone."""

    anchor: AnchorModel | None = Field(description="The last count; null when nobody ever counted.")
    drift: float | None = Field(description="Count less reckoning when that count was made [veh].")
    clamped: float = Field(description="How far below zero the reckoning fell [veh]: something was missed.")


class CapacityModel(Answer):
    """Clearances per open hour that the gate can sustain, as it has shown."""

    value: float | None = Field(description="90th percentile of the open hours of 28 days; null with fewer than 20.")
    low: float | None = Field(description="75th percentile.")
    high: float | None = Field(description="97.5th percentile.")
    unit: Literal["veh/h"] = "veh/h"
    n_hours: int = Field(description="Open hours that were seen whole.")


class ExpectedModel(Answer):
    """Time to clearance for a vehicle that joins now."""

    value_s: Seconds | None = Field(description="Null where backlog or capacity is not known, or beyond 14 days.")
    low_s: Seconds | None
    high_s: Seconds | None
    crosses_at: Utc | None = Field(description="When it would be cleared.")
    is_today: bool | None = Field(description="Whether that is today, local time.")


class ActualModel(Answer):
    """What vehicles that were recognised at both points took, over those cleared in the last two hours."""

    p50_s: Seconds | None = Field(description="Median; null with fewer than five vehicles.")
    p90_s: Seconds | None
    n: int = Field(description="Vehicles matched, those far outside left out.")
    n_outside: int = Field(description="Those left out.")
    matched: float | None = Field(description="Matched over cleared with a token.")


class YardModel(Answer):
    """A yard."""

    yard: str
    inside: FigureModel
    places: int | None = Field(description="Null where they are not limited.")
    fill: float | None = Field(description="Vehicles inside over places.")


class FlowModel(Answer):
    """One direction of one gate."""

    gate: str
    direction: DirectionName
    title: str = Field(description="Name of the gate for people.")
    title_vi: str
    is_open: bool = Field(description="Both sides are open.")
    own: SideModel
    counterpart: SideModel
    backlog: BacklogModel
    days_of_work: FigureModel
    level: Level = Field(description="By days of work: busy from 1.2, congested from 1.5, critical from 3.")
    cleared_today: FigureModel
    cleared_by_class: dict[str, int] = Field(description="Of `cleared_today`, where feeds tell the class [veh].")
    arrived_today: FigureModel
    rate_15: FigureModel = Field(description="Clearances of the last 15 minutes.")
    rate_60: FigureModel = Field(description="Clearances of the last hour.")
    arrival_rate_60: FigureModel
    capacity: CapacityModel
    expected: ExpectedModel
    actual_wait: ActualModel = Field(description="Arrival to start of service.")
    actual_crossing: ActualModel = Field(description="Arrival to clearance.")
    yards: list[YardModel]


class Stamp(Answer):
    """What every picture of the live state carries."""

    rev: int = Field(description="Number of the last journal entry that it rests on.")
    at: Utc = Field(description="The instant it is true for.")
    zone: str = Field(description="Time zone of the border, for screens.", examples=["Asia/Ho_Chi_Minh"])


class FlowState(Stamp):
    """Live state of one direction of one gate."""

    flow: FlowModel


class LiveState(Stamp):
    """Live state of all gates that the caller may see."""

    present: FigureModel = Field(description="Vehicles inside, all gates and directions of the province.")
    national_colour: Colour | None = Field(description="What the national map would show.")
    flows: list[FlowModel]


class SourceModel(Answer):
    """How a source does."""

    source: str
    title: str
    title_vi: str
    kind: str | None = Field(description="Null for a source that no feed declares; it is taken in all the same.")
    gate: str | None
    is_declared: bool
    last_heard: Utc | None = Field(description="When we last received something; null: never.")
    last_said: Utc | None = Field(description="The latest time that it gave.")
    is_expected: bool = Field(description="Must be heard now, by its calendar.")
    is_silent: bool = Field(description="Should have been heard and was not.")
    silent_since: Utc | None = Field(description="Since when; null also where it was never heard.")
    n_missing: int = Field(description="Sequence numbers that never came.")
    skew_s: Seconds | None = Field(description="How far its batches come after their own time of sending.")
    n_repeated: int = Field(description="Vehicles reported again under the same track.")


class SourcesState(Stamp):
    """How the sources do."""

    sources: list[SourceModel]


class FlowLevel(Answer):
    """Our level of one direction of one gate, with the number and the rule."""

    gate: str
    direction: DirectionName
    level: Level
    days_of_work: float | None = Field(description="Backlog over a day's clearances.")
    backlog: float | None
    is_shut_unplanned: bool = Field(description="A side is shut although its calendar says open.")
    quality: Quality


class ProvinceState(Stamp):
    """The province as the national map would show it, with ours beside."""

    present: FigureModel
    national_colour: Colour | None = Field(
        description="By vehicles present: green under 500, yellow under 1,000, orange up to 5,000, red above."
    )
    level: Level = Field(description="The worst of `flows`; unknown where none is known.")
    rule: str = Field(description="How our level is found.")
    flows: list[FlowLevel]
