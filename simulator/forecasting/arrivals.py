"""
Who comes in the next days: the same hours of the days before, a factor for the day, and what was declared.

Each hour of the day has a mean over the days before, recent ones counting more; a weekday has a factor that is drawn
to 1 while few such days were seen; a season of the base demand moves the level when the month changes. What remains is
the luck of the day, a gamma factor. The arrivals of today so far say what today's is like: with Poisson arrivals the
factor, given them, is gamma again (the conjugate pair), so today's luck is known the better the later it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.demand import Flow
from gatewatch.config.schema import Border
from gatewatch.simulator.forecasting.now import Arrived

Floats = NDArray[np.float64]

HOURS = 24
HISTORY_DAYS = 28
FEWEST_DAYS = 3  # on which an hour was heard, before its history is worth more than a scenario
SHOWS_UP = 0.95  # of the vehicles that were declared (assumed)
DECLARED_WITHIN_H = 6  # of being declared a vehicle arrives (assumed)
_KEEPS = 0.9  # weight of a day against the day after
_WEEKDAY_PULL = 2.0  # average weekdays that a weekday's own days are set against
_USUAL_CV, _USUAL_DAYS = 0.12, 3.0  # luck of a day where few days were seen, and the days it counts for (assumed)
_LEAST_CV, _MOST_CV = 0.03, 0.6

Level = Callable[[date], float]


@dataclass(frozen=True, slots=True)
class DayAhead:
    """
    The arrivals expected on a day.

    Args:
        day: Local day.
        hourly: Expected arrivals of its hours before the luck of the day, shape (24,) [veh].
        factor: What the luck of the day is on average; not 1 where some of the day is over.
        cv: Its standard deviation over its mean.
    """

    day: date
    hourly: Floats
    factor: float
    cv: float


@dataclass(frozen=True, slots=True)
class Usual:
    """
    What is usual of one gate and direction.

    Args:
        counts: Arrivals seen, by day before today (the last row is today) and hour, NaN where not counted [veh].
        first: Day of the first row.
        hourly: Mean arrivals by hour at the season's level 1 [veh].
        weekdays: Factor of each weekday.
        cv: Luck of a day.
        level: Level of a day by its season.
    """

    counts: Floats
    first: date
    hourly: Floats
    weekdays: Floats
    cv: float
    level: Level

    def expected(self, day: date) -> Floats:
        """Return the expected arrivals of a day by hour [veh]."""
        return np.asarray(self.hourly * self.weekdays[day.weekday()] * self.level(day))

    def past(self, day: date) -> Floats:
        """Return the arrivals of a day that is over by hour, what is usual where nobody counted [veh]."""
        row = (day - self.first).days
        seen = self.counts[row] if 0 <= row < len(self.counts) else np.full(HOURS, np.nan)
        return np.where(np.isnan(seen), self.expected(day), seen)


def find_usual(arrived: Arrived, at: datetime, zone: ZoneInfo, level: Level) -> Usual | None:
    """
    Return what is usual by the arrivals seen; None where there is too little to go by.

    Args:
        arrived: Arrivals by the hour.
        at: Now, aware.
        zone: Of the border.
        level: Level of a day by its season, in any unit.
    """
    today = at.astimezone(zone).date()
    counts, first = _by_day(arrived, at, zone)
    before, days = counts[:-1], [first + timedelta(days=n) for n in range(len(counts) - 1)]
    n_heard = np.count_nonzero(~np.isnan(before), axis=0)
    if not days or n_heard.min() < FEWEST_DAYS:
        return None
    levels = np.array([level(day) for day in days])
    weights = _KEEPS ** np.array([(today - day).days for day in days], dtype=float)
    # Each hour is expected to be level times the mean at level 1: the weighted ratio of sums.
    heard = ~np.isnan(before)
    seen = np.where(heard, before, 0.0)
    above = (seen * weights[:, None]).sum(axis=0)
    below = (heard * (weights * levels)[:, None]).sum(axis=0)
    hourly = np.divide(above, below, out=np.zeros(HOURS), where=below > 0)
    expected = (heard * hourly).sum(axis=1) * levels
    is_known = (heard.sum(axis=1) >= HOURS // 2) & (expected > 0)
    ratios = np.divide(seen.sum(axis=1), expected, out=np.ones(len(days)), where=is_known)
    weekday = np.array([day.weekday() for day in days])
    factors = np.ones(7)
    for n in range(7):
        mine = is_known & (weekday == n)
        factors[n] = (ratios[mine].sum() + _WEEKDAY_PULL) / (mine.sum() + _WEEKDAY_PULL)
    cv = _luck(ratios[is_known] / factors[weekday[is_known]], (expected * factors[weekday])[is_known])
    return Usual(counts, first, hourly, factors, cv, level)


def days_ahead(usual: Usual, at: datetime, zone: ZoneInfo, days: int, declared: int | None = None) -> list[DayAhead]:
    """
    Return the arrivals expected today and on the days after.

    Args:
        usual: What is usual.
        at: Now, aware.
        zone: Of the border.
        days: Days, today included.
        declared: Vehicles declared and not arrived; there may be others.
    """
    local = at.astimezone(zone)
    today, shape = local.date(), usual.cv**-2
    expected, seen = usual.expected(today), usual.counts[-1]
    share = _share_over(local)
    heard = ~np.isnan(seen)
    so_far = float((expected * share)[heard].sum())
    factor = (shape + float(seen[heard].sum())) / (shape + so_far)
    found = [DayAhead(today, expected, factor, (shape + float(seen[heard].sum())) ** -0.5)]
    for n in range(1, days):
        day = today + timedelta(days=n)
        found.append(DayAhead(day, usual.expected(day), 1.0, usual.cv))
    return found if declared is None else _with_declared(found, local, declared)


def ages_of(arrived: Arrived | None, at: datetime, behind: float, n: int, generator: np.random.Generator) -> Floats:
    """
    Return how long ago the last vehicles came that are inside still, if each goes in its turn, oldest first [s].

    Before the counted hours they are taken to have come at the mean pace of those, but all within as long a time again:
    a jam that is older than what was counted began in busier days.

    Args:
        arrived: Arrivals by the hour; without any, nobody has waited yet.
        at: Now, aware.
        behind: Vehicles that came after them.
        n: Vehicles.
        generator: Places them within their hours.
    """
    seen = np.array([np.nan if value is None else value for value in (() if arrived is None else arrived.hourly)])
    if arrived is None or not np.nansum(seen):
        return np.zeros(n)
    pace = float(np.nanmean(seen))
    came = np.cumsum(np.where(np.isnan(seen), pace, seen)[::-1])  # since the start of each hour, the last hour first
    edges_h = np.arange(1, len(seen) + 1) - len(seen) + (at - arrived.first).total_seconds() / 3600
    turn = behind + np.sort(n * generator.random(n))[::-1]
    ages_h = np.interp(turn, np.concatenate([[0.0], came]), np.concatenate([[0.0], edges_h]))
    before_h = np.maximum(turn - came[-1], 0.0) / pace
    return np.asarray(3600.0 * (ages_h + before_h * min(1.0, edges_h[-1] / max(before_h.max(initial=0.0), 1e-9))))


def level_of(border: Border, flow: Flow | None) -> Level:
    """Return the level of a day by season and dates of a flow; 1 on all days for one without."""
    arrivals = None if flow is None else flow.arrivals
    season = getattr(arrivals, "season", None)
    factors = None if season is None else border.seasons[season].factors
    dated = getattr(arrivals, "dates", [])

    def level(day: date) -> float:
        found = 1.0 if factors is None else _between_months(factors, day)
        for entry in dated:
            found *= entry.factor if entry.covers(day) else 1.0
        return max(found, 1e-3)

    return level


def _between_months(factors: Sequence[float], day: date) -> float:
    """Return the season's factor, gliding from the middle of a month to that of the next: no jump on the first."""
    place = day.month - 1 + (day.day - 15.5) / 30.5
    before = int(np.floor(place))
    share = place - before
    return float(factors[before % 12] * (1 - share) + factors[(before + 1) % 12] * share)


def _by_day(arrived: Arrived, at: datetime, zone: ZoneInfo) -> tuple[Floats, date]:
    """Return the counts by local day and hour up to today, and the first day; of the last 28 days before today."""
    today = at.astimezone(zone).date()
    begun = arrived.first.astimezone(zone)
    first = max(begun.date(), today - timedelta(days=HISTORY_DAYS))
    counts = np.full(((today - first).days + 1, HOURS), np.nan)
    for n, value in enumerate(arrived.hourly):
        hour = begun + timedelta(hours=n)
        if value is not None and hour.date() >= first and hour <= at:
            counts[(hour.date() - first).days, hour.hour] = value
    return counts, first


def _luck(ratios: Floats, expected: Floats) -> float:
    """Return the cv of the luck of a day: what of the spread of days is beyond that of Poisson counts."""
    n = len(ratios)
    if not n:
        return _USUAL_CV
    spread = float(np.sum((ratios - 1) ** 2 - 1 / np.maximum(expected, 1.0)))
    variance = (spread + _USUAL_DAYS * _USUAL_CV**2) / (n + _USUAL_DAYS)
    return float(np.clip(max(variance, 0.0) ** 0.5, _LEAST_CV, _MOST_CV))


def _share_over(local: datetime) -> Floats:
    """Return how much of each hour of a day is over, shape (24,)."""
    return np.clip(local.hour + local.minute / 60 - np.arange(HOURS), 0.0, 1.0)


def _with_declared(found: list[DayAhead], local: datetime, declared: int) -> list[DayAhead]:
    """Return the days with at least so many arrivals in the next hours as were declared; never fewer than usual."""
    begins = local.hour + local.minute / 60
    hours = np.arange(HOURS * len(found)) - begins
    within = np.clip(np.minimum(hours + 1, DECLARED_WITHIN_H) - np.maximum(hours, 0.0), 0.0, 1.0)
    hourly = np.concatenate([day.hourly * day.factor for day in found])
    usual = float((hourly * within).sum())
    wanted = SHOWS_UP * declared
    if wanted <= usual:
        return found
    added = (wanted - usual) * within / within.sum()
    rows = added.reshape(len(found), HOURS)
    return [
        replace(day, hourly=day.hourly + more / day.factor) if more.any() else day
        for day, more in zip(found, rows, strict=True)
    ]
