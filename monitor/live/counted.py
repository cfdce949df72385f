"""How many vehicles passed a place in a stretch of time: which feed counts, what it misses, what nobody saw."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from gatewatch.config.feeds import Feed, Point
from gatewatch.monitor.live.opening import Opening
from gatewatch.monitor.observations import from_us, to_us
from gatewatch.monitor.projection.counts import MINUTE_US, QUARTER_MIN, Place, Series
from gatewatch.monitor.projection.hearing import QUARTER_US
from gatewatch.monitor.projection.projecting import EMPTY, Projection
from gatewatch.monitor.projection.recalled import MARGIN

UNDECLARED_RANK = 100
HISTORY_DAYS = 28
FEWEST_DAYS = 3  # days of the same quarter-hour needed to fill one that nobody saw
BAND = 1.645  # a band holds the truth 90 times in 100 where the errors are normal
_DAY = 96  # quarter-hours
_HOUR_US = 60 * MINUTE_US


@dataclass(frozen=True, slots=True)
class Counted:
    """
    Laden vehicles at a place in a stretch of time.

    Args:
        n: Vehicles reported; None when no feed of the place was ever heard in it.
        estimate: With what the feeds miss and what nobody saw; None where that cannot be told.
        variance: Of the estimate [veh²].
        coverage: Share of the time in which a feed was heard, or the gate was shut.
        by_class: Vehicles reported by class, where the feed tells it.
        sources: The feeds that counted, most used first.
        is_backup: Whether a feed of a higher rank than the first was needed.
        last: The last time at which the place's feeds were heard.
    """

    n: int | None
    estimate: float | None
    variance: float
    coverage: float
    by_class: Mapping[str, int] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    is_backup: bool = False
    last: datetime | None = None

    @property
    def half_width(self) -> float:
        """Half of the band [veh]."""
        return BAND * math.sqrt(self.variance)

    @property
    def is_guessed(self) -> bool:
        """Whether nobody heard anything and it is what is usual."""
        return self.n is None and self.estimate is not None


@dataclass(frozen=True, slots=True)
class _Ear:
    """A feed at a place."""

    source: str
    rank: int
    missed: float
    reach: int  # quarter-hours on each side in which one word is enough
    silent_us: int
    is_of_gate: bool  # it need not be heard while the gate is shut
    series: tuple[Series, ...]


class _Told(NamedTuple):
    """Who told of a quarter-hour, if anybody was heard, and what."""

    ear: _Ear | None
    counted: Counted


_UNKNOWN = Counted(None, None, 0.0, 0.0)


@dataclass(slots=True)
class _Sum:
    """Quarter-hours added up."""

    n: int = 0
    estimate: float = 0.0
    variance: float = 0.0
    n_quarters: int = 0
    n_known: int = 0
    n_guessed: int = 0  # from the same quarter-hours of other days, which are let go of in time
    is_whole: bool = True
    is_backup: bool = False
    by_class: dict[str, int] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)

    def count(self, counted: Counted) -> None:
        """Add a quarter-hour."""
        self.n_quarters += 1
        self.n_guessed += counted.is_guessed
        self.variance += counted.variance
        if counted.estimate is None:
            self.is_whole = False
        else:
            self.estimate += counted.estimate
        if counted.n is None:
            return
        self.n_known += 1
        self.n += counted.n
        self.is_backup |= counted.is_backup
        for name, n in counted.by_class.items():
            self.by_class[name] = self.by_class.get(name, 0) + n
        for source in counted.sources:
            self.used[source] = self.used.get(source, 0) + 1

    def add(self, other: _Sum) -> None:
        """Add what was added up before."""
        self.n_quarters += other.n_quarters
        self.n_guessed += other.n_guessed
        self.variance += other.variance
        self.estimate += other.estimate
        self.is_whole &= other.is_whole
        self.n_known += other.n_known
        self.n += other.n
        self.is_backup |= other.is_backup
        for name, n in other.by_class.items():
            self.by_class[name] = self.by_class.get(name, 0) + n
        for source, n in other.used.items():
            self.used[source] = self.used.get(source, 0) + n

    def counted(self, *, is_declared: bool) -> Counted:
        """Return the sum."""
        return Counted(
            n=self.n if self.n_known else None,
            estimate=self.estimate if self.is_whole and is_declared else None,
            variance=self.variance,
            coverage=self.n_known / self.n_quarters if self.n_quarters else 0.0,
            by_class=self.by_class,
            sources=tuple(sorted(self.used, key=lambda source: (-self.used[source], source))),
            is_backup=self.is_backup,
        )


class Counting:
    """
    Counts of one place.

    Args:
        projection: What was observed.
        feeds: Feeds declared, by source.
        place: Where vehicles are counted.
        now: Aware UTC.
        opening: Of the gate and direction.
    """

    def __init__(
        self, projection: Projection, feeds: Mapping[str, Feed], place: Place, now: datetime, opening: Opening
    ) -> None:
        self._projection = projection
        self._now_us = to_us(now)
        self._opening = opening
        self._place, self._recalled = place, projection.recalled
        self._ears = (
            _ears(projection, feeds, place) if self._recalled is None else _known_ears(projection, feeds, place)
        )
        self._reach = max((ear.reach for ear in self._ears), default=0)
        self._told: dict[int, _Told] = projection.remembered.of(
            place, self._ears, {ear.source: ear.reach for ear in self._ears}
        )

    @property
    def is_declared(self) -> bool:
        """Whether anything counts here at all."""
        return bool(self._ears)

    def within(self, begins: datetime, ends: datetime) -> Counted:
        """Return what passed within [begins, ends), whole minutes."""
        first, last = self._minutes(begins, ends)
        key = ("within", self._place, first, last)
        counted: Counted | None = None if self._recalled is None else self._recalled.find(key)
        if counted is None:
            total = self._summed(first, last)
            counted = total.counted(is_declared=bool(self._ears))
            if not total.n_guessed:
                self._keep(key, counted, _quarters(first, last).stop - 1)
        lasts = [hearing.last_us for ear in self._ears if (hearing := self._projection.hearings.get(ear.source))]
        return replace(counted, last=from_us(max(lasts)) if lasts else None)

    def whole(self, begins: datetime, ends: datetime) -> int | None:
        """Return the vehicles reported within [begins, ends), whole minutes; None when not heard throughout."""
        first, last = self._minutes(begins, ends)
        total = 0
        for quarter in _quarters(first, last):
            n = self._of_quarter(quarter, first, last).n
            if n is None:
                return None
            total += n
        return total if last > first else None

    def per_open_hour(self, begins: datetime, ends: datetime) -> list[int]:
        """Return the vehicles of each whole hour in which both sides were open and a feed was heard throughout."""
        found = []
        for window in self._opening.both:
            first = -(-to_us(max(window.begins, begins)) // _HOUR_US)
            for hour in range(first, to_us(min(window.ends, ends)) // _HOUR_US):
                n = self._of_hour(hour)
                if n is not None:
                    found.append(n)
        return found

    def _minutes(self, begins: datetime, ends: datetime) -> tuple[int, int]:
        return -(-to_us(begins) // MINUTE_US), -(-min(to_us(ends), self._now_us) // MINUTE_US)

    def _summed(self, first: int, last: int) -> _Sum:
        """Return what passed in the minutes [first, last): by quarter-hours, those of whole hours together."""
        total, quarters = _Sum(), _quarters(first, last)
        quarter = quarters.start
        while quarter < quarters.stop:
            if quarter % 4 == 0 and first <= quarter * 15 and (quarter + 4) * 15 <= last:
                total.add(self._hour_summed(quarter // 4))
                quarter += 4
            else:
                total.count(self._of_quarter(quarter, first, last))
                quarter += 1
        return total

    def _hour_summed(self, hour: int) -> _Sum:
        key = ("hour summed", self._place, hour)
        found: _Sum | None = None if self._recalled is None else self._recalled.find(key)
        if found is None:
            found = _Sum()
            for quarter in range(hour * 4, hour * 4 + 4):
                found.count(self._of_quarter(quarter, quarter * 15, quarter * 15 + 15))
            if not found.n_guessed:
                self._keep(key, found, hour * 4 + 3)
        return found

    def _of_hour(self, hour: int) -> int | None:
        """Return the vehicles of an hour; None when no feed was heard throughout."""
        key = ("hour", self._place, hour)
        known: tuple[int | None] | None = None if self._recalled is None else self._recalled.find(key)
        if known is None:
            told = [self._whole(quarter) for quarter in range(hour * 4, hour * 4 + 4)]
            known = (sum(q.counted.n or 0 for q in told) if all(q.ear for q in told) else None,)
            self._keep(key, known, hour * 4 + 3)
        return known[0]

    def _keep(self, key: Hashable, value: Any, quarter: int) -> None:
        """Have something recalled that rests on quarter-hours up to `quarter`, if nothing in time can change it."""
        looked = quarter + self._reach
        if self._recalled is not None and looked + MARGIN < self._now_us // QUARTER_US:
            self._recalled.keep(key, value, looked)

    def _of_quarter(self, quarter: int, first: int, last: int) -> Counted:
        """Return what passed in the minutes [first, last) of a quarter-hour."""
        begins, ends = max(first, quarter * 15), min(last, quarter * 15 + 15)
        is_whole = ends - begins == QUARTER_MIN
        if is_whole:
            ear, counted = self._whole(quarter)
            if ear is not None:
                return counted
        else:
            ear = self._heard(quarter)
            if ear is not None:
                return self._counted(ear, begins, ends)
        if self._is_shut(begins, ends):
            return Counted(0, 0.0, 0.0, 1.0)
        usual = self._usual(quarter)
        if usual is None:
            return _UNKNOWN
        share = (ends - begins) / 15
        return Counted(None, usual[0] * share, usual[1] * share, 0.0)

    def _whole(self, quarter: int) -> _Told:
        """Return who told of a whole quarter-hour, and what."""
        told = self._told.get(quarter)
        if told is None:
            ear = self._listen(quarter)
            first = quarter * QUARTER_MIN
            counted = _UNKNOWN if ear is None else self._counted(ear, first, first + QUARTER_MIN)
            told = _Told(ear, counted)
            if (quarter + 1) * QUARTER_US <= self._now_us:  # who speaks now may yet fall silent
                self._told[quarter] = told
        return told

    def _counted(self, ear: _Ear, first: int, last: int) -> Counted:
        """Return what a feed counted in the minutes [first, last) of a quarter-hour."""
        by_class = self._count(ear, first, last)
        n, seen = sum(by_class.values()), 1 - ear.missed
        is_backup = ear.rank > self._ears[0].rank
        return Counted(n, n / seen, n * ear.missed / seen**2, 1.0, by_class, (ear.source,), is_backup)

    def _heard(self, quarter: int) -> _Ear | None:
        """Return the feed of the lowest rank that was heard around a quarter-hour."""
        return self._whole(quarter).ear if (quarter + 1) * QUARTER_US <= self._now_us else self._listen(quarter)

    def _listen(self, quarter: int) -> _Ear | None:
        for ear in self._ears:
            hearing = self._projection.hearings.get(ear.source)
            if hearing is None:
                continue
            is_now = quarter * QUARTER_US <= self._now_us < (quarter + 1) * QUARTER_US
            if is_now and self._now_us - hearing.last_us <= ear.silent_us:
                return ear
            if any(hearing.was_heard(q) for q in range(quarter - ear.reach, quarter + ear.reach + 1)):
                return ear
        return None

    def _is_shut(self, first: int, last: int) -> bool:
        """Return whether nothing can have passed: the gate was shut and its feeds follow its calendar."""
        begins, ends = from_us(first * MINUTE_US), from_us(last * MINUTE_US)
        return all(ear.is_of_gate for ear in self._ears) and self._opening.open_s(begins, ends) == 0

    def _count(self, ear: _Ear, first: int, last: int) -> dict[str, int]:
        found: dict[str, int] = {}
        counts, is_whole = self._projection.counts, first % QUARTER_MIN == 0 and last - first == QUARTER_MIN
        for series in ear.series:
            if is_whole:
                n = counts.of_quarter(series, first // QUARTER_MIN)
            else:
                n = counts.between(series, first * MINUTE_US, last * MINUTE_US)
            if n and series.vehicle_class != EMPTY:
                found[series.vehicle_class] = found.get(series.vehicle_class, 0) + n
        return found

    def _usual(self, quarter: int) -> tuple[float, float] | None:
        """Return mean and variance of the same quarter-hour of the days before [veh, veh²]; None with too few."""
        counts = []
        for day in range(1, HISTORY_DAYS + 1):
            told = self._whole(quarter - day * _DAY)
            if told.ear is not None:
                counts.append(told.counted.n or 0)
        if len(counts) < FEWEST_DAYS:
            return None
        mean = sum(counts) / len(counts)
        spread = sum((n - mean) ** 2 for n in counts) / (len(counts) - 1)
        return mean, max(spread, mean)


def _quarters(first: int, last: int) -> range:
    return range(first // 15, -(-last // 15))


def _ears(projection: Projection, feeds: Mapping[str, Feed], place: Place) -> list[_Ear]:
    """Return what counts at a place, lowest rank first; sources that nobody declared come last."""
    by_source = projection.counts.at(place)
    found = []
    for source in sorted({*by_source, *(s for s, feed in feeds.items() if _reports(feed, place))}):
        feed, series = feeds.get(source), tuple(by_source.get(source, ()))
        if feed is None or not _reports(feed, place):
            found.append(_Ear(source, UNDECLARED_RANK, 0.0, _DAY, 24 * 60 * MINUTE_US, is_of_gate=False, series=series))
            continue
        period = feed.period or 15.0
        silent = timedelta(minutes=period + feed.grace) // timedelta(microseconds=1)
        found.append(_Ear(source, feed.rank, feed.missed, int(period // 15), silent, feed.calendar == "gate", series))
    return sorted(found, key=lambda ear: (ear.rank, ear.source))


def _known_ears(projection: Projection, feeds: Mapping[str, Feed], place: Place) -> list[_Ear]:
    """Return what counts at a place; when that has changed, what was summed up before is forgotten."""
    assert projection.recalled is not None
    recalled, shape = projection.recalled, projection.counts.shape
    before = recalled.find(("ears", place))
    if before is not None and before[0] == shape:
        return list(before[1])
    ears = _ears(projection, feeds, place)
    if before is not None and before[1] != ears:
        recalled.forget()
    recalled.keep(("ears", place), (shape, ears), -1)
    return ears


def _reports(feed: Feed, place: Place) -> bool:
    return feed.gate == place.gate and any(_same(point, place) for point in feed.reports)


def _same(point: Point, place: Place) -> bool:
    where = point.yard or point.stage or ""
    return (point.what, point.direction, where) == (place.what, place.direction, place.where)
