"""How a case is written: what is so at the gate `north`; what is left out is not known."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from gatewatch.config.calendars import DirectionName
from gatewatch.config.feeds import Feed
from gatewatch.config.records import Record
from gatewatch.config.units import Clock
from gatewatch.monitor.bulletins.checks import Kind


class YardSaid(Record):
    """A yard."""

    inside: float | None = None
    places: int | None = None


class WaitingSaid(Record):
    """Vehicles of a class inside, the first of them since some hours."""

    vehicle_class: str
    n: float
    hours: float | None = None


class RoadSaid(Record):
    """A count of the road, some minutes ago."""

    value: int
    minutes: float


class ComparisonSaid(Record):
    """A printed figure beside ours."""

    line: str
    printed: int
    counted: float | None = None


class ForecastSaid(Record):
    """What a forecast of some minutes ago says."""

    minutes: float = 10
    left: list[float] = Field(default=[0.0, 0.0, 0.0], description="Quantiles 0.1, 0.5 and 0.9 of those left [veh].")
    p_full: dict[str, float] = Field(default={}, description="Chance that a yard is full before the closing.")


class FlowSaid(Record):
    """A direction of the gate, now and before."""

    direction: DirectionName = "export"
    backlog: float | None = None
    cleared_per_day: float | None = None
    capacity: float | None = None
    rate_60: float | None = None
    arrival_rate_60: float | None = None
    yards: dict[str, YardSaid] = Field(default={})
    own: Literal["open", "shut", "unplanned"] = "open"
    counterpart: Literal["open", "shut", "unplanned"] = "open"
    cleared_stretch: int | None = None
    same_stretch: list[int] = Field(default=[])
    arrived: float | None = None
    cleared: float | None = None
    evenings: list[float] = Field(default=[])
    waiting: list[WaitingSaid] | None = None
    road: RoadSaid | None = None
    comparisons: list[ComparisonSaid] = Field(default=[])
    forecast: ForecastSaid | None = None


class SourceSaid(Record):
    """A source, heard or silent since some minutes."""

    source: str
    heard_min: float | None = None  # minutes ago
    silent_min: float | None = None
    is_expected: bool = True
    n_missing: int = 0
    skew_s: float | None = None


class LaneSaid(Record):
    """The last word about a lane."""

    lane: str
    is_open: bool
    direction: DirectionName | None = None


class DisagreementSaid(Record):
    """Figures of a bulletin that do not agree."""

    kind: Kind
    line: str
    printed: int
    reckoned: int
    gate: str | None = None


class OwnSaid(Record):
    """The service about itself."""

    disk_free: float | None = None
    backup_age_s: float | None = None
    undelivered_s: float | None = None
    n_dead_letters: int | None = None
    fsync_s: float | None = None
    n_backups: int | None = None


class Said(Record):
    """What is so at one instant."""

    at: Clock = 600
    flow: FlowSaid | None = None
    present: float | None = None
    sources: list[SourceSaid] = Field(default=[])
    feeds: dict[str, Feed] = Field(default={})
    lanes: list[LaneSaid] = Field(default=[])
    inconsistencies: list[DisagreementSaid] = Field(default=[])
    own: OwnSaid = OwnSaid()


class Case(Said):
    """What is so, and what must be found."""

    says: str = Field(description="The case as a sentence.")
    levels: list[str] = Field(description="Levels of the findings, in their order; empty where there is none.")
    said: str | None = Field(default=None, description="Key of the first one's sentence.")


def parse_story_clock(text: object) -> int:
    """
    Return the minute of a story of "HH:MM": past 24:00 those of the next days, 32:00 being eight the next morning.

    Raises:
        ValueError: The text is no such instant, or lies more than a week ahead.

    >>> parse_story_clock("32:00") == parse_story_clock("08:00") + 24 * 60
    True
    """
    match = _STORY_CLOCK.fullmatch(text) if isinstance(text, str) else None
    if match is not None and (minute := int(match[1]) * 60 + int(match[2])) <= _WEEK_MIN:
        return minute
    raise ValueError('an instant of a story is written "HH:MM", past 24:00 on the next days, up to 168:00')


_STORY_CLOCK: Final = re.compile(r"(\d{2,3}):([0-5]\d)")
_WEEK_MIN: Final = 7 * 1_440
StoryClock = Annotated[int, BeforeValidator(parse_story_clock)]


class StepSaid(Said):
    """What is so in a story from an instant on."""

    at: StoryClock = 600


class AlertSaid(Record):
    """The alert that there must be after the evaluation at an instant; of several, the one of a source or subject."""

    at: StoryClock
    state: Literal["inactive", "pending", "firing", "recovering", "resolved", "no_data"]
    level: Literal["busy", "congested", "critical"] | None = None
    source: str | None = None
    subject: str | None = None


class Story(Record):
    """What is so from one instant to the next, and which alerts there must be: clocks and hysteresis are at work."""

    says: str = Field(description="The story as a sentence.")
    every: Annotated[int, Field(ge=1, le=1_440)] = Field(default=1, description="Time between evaluations [min].")
    steps: Annotated[list[StepSaid], Field(min_length=1)]
    alerts: Annotated[list[AlertSaid], Field(min_length=1)]


class CaseFile(Record):
    """A file of cases."""

    rule: str | None = Field(default=None, description="Rule that is tested; without it, the one the file is named as.")
    settings: dict[str, Any] = Field(default={})
    cases: list[Case] = Field(default=[])
    stories: list[Story] = Field(default=[])
