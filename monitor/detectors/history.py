"""What a detector needs beyond the snapshot: the days before, reports of people, bulletins, the service itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from gatewatch.config.feeds import Feed
from gatewatch.monitor.bulletins.checks import BulletinFinding
from gatewatch.monitor.detectors.outlook import Outlook

STRETCH = timedelta(minutes=30)  # what is compared with the same minutes of other days
STRETCH_DAYS = 28
RATIO_DAYS = 3
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
EVENINGS = 4  # three rises running need four evenings


@dataclass(frozen=True, slots=True)
class Reading:
    """A count by hand, from the air or on a picture."""

    at: datetime
    value: int
    source: str


@dataclass(frozen=True, slots=True)
class Lane:
    """
    The last word about a lane.

    Args:
        gate: Gate.
        direction: Direction; None for both.
        lane: As the gate names it.
        is_open: What was said.
        at: From when.
        reason: Why, where it was said.
        source: Who said it.
    """

    gate: str
    direction: str | None
    lane: str
    is_open: bool
    at: datetime
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    A printed figure beside our own count of the same time.

    Args:
        day: Day of the bulletin.
        line: What was counted.
        printed: The bulletin's figure [veh].
        counted: Ours [veh]; None where parts of the day were not heard.
        sources: The feeds that counted.
    """

    day: date
    line: str
    printed: int
    counted: float | None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """
    Those inside of one class, if vehicles went in the order in which they came.

    Args:
        vehicle_class: The class.
        n: How many [veh].
        oldest: When the first of them came; None: before everything that is remembered.
    """

    vehicle_class: str
    n: float
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class FlowHistory:
    """
    The past of one gate and direction.

    Args:
        cleared_stretch: Clearances of the last 30 minutes [veh]; None when not heard throughout.
        same_stretch: Those of the same minutes of days before on which both sides were open and it was heard [veh].
        arrived: Arrivals of the last three days [veh]; None when not known throughout.
        cleared: Clearances of the last three days [veh].
        evenings: Backlog at 20:00 of days that are over, the last first [veh]; None: not known.
        waiting: Vehicles inside by class; None where it cannot be told.
        road: The last count of a queue that belongs to no stage: the road before the gate. None: nobody counts there.
        comparisons: The last bulletin beside our counts.
    """

    cleared_stretch: int | None = None
    same_stretch: tuple[int, ...] = ()
    arrived: float | None = None
    cleared: float | None = None
    evenings: tuple[float | None, ...] = ()
    waiting: tuple[Waiting, ...] | None = None
    road: Reading | None = None
    comparisons: tuple[Comparison, ...] = ()


@dataclass(frozen=True, slots=True)
class SelfState:
    """
    The service about itself; None is not known.

    Args:
        disk_free: Free share of the disk that holds the store.
        backup_age_s: Age of the last backup that was read back [s].
        undelivered_s: Age of the oldest message that should have been delivered and was not [s]; 0 when none waits.
        n_dead_letters: Messages that were given up.
        fsync_s: How long the disk takes to confirm a write, 99th percentile of the last ones [s].
        n_backups: Backups there are; 0 tells a missing one from an unknown one.
    """

    disk_free: float | None = None
    backup_age_s: float | None = None
    undelivered_s: float | None = None
    n_dead_letters: int | None = None
    fsync_s: float | None = None
    n_backups: int | None = None


@dataclass(frozen=True, slots=True)
class History:
    """
    What detectors are given beside the snapshot; a value, like the snapshot itself.

    Args:
        flows: The past of each gate and direction.
        lanes: The last word about each lane.
        inconsistencies: What does not agree in the last bulletin.
        feeds: Feeds declared, by source.
        own: The service about itself.
        outlooks: What the last forecast says of each gate and direction; nothing where none was made.
        zone: Whose days and evenings are meant.
    """

    flows: Mapping[tuple[str, str], FlowHistory] = field(default_factory=dict)
    lanes: tuple[Lane, ...] = ()
    inconsistencies: tuple[BulletinFinding, ...] = ()
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    own: SelfState = SelfState()
    outlooks: Mapping[tuple[str, str], Outlook] = field(default_factory=dict)
    zone: ZoneInfo = HANOI

    def flow(self, gate: str, direction: str) -> FlowHistory:
        """Return the past of a gate and direction; one that knows nothing where nothing was kept."""
        return self.flows.get((gate, direction), FlowHistory())

    def outlook(self, gate: str, direction: str, now: datetime) -> Outlook | None:
        """Return what a forecast says of a gate and direction that is still fresh; None without one."""
        found = self.outlooks.get((gate, direction))
        return found if found is not None and found.is_fresh(now) else None
