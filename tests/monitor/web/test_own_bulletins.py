"""Our own bulletin of each day, beside the authorities': a further edition when late events change it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from gatewatch.monitor.bulletin_keeping import OwnBulletins
from tests.monitor.stories import clock
from tests.monitor.web.sites import Site, Visitor, passage

DAY = "2026-01-15"


@pytest.fixture
def viewer(site: Site) -> Visitor:
    """Somebody who may read."""
    return site.holder("viewer")


def report(site: Site, first: int, at: datetime, classes: list[str]) -> None:
    """Report clearances of some classes, a minute apart, and wait until live state and quarter-hours have them."""
    device = site.holder("device", sources=["camera/out"])
    events = [passage(first + n, at=at, vehicle_class=name, seq=first + n) for n, name in enumerate(classes)]
    assert "rejected" not in device.post("/v1/events", events).text.replace("n_rejected", "")
    site.follow(first + len(classes) - 1)
    site.core.writer.write(lambda _: None).result()  # what the projector had written comes before


def line(bulletin: dict[str, Any], name: str, gate: str | None = "north") -> int | None:
    """Return what we counted in a line of exports."""
    values = [
        found["counted"]
        for found in bulletin["lines"]
        if (found["gate"], found["direction"], found["line"]) == (gate, "export", name)
    ]
    assert len(values) <= 1
    return values[0] if values else None


def test_late_events_make_a_second_edition_that_says_what_changed(site: Site, viewer: Visitor) -> None:
    """Two vehicles told a day late: edition 2, +2, and the first one can still be read."""
    bulletins = OwnBulletins(site.core)
    report(site, 1, clock("9:30"), ["fruit", "fruit", "general"])
    bulletins.look(clock("12:00"))
    provisional = viewer.get(f"/v1/bulletins/{DAY}").json()
    site.now = clock("20:15")
    bulletins.look(site.now)
    bulletins.look(site.now)
    first = viewer.get(f"/v1/bulletins/{DAY}").json()
    site.now = clock("9:00", days=1)
    report(site, 4, clock("17:00"), ["fruit", "general"])
    bulletins.look(site.now)
    second = viewer.get(f"/v1/bulletins/{DAY}").json()
    again = viewer.get(f"/v1/bulletins/{DAY}", params={"edition": 1}).json()

    assert (provisional["edition"], provisional["own_editions"], line(provisional, "cleared")) == (None, [], 3)
    assert (first["edition"], len(first["own_editions"])) == (1, 1)
    assert (line(first, "cleared"), line(first, "cleared_fruit"), line(first, "cleared_other")) == (3, 2, 1)
    assert (second["edition"], line(second, "cleared"), line(second, "cleared", None)) == (2, 5, 5)
    changes = {
        (c["gate"], c["direction"], c["line"]): (c["before"], c["after"]) for c in second["own_editions"][1]["changes"]
    }
    assert changes["north", "export", "cleared"] == (3, 5)
    assert changes["north", "export", "cleared_fruit"] == (2, 3)
    assert (again["edition"], line(again, "cleared")) == (1, 3)
    assert viewer.get(f"/v1/bulletins/{DAY}", params={"edition": 3}).status_code == 404
    rows = viewer.get(f"/v1/bulletins/{DAY}", params={"format": "csv"}).text.splitlines()
    assert rows[0].endswith(",counted,own_edition")


def test_what_is_cleared_after_the_cut_is_of_the_next_day(site: Site, viewer: Visitor) -> None:
    """20:00 is the cut of the authorities."""
    site.now = clock("21:00")
    report(site, 1, clock("19:50"), ["fruit"])
    report(site, 2, clock("20:05"), ["fruit", "fruit"])
    OwnBulletins(site.core).look(clock("20:30", days=1))

    assert line(viewer.get(f"/v1/bulletins/{DAY}").json(), "cleared") == 1
    assert line(viewer.get("/v1/bulletins/2026-01-16").json(), "cleared") == 2


def test_a_core_that_starts_again_goes_on_with_its_editions(site: Site, viewer: Visitor) -> None:
    """Nothing new came: no edition is made twice, and what came while it was down makes the next."""
    report(site, 1, clock("9:30"), ["fruit"])
    site.now = clock("20:15")
    OwnBulletins(site.core).look(site.now)
    OwnBulletins(site.core).look(site.now)
    assert len(viewer.get(f"/v1/bulletins/{DAY}").json()["own_editions"]) == 1
    report(site, 2, clock("9:31"), ["fruit"])
    OwnBulletins(site.core).look(site.now)

    assert line(viewer.get(f"/v1/bulletins/{DAY}").json(), "cleared") == 2


def test_a_class_that_a_feed_does_not_tell_leaves_the_parts_open(site: Site, viewer: Visitor) -> None:
    """Unknown is not "other goods": the sum is told, its parts are not."""
    site.holder("device", sources=["camera/out"]).post("/v1/events", [passage(1, seq=1)])
    report(site, 2, clock("9:31"), ["fruit"])
    found = viewer.get(f"/v1/bulletins/{DAY}").json()

    assert (line(found, "cleared"), line(found, "cleared_fruit")) == (2, None)


def test_what_remained_is_ours_and_not_the_authorities(site: Site, viewer: Visitor) -> None:
    """The printed figure is an anchor at the cut; beside it stands what we knew just before."""
    count = {"gate": "north", "direction": "export", "what": "backlog", "value": 40, "at": clock("19:59").isoformat()}
    site.now = clock("21:00")
    site.holder("operator").post("/v1/hand-counts", count)
    sheet = "ngày;cửa khẩu;tồn\n15/01/2026;north;55\n"
    answer = site.holder("operator").ask("POST", "/v1/bulletins", files={"file": sheet.encode()})
    site.follow(2)
    found = viewer.get(f"/v1/bulletins/{DAY}").json()
    remaining = next(found for found in found["lines"] if found["line"] == "remaining")

    assert answer.status_code == 200
    assert (remaining["printed"], remaining["counted"]) == (55, 40)
