"""How long it takes: what a vehicle that joins now may expect, and what those that were followed did wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from gatewatch.monitor.live.backlog import Stock
from gatewatch.monitor.live.flow import Capacity
from gatewatch.monitor.live.opening import Opening
from gatewatch.monitor.observations import to_us
from gatewatch.monitor.projection.projecting import Projection

FEWEST_MATCHES = 5
_RECENT = timedelta(hours=2)
_FAR = 3.0  # interquartile ranges beyond which a time is no wait but a night in the hotel


@dataclass(frozen=True, slots=True)
class ExpectedWait:
    """
    For a vehicle that joins now: all that is ahead of it at the capacity shown, through the calendar of both sides.

    Args:
        value_s: Time to clearance [s]; None where backlog or capacity is not known, or beyond 14 days.
        low_s: With the lower end of the backlog and the upper end of the capacity [s].
        high_s: With the upper end of the backlog and the lower end of the capacity [s]; None beyond 14 days.
        crosses_at: When it would be cleared.
        is_today: Whether that is on the local day of now; None where it is not known.
    """

    value_s: float | None
    low_s: float | None = None
    high_s: float | None = None
    crosses_at: datetime | None = None
    is_today: bool | None = None


@dataclass(frozen=True, slots=True)
class ActualTimes:
    """
    What vehicles with a token took, over those cleared in the last two hours.

    Args:
        p50_s: Median [s]; None with fewer than five vehicles.
        p90_s: 90th percentile [s].
        n: Vehicles matched, those far outside left out.
        n_outside: Those left out.
        matched: Matched vehicles over the vehicles cleared that had a token.
    """

    p50_s: float | None
    p90_s: float | None
    n: int
    n_outside: int
    matched: float | None


def expected_wait(stock: Stock, capacity: Capacity, opening: Opening, now: datetime, zone: ZoneInfo) -> ExpectedWait:
    """Return the expected time from joining now to clearance."""
    if stock.value is None or stock.low is None or stock.high is None or not capacity.value:
        return ExpectedWait(None)
    at = _cleared_at(stock.value, capacity.value, opening, now)
    if at is None:
        return ExpectedWait(None, is_today=False)
    early = _cleared_at(stock.low, capacity.high or capacity.value, opening, now)
    late = _cleared_at(stock.high, capacity.low, opening, now) if capacity.low else None
    is_today = at.astimezone(zone).date() == now.astimezone(zone).date()
    return ExpectedWait(_s(at, now), _s(early, now), _s(late, now), at, is_today)


def _cleared_at(ahead_veh: float, capacity_veh_per_h: float, opening: Opening, now: datetime) -> datetime | None:
    return opening.after_open_s(now, (ahead_veh + 1) / capacity_veh_per_h * 3600)


def _s(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else (at - now).total_seconds()


def actual_times(projection: Projection, gate: str, direction: str, ends: str, now: datetime) -> ActualTimes:
    """
    Return the times from arrival to `ends` (`check_started` for the wait, `gate_out` for the crossing time).

    Times far outside (three interquartile ranges above the upper quartile) are left out, as roadside travel times
    from re-identified vehicles usually are.
    """
    n_ended, times = _measured(projection, gate, direction, ends, to_us(now - _RECENT), to_us(now))
    seconds = np.array([took for _, took in times], dtype=float) / 1e6
    kept = seconds
    if len(seconds) >= FEWEST_MATCHES:
        low, high = np.percentile(seconds, (25, 75))
        kept = seconds[seconds <= high + _FAR * (high - low)]
    n, n_outside = len(kept), len(seconds) - len(kept)
    matched = len(seconds) / n_ended if n_ended else None
    if n < FEWEST_MATCHES:
        return ActualTimes(None, None, n, n_outside, matched)
    p50, p90 = np.percentile(kept, (50, 90))
    return ActualTimes(float(p50), float(p90), n, n_outside, matched)


def measured_times(
    projection: Projection, gate: str, direction: str, ends: str, since: datetime, until: datetime
) -> list[tuple[int, float]]:
    """Return when each followed vehicle reached `ends`, in microseconds since 1970, and how long it took [s]."""
    _, times = _measured(projection, gate, direction, ends, to_us(since), to_us(until))
    return sorted((at_us, took / 1e6) for at_us, took in times)


def _measured(
    projection: Projection, gate: str, direction: str, ends: str, since_us: int, until_us: int
) -> tuple[int, list[tuple[int, int]]]:
    """Return how many vehicles with a token reached `ends`, and of those seen to arrive the instant and the time."""
    times: list[tuple[int, int]] = []
    n_ended = 0
    for subject, found in projection.sightings.by_subject.items():
        if subject[:2] != (gate, direction):
            continue
        ended = next((s.at_us for s in found if s.said["what"] == ends and since_us <= s.at_us <= until_us), None)
        if ended is None:
            continue
        n_ended += 1
        began = [s.at_us for s in found if s.said["what"] == "arrived" and s.at_us <= ended]
        if began:
            times.append((ended, ended - began[-1]))
    return n_ended, times
