"""The history that detectors need, taken from what was observed while the projection is held still."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from gatewatch.config.feeds import Feed
from gatewatch.config.schema import Border
from gatewatch.monitor.bulletins.checks import BulletinFinding, check_bulletins
from gatewatch.monitor.detectors.history import (
    EVENINGS,
    RATIO_DAYS,
    STRETCH,
    STRETCH_DAYS,
    Comparison,
    FlowHistory,
    History,
    Lane,
    Reading,
    SelfState,
    Waiting,
)
from gatewatch.monitor.detectors.outlook import Outlook
from gatewatch.monitor.live.backlog import BULLETIN_CUT, Stock, Stocktaking
from gatewatch.monitor.live.counted import Counted, Counting
from gatewatch.monitor.live.snapshot import FlowState, Snapshot
from gatewatch.monitor.observations import from_us, to_us
from gatewatch.monitor.projection.hearing import QUARTER_US
from gatewatch.monitor.projection.projecting import Projection

BULLETIN_DAYS = 3  # a bulletin that is older is no news
LEAST_COVERAGE = 0.75  # of the time; below it, a sum is mostly what is usual
_DAY, _STEP = timedelta(days=1), timedelta(hours=1)
_LOOK_BACK = timedelta(days=7)  # those inside longer than that came before everything that is looked at
_LINES = {"cleared": "gate_out", "arrived": "arrived"}


def take_history(
    border: Border,
    feeds: Mapping[str, Feed],
    projection: Projection,
    snapshot: Snapshot,
    own: SelfState | None = None,
    outlooks: Mapping[tuple[str, str], Outlook] | None = None,
) -> History:
    """
    Return the history that belongs to a snapshot, of the same version and instant.

    Args:
        border: The border watched.
        feeds: Feeds declared, by source.
        projection: What was observed; held still meanwhile.
        snapshot: Taken from it.
        own: What the service knows of itself.
        outlooks: What the last forecast says.
    """
    now, zone = snapshot.at, ZoneInfo(border.border.timezone)
    printed = _printed(projection, now, zone)
    taking = _Taking(feeds, projection, now, zone, printed)
    return History(
        flows={(flow.gate, flow.direction): taking.flow(flow) for flow in snapshot.flows},
        lanes=tuple(_lanes(projection, now)),
        inconsistencies=tuple(_inconsistencies(projection, printed)),
        feeds=feeds,
        own=own or SelfState(),
        outlooks=outlooks or {},
        zone=zone,
    )


_Printed = dict[tuple[str, str, str], int]  # gate, direction and line of one day


class _Taking:
    """The history of flows as of one instant."""

    def __init__(
        self,
        feeds: Mapping[str, Feed],
        projection: Projection,
        now: datetime,
        zone: ZoneInfo,
        printed: tuple[date, _Printed] | None,
    ) -> None:
        self._feeds, self._projection = feeds, projection
        self._now, self._zone, self._printed = now, zone, printed

    def flow(self, flow: FlowState) -> FlowHistory:
        """Return the past of one gate and direction."""
        stocktaking = self._stocktaking(flow, self._now)
        out, arrived = stocktaking.counting("gate_out"), stocktaking.counting("arrived")
        begins = self._now - RATIO_DAYS * _DAY
        return FlowHistory(
            cleared_stretch=_whole(out, self._now),
            same_stretch=self._same_stretch(flow, out),
            arrived=_mostly_heard(arrived.within(begins, self._now)),
            cleared=_mostly_heard(out.within(begins, self._now)),
            evenings=tuple(self._evenings(flow)),
            waiting=self._waiting(flow, arrived),
            road=self._road(flow),
            comparisons=tuple(self._comparisons(flow, stocktaking)),
        )

    def _stocktaking(self, flow: FlowState, at: datetime) -> Stocktaking:
        return Stocktaking(self._projection, self._feeds, flow.gate, flow.direction, at, flow.opening, self._zone)

    def _same_stretch(self, flow: FlowState, out: Counting) -> tuple[int, ...]:
        """Return the clearances of the same minutes of other days on which both sides were open throughout."""
        if not flow.opening.is_open(self._now):
            return ()
        found = []
        for n in range(1, STRETCH_DAYS + 1):
            ends = self._now - n * _DAY
            if flow.opening.open_s(ends - STRETCH, ends) == STRETCH.total_seconds():
                cleared = _whole(out, ends)
                found += [] if cleared is None else [cleared]
        return tuple(found)

    def _evenings(self, flow: FlowState) -> list[float | None]:
        local = self._now.astimezone(self._zone)
        last = local.date() if local.time() >= BULLETIN_CUT else local.date() - _DAY
        cuts = [datetime.combine(last - n * _DAY, BULLETIN_CUT, self._zone) for n in range(EVENINGS)]
        return [self._evening(flow, cut.astimezone(self._now.tzinfo)) for cut in cuts]

    def _evening(self, flow: FlowState, cut: datetime) -> float | None:
        """Return the backlog of an evening; one that was more than a day ago is worked out once."""
        recalled, key = self._projection.recalled, ("evening", flow.gate, flow.direction, cut)
        known: tuple[float | None] | None = None if recalled is None else recalled.find(key)
        if known is None:
            known = (_mostly_known(self._stocktaking(flow, cut).backlog()),)
            if recalled is not None and self._now - cut > _DAY + _STEP:
                recalled.keep(key, known, to_us(cut + _DAY) // QUARTER_US)
        return known[0]

    def _waiting(self, flow: FlowState, arrived: Counting) -> tuple[Waiting, ...] | None:
        """
        Return those inside by class as if the last that came were inside; None where that cannot be told.

        Hours are taken from now backwards until their arrivals make up the backlog; of the first one only a share.
        """
        left, by_class = flow.backlog.value, dict[str, float]()
        if left is None:
            return None
        ends, oldest = self._now, None
        while left > 0 and self._now - ends < _LOOK_BACK:
            hour = arrived.within(ends - _STEP, ends)
            if hour.estimate is None or (hour.n is None and hour.estimate > 0):
                return None
            share = min(1.0, left / hour.estimate) if hour.estimate else 0.0
            for name, n in hour.by_class.items():
                by_class[name] = by_class.get(name, 0.0) + n * share
            left -= hour.estimate
            oldest = ends - _STEP * share
            ends -= _STEP
        since = None if left > 0 else oldest
        return tuple(Waiting(name, n, since) for name, n in sorted(by_class.items()) if name)

    def _road(self, flow: FlowState) -> Reading | None:
        said = self._projection.stated.last(("queue", flow.gate, flow.direction, "", ""), to_us(self._now))
        return None if said is None else Reading(from_us(said.at_us), said.said["value"], said.ref[0])

    def _comparisons(self, flow: FlowState, stocktaking: Stocktaking) -> list[Comparison]:
        if self._printed is None:
            return []
        day, printed = self._printed
        ends = datetime.combine(day, BULLETIN_CUT, self._zone)
        found = []
        for line, what in _LINES.items():
            figure = printed.get((flow.gate, flow.direction, line))
            counting = stocktaking.counting(what)
            if figure is None or figure < 0 or not counting.is_declared:
                continue
            counted = counting.within(ends - _DAY, ends)
            ours = counted.estimate if counted.coverage == 1.0 else None
            found.append(Comparison(day, line, figure, ours, counted.sources))
        return found


def _mostly_heard(counted: Counted) -> float | None:
    return counted.estimate if counted.coverage >= LEAST_COVERAGE else None


def _mostly_known(stock: Stock) -> float | None:
    return stock.value if stock.coverage >= LEAST_COVERAGE else None


def _whole(counting: Counting, ends: datetime) -> int | None:
    """Return the vehicles of a stretch that was heard throughout."""
    return counting.whole(ends - STRETCH, ends)


def _printed(projection: Projection, now: datetime, zone: ZoneInfo) -> tuple[date, _Printed] | None:
    """Return the figures of the last day with a bulletin; None where the last one is old."""
    days = _once(projection, ("printed",), lambda: _by_day(projection))
    last = max((day for day in days if datetime.combine(day, BULLETIN_CUT, zone) <= now), default=None)
    if last is None or now.astimezone(zone).date() - last > BULLETIN_DAYS * _DAY:
        return None
    return last, days[last]


def _by_day(projection: Projection) -> dict[date, _Printed]:
    days: dict[date, _Printed] = {}
    for subject, editions in sorted(projection.bulletins.by_subject.items()):
        _, text, gate, direction, line = subject
        if gate:
            days.setdefault(date.fromisoformat(text), {})[gate, direction, line] = editions[-1].said["value"]
    return days


def _inconsistencies(projection: Projection, printed: tuple[date, _Printed] | None) -> list[BulletinFinding]:
    if printed is None:
        return []
    day = printed[0]
    return _once(projection, ("inconsistencies", day), lambda: check_bulletins(projection, day, day))


T = TypeVar("T")


def _once(projection: Projection, key: tuple[Any, ...], work: Callable[[], T]) -> T:
    """Return what bulletins say; worked out once where it is recalled, as every row of one makes it forgotten."""
    recalled = projection.recalled
    found: T | None = None if recalled is None else recalled.find(key)
    if found is None:
        found = work()
        if recalled is not None:
            recalled.keep(key, found, -1)
    return found


def _lanes(projection: Projection, now: datetime) -> list[Lane]:
    found = []
    for subject in sorted(projection.stated.by_subject):
        if subject[0] != "lane":
            continue
        last = projection.stated.last(subject, to_us(now))
        if last is not None:
            said = last.said
            found.append(
                Lane(
                    subject[1],
                    said.get("direction"),
                    subject[2],
                    said["state"] == "open",
                    from_us(last.at_us),
                    said.get("reason", ""),
                    last.ref[0],
                )
            )
    return found
