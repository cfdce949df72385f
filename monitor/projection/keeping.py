"""A projection as bytes and back, for a fast start; and what of it is let go once it is too old to matter."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from gatewatch.monitor.observations import Observation, canonical_body, read_body, to_us
from gatewatch.monitor.projection.counters import Counters, Reading
from gatewatch.monitor.projection.counts import MinuteCounts, Place, Series
from gatewatch.monitor.projection.followed import Followed
from gatewatch.monitor.projection.hearing import QUARTER_US, Hearing
from gatewatch.monitor.projection.numbering import Numbering
from gatewatch.monitor.projection.projecting import Projection, Ref, Subject
from gatewatch.monitor.projection.repeats import Repeats, Sighting, Track
from gatewatch.monitor.projection.timelines import Statement, Timelines

FORM = 1  # a snapshot of another form is not read: the journal is applied anew
MINUTES_KEPT = timedelta(days=35)  # the same hour of four weeks, and a late week
DETAILS_KEPT = timedelta(days=8)  # tracks, counter readings and tokens: what may still come late


def to_bytes(projection: Projection) -> bytes:
    """Return everything that a projection holds, in UTF-8 JSON."""
    content = {
        "form": FORM,
        "last_seq": projection.last_seq,
        "counts": [[_flat(series), sorted(minutes.items())] for series, minutes in projection.counts.by_series.items()],
        "counters": [[_flat(series), readings] for series, readings in projection.counters.readings.items()],
        "repeats": [
            [track.source, list(track.place), track.track, sightings]
            for track, sightings in projection.repeats.sightings.items()
        ],
        "stated": _lines(projection.stated),
        "bulletins": _lines(projection.bulletins),
        "sightings": _lines(projection.sightings),
        "hearings": [
            [source, sorted(h.quarters), h.last_us, h.last_received_us, h.offsets_us, h.numbering.runs]
            for source, h in projection.hearings.items()
        ],
        "verdicts": [[target, canonical_body(o).decode()] for target, o in projection.verdicts.items()],
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def from_bytes(data: bytes, find: Callable[[Ref], Observation | None]) -> Projection | None:
    """Return the projection, or None when the bytes are of another form and the journal must be applied anew."""
    content = json.loads(data)
    if content.get("form") != FORM:
        return None
    return Projection(
        find=find,
        counts=MinuteCounts({_series(flat): dict(minutes) for flat, minutes in content["counts"]}),
        counters=Counters(
            {
                _series(flat): [Reading(at, _ref(ref), value) for at, ref, value in readings]
                for flat, readings in content["counters"]
            }
        ),
        repeats=Repeats(
            {
                Track(source, Place(*place), track): [Sighting(at, _ref(ref), class_) for at, ref, class_ in sightings]
                for source, place, track, sightings in content["repeats"]
            }
        ),
        stated=_timelines(content["stated"]),
        bulletins=_timelines(content["bulletins"]),
        sightings=Followed(_timelines(content["sightings"]).by_subject),
        hearings={
            source: Hearing(set(quarters), last, received, offsets, Numbering([(a, b) for a, b in runs]))
            for source, quarters, last, received, offsets, runs in content["hearings"]
        },
        verdicts={_ref(target): read_body(body.encode()) for target, body in content["verdicts"]},
        last_seq=content["last_seq"],
    )


def forget(projection: Projection, now: datetime) -> None:
    """
    Let go of what is too old to be read or to be corrected by what comes late.

    The journal keeps all of it. Called with the receiving times of the journal, so that a rebuild forgets the same.
    """
    minutes_us, details_us = to_us(now - MINUTES_KEPT), to_us(now - DETAILS_KEPT)
    projection.remembered.clear()
    if projection.recalled is not None:
        projection.recalled.forget()
    projection.counts.forget(minutes_us)
    readings = projection.counters.readings
    for series, found in list(readings.items()):
        # The last reading before stays: the next one is counted from it.
        n_old = sum(reading.at_us < details_us for reading in found)
        readings[series] = found[max(0, n_old - 1) :]
    projection.repeats.forget(details_us)
    projection.sightings.forget(details_us)
    for hearing in projection.hearings.values():
        hearing.quarters = {quarter for quarter in hearing.quarters if quarter * QUARTER_US >= minutes_us}


def _flat(series: Series) -> list[str]:
    return [*series.place, series.vehicle_class, series.source]


def _series(flat: list[str]) -> Series:
    return Series(Place(*flat[:4]), flat[4], flat[5])


def _ref(pair: list[str]) -> Ref:
    return pair[0], pair[1]


def _lines(timelines: Timelines[Subject]) -> list[Any]:
    return [[list(subject), found] for subject, found in timelines.by_subject.items()]


def _timelines(lines: list[Any]) -> Timelines[Subject]:
    return Timelines(
        {tuple(subject): [Statement(at, _ref(ref), said) for at, ref, said in found] for subject, found in lines}
    )
