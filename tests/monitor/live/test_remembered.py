"""What is remembered between looks changes no figure: each look equals one at everything told anew."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewatch.monitor.live.snapshot import take_snapshot
from gatewatch.monitor.observations import Observation, Void, to_us
from gatewatch.monitor.projection.hearing import QUARTER_US
from gatewatch.monitor.projection.projecting import Projection
from gatewatch.monitor.projection.windows import Windows
from tests.monitor.stories import BORDER, CAMERA_IN, CAMERA_OUT, FEEDS, LOOP_OUT, PERSON, Story, clock, project

STRANGER = "stranger/out"  # counts clearances too, and nobody declared it
_COUNT_OUT = (CAMERA_OUT, LOOP_OUT, STRANGER)  # by rank


@st.composite
def _stories(draw: st.DrawFn) -> list[Observation]:
    """Return passages, heartbeats, hand counts and voids of some days, in the order in which they come."""
    story, passed = Story(), list[Observation]()
    for n in range(draw(st.integers(1, 14))):
        at = clock("7:00") + timedelta(minutes=draw(st.integers(0, 90)), days=draw(st.integers(0, 5)))
        kind = draw(st.sampled_from(["out", "out", "in", "beat", "count", "void"]))
        if kind == "out":
            more = {"vehicle_class": draw(st.sampled_from([None, "fruit"])), "plate_token": f"{n:032x}"}
            story.vehicles("gate_out", at, at, 1, draw(st.sampled_from(_COUNT_OUT)), **more)
            passed.append(story.observations[-1])
        elif kind == "in":
            story.vehicles("arrived", at, at, 1, CAMERA_IN, track=draw(st.sampled_from([None, "1"])))
            passed.append(story.observations[-1])
        elif kind == "beat":
            story.beats(draw(st.sampled_from(_COUNT_OUT)), at, at + timedelta(minutes=1))
        elif kind == "count":
            story.counted(at, draw(st.integers(0, 50)))
        elif passed:
            target = draw(st.sampled_from(passed))
            story.tell("event.voided", at, PERSON, of={"source": target.source, "id": target.id}, reason="twice")
    return story.observations


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(_stories())
def test_looks_between_change_nothing_that_is_shown_later(story: list[Observation]):
    """After looks at every step, the figures are those of a projection that was never looked at before."""
    applied: dict[tuple[str, str], Observation] = {}
    projection, now = Projection(applied.get), clock("8:20", days=5)
    snapshot = take_snapshot(BORDER, FEEDS, projection, now)
    for n, observation in enumerate(story, 1):
        projection.apply(observation, n, observation.occurred_at)
        applied[observation.source, observation.id] = observation
        snapshot = take_snapshot(BORDER, FEEDS, projection, now)

    assert snapshot == take_snapshot(BORDER, FEEDS, project(story), now)


@settings(max_examples=100, deadline=None)
@given(_stories())
def test_every_window_shows_the_first_feed_heard_in_it(story: list[Observation]):
    """After each step, the last version of a quarter-hour is what a count by hand over all observations gives."""
    applied: dict[tuple[str, str], Observation] = {}
    projection, windows = Projection(applied.get), Windows(FEEDS)
    for n, observation in enumerate(story, 1):
        projection.apply(observation, n, observation.occurred_at)
        applied[observation.source, observation.id] = observation
        list(windows.follow(projection, to_us(observation.occurred_at)))
        shown = {
            window.quarter: {name: version.n for name, version in by_class.items() if version.n}
            for window, by_class in windows.shown.items()
            if window.place.what == "gate_out"
        }

        assert {quarter: found for quarter, found in shown.items() if found} == _by_hand(story[:n])


def _by_hand(story: list[Observation]) -> dict[int, dict[str, int]]:
    void = {(o.data.of.source, o.data.of.id) for o in story if isinstance(o.data, Void)}
    heard, counts = set[tuple[int, str]](), dict[tuple[int, str], Counter[str]]()
    for told in story:
        place = (to_us(told.occurred_at) // QUARTER_US, told.source)
        heard.add(place)
        if told.type == "vehicle.gate_out" and (told.source, told.id) not in void:
            counts.setdefault(place, Counter())[getattr(told.data, "vehicle_class", None) or ""] += 1
    found = {}
    for quarter in {quarter for quarter, _ in heard}:
        first = next((source for source in _COUNT_OUT if (quarter, source) in heard), None)
        if first is not None and (quarter, first) in counts:
            found[quarter] = dict(counts[quarter, first])
    return found
