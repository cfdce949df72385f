"""What a detector says of one thing at one instant: how bad it is, by which number, and what that rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from functools import total_ordering

from gatewatch.config.thresholds import Falling, Rising
from gatewatch.monitor.live.figure import Figure

Value = str | int | float | datetime | date | None
Identity = tuple[str, str, str, str, str]


@total_ordering
class Level(Enum):
    """
    How bad it is; `unknown` is worse than `clear`, so that the worst of several never hides what nobody knows.

    >>> max(Level.CLEAR, Level.UNKNOWN), Level.BUSY < Level.CRITICAL
    (<Level.UNKNOWN: 'unknown'>, True)
    """

    CLEAR = "clear"
    UNKNOWN = "unknown"
    BUSY = "busy"
    CONGESTED = "congested"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return its place in the order, 0 for `clear`."""
        return list(Level).index(self)

    def __lt__(self, other: object) -> bool:
        return self.rank < other.rank if isinstance(other, Level) else NotImplemented


@dataclass(frozen=True, slots=True)
class Step:
    """
    A level and its thresholds.

    Args:
        level: The level.
        enter: It is reached from here on.
        leave: Once reached, it is left when the value is back beyond this.
    """

    level: Level
    enter: float
    leave: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    What a finding rests on.

    Args:
        begins: Start of the time looked at; None: a single instant.
        ends: End of it.
        sources: Feeds.
        quality: Of the figure, A to D; empty where it has none.
    """

    begins: datetime | None
    ends: datetime
    sources: tuple[str, ...] = ()
    quality: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What a detector says now.

    Args:
        detector: Its name.
        gate: Gate; None for the border or the service as a whole.
        direction: Direction; None for both.
        level: How bad it is by the numbers of this instant.
        value: The number that was judged; None where it is not known or there is none.
        unit: Unit of value and thresholds.
        steps: Thresholds, lowest level first.
        said: Key of the sentence among those of the detector.
        values: What the sentence tells.
        evidence: What it rests on.
        source: The feed that it is about.
        subject: What else it is about: a yard, a line of the bulletin, a side.
        since: Since when, where the data tell.
    """

    detector: str
    gate: str | None
    direction: str | None
    level: Level
    value: float | None
    unit: str
    steps: tuple[Step, ...]
    said: str
    values: Mapping[str, Value]
    evidence: Evidence
    source: str = ""
    subject: str = ""
    since: datetime | None = None
    is_falling: bool = field(default=False, kw_only=True)

    @property
    def identity(self) -> Identity:
        """Return what stays the same while it is about the same thing: one alert for each."""
        return self.detector, self.gate or "", self.direction or "", self.source, self.subject

    @property
    def threshold(self) -> float:
        """Return the threshold of its level; of the lowest one where none was reached."""
        return self._step().enter

    @property
    def leave(self) -> float:
        """Return the number at which its level is left."""
        return self._step().leave

    def level_after(self, before: Level) -> Level:
        """
        Return the level for somebody who remembers the last one: a level is kept until its leaving threshold is passed.

        What is not known is not kept and does not keep: `unknown` now is `unknown`.
        """
        if self.level is Level.UNKNOWN or self.level >= before:
            return self.level
        kept = [step.level for step in self.steps if step.level <= before and self._still(step)]
        return max([self.level, *kept])

    def _still(self, step: Step) -> bool:
        if self.value is None:
            return False
        return self.value < step.leave if self.is_falling else self.value > step.leave

    def _step(self) -> Step:
        return next((step for step in self.steps if step.level is self.level), self.steps[0])


def steps_of(rule: Rising | Falling) -> tuple[Step, ...]:
    """Return the thresholds of a rule, with those at which a level is left."""
    is_falling = isinstance(rule, Falling)
    return tuple(
        Step(Level(name), enter, enter / rule.leave if is_falling else enter * rule.leave)
        for name, enter in rule.steps()
    )


def graded_by(value: float, steps: Sequence[Step], *, is_falling: bool = False) -> Level:
    """
    Return the highest level whose threshold a value has reached.

    >>> steps = [Step(Level.BUSY, 20, 16), Step(Level.CRITICAL, 100, 80)]
    >>> [graded_by(n, steps).value for n in (19.9, 20, 150)]
    ['clear', 'busy', 'critical']
    """
    reached = [s.level for s in steps if (value <= s.enter if is_falling else value >= s.enter)]
    return max(reached, default=Level.CLEAR)


def find(
    detector: str, place: tuple[str | None, str | None], rule: Rising | Falling, value: float | None, unit: str,
    said: str, values: Mapping[str, Value], evidence: Evidence, *, level: Level | None = None,
    steps: tuple[Step, ...] | None = None, source: str = "", subject: str = "", since: datetime | None = None,
) -> Finding:  # fmt: skip
    """
    Return the finding that a value gives under a rule; one that is not known says `unknown` in the words for that.

    A figure of the worst quality (stale, very wide, most of its time not heard) is never called `clear`.

    Args:
        detector: Name of the detector.
        place: Gate and direction.
        rule: Thresholds.
        value: What is judged.
        unit: Its unit.
        said: Key of the sentence, unless the value is not known.
        values: What the sentence tells besides value, threshold, gate and direction.
        evidence: What it rests on.
        level: Where something besides the value decides.
        steps: Where the thresholds are not those of the rule.
        source: The feed it is about.
        subject: What else it is about.
        since: Since when.
    """
    used, is_falling = steps or steps_of(rule), isinstance(rule, Falling)
    if level is None:
        level = Level.UNKNOWN if value is None else graded_by(value, used, is_falling=is_falling)
    if level is Level.CLEAR and evidence.quality == "D":
        level = Level.UNKNOWN  # a figure that is stale or mostly guessed may tell of trouble, and never of its absence
    key = "unknown" if level is Level.UNKNOWN else said
    return Finding(
        detector, *place, level, value, unit, used, key, values, evidence, source, subject, since, is_falling=is_falling
    )


def at(now: datetime, figure: Figure | None = None, begins: datetime | None = None) -> Evidence:
    """Return the evidence of a figure."""
    return Evidence(begins, now) if figure is None else Evidence(begins, now, figure.sources, figure.quality)
