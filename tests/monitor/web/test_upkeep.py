"""What a source sent last, and whether the service looks after itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gatewatch.monitor.job_state import JobState
from gatewatch.monitor.retention import list_backups, make_backup
from gatewatch.monitor.web import own_metrics, upkeep
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


def test_a_backup_that_is_thinned_while_it_is_listed_is_passed_over(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job removes the oldest between the look at the folder and the look at the file."""
    folder, admin = site.core.settings.backups, site.holder("admin")
    old, new = (make_backup(site.core.store, folder, clock(hour)) for hour in ("8:00", "9:00"))
    listed = list_backups(folder)
    old.path.unlink()
    monkeypatch.setattr(upkeep, "list_backups", lambda _folder: listed)

    assert [backup["file"] for backup in admin.get("/v1/backups").json()["backups"]] == [new.path.name]


def test_a_folder_of_backups_that_cannot_be_read_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its disk was pulled out: 503 with the folder and what to do; the metrics go on without it."""

    def pulled_out(_folder: object) -> None:
        raise OSError(5, "Input/output error")

    for module in (upkeep, own_metrics):
        monkeypatch.setattr(module, "list_backups", pulled_out)
    answer = site.holder("admin").get("/v1/backups")

    assert answer.status_code == 503
    assert str(site.core.settings.backups) in answer.json()["detail"]
    assert "Input/output error" in answer.json()["detail"]
    assert "backup_age_seconds" not in site.holder("viewer").get("/metrics").text
