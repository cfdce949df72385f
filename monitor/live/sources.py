"""How each source does: heard or silent within its hours, numbers missing, its clock, vehicles reported twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gatewatch.config.calendars import DirectionName
from gatewatch.config.feeds import Feed
from gatewatch.config.opening_hours import window_at, windows
from gatewatch.config.schema import Border
from gatewatch.monitor.observations import from_us
from gatewatch.monitor.projection.projecting import Projection


@dataclass(frozen=True, slots=True)
class SourceState:
    """
    One source of observations.

    Args:
        source: Its name.
        is_declared: Whether a feed of that name is declared; others are taken in and shown.
        last_heard: When we last received something; None: never.
        last_said: The latest time that it gave; None: never.
        is_expected: Whether it must be heard now, by its calendar.
        silent_since: Since when it should have been heard and was not; None: it is not silent.
        n_missing: Sequence numbers that never came.
        skew_s: How far its batches come after their own time of sending [s]; None: it never says.
        n_repeated: Vehicles that it reported again under the same track.
    """

    source: str
    is_declared: bool
    last_heard: datetime | None
    last_said: datetime | None
    is_expected: bool
    silent_since: datetime | None
    n_missing: int = 0
    skew_s: float | None = None
    n_repeated: int = 0


def source_states(
    border: Border, feeds: Mapping[str, Feed], projection: Projection, now: datetime
) -> tuple[SourceState, ...]:
    """Return the state of every feed declared and of every other source heard, by name."""
    repeated = projection.repeats.n_repeated
    found = []
    for source in sorted({*feeds, *projection.hearings}):
        hearing, feed = projection.hearings.get(source), feeds.get(source)
        heard = None if hearing is None else from_us(hearing.last_received_us)
        expected_from = None if feed is None else _expected_from(border, feed, now)
        found.append(
            SourceState(
                source=source,
                is_declared=feed is not None,
                last_heard=heard,
                last_said=None if hearing is None else from_us(hearing.last_us),
                is_expected=expected_from is not None,
                silent_since=_silent_since(feed, heard, expected_from, now),
                n_missing=0 if hearing is None else hearing.numbering.n_missing,
                skew_s=None if hearing is None or hearing.skew_us is None else hearing.skew_us / 1e6,
                n_repeated=repeated.get(source, 0),
            )
        )
    return tuple(found)


def _expected_from(border: Border, feed: Feed, now: datetime) -> datetime | None:
    """Return since when a feed must be heard without a break; None when it need not be heard now."""
    if feed.kind == "person" or feed.period is None:
        return None
    if feed.calendar == "always" or feed.gate is None:
        return datetime.min.replace(tzinfo=now.tzinfo)
    gate = border.gates[feed.gate]
    name = gate.calendar if feed.calendar == "gate" else gate.counterpart.calendar
    if name is None:
        return datetime.min.replace(tzinfo=now.tzinfo)
    directions: set[DirectionName | None] = {point.direction for point in feed.reports} or {None}
    around = [
        window
        for direction in directions
        for window in windows(border.calendars[name], now - timedelta(days=1), now + timedelta(days=1), direction)
    ]
    window = window_at(around, now)
    return None if window is None else window.begins


def _silent_since(
    feed: Feed | None, heard: datetime | None, expected_from: datetime | None, now: datetime
) -> datetime | None:
    if feed is None or feed.period is None or expected_from is None:
        return None
    allowed = timedelta(minutes=feed.period + feed.grace)
    last = expected_from if heard is None else max(heard, expected_from)
    if heard is None and expected_from == datetime.min.replace(tzinfo=now.tzinfo):
        return expected_from  # never heard at all
    return last if now - last > allowed else None
