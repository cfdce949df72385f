"""How many vehicles are inside: the last count of them, plus what came, minus what went, with a band."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gatewatch.config.feeds import Feed
from gatewatch.monitor.live.counted import BAND, Counted, Counting
from gatewatch.monitor.live.opening import Opening
from gatewatch.monitor.observations import from_us, to_us
from gatewatch.monitor.projection.counts import Place
from gatewatch.monitor.projection.projecting import Projection

BULLETIN_CUT = time(20)
PERSON_ERROR = 0.05  # of what a person counts, when he does not say (assumed)
BULLETIN_ERROR = 0.03  # of what the bulletin gives (assumed)
LEAST_ERROR = 2.0  # vehicles (assumed)
CAME = ("arrived",)
WENT = ("gate_out", "turned_back", "diverted")
YARD_CAME = ("yard_in",)
YARD_WENT = ("yard_out",)
_LOOKED_AT = 2  # counts: the last, and the one before for its drift


@dataclass(frozen=True, slots=True)
class Anchor:
    """A count of everything inside at one instant."""

    at: datetime
    value: int
    half_width: float
    source: str


@dataclass(frozen=True, slots=True)
class Stock:
    """
    Vehicles inside now.

    Args:
        value: Vehicles; None when nobody ever counted them, or when it cannot be told what came and went since.
        low: Lower end of the band that holds the truth about 90 times in 100; None with the value.
        high: Upper end.
        anchor: The last count.
        drift: How far the reckoning was off when that count was made: count less reckoning; None for a first count.
        coverage: Share of the time since the anchor in which every flow was heard.
        clamped: How far below zero the reckoning fell, which is evidence that something was missed.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    anchor: Anchor | None = None
    drift: float | None = None
    coverage: float = 0.0
    clamped: float = 0.0


class Stocktaking:
    """
    The reckoning of what is inside a gate and direction, or one of its yards.

    Args:
        projection: What was observed.
        feeds: Feeds declared, by source.
        gate: Gate.
        direction: Direction.
        now: Aware UTC.
        opening: Of the gate and direction.
        zone: Of the bulletin.
    """

    def __init__(
        self,
        projection: Projection,
        feeds: Mapping[str, Feed],
        gate: str,
        direction: str,
        now: datetime,
        opening: Opening,
        zone: ZoneInfo,
    ) -> None:
        self._projection = projection
        self._feeds = feeds
        self._gate, self._direction = gate, direction
        self._now, self._opening, self._zone = now, opening, zone

    def backlog(self) -> Stock:
        """Return the laden vehicles that have arrived and are neither cleared nor gone."""
        return self._reckoned(self.anchors(), CAME, WENT, "")

    def anchors(self) -> list[Anchor]:
        """Return every count of what is inside, by people and by bulletins, up to now."""
        return [*self._counted("backlog", ""), *self._printed()]

    def yard(self, yard: str) -> Stock:
        """Return the vehicles in a yard."""
        return self._reckoned(self._counted("yard", yard), YARD_CAME, YARD_WENT, yard)

    def counting(self, what: str, where: str = "") -> Counting:
        """Return the counting of a place of this gate and direction."""
        place = Place(self._gate, self._direction, what, where)
        return Counting(self._projection, self._feeds, place, self._now, self._opening)

    def _counted(self, what: str, where: str) -> list[Anchor]:
        """Return the last two counts by hand: what was reckoned between them is compared with the later one."""
        stated = self._projection.stated.by_subject.get((what, self._gate, self._direction, where, ""), [])
        last = bisect_right(stated, to_us(self._now), key=lambda statement: statement.at_us)
        found = []
        for statement in stated[max(0, last - _LOOKED_AT) : last]:
            value = statement.said["value"]
            error = statement.said.get("error", max(LEAST_ERROR, PERSON_ERROR * value))
            found.append(Anchor(from_us(statement.at_us), value, error, statement.ref[0]))
        return found

    def _printed(self) -> list[Anchor]:
        """Return the last two stocks of bulletins."""
        recalled, key = self._projection.recalled, ("printed", self._gate, self._direction)
        found: list[Anchor] | None = None if recalled is None else recalled.find(key)
        if found is None:
            found = sorted(self._bulletins(), key=_order)
            if recalled is not None:
                recalled.keep(key, found, -1)  # every row of a bulletin makes it forgotten
        last = bisect_right(found, self._now, key=lambda anchor: anchor.at)
        return found[max(0, last - _LOOKED_AT) : last]

    def _bulletins(self) -> Iterator[Anchor]:
        for subject, editions in self._projection.bulletins.by_subject.items():
            source, day, gate, direction, line = subject
            if (gate, direction, line) != (self._gate, self._direction, "remaining"):
                continue
            at = datetime.combine(date.fromisoformat(day), BULLETIN_CUT, self._zone)
            value = editions[-1].said["value"]
            if value >= 0:  # a negative stock is a finding about the bulletin, not a count
                yield Anchor(at, value, max(LEAST_ERROR, BULLETIN_ERROR * value), source)

    def _reckoned(self, anchors: list[Anchor], came: tuple[str, ...], went: tuple[str, ...], where: str) -> Stock:
        ordered = sorted(anchors, key=_order)
        if not ordered:
            return Stock(None)
        anchor = ordered[-1]
        value, variance, coverage = self._since(anchor, self._now, came, went, where)
        drift = None
        if len(ordered) > 1:
            expected, _, _ = self._since(ordered[-2], anchor.at, came, went, where)
            drift = None if expected is None else anchor.value - max(0.0, expected)
        if value is None:
            return Stock(None, anchor=anchor, drift=drift, coverage=coverage)
        half = BAND * math.sqrt(variance)
        kept = max(0.0, value)
        return Stock(kept, max(0.0, kept - half), kept + half, anchor, drift, coverage, kept - value)

    def _since(
        self, anchor: Anchor, until: datetime, came: tuple[str, ...], went: tuple[str, ...], where: str
    ) -> tuple[float | None, float, float]:
        """Return value [veh], variance [veh²] and coverage of a reckoning from an anchor."""
        value, variance, coverage = float(anchor.value), (anchor.half_width / BAND) ** 2, 1.0
        begins = _next_minute(anchor.at)
        if begins >= until:
            return value, variance, coverage
        for sign, whats in ((1, came), (-1, went)):
            for n, what in enumerate(whats):
                counting = self.counting(what, where)
                if not counting.is_declared and n > 0:
                    continue  # nobody reports vehicles that turn back here: taken as none
                counted: Counted = counting.within(begins, until)
                if counted.estimate is None:
                    return None, variance, 0.0
                value += sign * counted.estimate
                variance += counted.variance
                coverage = min(coverage, counted.coverage)
        return value, variance, coverage


def _order(anchor: Anchor) -> tuple[datetime, str]:
    return anchor.at, anchor.source


def _next_minute(at: datetime) -> datetime:
    whole = at.replace(second=0, microsecond=0)
    return whole if whole == at else whole + timedelta(minutes=1)
