"""`/v1/rules`: settings with where they come from, and what is asked of a preview."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gatewatch.config.loader import load_border
from gatewatch.monitor.detectors import list_detectors
from gatewatch.monitor.simulations.suggestions import KIND
from tests.monitor.web.sites import TWO_GATES, Site
from tests.monitor.web.suggested import keep_suggestions, suggested_at


@pytest.fixture
def site(start: Callable[..., Any]) -> Any:
    """A site over the small border."""
    made = Site(start())
    yield made
    made.close()


def test_every_rule_is_listed_with_the_file_of_each_setting(site: Site) -> None:
    """The defaults that ship, as the small border says nothing of its own; what no file states has none."""
    rules = {rule["rule"]: rule for rule in site.holder("viewer").get("/v1/rules").json()["rules"]}
    (everywhere, *others) = rules["days_of_work"]["places"]

    assert set(rules) == set(list_detectors())
    assert (everywhere["gate"], everywhere["direction"], others) == (None, None, [])
    busy = everywhere["settings"]["busy"]
    assert (busy["value"], busy["key"], busy["basis"]) == (1.2, "days_of_work.busy", "inferred")
    assert busy["file"].endswith("thresholds/defaults.toml")
    assert everywhere["settings"]["for"]["unit"] == "min"
    assert everywhere["settings"]["enabled"]["file"] is None
    assert (rules["days_of_work"]["can_be_previewed"], rules["disk_low"]["can_be_previewed"]) == (True, False)


def test_a_preview_that_cannot_be_is_refused_at_once(site: Site) -> None:
    """Rule, gate and value are looked at before anything waits; a viewer may not ask."""
    planner, asked = site.holder("planner"), {"rule": "road_queue", "settings": {"bizy": 1}}
    answer = planner.post("/v1/rules/preview", asked)

    assert answer.status_code == 422
    assert "bizy is unknown" in answer.json()["reasons"][0]
    assert planner.post("/v1/rules/preview", {"rule": "disk_low"}).status_code == 422
    assert planner.post("/v1/rules/preview", {"rule": "road_queue", "days": 99}).status_code == 422
    assert site.holder("viewer").post("/v1/rules/preview", {"rule": "road_queue"}).status_code == 403


def test_places_that_differ_are_listed(start: Callable[..., Any]) -> None:
    """At Lang Son each gate has thresholds of its own; what is equal to everywhere is left out."""
    site = Site(start(border=load_border().border, feeds={}))
    rules = {rule["rule"]: rule for rule in site.holder("viewer").get("/v1/rules").json()["rules"]}
    site.close()

    assert len(rules["expected_wait"]["places"]) > 1
    assert len(rules["road_queue"]["places"]) == 1


def test_the_last_suggestions_are_read_and_change_nothing(start: Callable[..., Any]) -> None:
    """Before the first there are none; each sees those of his gates; what is about another threshold is left out."""
    site = Site(start(border=TWO_GATES))
    viewer, bound = site.holder("viewer"), site.holder("viewer", ["south"])
    before = viewer.get("/v1/rules/suggestions").json()
    keep_suggestions(site, 1, [suggested_at("north")])
    last = keep_suggestions(site, 2, [suggested_at("north"), suggested_at("south"), suggested_at("south", 120)])
    after, theirs = (one.get("/v1/rules/suggestions").json() for one in (viewer, bound))
    in_force = site.core.watch.thresholds["backlog_sustained"].at("north", "export")
    site.close()

    assert before == {"at": None, "days": 0, "run": None, "suggestions": []}
    assert (after["at"], after["days"], after["run"]) == ("2026-01-14T20:50:00Z", 28, last)
    assert after["suggestions"] == [suggested_at("north"), suggested_at("south")]
    assert theirs["suggestions"] == [suggested_at("south")]
    assert in_force.busy == 150


def test_suggestions_are_asked_for_as_a_run(site: Site) -> None:
    """By who may plan, over two to eight weeks; by the clock every night."""
    planner = site.holder("planner")
    taken = planner.post("/v1/rules/suggestions", {"days": 14})
    site.core.runs.cancel(taken.json()["id"])

    assert (taken.status_code, taken.json()["kind"], taken.json()["request"]["days"]) == (202, KIND, 14)
    assert taken.headers["location"] == f"/v1/runs/{taken.json()['id']}"
    assert planner.post("/v1/rules/suggestions", {"days": 7}).status_code == 422
    assert site.holder("viewer").post("/v1/rules/suggestions", {}).status_code == 403
