"""Devices of a simulated border: what each would send, when it would arrive, and what goes wrong on request."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from gatewatch.config.feeds import Feed
from gatewatch.monitor.feeds.mishaps import Mishap
from gatewatch.monitor.feeds.passings import Truth, times_us
from gatewatch.monitor.observations import to_us
from gatewatch.simulator.streams import Streams

Event = dict[str, Any]

RECOGNISED = 0.7  # share of the vehicles whose plate a camera reads (assumed)
REPEATED = 0.05  # share of the tracks that a camera reports twice (assumed)
HAND_COUNTS = (time(6, 30), time(13, 30))
HAND_ERROR = 0.03  # standard error of a hand count over its value (assumed)
_CUT, _PRINTED, _MENDED = time(20), time(20, 40), time(21, 40)
_WRONG_BY = 20  # vehicles that a bulletin with a fault is out by


@dataclass(frozen=True, slots=True, order=True)
class Sending:
    """One event on its way: when it reaches the ingest, and the event."""

    at: datetime
    number: int
    event: Event = field(compare=False)


def sendings(
    truth: Truth, feeds: Mapping[str, Feed], zone: ZoneInfo, seed: int = 1, mishaps: Sequence[Mishap] = ()
) -> list[Sending]:
    """
    Return everything that the devices of a border send, in the order in which it arrives.

    Args:
        truth: What happens.
        feeds: The devices, by source.
        zone: Of the bulletin and of hand counts.
        seed: Of what is missed, misread and repeated.
        mishaps: What goes wrong besides.
    """
    streams = Streams(seed, 0)
    found: list[tuple[datetime, Event]] = []
    for source, feed in feeds.items():
        told = _told(truth, source, feed, zone, streams, mishaps)
        found += [pair for event in told if (pair := _arriving(event, source, mishaps)) is not None]
    found.sort(key=lambda pair: (pair[0], pair[1]["source"], pair[1]["time"], pair[1]["id"]))
    return [Sending(at, n, event) for n, (at, event) in enumerate(found)]


def _told(
    truth: Truth, source: str, feed: Feed, zone: ZoneInfo, streams: Streams, mishaps: Sequence[Mishap]
) -> Iterator[Event]:
    # Drawn in the order of time, each kind of luck for itself: what was told stays true when later days change.
    luck = streams.generator("feed", source)
    match feed.kind:
        case "camera" | "weighbridge" | "platform":
            reading = streams.generator("feed", source, "reading")
            yield from _numbered(_camera(truth, source, feed, luck, reading))
        case "counter":
            yield from _numbered(_counter(truth, source, feed, luck))
        case "bulletin":
            yield from bulletin_rows(
                truth, source, zone, [m for m in mishaps if m.kind == "wrong" and m.source == source]
            )
        case "person":
            yield from hand_counts(truth, source, feed, zone, luck)


def _arriving(event: Event, source: str, mishaps: Sequence[Mishap]) -> tuple[datetime, Event] | None:
    """Return when an event reaches the ingest; None when it never does."""
    at = datetime.fromisoformat(event.pop("sent", event["time"]))
    for mishap in mishaps:
        if mishap.source == source and mishap.begins <= at < mishap.ends:
            if mishap.kind == "silent":
                return None
            if mishap.kind == "late":
                at = mishap.ends
    return at + timedelta(seconds=1), event


def seen_by(truth: Truth, feed: Feed, luck: np.random.Generator) -> pd.DataFrame:
    """Return the passings that a device sees."""
    passings = truth.passings
    wanted = np.zeros(len(passings), dtype=bool)
    for point in feed.reports:
        wanted |= np.asarray(
            (passings["gate"] == feed.gate)
            & (passings["direction"] == point.direction)
            & (passings["what"] == point.what)
            & (passings["where"] == (point.yard or point.stage or ""))
        )
    mine = passings[wanted]
    return mine[luck.random(len(mine)) >= feed.missed]


def _camera(
    truth: Truth, source: str, feed: Feed, luck: np.random.Generator, reading: np.random.Generator
) -> Iterator[Event]:
    seen = seen_by(truth, feed, luck)
    reads, repeats = (reading.random((len(seen), 2)) < (RECOGNISED, REPEATED)).T
    for n, passing in enumerate(seen.to_dict("records")):
        data = {
            "gate": passing["gate"],
            "direction": passing["direction"],
            "vehicle_class": passing["vehicle_class"],
            "track": str(n),
            **({"yard": passing["where"]} if passing["where"] else {}),
            **({"plate_token": _token(passing["vehicle"])} if reads[n] else {}),
        }
        at: datetime = passing["at"].to_pydatetime()
        yield _event(source, f"vehicle.{passing['what']}", at, data)
        if repeats[n]:
            yield _event(source, f"vehicle.{passing['what']}", at + timedelta(seconds=4), data)
    yield from _heartbeats(truth, source, feed)


def _counter(truth: Truth, source: str, feed: Feed, luck: np.random.Generator) -> Iterator[Event]:
    seen = seen_by(truth, feed, luck)
    for point in feed.reports:
        mine = times_us(seen[(seen["direction"] == point.direction) & (seen["what"] == point.what)]["at"])
        for at in moments(truth, feed.period or 15.0):
            reading = int(np.searchsorted(mine, to_us(at)))
            data = {"gate": feed.gate, "direction": point.direction, "what": point.what, "value": reading}
            yield _event(source, "count.cumulative", at, data)


def _heartbeats(truth: Truth, source: str, feed: Feed) -> Iterator[Event]:
    for at in moments(truth, feed.period or 15.0):
        yield _event(source, "device.heartbeat", at, {})


def hand_counts(truth: Truth, source: str, feed: Feed, zone: ZoneInfo, luck: np.random.Generator) -> Iterator[Event]:
    """Yield what a person counts: everything inside, at the start and twice a day."""
    directions = sorted({direction for gate, direction in truth.inside if gate == feed.gate})
    counted_at = [truth.begins, *(datetime.combine(day, at, zone) for day in _days(truth, zone) for at in HAND_COUNTS)]
    for at in counted_at:
        for direction in directions:
            if not truth.begins <= at < truth.ends or feed.gate is None:
                continue
            value = truth.backlog(feed.gate, direction, at)
            counted = max(0, round(value * (1 + HAND_ERROR * luck.standard_normal())))
            data = {"gate": feed.gate, "direction": direction, "what": "backlog", "value": counted}
            yield _event(source, "queue.observed", at, data | {"error": max(2.0, 2 * HAND_ERROR * counted)})


def bulletin_rows(truth: Truth, source: str, zone: ZoneInfo, wrong: Sequence[Mishap]) -> Iterator[Event]:
    """Yield the rows of the daily bulletin; `sent` is when they are printed."""
    for day in _days(truth, zone):
        cut = datetime.combine(day, _CUT, zone)
        printed = datetime.combine(day, _PRINTED, zone)
        if printed >= truth.ends or cut <= truth.begins:
            continue
        figures = dict(_figures(truth, cut))
        is_wrong = any(mishap.begins <= printed < mishap.ends for mishap in wrong)
        victim = next((place for place in figures if place[2] == "cleared"), None) if is_wrong else None
        for place, value in figures.items():
            out = value + _WRONG_BY if place == victim else value
            yield _row(source, day, cut, printed, 1, place, out)
        if victim is not None:
            mended = datetime.combine(day, _MENDED, zone)
            yield _row(source, day, cut, mended, 2, victim, figures[victim])


def _figures(truth: Truth, cut: datetime) -> Iterator[tuple[tuple[str, str, str], int]]:
    begins = max(truth.begins, cut - timedelta(days=1))
    for gate, direction in sorted(truth.inside):
        yield (gate, direction, "cleared"), truth.n(gate, direction, "gate_out", begins, cut)
        if direction == "export":
            yield (gate, direction, "arrived"), truth.n(gate, direction, "arrived", begins, cut)
            yield (gate, direction, "turned_back"), truth.n(gate, direction, "turned_back", begins, cut)
            yield (gate, direction, "diverted"), truth.n(gate, direction, "diverted", begins, cut)
            yield (gate, direction, "remaining"), truth.backlog(gate, direction, cut)


def _row(
    source: str, day: date, cut: datetime, printed: datetime, edition: int, place: tuple[str, str, str], value: int
) -> Event:
    gate, direction, line = place
    data = {"date": day.isoformat(), "edition": edition, "gate": gate, "direction": direction, "line": line}
    event = _event(source, "bulletin.row", cut, data | {"value": value, "text": str(value)})
    return event | {
        "id": f"{day.isoformat()}/{gate}/{direction}/{line}/{edition}",
        "sent": printed.isoformat(),
    }


def _event(source: str, kind: str, at: datetime, data: Mapping[str, Any]) -> Event:
    name = f"{kind}/{at.isoformat()}/{data.get('gate', '')}/{data.get('direction', '')}"
    return {
        "specversion": "1.0",
        "id": name,
        "source": source,
        "type": kind,
        "time": at.isoformat(),
        "data": dict(data),
    }


def _numbered(events: Iterator[Event]) -> Iterator[Event]:
    """Number the events of a device in the order of their times."""
    for n, event in enumerate(sorted(events, key=lambda e: (e["time"], e["type"], str(e["data"])))):
        event["id"], event["data"]["seq"] = f"{event['time'][:10]}/{n}", n
        yield event


def moments(truth: Truth, minutes: float) -> Iterator[datetime]:
    """Yield the instants at which a device says that it is alive."""
    at = truth.begins
    while at < truth.ends:
        yield at
        at += timedelta(minutes=minutes)


def _days(truth: Truth, zone: ZoneInfo) -> Iterator[date]:
    day, last = truth.begins.astimezone(zone).date(), truth.ends.astimezone(zone).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


def _token(vehicle: int) -> str:
    """Return what stands for a plate; a simulated vehicle has none, so the key need not be secret."""
    return hmac.new(b"simulated", str(vehicle).encode(), hashlib.sha256).hexdigest()[:32]
