"""How fast it goes: vehicles cleared, what the gate can clear when it is busy, and what is left of the work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from gatewatch.monitor.live.counted import BAND, Counted, Counting

CAPACITY_DAYS = 28
FEWEST_HOURS = 20
BUSY_PERCENTILE = 90
_ROUGH = (75, 97.5)  # the same figure with more and with fewer of the quiet hours


@dataclass(frozen=True, slots=True)
class Capacity:
    """
    Clearances per open hour that the gate can sustain, as it has shown.

    Args:
        value: 90th percentile of the open hours of 28 days [veh/h]; None with fewer than 20 of them.
        low: 75th percentile [veh/h].
        high: 97.5th percentile [veh/h].
        n_hours: Open hours that were seen whole.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n_hours: int = 0


def capacity(counting: Counting, now: datetime) -> Capacity:
    """Return what the clearances of the last 28 days say about the capacity."""
    found = counting.per_open_hour(now - timedelta(days=CAPACITY_DAYS), now)
    if len(found) < FEWEST_HOURS:
        return Capacity(None, n_hours=len(found))
    low, value, high = (float(x) for x in np.percentile(found, (_ROUGH[0], BUSY_PERCENTILE, _ROUGH[1])))
    return Capacity(value, low, high, len(found))


def rate(counted: Counted, length: timedelta) -> tuple[float | None, float | None, float | None]:
    """Return vehicles per hour with the ends of the band, all None where nobody heard anything [veh/h]."""
    if counted.n is None or counted.estimate is None:
        return None, None, None
    hours = length.total_seconds() / 3600
    half = BAND * counted.variance**0.5
    return counted.estimate / hours, max(counted.n, counted.estimate - half) / hours, (counted.estimate + half) / hours


def days_of_work(backlog: float | None, cleared_per_day: float | None) -> float | None:
    """Return the backlog over a day's clearances [days]; None where either is not known or nothing is cleared."""
    if backlog is None or not cleared_per_day:
        return None
    return backlog / cleared_per_day


def cleared_per_day(counting: Counting, now: datetime, zone: ZoneInfo) -> float | None:
    """Return the clearances a day over the last seven whole days that were seen [veh/day]; None when none was."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    found = [counting.within(midnight - timedelta(days=n + 1), midnight - timedelta(days=n)) for n in range(7)]
    seen = [counted.estimate for counted in found if counted.n is not None and counted.estimate is not None]
    return sum(seen) / len(seen) if seen else None
