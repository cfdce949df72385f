"""What a source sent last, and whether the service looks after itself."""

from __future__ import annotations

from datetime import timedelta

from gatewatch.monitor.job_state import JobState
from gatewatch.monitor.retention import make_backup
from gatewatch.monitor.web.tail import MOST_ITEMS, MOST_SOURCES, Arrival, Tail
from tests.monitor.stories import clock
from tests.monitor.web.sites import Site, passage


def test_the_tail_tells_what_became_of_each_thing_and_why(site: Site) -> None:
    """Newest first: a duplicate, a conflict, what is refused and what is not understood."""
    device = site.holder("device", sources=["camera/out"])
    device.post("/v1/events", [passage(1, seq=1)])
    device.post("/v1/events", [passage(1, seq=1)])
    device.post("/v1/events", [passage(1, seq=2)])
    device.post("/v1/events", [passage(2, seq=2, at=clock("12:00"))])
    device.post("/v1/events", [passage(3, seq=3, direction="up")])
    told = site.holder("viewer").get("/v1/feeds/tail", params={"source": "camera/out"}).json()
    statuses = [arrival["status"] for arrival in told["arrivals"]]

    assert statuses == ["rejected", "rejected", "conflict", "duplicate", "accepted"]
    assert told["arrivals"][-1] == {
        "at": "2026-01-15T03:00:00Z", "status": "accepted", "id": "1", "type": "vehicle.gate_out",
        "said_at": "2026-01-15T02:30:00Z", "reasons": [],
    }  # fmt: skip
    assert "direction" in told["arrivals"][0]["reasons"][0]
    assert "in the future" in told["arrivals"][1]["reasons"][0]
    assert told["since"] == "2026-01-15T03:00:00Z"


def test_a_flood_pushes_out_the_oldest_and_the_quietest() -> None:
    """Memory is bounded, whatever names are sent."""
    tail = Tail(clock("10:00"))
    for n in range(MOST_ITEMS + 5):
        tail.add([("loud", Arrival(clock("10:00") + timedelta(seconds=n), "accepted", str(n), None, None, ()))])
    for n in range(MOST_SOURCES):
        tail.add([(f"other {n}", Arrival(clock("10:10"), "rejected", None, None, None, ("why",)))])
    tail.add([(None, Arrival(clock("10:10"), "rejected", None, None, None, ()))])

    assert tail.of("loud") == []
    assert len(tail.of("other 0")) == 1


def test_jobs_and_backups_are_told_to_admins(site: Site) -> None:
    """Before any job and any backup there is nothing to tell, and nothing is invented."""
    admin = site.holder("admin")
    empty = (admin.get("/v1/jobs").json()["jobs"], admin.get("/v1/backups").json()["backups"])
    site.app.state.jobs = lambda: [JobState("backup", None, clock("9:00"), 1.5, "the disk is full", 3)]
    copy = make_backup(site.core.store, site.core.settings.backups, clock("9:00"))
    jobs, backups = admin.get("/v1/jobs").json(), admin.get("/v1/backups").json()

    assert empty == ([], [])
    assert (jobs["jobs"][0]["failure"], jobs["jobs"][0]["last_at"]) == ("the disk is full", "2026-01-15T02:00:00Z")
    assert backups["backups"] == [{"file": copy.path.name, "made_at": "2026-01-15T02:00:00Z", "bytes": copy.size}]
    assert backups["last_trial"] is None
