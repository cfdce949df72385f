"""The projection: every observation counts once, whatever the order, and corrections reach every figure."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gatewatch.monitor.observations import Observation, parse_event
from gatewatch.monitor.projection.counts import Place, Series
from gatewatch.monitor.projection.keeping import forget, from_bytes, to_bytes
from gatewatch.monitor.projection.projecting import Projection

START = datetime(2026, 1, 15, 1, tzinfo=UTC)
CAMERA, COUNTER, PERSON, BULLETIN = (
    "huu_nghi/camera/out",
    "huu_nghi/counter/out",
    "huu_nghi/person",
    "province/bulletin",
)
OUT = Place("huu_nghi", "export", "gate_out")


def _observed(kind: str, name: str, data: dict[str, Any], source: str = CAMERA, second: int = 0) -> Observation:
    time = (START + timedelta(seconds=second)).isoformat()
    found = parse_event({"specversion": "1.0", "id": name, "source": source, "type": kind, "time": time, "data": data})
    assert isinstance(found, Observation), found
    return found


def _passage(name: str, second: int = 0, **more: Any) -> Observation:
    return _observed("vehicle.gate_out", name, {"gate": "huu_nghi", "direction": "export", **more}, second=second)


def _reading(name: str, value: int, second: int) -> Observation:
    data = {"gate": "huu_nghi", "direction": "export", "what": "gate_out", "value": value}
    return _observed("count.cumulative", name, data, COUNTER, second)


def _voided(name: str, of: Observation, second: int = 0) -> Observation:
    data = {"of": {"source": of.source, "id": of.id}, "reason": "a bus"}
    return _observed("event.voided", name, data, PERSON, second)


def _corrected(name: str, of: Observation, data: dict[str, Any], second: int = 0) -> Observation:
    body = {"of": {"source": of.source, "id": of.id}, "with": {"type": of.type, "data": data}}
    return _observed("event.corrected", name, body, PERSON, second)


def _projected(observations: list[Observation]) -> Projection:
    """Return a projection to which each observation has been applied once, the first time that it comes."""
    applied: dict[tuple[str, str], Observation] = {}
    projection = Projection(applied.get)
    for observation in observations:
        ref = observation.source, observation.id
        if ref not in applied:
            projection.apply(observation, len(applied) + 1, START)
            applied[ref] = observation
    return projection


def _cleared(projection: Projection) -> int:
    return sum(n for series, _, n in projection.counts.rows() if series.place == OUT)


def test_each_passage_counts_in_its_minute():
    """Two in one minute, one in the next."""
    projection = _projected([_passage("a", 0), _passage("b", 59), _passage("c", 60)])

    minute = int(START.timestamp()) // 60
    assert projection.counts.by_series == {Series(OUT, "", CAMERA): {minute: 2, minute + 1: 1}}


def test_a_void_takes_a_passage_back_whichever_comes_first():
    """The void may overtake the passage on its way."""
    passage = _passage("a")
    void = _voided("v", passage)

    assert _cleared(_projected([passage, void])) == 0
    assert _cleared(_projected([void, passage])) == 0


def test_the_greatest_correction_holds():
    """By time, then source and id; what an earlier one said is taken back."""
    data = {"gate": "huu_nghi", "direction": "export", "what": "gate_out", "value": 5}
    data |= {"from": START.isoformat(), "to": (START + timedelta(minutes=5)).isoformat()}
    count = _observed("count.interval", "n", data, COUNTER)
    first = _corrected("c1", count, data | {"value": 7}, second=1)
    second = _corrected("c2", count, data | {"value": 9}, second=2)

    assert _cleared(_projected([count])) == 5
    assert _cleared(_projected([count, first])) == 7
    assert _cleared(_projected([count, second, first])) == 9


def test_a_counter_counts_between_its_readings():
    """The first reading counts none; a fall is a reset and counts from zero."""
    readings = [_reading("1", 100, 0), _reading("2", 104, 60), _reading("3", 2, 120), _reading("4", 5, 180)]

    projection = _projected(readings)

    assert _cleared(projection) == 4 + 2 + 3
    assert projection.counters.resets(Series(OUT, "", COUNTER)) == [int((START.timestamp() + 120) * 1e6)]


def test_a_late_reading_splits_the_count_in_two():
    """The sum stays; the minutes become right."""
    late = _projected([_reading("1", 100, 0), _reading("3", 110, 120), _reading("2", 104, 60)])

    minute = int(START.timestamp()) // 60
    assert late.counts.by_series[Series(OUT, "", COUNTER)] == {minute + 1: 4, minute + 2: 6}


def test_a_track_is_one_passage_at_its_first_sighting():
    """A camera reports the same vehicle three times; the report voided is not the passage."""
    sightings = [_passage(name, second, track="7") for name, second in (("b", 70), ("a", 5), ("c", 130))]

    projection = _projected(sightings)
    minute = int(START.timestamp()) // 60
    assert projection.counts.by_series == {Series(OUT, "", CAMERA): {minute: 1}}
    assert projection.repeats.n_repeated == {CAMERA: 2}

    without = _projected([*sightings, _voided("v", sightings[1])])
    assert without.counts.by_series == {Series(OUT, "", CAMERA): {minute + 1: 1}}


def test_numbers_that_are_missing_are_told():
    """Numbers 0 to 2, 5 and 9 came, in any order."""
    projection = _projected([_passage(str(n), n, seq=n) for n in (5, 0, 2, 9, 1)])

    numbering = projection.hearings[CAMERA].numbering
    assert numbering.gaps == [(3, 4), (6, 8)]
    assert numbering.n_missing == 5


def test_a_later_edition_of_a_bulletin_holds():
    """Both are kept."""
    row = {"date": "2026-01-15", "gate": "huu_nghi", "direction": "export", "line": "cleared", "value": 300}
    first = _observed("bulletin.row", "1", {**row, "edition": 1, "text": "300"}, BULLETIN)
    second = _observed("bulletin.row", "2", {**row, "edition": 2, "value": 310, "text": "310"}, BULLETIN)

    projection = _projected([second, first])

    ((_, editions),) = projection.bulletins.by_subject.items()
    assert [statement.said["value"] for statement in editions] == [300, 310]


@st.composite
def _stories(draw: st.DrawFn) -> list[Observation]:
    """Return passages, tracks, counts, readings, statements, corrections and voids of one morning."""
    story: list[Observation] = []
    for n in range(draw(st.integers(1, 12))):
        second = draw(st.integers(0, 600))
        kind = draw(st.sampled_from(["passage", "track", "reading", "lane", "queue", "token"]))
        if kind == "passage":
            story.append(_passage(f"p{n}", second, seq=n, vehicle_class=draw(st.sampled_from(["fruit", "general"]))))
        elif kind == "track":
            story.append(_passage(f"t{n}", second, track=str(draw(st.integers(1, 3)))))
        elif kind == "token":
            story.append(_passage(f"k{n}", second, plate_token="ab" * 16))
        elif kind == "reading":
            story.append(_reading(f"r{n}", draw(st.integers(0, 30)), second))
        elif kind == "lane":
            state = {"gate": "huu_nghi", "lane": "1", "state": draw(st.sampled_from(["open", "closed"]))}
            story.append(_observed("lane.state", f"l{n}", state, PERSON, second))
        else:
            data = {"gate": "huu_nghi", "direction": "export", "what": "backlog", "value": draw(st.integers(0, 99))}
            story.append(_observed("queue.observed", f"q{n}", data, PERSON, second))
    for n in range(draw(st.integers(0, 6))):
        target, second = draw(st.sampled_from(story)), draw(st.integers(0, 5))
        if target.type.startswith("event."):
            continue
        if draw(st.booleans()):
            story.append(_voided(f"v{n}", target, second))
        else:
            data = target.data.model_dump(mode="json", by_alias=True, exclude_none=True)
            story.append(_corrected(f"c{n}", target, data | ({"value": 3} if "value" in data else {}), second))
    return story


@settings(max_examples=300, deadline=None)
@given(_stories(), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(story: list[Observation], luck: random.Random):
    """Any order and any repetition of the same observations give the same bytes (promise P3)."""
    shuffled = [*story, *luck.sample(story, len(story) // 2)]
    luck.shuffle(shuffled)

    assert _projected(shuffled).digest() == _projected(story).digest()


@settings(max_examples=100, deadline=None)
@given(_stories())
def test_every_step_equals_a_full_rebuild(story: list[Observation]):
    """What was taken in step by step is what a rebuild of those steps gives (promise P4)."""
    applied: dict[tuple[str, str], Observation] = {}
    projection = Projection(applied.get)
    for n, observation in enumerate(story):
        projection.apply(observation, n + 1, START)
        applied[observation.source, observation.id] = observation

        assert projection.digest() == _projected(sorted(story[: n + 1], key=lambda o: o.id)).digest()


@settings(max_examples=100, deadline=None)
@given(_stories(), st.integers(0, 12))
def test_a_kept_projection_goes_on_as_if_never_stopped(story: list[Observation], n_before: int):
    """Kept after some observations and read again, it ends with the same bytes."""
    applied: dict[tuple[str, str], Observation] = {}
    projection = Projection(applied.get)
    for n, observation in enumerate(story):
        if n == n_before:
            kept = from_bytes(to_bytes(projection), applied.get)
            assert kept is not None
            projection = kept
        projection.apply(observation, n + 1, START)
        applied[observation.source, observation.id] = observation

    assert projection.digest() == _projected(story).digest()
    assert to_bytes(projection) == to_bytes(_projected(story))


def test_a_snapshot_of_another_form_is_not_read():
    """The journal is applied anew then."""
    assert from_bytes(b'{"form":0}', {}.get) is None


def test_what_is_old_is_let_go_and_counters_go_on():
    """A counter's last reading stays, since the next one is counted from it."""
    projection = _projected([_passage("a"), _passage("t", track="1"), _reading("1", 10, 0), _reading("2", 14, 60)])

    forget(projection, START + timedelta(days=40))
    assert list(projection.counts.rows()) == []
    assert projection.repeats.sightings == {}

    projection.apply(_reading("3", 20, 86_400 * 40), 5, START + timedelta(days=40))
    assert _cleared(projection) == 6
