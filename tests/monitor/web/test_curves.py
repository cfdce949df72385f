from __future__ import annotations

from datetime import datetime, timedelta

from gatewatch.monitor.web.curves import usual
from tests.monitor.stories import clock
from tests.monitor.web.sites import Site, passage


def filled(site: Site) -> Site:
    """A site where a camera saw two vehicles cross, and a person counted forty."""
    device = site.holder("device", sources=["camera/out"])
    rev = device.post("/v1/events", [passage("a", at=clock("9:20")), passage("b", at=clock("9:40"))]).json()["rev"]
    site.follow(rev)
    person = site.holder("operator")
    body = {"gate": "north", "direction": "export", "what": "backlog", "value": 40, "at": clock("9:00").isoformat()}
    site.follow(person.post("/v1/hand-counts", body).json()["rev"])
    return site


def test_a_day_is_told_in_quarters_with_sentences(site: Site) -> None:
    """Each chart says in three languages what it shows."""
    answer = filled(site).holder("viewer").get("/v1/curves/north/export").json()
    cleared = {q["start"][11:16]: q["cleared"] for q in answer["quarters"] if q["cleared"]}

    assert cleared == {"02:15": 1, "02:30": 1}
    assert [a["value"] for a in answer["anchors"]] == [40]
    assert {name: set(said) for name, said in answer["summaries"].items()} == {
        name: {"vi", "en", "zh"} for name in ("backlog", "wait", "rate")
    }
    assert answer["summaries"]["wait"]["en"].startswith("No wait was measured")


def test_a_span_that_makes_no_sense_is_refused(site: Site) -> None:
    """With the remedy; a gate that is not there is told as such."""
    viewer = site.holder("viewer")
    late = viewer.get("/v1/curves/north/export", params={"from": "2026-01-15T20:00:00+07:00"})
    long = viewer.get("/v1/curves/north/export", params={"from": "2026-01-10T00:00:00+07:00"})
    odd = viewer.get("/v1/curves/north/export", params={"from": "yesterday"})
    nowhere = viewer.get("/v1/curves/nowhere/export")

    assert [a.status_code for a in (late, long, odd, nowhere)] == [422, 422, 422, 404]
    assert "at most 2 days" in long.json()["detail"]


def test_trends_hold_every_gate_that_may_be_seen(site: Site) -> None:
    """Columns of one length; lanes null where none was reported."""
    found = filled(site).holder("viewer", ["north"]).get("/v1/trends").json()

    assert [(t["gate"], t["direction"]) for t in found["trends"]] == [("north", "export")]
    (trend,) = found["trends"]
    assert len(trend["ends"]) == len(trend["backlog"]) == len(trend["cleared"]) == 40
    assert trend["n_lanes"] is None


def test_what_is_usual_needs_three_same_weekdays(site: Site) -> None:
    """Eight weeks back, the same quarter-hour; two days are no habit."""
    device = site.holder("device", sources=["camera/out"])
    thursdays = [clock("9:20") - timedelta(weeks=weeks) for weeks in (1, 2, 3)]

    def told(days: list[datetime]) -> list[tuple[float, int]]:
        sent = [passage(f"{at:%d}-{n}", at=at) for n, at in enumerate(days)]
        site.follow(device.post("/v1/events", sent).json()["rev"])
        found = usual(site.core.history, "north", "export", clock("9:00"), clock("10:00"))
        return [(one.middle, one.n_days) for one in found if one.start == clock("9:15")]

    assert told(thursdays[:2]) == []
    assert told(thursdays) == [(1.0, 3)]
