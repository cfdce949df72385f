"""Posting until it is taken: over HTTP, from a spool, through every fault, with each event counted once."""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewatch.config.errors import ConfigError
from gatewatch.monitor.feeds.client import IngestClient, read_key
from gatewatch.monitor.feeds.delivery import Delivery, NotNowError, RefusedError, StoppedError, TooLargeError
from gatewatch.monitor.feeds.posting import Poster, RefusedLog
from gatewatch.monitor.feeds.spool import Spool
from tests.monitor.feeds.ingests import NOW, MemoryIngest, passage

BUSY = NotNowError("The ingest is busy.")


class _Service:
    """Answers over HTTP as it is told, then takes everything."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = deque(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.answers:
            answer = self.answers.popleft()
            if isinstance(answer, Exception):
                raise answer
            return answer
        items = [{"status": "accepted", "source": e["source"], "id": e["id"]} for e in json.loads(request.content)]
        return httpx.Response(200, json={"rev": 7, "items": [{**item, "seq": 7, "reasons": []} for item in items]})

    def client(self, key: str | None = "gw_key") -> IngestClient:
        return IngestClient("http://gate.example/", key, lambda: NOW, httpx.MockTransport(self))


def _problem(status: int, detail: str = "", **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"status": status, "detail": detail}, headers=headers)


def test_a_batch_is_posted_with_key_and_the_clock_of_the_feed():
    """As a CloudEvents batch; the receipts come back in order."""
    service = _Service()

    receipts = service.client().post([passage(1), passage(2)])

    (request,) = service.requests
    assert str(request.url) == "http://gate.example/v1/events"
    assert request.headers["authorization"] == "Bearer gw_key"
    assert request.headers["x-sent-at"] == "2026-01-15T03:00:00Z"
    assert request.headers["content-type"] == "application/cloudevents-batch+json"
    assert [(receipt.status, receipt.seq) for receipt in receipts] == [("accepted", 7)] * 2


@pytest.mark.parametrize(
    ("answer", "after_s"),
    [
        (_problem(429, "slower", **{"Retry-After": "12"}), 12),
        (_problem(503, "disk full"), None),
        (_problem(503, "disk full", **{"Retry-After": "soon"}), None),
        (httpx.Response(502, text="<html>"), None),
        (httpx.ConnectError("Connection refused"), None),
        (httpx.ReadTimeout(""), None),
    ],
)
def test_what_may_go_well_later_is_told_as_such(answer, after_s):
    """With the pause that is asked for."""
    with pytest.raises(NotNowError) as caught:
        _Service(answer).client().post([passage(1)])

    assert caught.value.after_s == after_s


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (_problem(401, "unknown key"), "answers 401: unknown key. Give the API key"),
        (_problem(403, "not yours"), "answers 403: not yours. The key may not"),
        (_problem(422), "answers 422: Unprocessable Entity"),
        (httpx.Response(404, text="nothing"), "answers 404: Not Found. Give the address"),
        (httpx.Response(301, headers={"location": "https://elsewhere"}), "moved to https://elsewhere"),
        (httpx.Response(200, text="hello"), "no ingest of Gatewatch"),
        (httpx.Response(200, json={"items": []}), "no ingest of Gatewatch"),
    ],
)
def test_what_never_goes_well_is_refused_with_the_remedy(answer, said):
    """And is not tried again."""
    with pytest.raises(RefusedError, match=said):
        _Service(answer).client().post([passage(1)])


def test_an_address_that_is_none_is_a_fault():
    """It names the option."""
    with pytest.raises(ConfigError, match='--url is "gate:8000"'):
        IngestClient("gate:8000", None, lambda: NOW)


@pytest.mark.parametrize("text", ["", "two words", "schlüssel"])
def test_a_key_file_holds_a_key(tmp_path, text):
    """And nothing else."""
    (tmp_path / "key").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="--key-file"):
        read_key(tmp_path / "key")


def test_waits_grow_are_drawn_and_never_shorter_than_asked():
    """Half a second doubles up to a minute; luck 0 is half of that."""
    waited: list[float] = []
    faults = [*[BUSY] * 9, NotNowError("Slower.", after_s=300.0)]
    ingest = MemoryIngest(faults=list(faults))

    Delivery(ingest, lambda s: bool(waited.append(s)), luck=lambda: 0.0).deliver([passage(1)])

    assert waited == [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30, 300]


def test_it_stops_when_it_is_told_to():
    """Instead of trying again."""
    with pytest.raises(StoppedError):
        Delivery(MemoryIngest(faults=[BUSY]), lambda _: True).deliver([passage(1)])


def test_a_batch_that_is_too_large_goes_in_parts():
    """An event that is too large by itself is rejected; the others are taken."""

    class Narrow(MemoryIngest):
        def post(self, events):
            if len(json.dumps(events)) > 1_000:
                raise TooLargeError("The request is too large.")
            return super().post(events)

    events = [passage(n) for n in range(8)] + [passage(8, lane="x" * 1_000)]

    receipts = Delivery(Narrow(), lambda _: False).deliver(events)

    assert [receipt.status for receipt in receipts] == ["accepted"] * 8 + ["rejected"]


def _poster(folder: Path, ingest: MemoryIngest) -> Poster:
    refused = RefusedLog(folder / "refused.jsonl", lambda: NOW)
    return Poster(Spool(folder, segment_bytes=700), Delivery(ingest, lambda _: False), refused)


def test_a_spool_is_posted_in_order_and_empty_then(tmp_path):
    """In requests of at most a thousand events."""
    ingest = MemoryIngest()
    poster = _poster(tmp_path, ingest)
    poster.spool.append([passage(n) for n in range(2_500)])

    assert poster.drain() == 2_500
    assert ingest.ids == [str(n) for n in range(2_500)]
    assert ingest.posts == [1_000, 1_000, 500]
    assert len(poster.spool) == 0
    poster.spool.close()


def test_conflicts_and_rejections_are_kept_with_their_reasons(tmp_path):
    """They do not hold up the others."""
    poster = _poster(tmp_path, MemoryIngest())
    poster.spool.append([passage(1), passage(1, lane="2"), {**passage(3), "type": "vehicle.flown"}, passage(4)])
    poster.drain()
    poster.spool.close()

    kept = [json.loads(line) for line in (tmp_path / "refused.jsonl").read_text().splitlines()]
    assert [(line["status"], line["event"]["id"]) for line in kept] == [("conflict", "1"), ("rejected", "3")]
    assert "type" in kept[1]["reasons"][0]
    assert poster.counted == {"accepted": 2, "conflict": 1, "rejected": 1}


def test_a_key_that_is_refused_leaves_everything_in_the_spool(tmp_path):
    """It is posted when the key is mended."""
    ingest = MemoryIngest(faults=[RefusedError("The key is unknown.")])
    poster = _poster(tmp_path, ingest)
    poster.spool.append([passage(1)])
    with pytest.raises(RefusedError):
        poster.drain()

    assert len(poster.spool) == 1
    assert poster.drain() == 1
    poster.spool.close()


@settings(deadline=None, max_examples=40)
@given(
    steps=st.lists(
        st.one_of(
            st.integers(1, 5),  # so many events are told
            st.sampled_from(["post", "busy", "lost", "stop", "crash"]),
        ),
        max_size=25,
    )
)
def test_each_event_is_counted_once_whatever_happens_on_the_way(tmp_path_factory, steps):
    """Busy ingests, answers that are lost, stops between request and release, crashes: all arrive, none twice."""
    folder = tmp_path_factory.mktemp("spool")
    ingest, n = MemoryIngest(), 0
    poster = _poster(folder, ingest)
    for step in [*steps, "post"]:
        if isinstance(step, int):
            poster.spool.append([passage(n + k) for k in range(step)])
            n += step
            continue
        if step == "crash":
            poster.spool.close()
            poster = _poster(folder, ingest)
            continue
        ingest.faults = {"busy": [BUSY, BUSY], "lost": [("lost", BUSY)], "stop": [("lost", RefusedError("x"))]}.get(
            step, []
        )
        try:
            poster.drain()
        except RefusedError:
            poster.spool.close()
            poster = _poster(folder, ingest)
    poster.spool.close()

    assert ingest.ids == [str(k) for k in range(n)]
