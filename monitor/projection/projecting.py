"""Every accepted observation taken in, one after the other; what they say together does not depend on the order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gatewatch.monitor.observations import (
    BulletinRow,
    CalendarChange,
    Correction,
    CumulativeCount,
    Facts,
    GateState,
    Heartbeat,
    IntervalCount,
    LaneState,
    Observation,
    Passage,
    QueueReading,
    Void,
    to_us,
)
from gatewatch.monitor.projection.counters import Counters, Reading
from gatewatch.monitor.projection.counts import MinuteCounts, Place, Series
from gatewatch.monitor.projection.followed import Followed
from gatewatch.monitor.projection.hearing import QUARTER_US, Hearing
from gatewatch.monitor.projection.recalled import Recalled
from gatewatch.monitor.projection.remembered import Remembered
from gatewatch.monitor.projection.repeats import Repeats, Sighting, Track
from gatewatch.monitor.projection.timelines import Statement, Timelines

Ref = tuple[str, str]  # source and id: the identity of an observation
Subject = tuple[str, ...]

EMPTY = "empty"
_PASSAGE = "vehicle."
_TIMED = ("arrived", "check_started", "gate_out")  # what a wait is measured between


@dataclass(slots=True)
class Projection:
    """
    What all observations applied so far say.

    Args:
        find: Returns the observation with an identity if it has been applied, else None.
        counts: Passages by minute, place, class and source.
        counters: Readings of cumulative counters, which `counts` includes.
        repeats: Tracks of cameras, each of them one passage in `counts`.
        stated: What holds from a time on, by kind (`backlog`, `yard`, `queue`, `lane`, `gate`, `hours`) and subject.
        bulletins: Printed figures by source, day, gate, direction and line; the last edition holds.
        sightings: Passages of vehicles with a token, by gate, direction and token.
        hearings: When each source was heard.
        verdicts: The correction or void that holds, by the identity of its target, which may still be to come.
        last_seq: Number of the last journal entry applied.
        touched: Quarter-hours and places whose counts changed since somebody last emptied it.
        heard_anew: Quarter-hours in which a source was heard for the first time since somebody last emptied it.
        remembered: What was worked out for past quarter-hours.
        recalled: Sums of longer stretches, for who looks at a past again and again; without it, each look adds up.
            No figure depends on these four.
    """

    find: Callable[[Ref], Observation | None]
    counts: MinuteCounts = field(default_factory=MinuteCounts)
    counters: Counters = field(default_factory=Counters)
    repeats: Repeats = field(default_factory=Repeats)
    stated: Timelines[Subject] = field(default_factory=Timelines)
    bulletins: Timelines[Subject] = field(default_factory=Timelines)
    sightings: Followed = field(default_factory=Followed)
    hearings: dict[str, Hearing] = field(default_factory=dict)
    verdicts: dict[Ref, Observation] = field(default_factory=dict)
    last_seq: int = 0
    touched: set[tuple[int, Place]] = field(default_factory=set, compare=False)
    heard_anew: set[tuple[int, str]] = field(default_factory=set, compare=False)
    remembered: Remembered = field(default_factory=Remembered, compare=False, repr=False)
    recalled: Recalled | None = field(default=None, compare=False, repr=False)

    def apply(self, observation: Observation, seq: int, received_at: datetime, sent_at: datetime | None = None) -> None:
        """Take in the next observation of the journal."""
        ref, data = (observation.source, observation.id), observation.data
        self._hear(observation, received_at, sent_at)
        if self.recalled is not None:
            self._reconsider(self.recalled, observation)
        if isinstance(data, Correction | Void):
            self._judge((data.of.source, data.of.id), observation)
        else:
            self._count(ref, _holding(observation, self.verdicts.get(ref)), is_added=True)
        for quarter, place in self.counts.touched:
            self.remembered.drop_counts(place, quarter)
            if self.recalled is not None:  # an hour's count changes more quarters than the one it was told in
                self.recalled.changed(quarter)
        self.touched |= self.counts.touched
        self.counts.touched.clear()
        self.last_seq = seq

    def _reconsider(self, recalled: Recalled, observation: Observation) -> None:
        if isinstance(observation.data, Correction | Void | BulletinRow | GateState | CalendarChange):
            recalled.forget()  # it changes what was said of other times than its own
        else:
            recalled.changed(to_us(observation.occurred_at) // QUARTER_US)

    def _hear(self, observation: Observation, received_at: datetime, sent_at: datetime | None) -> None:
        data = observation.data
        sent = data.sent_at if isinstance(data, Heartbeat) and data.sent_at is not None else sent_at
        hearing = self.hearings.get(observation.source)
        if hearing is None:
            hearing = self.hearings[observation.source] = Hearing()
        at_us, sent_us = to_us(observation.occurred_at), None if sent is None else to_us(sent)
        if hearing.hear(at_us, to_us(received_at), sent_us, getattr(data, "seq", None)):
            quarter = at_us // QUARTER_US
            self.heard_anew.add((quarter, observation.source))
            self.remembered.drop_around(observation.source, quarter)

    def _judge(self, target: Ref, correction: Observation) -> None:
        """Let the correction hold, unless one does that is greater by time, source and id."""
        before = self.verdicts.get(target)
        if before is not None and _order(before) > _order(correction):
            return
        self.verdicts[target] = correction
        original = self.find(target)
        if original is not None and not isinstance(original.data, Correction | Void):
            self._count(target, _holding(original, before), is_added=False)
            self._count(target, _holding(original, correction), is_added=True)

    def _count(self, ref: Ref, observation: Observation | None, *, is_added: bool) -> None:
        """Add what an observation says, or take it back; None says nothing."""
        if observation is None:
            return
        data, source, at_us = observation.data, ref[0], to_us(observation.occurred_at)
        match data:
            case Passage():
                self._count_passage(ref, observation.type.removeprefix(_PASSAGE), data, at_us, is_added=is_added)
            case IntervalCount():
                last_us = to_us(data.ends) - 1
                self.counts.add(_series(data, source), last_us, data.value if is_added else -data.value)
            case CumulativeCount():
                take = self.counters.add if is_added else self.counters.take_back
                take(_series(data, source), Reading(at_us, ref, data.value), self.counts)
            case BulletinRow():
                edition = data.edition if isinstance(data.edition, int) else to_us(data.edition)
                figure = (source, data.day.isoformat(), data.gate or "", data.direction or "", data.line)
                _state(self.bulletins, figure, edition, ref, data, is_added=is_added)
            case _:
                subject = _subject(data)
                if subject:
                    _state(self.stated, subject, at_us, ref, data, is_added=is_added)

    def _count_passage(self, ref: Ref, what: str, data: Passage, at_us: int, *, is_added: bool) -> None:
        place = Place(data.gate, data.direction, what, data.yard or data.stage or "")
        vehicle_class = data.vehicle_class or (EMPTY if data.laden is False else "")
        if data.track is None:
            self.counts.add(Series(place, vehicle_class, ref[0]), at_us, 1 if is_added else -1)
        else:
            take = self.repeats.add if is_added else self.repeats.take_back
            take(Track(ref[0], place, data.track), Sighting(at_us, ref, vehicle_class), self.counts)
        if data.plate_token is not None and what in _TIMED:
            subject = (data.gate, data.direction, data.plate_token)
            statement = Statement(at_us, ref, {"what": what, "class": vehicle_class})
            (self.sightings.add if is_added else self.sightings.take_back)(subject, statement)

    def digest(self) -> str:
        """Return the SHA-256 of every figure; the same for the same observations in any order."""
        content = {
            "counts": [[*series.place, *series[1:], minute, n] for series, minute, n in self.counts.rows()],
            "stated": _listed(self.stated),
            "bulletins": _listed(self.bulletins),
            "sightings": _listed(self.sightings),
            "heard": [
                [source, sorted(hearing.quarters), hearing.last_us, hearing.numbering.runs]
                for source, hearing in sorted(self.hearings.items())
            ],
        }
        text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def _order(correction: Observation) -> tuple[datetime, Ref]:
    return correction.occurred_at, (correction.source, correction.id)


def _holding(original: Observation, correction: Observation | None) -> Observation | None:
    """Return what holds of an observation under a correction, or None when it never happened."""
    if correction is None:
        return original
    if not isinstance(correction.data, Correction):
        return None
    new = correction.data.replacement
    return replace(original, type=new.type, data=new.data, occurred_at=new.time or original.occurred_at)


def _series(data: IntervalCount | CumulativeCount, source: str) -> Series:
    place = Place(data.gate, data.direction, data.what, data.yard or data.stage or "")
    return Series(place, data.vehicle_class or "", source)


def _subject(data: Facts) -> Subject | None:
    """Return what a statement is about; None for what says nothing beyond that its source is alive."""
    match data:
        case QueueReading():
            return (data.what, data.gate, data.direction, data.yard or data.stage or "", data.vehicle_class or "")
        case LaneState():
            return ("lane", data.gate, data.lane)
        case GateState():
            return ("gate", data.gate, data.side, data.direction or "")
        case CalendarChange():
            return ("hours", data.gate, data.side, data.direction or "", data.day.isoformat())
        case _:
            return None


def _state(timelines: Timelines[Subject], subject: Subject, at: int, ref: Ref, data: Facts, *, is_added: bool) -> None:
    statement = Statement(at, ref, data.model_dump(mode="json", by_alias=True, exclude_none=True))
    (timelines.add if is_added else timelines.take_back)(subject, statement)


def _listed(timelines: Timelines[Subject]) -> list[Any]:
    return [[list(subject), [list(s) for s in found]] for subject, found in sorted(timelines.by_subject.items())]
