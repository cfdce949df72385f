"""What the same weekdays before had inside, hour by hour: the grey band behind a day."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from gatewatch.config.schema import Border
from gatewatch.monitor.forecasts.forecasts import Forecasts
from gatewatch.monitor.live.over_time import flows_of

WEEKS: Final = 8
FEWEST_DAYS: Final = 3
HOURS: Final = 24
PERCENTILES: Final = (10, 90)
_KEPT: Final = timedelta(hours=1)  # a count that comes late changes the past
_HOUR: Final = timedelta(hours=1)

Where = tuple[str, str]  # gate and direction


@dataclass(frozen=True, slots=True)
class UsualHour:
    """
    What was inside at one hour of the same weekdays before.

    Args:
        at: The hour on the day itself, aware UTC.
        low: 10th percentile [veh].
        high: 90th percentile [veh].
        n_days: Days on which it was known.
    """

    at: datetime
    low: float
    high: float
    n_days: int


class UsualDays:
    """
    Says what a day of its weekday usually looks like; worked out once an hour for each day asked for.

    Args:
        forecasts: Knows what was seen.
        border: The border watched.
    """

    def __init__(self, forecasts: Forecasts, border: Border) -> None:
        self._forecasts = forecasts
        self._places, self._zone = tuple(flows_of(border)), ZoneInfo(border.border.timezone)
        self._lock = threading.Lock()
        self._found: dict[date, tuple[datetime, Mapping[Where, tuple[UsualHour, ...]]]] = {}

    def of(self, day: date, now: datetime) -> Mapping[Where, tuple[UsualHour, ...]]:
        """
        Return the hours of a day by gate and direction, as far as at least three same weekdays know them.

        Args:
            day: Local day.
            now: Aware UTC.
        """
        with self._lock:
            made_at, found = self._found.get(day, (None, {}))
            if made_at is None or not timedelta(0) <= now - made_at < _KEPT:
                found = self._worked_out(day, now)
                self._found = {**dict(list(self._found.items())[-7:]), day: (now, found)}
            return found

    def _worked_out(self, day: date, now: datetime) -> Mapping[Where, tuple[UsualHour, ...]]:
        midnights = [datetime.combine(day - timedelta(weeks=n), time(), self._zone) for n in range(WEEKS + 1)]
        hours, before = range(HOURS + 1), [m for m in midnights[1:] if m + HOURS * _HOUR <= now]
        instants = [midnight + hour * _HOUR for midnight in before for hour in hours]
        seen = self._forecasts.seen(dict.fromkeys(self._places, instants), now) if before else {}
        found = {}
        for place, values in seen.items():
            rows = [values[n * len(hours) : (n + 1) * len(hours)] for n in range(len(before))]
            found[place] = tuple(_usual(midnights[0], hour, [row[hour] for row in rows]) for hour in hours)
        return {place: told for place, each in found.items() if (told := tuple(row for row in each if row is not None))}


def _usual(midnight: datetime, hour: int, values: Sequence[float | None]) -> UsualHour | None:
    known = [value for value in values if value is not None]
    if len(known) < FEWEST_DAYS:
        return None
    low, high = (float(x) for x in np.percentile(known, PERCENTILES))
    return UsualHour(midnight + hour * _HOUR, low, high, len(known))
