"""
The devices of a simulated border in sums: the same vehicles seen at the same minutes, without an event for each.

For long replays. Tokens and repeated reports are left out: no rule looks at them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from gatewatch.config.feeds import Feed
from gatewatch.monitor.feeds.devices import Event, bulletin_rows, hand_counts, moments, seen_by
from gatewatch.monitor.feeds.passings import Truth, times_us
from gatewatch.monitor.observations import Observation, parse_event, to_us
from gatewatch.monitor.projection.counts import MINUTE_US, Place, Series
from gatewatch.monitor.projection.hearing import QUARTER_US, Hearing
from gatewatch.monitor.projection.projecting import Projection
from gatewatch.simulator.streams import Streams

_HOW_LATE = timedelta(seconds=1)  # as `devices` has it


@dataclass(frozen=True, slots=True)
class _Counts:
    """Vehicles by minute: counts in order of time, each of one of the series."""

    minute: np.ndarray
    series: np.ndarray
    n: np.ndarray
    names: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class _Words:
    """When sources say that they are alive, in order of time [us since 1970]."""

    at_us: np.ndarray
    source: np.ndarray
    names: tuple[str, ...]


class SummedDevices:
    """
    What the devices tell, taken into a projection minute by minute.

    Args:
        truth: What happens.
        feeds: The devices, by source.
        zone: Of the bulletin and of hand counts.
        seed: Of what is missed, as in `devices.sendings`.
    """

    def __init__(self, truth: Truth, feeds: Mapping[str, Feed], zone: ZoneInfo, seed: int = 1) -> None:
        luck = Streams(seed, 0)
        counted, words = list[pd.DataFrame](), list[pd.DataFrame]()
        told: list[tuple[datetime, Observation]] = []
        for source, feed in feeds.items():
            own = luck.generator("feed", source)
            match feed.kind:
                case "camera" | "weighbridge" | "platform" | "counter":
                    at = pd.DataFrame({"at_us": [to_us(at) for at in moments(truth, feed.period or 15.0)]})
                    words.append(at.assign(source=source))
                    count = _read if feed.kind == "counter" else _filmed
                    counted.append(count(truth, source, feed, own))
                case "bulletin":
                    told += [_told(event) for event in bulletin_rows(truth, source, zone, ())]
                case "person":
                    told += [_told(event) for event in hand_counts(truth, source, feed, zone, own)]
        self._counts, self._words = _counts(counted), _heard(words)
        self._told = sorted(told, key=lambda one: (one[0], one[1].source, one[1].occurred_at, one[1].id))
        self._n_counts = self._n_words = self._n_told = 0

    def advance(self, projection: Projection, until: datetime) -> None:
        """Take in what happened before an instant, a whole minute, and was not taken in yet."""
        until_us = to_us(until)
        self._advance_words(projection, until_us)
        self._advance_counts(projection, until_us)
        while self._n_told < len(self._told) and self._told[self._n_told][0] < until:
            at, observation = self._told[self._n_told]
            projection.apply(observation, projection.last_seq + 1, at)
            self._n_told += 1

    def _advance_words(self, projection: Projection, until_us: int) -> None:
        words = self._words
        last = int(np.searchsorted(words.at_us, until_us))
        for at_us, number in zip(
            words.at_us[self._n_words : last].tolist(), words.source[self._n_words : last].tolist(), strict=True
        ):
            _hear(projection, words.names[number], at_us)
        self._n_words = last

    def _advance_counts(self, projection: Projection, until_us: int) -> None:
        counts = self._counts
        here, last = self._n_counts, int(np.searchsorted(counts.minute, until_us // MINUTE_US))
        for minute, number, n in zip(
            counts.minute[here:last].tolist(), counts.series[here:last].tolist(), counts.n[here:last].tolist(),
            strict=True,
        ):  # fmt: skip
            series = counts.names[number]
            projection.counts.add(series, minute * MINUTE_US, n)
            projection.remembered.drop_counts(series.place, minute * MINUTE_US // QUARTER_US)
            _hear(projection, series.source, minute * MINUTE_US)
        projection.counts.touched.clear()  # what follows it follows events
        self._n_counts = last


def _hear(projection: Projection, source: str, at_us: int) -> None:
    hearing = projection.hearings.get(source)
    if hearing is None:
        hearing = projection.hearings[source] = Hearing()
    if hearing.hear(at_us, at_us, None, None):
        projection.remembered.drop_around(source, at_us // QUARTER_US)


def _told(event: Event) -> tuple[datetime, Observation]:
    at = datetime.fromisoformat(event.pop("sent", event["time"]))
    observation = parse_event(event)
    assert isinstance(observation, Observation), observation
    return at + _HOW_LATE, observation


def _filmed(truth: Truth, source: str, feed: Feed, luck: np.random.Generator) -> pd.DataFrame:
    """Return the vehicles that a camera sees, by minute."""
    seen = seen_by(truth, feed, luck)
    keys = ["gate", "direction", "what", "where", "vehicle_class"]
    minutes = seen[keys].assign(minute=times_us(seen["at"]) // MINUTE_US, source=source, n=1)
    return minutes.groupby([*keys, "source", "minute"], observed=True, as_index=False).sum()


def _read(truth: Truth, source: str, feed: Feed, luck: np.random.Generator) -> pd.DataFrame:
    """Return what a counter's readings add up to: each counts since the one before, in its own minute."""
    seen = seen_by(truth, feed, luck)
    at = np.array([to_us(at) for at in moments(truth, feed.period or 15.0)], dtype=np.int64)
    parts = []
    for point in feed.reports:
        mine = times_us(seen[(seen["direction"] == point.direction) & (seen["what"] == point.what)]["at"])
        n = np.diff(np.searchsorted(mine, at))
        place = {"gate": feed.gate, "direction": point.direction, "what": point.what, "where": ""}
        rows = pd.DataFrame({"minute": at[1:] // MINUTE_US, "n": n}).assign(**place, vehicle_class="", source=source)
        parts.append(rows[rows["n"] > 0])
    return pd.concat(parts, ignore_index=True)


def _counts(parts: list[pd.DataFrame]) -> _Counts:
    rows = pd.concat(parts, ignore_index=True).sort_values("minute", kind="stable")
    keys = list(zip(*(rows[k] for k in ("gate", "direction", "what", "where", "vehicle_class", "source")), strict=True))
    names = {key: n for n, key in enumerate(dict.fromkeys(keys))}
    series = tuple(Series(Place(*(str(part) for part in key[:4])), str(key[4]), str(key[5])) for key in names)
    numbers = np.array([names[key] for key in keys], dtype=np.int64)
    return _Counts(rows["minute"].to_numpy(np.int64), numbers, rows["n"].to_numpy(np.int64), series)


def _heard(parts: list[pd.DataFrame]) -> _Words:
    rows = pd.concat(parts, ignore_index=True).sort_values("at_us", kind="stable")
    numbers, names = pd.factorize(rows["source"])
    return _Words(rows["at_us"].to_numpy(np.int64), np.asarray(numbers), tuple(str(name) for name in names))
