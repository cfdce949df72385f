"""A morning at the border of Lang Son, told in counts: the same figures on every machine and at every run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gatewatch.config.feeds import Feed
from gatewatch.monitor.core import Core
from gatewatch.monitor.observations import Observation, parse_event
from gatewatch.monitor.store import Submitted

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = datetime(2026, 1, 15, tzinfo=HANOI)  # a Thursday
NOW = DAY + timedelta(hours=14, minutes=32)
HISTORY_DAYS = 2
HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)
SOON_S = 60.0

# Vehicles an open hour that come and that are cleared today; before today both are the second.
PACE = {
    ("huu_nghi", "export"): (70, 38), ("huu_nghi", "import"): (42, 40),
    ("tan_thanh", "export"): (24, 22), ("tan_thanh", "import"): (9, 9),
    ("coc_nam", "export"): (6, 6), ("coc_nam", "import"): (8, 8),
    ("chi_ma", "export"): (5, 5), ("chi_ma", "import"): (11, 10),
}  # fmt: skip
FIRST_COUNT = {("huu_nghi", "export"): 560, ("huu_nghi", "import"): 120, ("tan_thanh", "export"): 320}
OPEN_HOURS = range(7, 19)


class Telling:
    """Events with ids of their own, in the order in which they are told."""

    def __init__(self) -> None:
        self._n = 0

    def event(self, kind: str, at: datetime, source: str, **data: Any) -> Observation:
        """Return one event."""
        self._n += 1
        raw = {"specversion": "1.0", "id": f"t{self._n}", "source": source, "type": kind, "time": at.isoformat()}
        found = parse_event({**raw, "data": data})
        assert isinstance(found, Observation), found
        return found


def story(core: Core, until: datetime = NOW) -> Iterator[Observation]:
    """Yield two days and a morning: every camera counts, a person has counted at six."""
    telling = Telling()
    cameras = [(source, feed) for source, feed in core.feeds.items() if feed.kind == "camera"]
    at = DAY - timedelta(days=HISTORY_DAYS)
    while at < until:
        ends = min(at + QUARTER, until)
        for source, feed in cameras:
            yield from _interval(telling, source, feed, at, ends)
        at = ends
    for (gate, direction), value in PACE.items():
        count = FIRST_COUNT.get((gate, direction), 2 * value[0])
        yield telling.event(
            "queue.observed", DAY + timedelta(hours=6), f"{gate}/person", gate=gate, direction=direction,
            what="backlog", value=count, error=4,
        )  # fmt: skip
    for yard, value in (("export_yard", 150), ("import_yard", 80)):
        yield telling.event(
            "queue.observed", DAY + timedelta(hours=6), "huu_nghi/person", gate="huu_nghi",
            direction=yard.partition("_")[0], what="yard", yard=yard, value=value, error=4,
        )  # fmt: skip
    yield from _recognised(telling, until)
    for source, feed in core.feeds.items():
        if feed.kind in {"counter", "platform"}:
            yield telling.event("device.heartbeat", until, source)


def _interval(telling: Telling, source: str, feed: Feed, at: datetime, ends: datetime) -> Iterator[Observation]:
    """Yield what a camera says at the end of an interval: its counts, and that it lives."""
    is_open = at.astimezone(HANOI).hour in OPEN_HOURS
    for point in feed.reports:
        if point.what not in {"arrived", "gate_out", "yard_in", "yard_out"} or point.direction is None:
            continue
        arriving, clearing = PACE[feed.gate or "", point.direction]
        pace = arriving if point.what == "arrived" and at >= DAY else clearing
        wave = 1 + 0.25 * math.sin(at.timestamp() / 3_000)
        n = round(pace * wave * (ends - at) / HOUR) if is_open else 0
        about: dict[str, Any] = {"gate": feed.gate, "direction": point.direction, "what": point.what}
        if point.yard is not None:
            about["yard"] = point.yard
        yield telling.event(
            "count.interval", ends, source, **about, value=n, **{"from": at.isoformat(), "to": ends.isoformat()}
        )
    while at < ends:
        at += QUARTER if at < DAY else QUARTER / 3
        yield telling.event("device.heartbeat", min(at, ends), source)


def _recognised(telling: Telling, until: datetime) -> Iterator[Observation]:
    """Yield vehicles of fruit that were seen when they came and when a desk took them, some hours later."""
    for k in range(30):
        token = f"{k:064x}"
        started = until - timedelta(minutes=4 * k + 2)
        arrived = started - timedelta(minutes=150 + 40 * math.sin(k))
        about: dict[str, Any] = {
            "gate": "huu_nghi", "direction": "export", "plate_token": token, "vehicle_class": "fruit"
        }  # fmt: skip
        yield telling.event("vehicle.arrived", arrived, "huu_nghi/camera/tokens", **about)
        yield telling.event("vehicle.check_started", started, "huu_nghi/camera/tokens", stage="customs", **about)


def tell(core: Core, until: datetime = NOW) -> None:
    """Put the story into a core and wait until live state knows it."""
    found = [Submitted.of(observation, max(observation.occurred_at, DAY)) for observation in story(core, until)]
    last = 0
    for begins in range(0, len(found), 500):
        receipts = core.writer.submit(found[begins : begins + 500]).result(SOON_S)
        last = max(receipt.seq or 0 for receipt in receipts)
    assert core.projector.wait_for(last, SOON_S)
