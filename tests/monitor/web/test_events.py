"""Observations by HTTP: each status of the contract, answered after the commit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from gatewatch.monitor.store import BusyError, Receipt, StoreUnavailableError, Submitted
from tests.monitor.stories import clock
from tests.monitor.web.sites import SOON_S, Site, Visitor, passage


@pytest.fixture
def device(site: Site) -> Visitor:
    """A camera with its key."""
    return site.holder("device", sources=["camera/out", "loop/out"])


def test_one_event_is_answered_when_it_is_in_the_journal(site: Site, device: Visitor) -> None:
    """Accepted means durable; the revision is where live state will know it."""
    answer = device.post("/v1/events", passage())

    assert answer.status_code == 200
    assert answer.json() == {
        "rev": 1,
        "items": [{"status": "accepted", "source": "camera/out", "id": "1", "seq": 1, "reasons": []}],
    }
    assert [entry.id for entry in site.core.journal.read()] == ["1"]


def test_the_answer_waits_for_the_commit(site: Site, device: Visitor) -> None:
    """As long as the writer has not said that it is on the disk, nobody is told so."""
    is_held, go = Event(), Event()
    site.core.writer.write(lambda _: (is_held.set(), go.wait(SOON_S)))
    assert is_held.wait(SOON_S)

    async def post() -> tuple[bool, int]:
        task = asyncio.create_task(device.client.post("/v1/events", json=passage()))
        for _ in range(200):
            await asyncio.sleep(0)
        was_done = task.done()
        go.set()
        return was_done, (await task).status_code

    assert site.run(post()) == (False, 200)


def test_the_same_again_is_a_duplicate_and_another_content_a_conflict(site: Site, device: Visitor) -> None:
    """A retry is harmless; a changed event is kept apart and never overwrites."""
    device.post("/v1/events", passage())
    again, other = device.post("/v1/events", passage()), device.post("/v1/events", passage(seq=7))

    assert (again.status_code, again.json()["items"][0]["status"], again.json()["rev"]) == (200, "duplicate", 1)
    assert (other.status_code, other.json()["items"][0]["status"]) == (409, "conflict")
    assert "event.corrected" in other.json()["items"][0]["reasons"][0]
    kept = site.holder("operator").get("/v1/quarantine").json()["items"]
    assert [(item["cause"], item["event"]["data"].get("seq")) for item in kept] == [("conflict", 7)]


def test_a_batch_is_answered_item_by_item_in_its_order(device: Visitor) -> None:
    """One bad item does not hold up the others."""
    batch = [passage(1), passage(2, gate="nowhere"), passage(1), {"id": "x"}, 7, passage(1, seq=3)]
    answer = device.post("/v1/events", batch)

    assert answer.status_code == 200
    assert [item["status"] for item in answer.json()["items"]] == [
        "accepted", "rejected", "duplicate", "rejected", "rejected", "conflict",
    ]  # fmt: skip
    assert "Known: north, south" in answer.json()["items"][1]["reasons"][0]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (json.dumps(passage()), "application/cloudevents+json", 200),
        (json.dumps([passage()]), "application/cloudevents-batch+json; charset=utf-8", 200),
        (json.dumps([passage()]), "application/cloudevents+json", 422),
        (json.dumps(passage()), "application/cloudevents-batch+json", 422),
        (json.dumps(passage()), "text/plain", 415),
        (json.dumps(passage()), None, 415),
        ("{", "application/json", 422),
        ("[NaN]", "application/json", 422),
        (b"\xff\xfe", "application/json", 422),
        ("[" * 100_000, "application/json", 422),
        (json.dumps({**passage(), "type": "vehicle.flown"}), "application/json", 422),
        (json.dumps(passage(gate="nowhere")), "application/json", 422),
        (json.dumps([passage(n) for n in range(1_001)]), "application/json", 413),
        (b" " * (1024 * 1024 + 1), "application/json", 413),
        ("[]", "application/json", 200),
    ],
)
def test_what_cannot_be_taken_in_is_refused_by_its_kind(
    content: str | bytes, kind: str | None, status: int, device: Visitor
) -> None:
    """413 too large, 415 another content, 422 not understood."""
    headers = {"content-type": kind} if kind is not None else {}
    answer = device.ask("POST", "/v1/events", content=content, headers=headers)

    assert answer.status_code == status, answer.text
    if status in {413, 415}:
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json()) == {"type", "title", "status", "detail"}


def test_a_body_that_does_not_tell_its_length_is_cut_off(device: Visitor) -> None:
    """A sender may say nothing of the length; it is read no further than is allowed."""

    async def endless() -> Any:
        for _ in range(100):
            yield b" " * 65_536

    answer = device.ask("POST", "/v1/events", content=endless(), headers={"content-type": "application/json"})

    assert answer.status_code == 413


def test_what_was_taken_in_is_a_duplicate_though_our_clock_was_set_back(site: Site, device: Visitor) -> None:
    """Identity comes before the clock: a retry is not told to set its clock right when ours is wrong."""
    device.post("/v1/events", passage())
    site.pass_by(hours=-2)
    again, other = device.post("/v1/events", passage()), device.post("/v1/events", passage(seq=7))

    assert (again.status_code, again.json()["items"][0]["status"]) == (200, "duplicate")
    assert (other.status_code, other.json()["items"][0]["status"]) == (422, "rejected")
    kept = site.holder("operator").get("/v1/quarantine").json()["items"]
    assert [item["cause"] for item in kept] == ["refused"]


def test_the_future_is_kept_apart(site: Site, device: Visitor) -> None:
    """A clock that is six minutes ahead is wrong; one that is four minutes ahead is taken."""
    late = device.post("/v1/events", passage(1, at=site.now + timedelta(minutes=4)))
    wrong = device.post("/v1/events", passage(2, at=site.now + timedelta(minutes=6)))
    count = {"gate": "north", "direction": "export", "what": "gate_out", "value": 3}
    ends = {"from": clock("9:00").isoformat(), "to": clock("11:00").isoformat()}
    interval = device.post("/v1/events", {**passage(3), "type": "count.interval", "data": {**count, **ends}})

    assert (late.status_code, wrong.status_code, interval.status_code) == (200, 422, 422)
    assert "Set the clock" in wrong.json()["items"][0]["reasons"][0]
    kept = site.holder("operator").get("/v1/quarantine").json()["items"]
    assert [item["id"] for item in kept] == ["2", "3"]


@pytest.mark.parametrize("error", [BusyError("20000 wait"), StoreUnavailableError("disk full")])
def test_a_store_that_takes_nothing_says_when_to_come_again(
    error: Exception, site: Site, device: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 with Retry-After; nothing was kept."""

    def refuse(submissions: list[list[Submitted]]) -> list[Future[list[Receipt]]]:
        futures: list[Future[list[Receipt]]] = [Future() for _ in submissions]
        for future in futures:
            future.set_exception(error)
        return futures

    monkeypatch.setattr(site.core.writer, "submit_each", refuse)
    answer = device.post("/v1/events", passage())

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["detail"] == str(error)


def test_who_knocks_too_often_waits(make_site: Callable[..., Site]) -> None:
    """Each key and each address has a bucket of its own; it fills again."""
    site = make_site(requests_per_minute=60)
    device, other = site.holder("device", sources=["camera/out"]), site.holder("viewer")
    answers = [device.post("/v1/events", []).status_code for _ in range(61)]
    refused = device.post("/v1/events", [])
    alone = other.get("/v1/session").status_code
    site.pass_by(seconds=1)

    assert (answers.count(200), answers[-1], refused.status_code, alone) == (60, 429, 429, 200)
    assert refused.headers["retry-after"] == "1"
    assert device.post("/v1/events", []).status_code == 200


def test_the_clock_of_the_device_is_read_from_the_header(device: Visitor) -> None:
    """A time that is none is told."""
    good = device.post("/v1/events", passage(), headers={"x-sent-at": "2026-01-15T10:00:00+07:00"})
    bad = device.post("/v1/events", passage(), headers={"x-sent-at": "now"})

    assert (good.status_code, bad.status_code) == (200, 422)
    assert "X-Sent-At" in bad.json()["detail"]


def test_a_device_reports_for_its_own_sources_only(site: Site, device: Visitor) -> None:
    """Neither in the name of another, nor about what another has said."""
    site.holder("device", sources=["camera/in"]).post("/v1/events", passage(5, "camera/in"))
    foreign = device.post("/v1/events", passage(1, "camera/in"))
    of = {"source": "camera/in", "id": "5"}
    void = {**passage(2), "type": "event.voided", "data": {"of": of, "reason": "not seen"}}
    voided = device.post("/v1/events", void)

    assert (foreign.status_code, voided.status_code) == (422, 422)
    assert "camera/out, loop/out only" in foreign.json()["items"][0]["reasons"][0]
    assert "reported itself" in voided.json()["items"][0]["reasons"][0]
    assert len(site.core.journal.read()) == 1


def test_a_coordinator_of_one_gate_corrects_that_gate_only(site: Site, device: Visitor) -> None:
    """The gate of what is corrected decides, and what is not known yet has none."""
    device.post("/v1/events", [passage(1), passage(2, gate="south")])
    south = site.holder("coordinator", gates=["south"])

    def void(number: int, target: str) -> int:
        data = {"of": {"source": "camera/out", "id": target}, "reason": "a bus"}
        event = {**passage(number, "person"), "type": "event.voided", "data": data}
        return south.post("/v1/events", event).status_code

    assert [void(11, "1"), void(12, "2"), void(13, "unknown")] == [422, 200, 422]
    site.follow(3)
    kept = site.holder("viewer").get("/v1/events", params={"source": "camera/out", "id": "2"}).json()
    assert kept["judged_by"] == {"type": "event.voided", "source": "person", "id": "12"}
    assert (kept["seq"], kept["event"]["data"]["gate"]) == (2, "south")


def test_a_key_that_stands_twice_is_told_and_holds_up_nobody(device: Visitor) -> None:
    """Readers differ in which of the two they take: the event is refused, wherever in it the key stands."""
    one, two, three = (json.dumps(passage(n)) for n in (1, 2, 3))
    doubled = one.replace('"id": "1"', '"id": "1", "id": "7"')
    deeper = two.replace('"gate": "north"', '"gate": "north", "gate": "south"')
    types = {"content-type": "application/json"}
    batch = device.ask("POST", "/v1/events", content=f"[{doubled}, {deeper}, {three}, 7]", headers=types)
    single = device.ask("POST", "/v1/events", content=doubled, headers=types)

    assert [(item["status"], item["id"]) for item in batch.json()["items"]] == [
        ("rejected", "7"), ("rejected", "2"), ("accepted", "3"), ("rejected", None),
    ]  # fmt: skip
    assert [item["reasons"] for item in batch.json()["items"][:2]] == [
        [f"{key} stands twice in one object; send each key once."] for key in ("id", "gate")
    ]
    assert (single.status_code, single.json()["rev"]) == (422, None)


def test_what_would_correct_a_correction_says_what_to_correct(site: Site, device: Visitor) -> None:
    """It would be kept and change nothing; of the observation itself the latest correction or void holds."""

    def about(event_id: str, of: str, minute: int, **data: object) -> dict[str, Any]:
        kind = "event.corrected" if "with" in data else "event.voided"
        of_it = {"of": {"source": "camera/out", "id": of}, **data}
        return {**passage(event_id, at=clock(f"9:{minute}")), "type": kind, "data": of_it}

    fact = {"with": {"type": "vehicle.gate_out", "data": {"gate": "south", "direction": "export"}}}
    device.post("/v1/events", [passage("a"), about("c1", "a", 40, **fact)])
    answers = [
        device.post("/v1/events", each)
        for each in (
            about("c2", "c1", 41, reason="a slip"), about("c3", "c1", 41, **fact), about("c4", "c4", 41, reason="x"),
            about("c5", "a", 42, reason="a slip"),
        )
    ]  # fmt: skip
    site.follow(site.core.journal.last_seq())
    kept = site.holder("viewer").get("/v1/events", params={"source": "camera/out", "id": "a"}).json()

    assert [answer.status_code for answer in answers] == [422, 422, 422, 200]
    assert "correct or void that one again" in answers[0].json()["items"][0]["reasons"][0]
    assert "camera/out a" in answers[1].json()["items"][0]["reasons"][0]
    assert "the event itself" in answers[2].json()["items"][0]["reasons"][0]
    assert kept["judged_by"] == {"type": "event.voided", "source": "camera/out", "id": "c5"}


def test_an_unknown_identity_is_not_found(site: Site) -> None:
    """The quarantine is where else to look."""
    answer = site.holder("viewer").get("/v1/events", params={"source": "camera/out", "id": "none"})

    assert (answer.status_code, "quarantine" in answer.json()["detail"]) == (404, True)


def test_plain_counts_become_events_with_ids_of_their_own(site: Site, device: Visitor) -> None:
    """Sent again it is the same count; with another value it conflicts; what it lacks is told."""
    count = {
        "source": "loop/out", "kind": "interval", "gate": "north", "direction": "export", "what": "gate_out",
        "from": clock("9:00").isoformat(), "to": clock("9:15").isoformat(), "value": 11,
    }  # fmt: skip
    reading = {**count, "kind": "cumulative", "time": clock("9:15").isoformat(), "value": 900}
    del reading["from"], reading["to"]
    answer = device.post("/v1/counts", {"items": [count, count, {**count, "value": 12}, reading, {"kind": "guess"}, 3]})

    assert answer.status_code == 200
    statuses = [item["status"] for item in answer.json()["items"]]
    assert statuses == ["accepted", "duplicate", "conflict", "accepted", "rejected", "rejected"]
    assert {entry.type for entry in site.core.journal.read()} == {"count.interval", "count.cumulative"}
    assert device.post("/v1/counts", {"items": [0] * 1_001}).status_code == 413
    assert device.post("/v1/counts", {"things": []}).status_code == 422


def test_a_count_reaches_live_state_and_history(site: Site, device: Visitor) -> None:
    """The revision of the answer is where to find it."""
    device.post("/v1/events", [passage(n, at=clock("9:00") + timedelta(minutes=n)) for n in range(30)])
    site.follow(30)
    viewer = site.holder("viewer")
    flow = viewer.get("/v1/live/north/export").json()["flow"]
    windows = viewer.get("/v1/history", params={"what": "gate_out"}).json()["windows"]

    assert flow["cleared_today"]["value"] == 30
    assert [(window["start"], window["n"]) for window in windows] == [
        ("2026-01-15T02:00:00Z", 15),
        ("2026-01-15T02:15:00Z", 15),
    ]
