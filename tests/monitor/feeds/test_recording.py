"""Recordings: what was observed comes out as it went in, and a replay gives the same figures."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.monitor.feeds.delivery import Delivery, NotNowError
from gatewatch.monitor.feeds.recording import (
    Recorded,
    batches,
    first_received,
    from_journal,
    from_stream,
    read_recording,
    write_recording,
)
from gatewatch.monitor.observations import Observation, canonical_body
from gatewatch.monitor.store import Journal, Leader, Submitted
from tests.monitor.feeds.ingests import NOW, Hands, MemoryIngest, never, passage
from tests.monitor.stories import CAMERA_IN, CAMERA_OUT, Story, clock, project


def _story() -> list[Observation]:
    story = Story().vehicles("arrived", clock("8:00"), clock("9:00"), 40, CAMERA_IN)
    story.vehicles("gate_out", clock("8:10"), clock("9:00"), 30, CAMERA_OUT, track="7")
    return story.beats(CAMERA_OUT, clock("8:00"), clock("9:00")).counted(clock("8:30"), 12, 2).observations


def _record(path: Path, observations: list[Observation]) -> int:
    recorded = (Recorded(o.occurred_at, json.loads(canonical_body(o))) for o in observations)
    return write_recording(path, recorded, lambda _: None)


def test_a_replay_gives_the_same_digest(tmp_path):
    """Through the ingest, with posts that are lost on the way and sent again."""
    observations, path = _story(), tmp_path / "morning.jsonl"
    n = _record(path, observations)
    ingest = MemoryIngest(faults=[NotNowError("Busy."), ("lost", NotNowError("The answer was lost."))])
    for events in batches(read_recording(path), None, never):
        Delivery(ingest, never).deliver(events)

    assert n == len(observations) == len(ingest.taken)
    assert project(list(ingest.taken.values())).digest() == project(observations).digest()


def test_a_journal_is_recorded_whole_and_in_order(tmp_path, leader: Leader):
    """With the times at which it was received, on each backend."""
    observations = _story()
    items = [Submitted.of(o, o.occurred_at + timedelta(seconds=3)) for o in observations]
    with leader.writing() as connection:
        Journal.append(connection, items)
    write_recording(tmp_path / "all.jsonl", from_journal(Journal(leader.store)), lambda _: None)
    write_recording(tmp_path / "rest.jsonl", from_journal(Journal(leader.store), after_seq=50), lambda _: None)
    found = list(read_recording(tmp_path / "all.jsonl"))

    assert [one.event["id"] for one in found] == [o.id for o in observations]
    assert [one.received_at for one in found] == [item.received_at for item in items]
    assert list(read_recording(tmp_path / "rest.jsonl")) == found[50:]


def test_a_replay_keeps_the_pace_at_which_it_was_received(tmp_path):
    """At speed 60 an hour takes a minute; what came together goes together."""
    received = [0, 0, 0, 600, 600, 3_600]
    write_recording(
        tmp_path / "r",
        (Recorded(NOW + timedelta(seconds=s), passage(n)) for n, s in enumerate(received)),
        lambda _: None,
    )
    hands = Hands(at=5_000.0)
    pace = replace(hands.clock(speed=60), start=first_received(tmp_path / "r"))
    sent = [(hands.at - 5_000, len(events)) for events in batches(read_recording(tmp_path / "r"), pace, hands.wait)]

    assert sent == [(0, 3), (pytest.approx(10), 2), (pytest.approx(60), 1)]


def test_a_batch_holds_no_more_than_a_request_may():
    """A thousand events, or a mebibyte."""
    many = [Recorded(NOW, passage(n)) for n in range(1_500)]
    large = [Recorded(NOW, passage(n, lane="x" * 200)) for n in range(1_000)] + [
        Recorded(NOW, {**passage(n), "note": "y" * 990, "other": "z" * 990}) for n in range(900)
    ]

    assert [len(batch) for batch in batches(many, None, never)] == [1_000, 500]
    assert all(len(json.dumps(batch)) <= 1 << 20 for batch in batches(large, None, never))
    assert sum(len(batch) for batch in batches(large, None, never)) == 1_900


def test_a_stream_is_recorded_as_it_comes_in():
    """A line that is no observation is told and left out."""
    told: list[str] = []
    lines = [json.dumps(passage(1)), "", "{", json.dumps({"id": "12C-123.45"}), json.dumps(passage(2))]
    found = list(from_stream(lines, lambda: NOW, told.append))

    assert [one.event["id"] for one in found] == ["1", "2"]
    assert found[0].received_at == NOW
    assert [text.split(" is ")[0] for text in told] == ["standard input: line 3", "standard input: line 4"]
    assert "12C-123.45" not in "".join(told)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 1 is no JSON"),
        ("[]", "line 1 is no line of a recording"),
        ('\n{"received_at": "2026-01-15T00:00:00", "event": {}}', "line 2 is no line of a recording"),
        ('{"received_at": "2026-01-15T00:00:00Z", "event": {}}', "line 1 is no observation"),
        ("\xff", "no UTF-8"),
    ],
)
def test_a_faulty_recording_names_the_line(tmp_path, text, said):
    """And what is expected there."""
    (tmp_path / "r").write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=said):
        list(read_recording(tmp_path / "r"))


def test_a_recording_is_not_written_over(tmp_path):
    """Nor is an empty one left behind."""
    (tmp_path / "r").write_text("mine")
    with pytest.raises(ConfigError, match="name another"):
        write_recording(tmp_path / "r", [], lambda _: None)

    assert (tmp_path / "r").read_text() == "mine"
    assert write_recording(tmp_path / "s", [], lambda _: None) == 0
    assert not (tmp_path / "s").exists()
    with pytest.raises(ConfigError, match="not readable"):
        list(read_recording(tmp_path / "s"))
