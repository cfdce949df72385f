"""The shift log: begun, noted, handed over with what the log drafted by itself, and never changed afterwards."""

from __future__ import annotations

import pytest

from tests.monitor.stories import clock
from tests.monitor.web.outlooks import TITLE, decide, keep
from tests.monitor.web.sites import Site, Visitor, passage


@pytest.fixture
def minh(site: Site) -> Visitor:
    """An operator of every gate."""
    return site.holder("operator")


def test_a_shift_is_begun_noted_signed_and_taken_over(site: Site, minh: Visitor) -> None:
    """The next one names the hand-over that it takes; what is signed takes nothing more."""
    begun = minh.post("/v1/shifts", {"gate": "north", "text": "vào ca"})
    twice = minh.post("/v1/shifts", {"gate": "north"})
    elsewhere = minh.post("/v1/shifts", {"gate": "south"})
    site.pass_by(hours=1)
    noted = minh.post("/v1/shifts/1/notes", {"text": "cân số 2 hỏng\r\nđã gọi thợ"})
    signed = minh.post("/v1/shifts/1/sign", {"text": "Cân số 2 chờ thợ lúc 13 giờ."})
    late = minh.post("/v1/shifts/1/notes", {"text": "quên"})
    site.pass_by(minutes=5)
    after = site.holder("coordinator").post("/v1/shifts", {"gate": "north"})

    assert (begun.status_code, begun.json()["takes_over"]) == (201, None)
    assert (twice.status_code, elsewhere.status_code) == (409, 201)
    assert "shift 1 is open there since 2026-01-15T03:00Z" in twice.json()["detail"]
    assert noted.json()["notes"][0]["text"] == "cân số 2 hỏng\nđã gọi thợ"
    assert signed.json()["signed"]["text"] == "Cân số 2 chờ thợ lúc 13 giờ."
    assert (late.status_code, "begin the next one" in late.json()["detail"]) == (409, True)
    assert after.json()["takes_over"] == 1
    listed = minh.get("/v1/shifts").json()
    assert [(s["id"], s["gate"], s["signed"] is None) for s in listed["shifts"]] == [
        (after.json()["id"], "north", True), (2, "south", True), (1, "north", False),
    ]  # fmt: skip
    deeds = site.holder("admin").get("/v1/audit").json()["rows"]
    assert [d["action"] for d in deeds if d["action"].startswith("shift.")] == [
        "shift.begun", "shift.begun", "shift.noted", "shift.signed", "shift.begun",
    ]  # fmt: skip


def test_sent_again_a_note_is_there_once(minh: Visitor, site: Site) -> None:
    """A phone that lost the answer sends the same again; another hand's same id is another note."""
    minh.post("/v1/shifts", {"gate": "north"})
    for _ in range(2):
        answer = minh.post("/v1/shifts/1/notes", {"text": "mưa to", "id": "n1"})
    other = site.holder("operator").post("/v1/shifts/1/notes", {"text": "mưa to", "id": "n1"})

    assert [note["text"] for note in answer.json()["notes"]] == ["mưa to"]
    assert len(other.json()["notes"]) == 2


def test_the_hand_over_is_drafted_from_what_was_reported(site: Site, minh: Visitor) -> None:
    """Counts before and after, what passed, who shut what; a gate that nobody counted is null and not 0."""
    count = {"gate": "north", "direction": "export", "what": "backlog"}
    minh.post("/v1/hand-counts", {**count, "value": 40})
    minh.post("/v1/shifts", {})
    site.pass_by(minutes=30)
    device = site.holder("device", sources=["camera/in", "camera/out"])
    beat = {**passage(1, "camera/in", clock("10:30")), "type": "device.heartbeat", "data": {}}
    device.post("/v1/events", [*(passage(n, at=clock(f"10:{n + 10}"), seq=n) for n in range(3)), beat])
    coordinator = site.holder("coordinator")
    coordinator.post("/v1/gates/state", {"gate": "north", "side": "own", "state": "shut", "reason": "mất điện"})
    site.pass_by(minutes=1)
    minh.post("/v1/hand-counts", {**count, "value": 33})
    site.follow(7)
    site.pass_by(minutes=1)
    told = minh.get("/v1/shifts/1").json()["draft"]
    flows = {(flow["gate"], flow["direction"]): flow for flow in told["flows"]}

    assert told["begins"] == "2026-01-15T03:00:00Z"
    assert (flows["north", "export"]["before"]["value"], flows["north", "export"]["after"]["value"]) == (40, 33)
    assert flows["north", "export"]["cleared"]["value"] == 3
    assert flows["south", "export"]["after"]["value"] is None
    assert [(h["kind"], h["said"].get("reason")) for h in told["happenings"]] == [
        ("backlog", None), ("gate", "mất điện"), ("backlog", None),
    ]  # fmt: skip
    assert [h["who"].partition(":")[0] for h in told["happenings"]] == ["key"] * 3
    assert [feed["source"] for feed in told["silent"]][:1] == ["bulletin"]


def test_the_hand_over_tells_what_was_decided(site: Site, minh: Visitor) -> None:
    """In this shift, for its gates; somebody who is bound to another gate does not see it."""
    coordinator = site.holder("coordinator")
    for gate in ("north", "south", None):
        coordinator.post("/v1/shifts", {} if gate is None else {"gate": gate})
    keep(site, site.now)
    site.pass_by(minutes=10)
    decide(site, f"{site.now:%d%H%M}", "later")
    site.pass_by(minutes=10)
    north, south, province = (minh.get(f"/v1/shifts/{n}").json()["draft"]["decisions"] for n in (1, 2, 3))

    assert north == province
    assert [(d["at"], d["who"], d["title"], d["consent"], d["gates"]) for d in north] == [
        ("2026-01-15T03:10:00Z", "account:huong", TITLE, "asked", ["north"])
    ]
    assert south == []
    assert site.holder("operator", ["south"]).get("/v1/shifts/3").json()["draft"]["decisions"] == []


def test_what_was_signed_stays_as_it_was(site: Site, minh: Visitor) -> None:
    """A count that comes later changes live state, and not what somebody put his name to."""
    minh.post("/v1/shifts", {"gate": "north"})
    minh.post("/v1/hand-counts", {"gate": "north", "direction": "export", "what": "backlog", "value": 40})
    site.follow(1)
    minh.post("/v1/shifts/1/sign", {"text": "bàn giao"})
    before = minh.get("/v1/shifts/1").json()
    late = {"gate": "north", "direction": "export", "what": "backlog", "value": 90, "at": clock("10:00").isoformat()}
    site.pass_by(hours=2)
    minh.post("/v1/hand-counts", late)
    site.follow(2)

    assert minh.get("/v1/shifts/1").json() == before


def test_the_province_is_written_by_those_who_are_bound_to_no_gate(site: Site) -> None:
    """All may read it; one who is bound to a gate sees of its draft what is his."""
    site.holder("coordinator").post("/v1/shifts", {})
    here = site.holder("coordinator", ["south"])
    read = here.get("/v1/shifts/1")

    assert here.post("/v1/shifts", {}).status_code == 403
    assert here.post("/v1/shifts/1/notes", {"text": "x"}).status_code == 403
    assert {flow["gate"] for flow in read.json()["draft"]["flows"]} == {"south"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"gate": "nord"}, 'gate is "nord"'),
        ({"text": "a\x00b"}, "control characters"),
        ({"text": "x" * 4_001}, "at most 4000"),
        ({"gate": "north", "colour": "red"}, "colour"),
    ],
)
def test_what_the_log_does_not_take(minh: Visitor, body: dict[str, str], said: str) -> None:
    """Told with the place and what is expected."""
    answer = minh.post("/v1/shifts", body)

    assert answer.status_code == 422
    assert said in answer.text.replace('\\"', '"')


def test_an_empty_note_and_an_unknown_shift(minh: Visitor) -> None:
    """Spaces are no words; a number that is not there is not found."""
    minh.post("/v1/shifts", {"gate": "north"})

    assert minh.post("/v1/shifts/1/notes", {"text": " \n "}).status_code == 422
    assert minh.get("/v1/shifts/9").status_code == 404
    assert minh.post("/v1/shifts/9/sign", {"text": "x"}).status_code == 404
