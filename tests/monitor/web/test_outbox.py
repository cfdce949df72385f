"""The outbox over HTTP: only the notifier takes messages; people read what stands on screens within their gates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatewatch.monitor.alerting.outgoing import News
from gatewatch.monitor.store import Outbox
from gatewatch.monitor.store.outbox import GIVE_UP_AFTER
from tests.monitor.store.test_outbox import message
from tests.monitor.web.sites import Site


def put(site: Site, n: int, channel: str = "screen", gate: str = "north") -> None:
    """Put a message about a gate in."""
    told = message(n, channel=channel)
    news = (News(f"alert-{n}", f"alert-{n}/firing/board", "firing", "congested", "backlog_sustained", gate),)
    site.core.writer.write(lambda c: Outbox.put(c, replace(told, news=news), site.now)).result()


@pytest.fixture
def notifier(site: Site) -> Any:
    """The notifier, with the key that the core lends it."""
    return site.visitor(site.core.register.lend_key("notifier", [], site.now, "notifier"))


def lease(notifier: Any, holder: str = "a", **more: Any) -> list[dict[str, Any]]:
    """Take what is due."""
    answer = notifier.post("/v1/outbox/lease", {"holder": holder, "most": 10, **more})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["messages"]
    return found


def test_a_message_goes_out_and_stands_on_the_screens_of_its_gate(site: Site, notifier: Any) -> None:
    """Leased, settled, read; one who is bound to another gate does not see it."""
    put(site, 1)
    (leased,) = lease(notifier)
    settled = notifier.post(f"/v1/outbox/{leased['number']}/settle", {"lease": leased["lease"], "result": "sent"})
    again = notifier.post(f"/v1/outbox/{leased['number']}/settle", {"lease": leased["lease"], "result": "sent"})
    seen, unseen = (site.holder("viewer", [gate]).get("/v1/messages").json() for gate in ("north", "south"))

    assert leased["outgoing"]["key"] == "alert-1/firing/board"
    assert (settled.status_code, settled.json()["state"], again.status_code) == (200, "sent", 409)
    assert unseen == {"messages": []}
    assert [one["contact"] for one in seen["messages"]] == ["board"]
    assert lease(notifier) == []


def test_what_was_given_up_is_listed_and_can_be_tried_again(site: Site, notifier: Any) -> None:
    """By an admin, who is written into the audit; the metrics tell of all of it."""
    put(site, 1, "mail")
    admin = site.holder("admin")
    (leased,) = lease(notifier)
    body = {"lease": leased["lease"], "result": "failed", "said": "no route", "retry_after_s": 5.0}
    notifier.post(f"/v1/outbox/{leased['number']}/settle", body)
    site.pass_by(seconds=GIVE_UP_AFTER.total_seconds())
    (leased,) = lease(notifier)
    notifier.post(f"/v1/outbox/{leased['number']}/settle", {**body, "lease": leased["lease"]})
    told = admin.get("/v1/outbox").json()
    metrics = admin.get("/metrics").text
    retried = admin.post(f"/v1/outbox/{leased['number']}/retry")
    unknown = admin.post("/v1/outbox/99/retry")

    assert (told["waiting"], told["n_dead"], told["n_dead_lately"]) == (0, 1, 1)
    assert [one["said"] for one in told["dead"][0]["tries"]] == ["no route", "no route"]
    assert 'gatewatch_delivery_failures_total{channel="mail"} 2.0' in metrics
    assert "gatewatch_outbox_dead 1.0" in metrics
    assert "gatewatch_outbox_age_seconds 0.0" in metrics
    assert "gatewatch_notifier_seen_timestamp_seconds 1.7" in metrics
    assert (retried.status_code, unknown.status_code) == (200, 404)
    assert len(lease(notifier)) == 1
    assert any(row["action"] == "message.retried" for row in admin.get("/v1/audit").json()["rows"])


def test_another_start_of_the_notifier_takes_over(site: Site, notifier: Any) -> None:
    """What the last one had is taken anew, marked; what never reached this one is not marked."""
    put(site, 1)
    (first,) = lease(notifier)
    (lost,) = lease(notifier)
    (second,) = lease(notifier, "b")
    kept = lease(notifier, "b", under_way=[second["number"]])

    assert (first["is_doubtful"], lost["is_doubtful"], second["is_doubtful"]) == (False, False, True)
    assert kept == []
