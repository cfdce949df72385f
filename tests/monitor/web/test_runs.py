"""Simulations over HTTP: asked for, followed, read, cancelled, saved; the border is that of Lang Son."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from gatewatch.config.loader import load_border
from tests.monitor.web.sites import Site, Visitor

SOON_S = 300  # the first run on a machine compiles the engine
TWO_HOURS = {"policies": [{"policy": "extended_hours", "settings": {"gate": "huu_nghi", "later": 2}}]}
SMALL = {
    "scenario": "peak", "alternatives": [TWO_HOURS], "days": 1, "warmup_days": 0, "replications": 3, "seed": 7,
}  # fmt: skip


@pytest.fixture
def site(start: Callable[..., Any]) -> Any:
    """A site over the border of Lang Son."""
    made = Site(start(border=load_border().border, feeds={}))
    yield made
    made.close()


def asked(visitor: Visitor, **more: Any) -> dict[str, Any]:
    """Return a small comparison that was taken."""
    answer = visitor.post("/v1/runs", {"kind": "comparison", "request": {**SMALL, **more}})
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/runs/{answer.json()['id']}"
    return dict(answer.json())


def over(visitor: Visitor, run_id: str) -> dict[str, Any]:
    """Return a run once it is over."""
    ends_s = time.monotonic() + SOON_S
    while True:
        run = visitor.get(f"/v1/runs/{run_id}").json()
        if run["ended_at"] is not None:
            return dict(run)
        assert time.monotonic() < ends_s, run
        time.sleep(0.05)


@pytest.mark.slow
def test_a_planner_compares_and_everybody_reads(site: Site) -> None:
    """The run is followed to its end, read in every form, saved, and the same request gives the same bytes."""
    planner, viewer = site.holder("planner"), site.holder("viewer")
    run = asked(planner)
    events = viewer.get(f"/v1/runs/{run['id']}/stream").text
    told = [json.loads(line[6:]) for line in events.splitlines() if line.startswith("data: ")]
    ended = over(viewer, run["id"])

    assert (told[0]["id"], told[-1]["state"], ended["state"]) == (run["id"], "done", "done"), ended
    assert {t["progress"].get("phase") for t in told} >= {"running"}
    assert ended["files"] == ["comparison.json", "report.html", "result.json", "table.csv", "table.parquet"]
    page = viewer.get(f"/v1/runs/{run['id']}/result.json").json()
    assert page["alternatives"][0]["gates"] == ["huu_nghi"]
    assert {row["scenario"] for row in page["headline"]} == {1}
    assert all(row["vi"]["sentence"] and row["en"]["sentence"] for row in page["headline"])
    assert {series["scenario"] for place in page["hourly"] for series in place["series"]} == {0, 1}
    whole = viewer.get(f"/v1/runs/{run['id']}/comparison.json").json()
    csv = pd.read_csv(io.BytesIO(viewer.get(f"/v1/runs/{run['id']}/table.csv").content))
    parquet = pd.read_parquet(io.BytesIO(viewer.get(f"/v1/runs/{run['id']}/table.parquet").content))
    assert len(csv) == len(parquet) == len(whole["rows"])
    report = viewer.get(f"/v1/runs/{run['id']}/report.html")
    assert "script-src" not in report.headers["content-security-policy"]
    assert "default-src 'none'" in report.headers["content-security-policy"]

    again = over(viewer, asked(planner)["id"])
    assert again["sha256"] == ended["sha256"]
    for name in ended["files"]:
        first, second = (viewer.get(f"/v1/runs/{r}/{name}").content for r in (run["id"], again["id"]))
        assert first == second, name

    saved = planner.post("/v1/plans", {"title": "Thêm hai giờ", "request": SMALL, "run": run["id"]})
    assert saved.status_code == 201, saved.text
    plan = viewer.get(f"/v1/plans/{saved.json()['id']}").json()
    assert (plan["run"], plan["sha256"], plan["is_same_version"]) == (run["id"], ended["sha256"], True)
    assert viewer.get("/v1/plans").json()["plans"] == [plan]
    assert (
        planner.post("/v1/plans", {"title": "x", "request": {**SMALL, "seed": 8}, "run": run["id"]}).status_code == 409
    )
    assert planner.ask("DELETE", f"/v1/plans/{plan['id']}").status_code == 204
    assert viewer.get(f"/v1/plans/{plan['id']}").status_code == 404
    assert planner.ask("DELETE", f"/v1/runs/{run['id']}").status_code == 409


def test_what_can_be_decided_is_listed(site: Site) -> None:
    """Kinds with their schema, ready policies with titles and conditions in both languages, scenarios."""
    viewer = site.holder("viewer")
    found, scenarios = viewer.get("/v1/policies").json(), viewer.get("/v1/scenarios").json()["scenarios"]
    kinds = {kind["name"]: kind for kind in found["kinds"]}

    assert kinds["extended_hours"]["schema"]["properties"]["closes"]["unit"] == "HH:MM"
    assert all(policy["kind"] in kinds and policy["title"]["vi"] for policy in found["ready"])
    assert {"peak", "winter_2021"} <= {scenario["name"] for scenario in scenarios}
    assert {gate["name"] for gate in found["gates"] if not gate["is_dormant"]} >= {"huu_nghi", "chi_ma"}


@pytest.mark.parametrize(
    ("request_", "place"),
    [
        ({**SMALL, "days": 0}, "request.days"),
        ({**SMALL, "alternatives": []}, "request.alternatives"),
        ({**SMALL, "alternatives": [TWO_HOURS] * 5}, "request.alternatives"),
        ({**SMALL, "scenario": "../secret.toml"}, "request.scenario"),
        ({**SMALL, "horizon": 3}, "request.horizon"),
        ({**SMALL, "alternatives": [{"policies": [{"policy": "x", "settings": {"a": 'b"+c'}}]}]}, "settings.a"),
    ],
)
def test_a_request_at_fault_is_refused_at_once(site: Site, request_: dict[str, Any], place: str) -> None:
    """The reason names the place; nothing is kept."""
    planner = site.holder("planner")
    answer = planner.post("/v1/runs", {"kind": "comparison", "request": request_})

    assert answer.status_code == 422
    assert any(place in reason for reason in answer.json()["reasons"]), answer.text
    assert planner.get("/v1/runs").json()["runs"] == []


def test_kinds_of_the_service_itself_are_not_for_people(site: Site) -> None:
    """What the core asks its workers is no public task."""
    answer = site.holder("admin").post("/v1/runs", {"kind": "catalogue", "request": {}})

    assert answer.status_code == 422
    assert "kinds are comparison" in answer.json()["detail"]


def test_settings_that_do_not_fit_are_told_at_their_field(site: Site) -> None:
    """The border is asked in a worker: the run is refused with alternative, policy and key."""
    planner = site.holder("planner")
    wrong = {"policies": [{"policy": "extended_hours", "settings": {"gate": "huu_nghi", "later": "two"}}]}
    late = {"policies": [{"policy": "extended_hours", "settings": {"gate": "nowhere", "later": 2}}]}
    first = over(planner, asked(planner, alternatives=[TWO_HOURS, wrong])["id"])
    second = over(planner, asked(planner, alternatives=[TWO_HOURS, late])["id"])

    assert (first["state"], second["state"]) == ("refused", "refused")
    assert ("alternatives.1.policies.0", "later") in {(f["place"], f["key"]) for f in first["faults"]}, first["faults"]
    assert ("alternatives.1.policies.0", "gate") in {(f["place"], f["key"]) for f in second["faults"]}, second
