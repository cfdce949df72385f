"""Alerts over HTTP: list, timeline, what people do about them, silences, quality, CAP, stream, metrics."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gatewatch.monitor.web.stream_hub import Pace
from tests.monitor.stories import clock
from tests.monitor.web.sites import Site, Visitor, passage
from tests.monitor.web.test_stream import listening

QUICK = Pace(least_s=0.0, most_s=60.0, beat_s=60.0, patience_s=60.0)
NORTH = {"gate": "north", "direction": "export"}


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """A site where the gate `north` was reported shut at nine, and evaluated at ten."""
    made = make_site(QUICK)
    device = made.holder("device", sources=["camera/out"])
    shut = {**passage("shut", at=clock("9:00"), side="own", state="shut", reason="storm"), "type": "gate.state"}
    made.follow(device.post("/v1/events", shut).json()["rev"])
    evaluate(made)
    return made


def evaluate(site: Site, **length: float) -> None:
    """Let time go by, and evaluate."""
    site.pass_by(**length)
    site.core.watch.evaluate(site.now)


def closure(visitor: Visitor) -> dict[str, Any]:
    """Return the alert about the closure."""
    found: list[dict[str, Any]] = visitor.get("/v1/alerts").json()["alerts"]
    return next(one for one in found if one["rule"] == "unplanned_closure")


def test_an_alert_says_what_where_how_bad_and_what_to_do(site: Site) -> None:
    """In both languages; what cannot be judged stands beside it, and no alert about the background."""
    answer = site.holder("viewer").get("/v1/alerts").json()
    one = next(alert for alert in answer["alerts"] if alert["rule"] == "unplanned_closure")

    assert (answer["at"], answer["rev"]) == ("2026-01-15T03:00:00Z", 1)
    assert answer["alerts"][0]["level"] == "critical"
    assert {key: one[key] for key in ("gate", "direction", "state", "level", "value", "unit", "threshold")} == {
        **NORTH, "state": "firing", "level": "critical", "value": 1.0, "unit": "sides", "threshold": 1.0,
    }  # fmt: skip
    assert one["labels"] == {**NORTH, "alertname": "unplanned_closure", "about": "closure", "subject": "own"}
    assert one["since"] == one["fired_at"] == "2026-01-15T03:00:00Z"
    assert "north" in one["sentence"]["vi"]
    assert "storm" in one["sentence"]["en"]
    assert all(one["runbook"].values())
    assert (one["acknowledged"], one["assigned_to"], one["silence"], one["inhibited_by"]) == (None, None, None, None)
    assert one["next_escalation_at"] == "2026-01-15T03:05:00Z"
    doubts = {(doubt["rule"], doubt["state"]) for doubt in answer["doubts"]}
    assert ("backlog_sustained", "no_data") in doubts
    assert "watchdog" not in {alert["rule"] for alert in answer["alerts"]}


def test_what_is_told_is_counted_and_listed(site: Site) -> None:
    """Message by message; half a minute after the alert fired it is in the outbox."""
    viewer = site.holder("viewer")
    before = closure(viewer)["deliveries"]
    evaluate(site, seconds=30)
    one = closure(viewer)
    detail = viewer.get(f"/v1/alerts/{one['id']}").json()

    assert before == {"waiting": 0, "sent": 0, "failed": 0}
    assert one["deliveries"]["waiting"] == len(detail["messages"]) == 3
    assert {message["state"] for message in detail["messages"]} == {"waiting"}
    assert [(event["kind"], event["by"]) for event in detail["timeline"]] == [
        ("firing", None), ("told", None), ("told", None), ("told", None),
    ]  # fmt: skip
    assert detail["timeline"][0]["sentence"] == one["sentence"]
    assert detail["rev"] == 2


def test_an_operator_takes_an_alert_on_gives_it_back_notes_and_assigns(site: Site) -> None:
    """Each deed is in the timeline under his name, and in the audit."""
    site.core.register.add_account("minh", "operator", ["north"], "four words of nothing", "test", site.now)
    operator = site.holder("operator")
    url = f"/v1/alerts/{closure(operator)['id']}"
    taken = operator.post(f"{url}/acknowledge", {"minutes": 30, "note": "I call Pingxiang"}).json()
    evaluate(site, minutes=31)
    over = operator.get(url).json()
    operator.post(f"{url}/acknowledge", {"minutes": 30})
    given_back = operator.ask("DELETE", f"{url}/acknowledge").json()
    noted = operator.post(f"{url}/notes", {"text": " they open at noon "})
    assigned = operator.post(f"{url}/assign", {"user": "minh"}).json()

    assert taken["acknowledged"]["until"] == "2026-01-15T03:30:00Z"
    assert taken["next_escalation_at"] is None
    assert over["acknowledged"] is None
    assert given_back["acknowledged"] is None
    assert (noted.status_code, noted.json()["n_notes"]) == (201, 1)
    assert assigned["assigned_to"] == "minh"
    deeds = [(line["kind"], line["text"]) for line in assigned["timeline"] if line["by"] is not None]
    assert deeds == [
        ("acknowledged", "I call Pingxiang"), ("acknowledged", ""), ("given_back", ""), ("note", "they open at noon"),
        ("assigned", "minh"),
    ]  # fmt: skip
    actions = [row.deed.action for row in site.core.audit.rows()]
    assert actions[-5:] == [
        "alert.acknowledged", "alert.acknowledged", "alert.given_back", "alert.noted", "alert.assigned",
    ]  # fmt: skip
    assert site.core.audit.verify().broken_at is None


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/v1/alerts/nothing/acknowledge", {}, 404, "no alert"),
        ("{one}/acknowledge", {"minutes": 0}, 422, "minutes"),
        ("{one}/acknowledge", {"minutes": 1441}, 422, "minutes"),
        ("{one}/notes", {"text": "  "}, 422, "text"),
        ("/v1/alerts/nothing/usefulness", {"useful": True}, 404, "no alert"),
        ("{one}/usefulness", {}, 422, "useful"),
        ("{one}/usefulness", {"useful": "yes"}, 422, "useful"),
        ("{one}/assign", {"user": "nobody"}, 409, "no account"),
        ("{one}/assign", {"user": "an"}, 409, "nothing to do with gate"),
        ("/v1/silences", {"matchers": [], "reason": "x", "until": "2026-01-15T18:00:00+07:00"}, 422, "matchers"),
        ("/v1/silences", {"matchers": ["x"], "reason": "x", "until": "2026-01-15T18:00:00+07:00"}, 422, "no matcher"),
        ("/v1/silences", {"matchers": ['lane="1"'], "reason": "x", "until": "2026-01-15T18:00:00+07:00"}, 422, "label"),
        ("/v1/silences", {"matchers": ['gate="north"'], "reason": "x", "until": "2026-01-15T10:00:00+07:00"}, 409,
         "future"),
        ("/v1/silences", {"matchers": ['gate="north"'], "reason": "x", "until": "2026-02-15T10:00:00+07:00"}, 409,
         "7 days"),
        ("/v1/silences", {"matchers": ['gate="north"'], "until": "2026-01-15T18:00:00+07:00"}, 422, "reason"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_with_the_remedy(
    path: str, body: dict[str, Any], status: int, said: str, site: Site
) -> None:
    """Nothing is kept of it."""
    site.core.register.add_account("an", "operator", ["south"], "four words of nothing", "test", site.now)
    operator = site.holder("operator")
    rev = site.core.watch.board.rev
    answer = operator.post(path.replace("{one}", f"/v1/alerts/{closure(operator)['id']}"), body)

    assert answer.status_code == status
    assert said in answer.text
    assert site.core.watch.board.rev == rev


def test_an_alert_that_has_ended_can_be_noted_but_not_taken_on(site: Site) -> None:
    """It is under the recent ones."""
    operator = site.holder("operator")
    one = closure(operator)
    device = site.holder("device", sources=["camera/out"])
    opened = {**passage("open", at=clock("9:50"), side="own", state="open"), "type": "gate.state"}
    beat = {**passage("beat", at=clock("10:00")), "type": "device.heartbeat", "data": {}}
    site.follow(device.post("/v1/events", [opened, beat]).json()["rev"])
    evaluate(site, minutes=1)
    recent = operator.get("/v1/alerts", params={"state": "recent"}).json()["alerts"]
    refused = operator.post(f"/v1/alerts/{one['id']}/acknowledge", {})
    noted = operator.post(f"/v1/alerts/{one['id']}/notes", {"text": "a wrong report"})

    assert one["id"] in {alert["id"] for alert in recent}
    assert next(alert for alert in recent if alert["id"] == one["id"])["resolved_at"] == "2026-01-15T03:01:00Z"
    assert one["id"] not in operator.get("/v1/alerts").text
    assert (refused.status_code, "has ended" in refused.text) == (409, True)
    assert (noted.status_code, noted.json()["state"]) == (201, "resolved")


def test_whether_an_alert_was_useful_is_said_and_counted(site: Site) -> None:
    """The last word counts and can be taken back; each is in the timeline, in the audit, and in the rule's figures."""
    operator, coordinator = site.holder("operator"), site.holder("coordinator")
    url = f"/v1/alerts/{closure(operator)['id']}"

    def figures() -> tuple[int, int, int]:
        rules = {one["rule"]: one for one in operator.get("/v1/alerts/quality").json()["rules"]}
        return tuple(rules["unplanned_closure"][key] for key in ("n_fired", "n_useful", "n_useless"))

    before, none = operator.get(url).json()["usefulness"], figures()
    first = coordinator.post(f"{url}/usefulness", {"useful": False, "note": " a drill "}).json()
    bad = figures()
    evaluate(site, minutes=1)
    second = operator.post(f"{url}/usefulness", {"useful": True}).json()
    good = figures()
    taken_back = operator.post(f"{url}/usefulness", {"useful": None}).json()

    assert (before, taken_back["usefulness"]) == (None, None)
    assert (first["usefulness"]["useful"], second["usefulness"]["useful"]) == (False, True)
    assert second["usefulness"]["at"] == "2026-01-15T03:01:00Z"
    assert second["usefulness"]["by"] == second["timeline"][-1]["by"]
    assert [none, bad, good, figures()] == [(1, 0, 0), (1, 0, 1), (1, 1, 0), (1, 0, 0)]
    deeds = [(line["kind"], line["text"]) for line in taken_back["timeline"] if line["by"] is not None]
    assert deeds == [("not_useful", "a drill"), ("useful", ""), ("usefulness_withdrawn", "")]
    assert [row.deed.action for row in site.core.audit.rows()][-3:] == ["alert.found_useful"] * 3


def test_a_silence_shows_on_what_it_keeps_quiet_and_ends_by_hand(site: Site) -> None:
    """Nobody is told meanwhile; one who is bound to a gate must name it."""
    bound, everywhere = site.holder("operator", ["north"]), site.holder("operator")
    body = {"matchers": ['alertname="unplanned_closure"'], "reason": "drill", "until": "2026-01-15T12:00:00+07:00"}
    refused = bound.post("/v1/silences", body)
    made = bound.post("/v1/silences", {**body, "matchers": [*body["matchers"], 'gate="north"']})
    quiet = closure(everywhere)
    evaluate(site, minutes=1)
    told = closure(everywhere)["deliveries"]["waiting"]
    ended = everywhere.ask("DELETE", f"/v1/silences/{made.json()['id']}").json()
    listed = everywhere.get("/v1/silences").json()["silences"]

    assert (refused.status_code, made.status_code) == (403, 201)
    assert quiet["silence"] == {"id": made.json()["id"], "reason": "drill", "until": "2026-01-15T05:00:00Z"}
    assert quiet["next_escalation_at"] is None
    assert told == 0
    assert (ended["is_in_force"], ended["until"]) == (False, "2026-01-15T03:01:00Z")
    assert listed == [ended]
    assert closure(everywhere)["silence"] is None


def test_the_stream_tells_alerts_with_their_revision(site: Site) -> None:
    """At the beginning, after each evaluation, and after each deed; each client hears of its gates."""
    viewer, elsewhere, operator = (
        site.holder("viewer", ["north"]), site.holder("viewer", ["south"]), site.holder("operator"),
    )  # fmt: skip
    url = f"/v1/alerts/{closure(operator)['id']}/acknowledge"

    async def story() -> tuple[list[dict[str, Any]], dict[str, Any]]:
        async with listening(site, viewer) as listener, listening(site, elsewhere) as other:
            first, others = await listener.alerts(), await other.alerts()
            await operator.client.post(url, json={"minutes": 5})
            return [first, await listener.alerts()], others

    (before, after), others = site.run(story())

    assert (before["rev"], after["rev"]) == (1, 2)
    assert before["alerts"][0]["acknowledged"] is None
    assert after["alerts"][0]["acknowledged"]["until"] == "2026-01-15T03:05:00Z"
    assert "north" not in json.dumps(others)


def test_the_quality_of_alarms_is_told(site: Site) -> None:
    """One alert of the closure, and those of the silent feeds, within a day."""
    operator = site.holder("operator")
    n = len(operator.get("/v1/alerts").json()["alerts"])
    operator.post(f"/v1/alerts/{closure(operator)['id']}/acknowledge", {})
    site.pass_by(seconds=1)
    told = operator.get("/v1/alerts/quality", params={"days": 1}).json()

    assert (told["n_fired"], told["hours"], told["busiest_10_min"]) == (n, 24.0, n)
    assert told["per_operator_hour"] == pytest.approx(n / 24)
    assert told["acknowledged_share"] == pytest.approx(1 / n)
    assert told["median_to_acknowledge_s"] == 0.0
    assert (told["chattering"], told["stale"]) == ([], [])
    assert {one["n"] for one in told["top"]} == {1}


def test_an_alert_can_be_exported_as_cap(site: Site) -> None:
    """With the fields that CAP 1.2 asks for, in both languages."""
    viewer = site.holder("viewer")
    one = closure(viewer)
    cap = viewer.get(f"/v1/alerts/{one['id']}/cap").json()

    required = {"identifier", "sender", "sent", "status", "msgType", "scope"}
    of_info = {"category", "event", "urgency", "severity", "certainty", "area"}
    assert required <= cap.keys()
    assert (cap["msgType"], cap["sent"], cap["references"]) == ("Alert", "2026-01-15T10:00:00+07:00", None)
    assert [info["language"] for info in cap["info"]] == ["vi-VN", "en-US"]
    assert all(of_info <= info.keys() for info in cap["info"])
    assert {(info["urgency"], info["severity"], info["certainty"]) for info in cap["info"]} == {
        ("Immediate", "Severe", "Observed")
    }
    assert cap["info"][0]["description"] == one["sentence"]["vi"]
    assert [info["event"] for info in cap["info"]] == [
        "Đóng cửa ngoài kế hoạch: nghiêm trọng", "Unplanned closure: critical",
    ]  # fmt: skip


def test_the_metrics_count_alerts_by_state(site: Site) -> None:
    """And how long an evaluation takes."""
    text = site.holder("viewer").get("/metrics").text

    assert 'gatewatch_alerts{state="firing"}' in text
    assert "gatewatch_evaluations_total 1.0" in text
    assert "gatewatch_evaluation_last_seconds" in text
    assert "gatewatch_rules_failing 0.0" in text


def test_before_the_first_evaluation_nothing_is_called_normal(make_site: Callable[..., Site]) -> None:
    """The list is empty, and says that it was never made."""
    answer = make_site().holder("viewer").get("/v1/alerts").json()

    assert answer == {"rev": 0, "at": None, "alerts": [], "doubts": []}


def test_alerts_of_the_service_are_seen_by_everybody_and_acted_on_by_those_of_all_gates(site: Site) -> None:
    """Who is bound to a gate does not take on what concerns all."""
    bound = site.holder("operator", ["south"])
    found = [one for one in bound.get("/v1/alerts").json()["alerts"] if one["gate"] is None]
    assert found  # the bulletin's feed is silent
    answer = bound.post(f"/v1/alerts/{found[0]['id']}/notes", {"text": "x"})

    assert (answer.status_code, "more than one gate" in answer.text) == (403, True)
