"""The calendar of both sides: by the files, with what was agreed and reported, and where only one side is open."""

from __future__ import annotations

from typing import Any

import pytest

from tests.monitor.web.sites import Site, Visitor

# North is open 07:00-18:00 in Hanoi, and its other side 08:00-19:00 in Beijing, which is the same.
OPEN = [("2026-01-16T00:00:00Z", "2026-01-16T11:00:00Z")]
AGREED = {
    "gate": "north", "side": "own", "date": "2026-01-16", "closes": "20:00", "reason": "xe hoa quả tồn",
    "agreed_by": "Hải quan Hữu Nghị Quan",
}  # fmt: skip


@pytest.fixture
def head(site: Site) -> Visitor:
    """Who may record other hours."""
    return site.holder("coordinator")


def friday(visitor: Visitor, gate: str = "north") -> dict[str, Any]:
    """Return the next day of a gate."""
    found = visitor.get("/v1/calendar", params={"from": "2026-01-16", "days": 1, "gate": gate}).json()
    day: dict[str, Any] = found["gates"][0]["flows"][0]["days"][0]
    return day


def stretches(found: list[dict[str, str]]) -> list[tuple[str, str]]:
    """Return begin and end of each stretch."""
    return [(piece["begins"], piece["ends"]) for piece in found]


def test_two_clocks_one_stretch(head: Visitor) -> None:
    """07:00 in Hanoi is 08:00 in Beijing: nothing is open alone."""
    day = friday(head)
    gate = head.get("/v1/calendar").json()["gates"][0]

    assert stretches(day["own"]["actual"]) == stretches(day["counterpart"]["actual"]) == stretches(day["both"]) == OPEN
    assert (day["own"]["alone"], day["own"]["is_changed"], day["open_hours"]) == ([], False, 11.0)
    assert (gate["zone"], gate["counterpart_zone"]) == ("Asia/Ho_Chi_Minh", "Asia/Shanghai")
    assert [day["date"] for day in gate["flows"][0]["days"]][::6] == ["2026-01-15", "2026-01-21"]
    assert gate["flows"][0]["direction"] is None


def test_hours_agreed_by_one_side_only_are_a_conflict(site: Site, head: Visitor) -> None:
    """Two hours that nobody can use, until the other side keeps them too."""
    head.post("/v1/gates/hours", AGREED)
    site.follow(1)
    alone = friday(head)
    site.pass_by(minutes=1)
    head.post("/v1/gates/hours", {**AGREED, "side": "counterpart", "closes": "21:00"})
    site.follow(2)
    both = friday(head)
    changes = head.get("/v1/calendar", params={"from": "2026-01-16", "days": 1}).json()["gates"][0]["changes"]

    late = [("2026-01-16T11:00:00Z", "2026-01-16T13:00:00Z")]
    assert stretches(alone["own"]["alone"]) == late
    assert (alone["own"]["is_changed"], alone["counterpart"]["is_changed"], alone["open_hours"]) == (True, False, 11.0)
    assert stretches(alone["own"]["by_calendar"]) == OPEN
    assert (both["own"]["alone"], both["counterpart"]["alone"], both["open_hours"]) == ([], [], 13.0)
    assert [(c["side"], c["closes"], c["agreed_by"]) for c in changes] == [
        ("own", "20:00", "Hải quan Hữu Nghị Quan"), ("counterpart", "21:00", "Hải quan Hữu Nghị Quan"),
    ]  # fmt: skip
    assert changes[0]["who"].startswith("key:")


def test_a_side_reported_shut_stays_shut_on_the_days_to_come(site: Site, head: Visitor) -> None:
    """Until somebody says that it is over; our side then stands open alone."""
    head.post("/v1/gates/state", {"gate": "north", "side": "counterpart", "state": "shut", "reason": "dịch bệnh"})
    site.follow(1)
    day = friday(head)

    assert (day["counterpart"]["actual"], day["both"], day["open_hours"]) == ([], [], 0.0)
    assert stretches(day["own"]["alone"]) == OPEN
    assert friday(head, "south")["open_hours"] == 11.0


@pytest.mark.parametrize(
    ("asked", "status"),
    [({"from": "2026-02-30"}, 422), ({"from": "1066-10-14"}, 422), ({"days": 63}, 422), ({"gate": "nord"}, 404)],
)
def test_a_calendar_that_is_not_there(head: Visitor, asked: dict[str, Any], status: int) -> None:
    """Refused with the key and what is expected."""
    assert head.get("/v1/calendar", params=asked).status_code == status
