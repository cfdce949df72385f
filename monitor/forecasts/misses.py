"""
The worst misses of forecasts, and what can be told of each: which of start, arrivals and clearances was off, and why.

What is inside later is what is inside now, and what comes, less what goes. A miss is therefore the sum of three: the
start as it is known by now, the arrivals, and the clearances. Hours that nobody knew of when the forecast was made, and
what was wrong with the data then, explain them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from gatewatch.config.calendars import DirectionName
from gatewatch.config.feeds import Feed
from gatewatch.config.opening_hours import both_open
from gatewatch.config.schema import Border
from gatewatch.monitor.forecasts.forecasts import Forecasts
from gatewatch.monitor.live.backlog import CAME, Stocktaking
from gatewatch.monitor.live.opening import Opening, opening, side_windows
from gatewatch.monitor.projection.projecting import Projection
from gatewatch.monitor.projector import Projector
from gatewatch.monitor.store.forecasts import KeptScore

Part = Literal["start", "arrived", "cleared"]

MOST: Final = 10
LEAST_SHARE: Final = 0.25  # of a miss that a part must come to, to be told
LEAST_SHUT: Final = timedelta(minutes=15)  # of hours that came otherwise than known, to be told
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Off:
    """
    A part of a miss.

    Args:
        part: `start`, `arrived` or `cleared`.
        expected: As the forecast had it [veh].
        seen: As it is known by now [veh].
    """

    part: Part
    expected: float
    seen: float


@dataclass(frozen=True, slots=True)
class Miss:
    """
    An hour of a forecast that what came lay farthest outside the band of, on its day at its gate.

    Args:
        score: The hour, and what was seen.
        is_kept: Whether the forecast is kept still; without it nothing more is known.
        parts: What was off, the most first.
        shut: For how much less time both sides were open than was known; negative: for more.
        doubts: What was wrong with the data when it was made, as the forecast told it.
    """

    score: KeptScore
    is_kept: bool = True
    parts: tuple[Off, ...] = ()
    shut: timedelta = timedelta()
    doubts: tuple[str, ...] = ()

    @property
    def made_at(self) -> datetime:
        """The instant that the forecast starts from."""
        return self.score.at - timedelta(hours=self.score.horizon_h)


def worst_of(scores: Iterable[KeptScore], zone: ZoneInfo, most: int = MOST) -> list[KeptScore]:
    """
    Return the scores farthest outside their bands, one for each gate, direction and local day, the worst first.

    Args:
        scores: Of forecasts.
        zone: Whose days.
        most: At most so many.
    """
    found: dict[tuple[str, str, date], KeptScore] = {}
    for each in scores:
        day = (each.gate, each.direction, each.at.astimezone(zone).date())
        if not each.is_inside and (day not in found or each.outside > found[day].outside):
            found[day] = each
    return sorted(found.values(), key=lambda each: (-each.outside, each.at, each.gate, each.direction))[:most]


class Misses:
    """
    Tells of misses.

    Args:
        border: The border watched.
        feeds: Feeds declared, by source.
        projector: Knows what was observed.
        forecasts: Keeps them.
    """

    def __init__(self, border: Border, feeds: Mapping[str, Feed], projector: Projector, forecasts: Forecasts) -> None:
        self._border, self._feeds, self._projector, self._forecasts = border, feeds, projector, forecasts
        self._zone = ZoneInfo(border.border.timezone)

    def worst(self, now: datetime, days: int) -> list[Miss]:
        """Return the worst misses of the last days with what can be told of each."""
        scores = self._forecasts.stored.scores(now - days * _DAY, now)
        return [self._told(each, now) for each in worst_of(scores, self._zone)]

    def _told(self, score: KeptScore, now: datetime) -> Miss:
        kept = self._forecasts.stored.find(score.forecast)
        row = None if kept is None else _row(kept.read(), score)
        gate = self._border.gates.get(score.gate)
        if row is None or gate is None or gate.direction(_direction(score)) is None:
            return Miss(score, is_kept=False)
        miss = Miss(score, doubts=tuple(row["doubts"]))
        shut = self._projector.read(lambda p: self._shut(p, miss, now))
        came = self._projector.read(lambda p: self._came(p, miss, now))
        return replace(miss, parts=() if came is None else _parts(row, score, *came), shut=shut)

    def _shut(self, projection: Projection, miss: Miss, now: datetime) -> timedelta:
        """Return for how much less time both sides were open than was known when the forecast was made."""
        score, begins, ends = miss.score, miss.made_at, miss.score.at
        span, open_s = (begins - 2 * _DAY, ends + _DAY), []
        for then in (begins, now):
            own, theirs = (
                side_windows(self._border, projection, score.gate, side, _direction(score), then, span)[1]
                for side in ("own", "counterpart")
            )
            windows = both_open(own, theirs)
            pieces = (min(w.ends, ends) - max(w.begins, begins) for w in windows)
            open_s.append(sum((piece for piece in pieces if piece > timedelta()), timedelta()))
        known, came = open_s
        return known - came if abs(known - came) >= LEAST_SHUT else timedelta()

    def _came(self, projection: Projection, miss: Miss, now: datetime) -> tuple[float, float] | None:
        """Return the backlog at the start and the arrivals since then, as they are known by now; None: not known."""
        score = miss.score
        hours = opening(self._border, projection, score.gate, _direction(score), now)
        inside = self._stock(projection, score, miss.made_at, hours).backlog().value
        [arrived] = (self._stock(projection, score, now, hours).counting(what) for what in CAME)
        counted = arrived.within(miss.made_at, score.at).estimate
        return None if inside is None or counted is None else (inside, counted)

    def _stock(self, projection: Projection, score: KeptScore, at: datetime, hours: Opening) -> Stocktaking:
        return Stocktaking(projection, self._feeds, score.gate, score.direction, at, hours, self._zone)


def _direction(score: KeptScore) -> DirectionName:
    return "import" if score.direction == "import" else "export"


def _row(forecast: Mapping[str, Any], score: KeptScore) -> Mapping[str, Any] | None:
    """Return what a forecast says of a gate and direction under doing nothing."""
    place = ("do nothing", score.gate, score.direction)
    rows = (row for row in forecast["flows"] if (row["alternative"], row["gate"], row["direction"]) == place)
    return next(rows, None)


def _parts(row: Mapping[str, Any], score: KeptScore, inside: float, arrived: float) -> tuple[Off, ...]:
    """Return what was off by a good share of the miss, in its direction, the most first."""
    backlog, cleared = row["hours"]["backlog"]["p50"], row["hours"]["cleared"]["p50"][score.horizon_h]
    expected = backlog[score.horizon_h] - backlog[0] + cleared
    parts = [
        (1, Off("start", backlog[0], inside)),
        (1, Off("arrived", expected, arrived)),
        (-1, Off("cleared", cleared, inside + arrived - score.seen)),
    ]
    missed = score.seen - score.median
    shares = [(sign * (off.seen - off.expected) / missed, off) for sign, off in parts] if missed else []
    return tuple(off for share, off in sorted(shares, key=lambda pair: -pair[0]) if share >= LEAST_SHARE)
