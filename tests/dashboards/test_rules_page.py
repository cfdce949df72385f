"""The planner's look at rules: other thresholds on past days, cases, suggestions; nothing is changed from the page."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import Connection

from gatewatch.monitor.detectors import list_detectors
from gatewatch.monitor.simulations.suggestions import KIND
from gatewatch.monitor.store.runs import Run, StoredRuns
from gatewatch.monitor.web.pages.rule_titles import rule_titles
from tests.dashboards.looks import axe_findings, overflows
from tests.dashboards.people import PHONE, Person
from tests.dashboards.sites import LiveSite

# What a replay of a day told: one alert as it is, another one with either threshold.
FIRED = {
    "rule": "backlog_sustained", "gate": "huu_nghi", "direction": "export", "about": None,
    "active_at": "2026-01-15T03:00:00Z", "fired_at": "2026-01-15T03:15:00Z", "resolved_at": None, "level": "busy",
    "value": 640.0, "unit": "veh", "threshold": 450.0, "lasted_min": 90.0,
}  # fmt: skip
BOTH = FIRED | {"fired_at": "2026-01-14T08:00:00Z", "level": "congested", "value": 720.0}
RESULT = {
    "rule": "backlog_sustained", "gate": "huu_nghi", "direction": "export", "settings": {"busy": 700, "congested": 710},
    "begins": "2026-01-14T07:30:00Z", "ends": "2026-01-15T07:30:00Z", "step_min": 15.0, "suggestions": [], "failed": {},
    "present": {"n": 2, "per_week": 14.0, "alerts": [BOTH, FIRED]},
    "changed": {"n": 1, "per_week": 7.0, "alerts": [BOTH]},
}  # fmt: skip
SUGGESTED = {
    "at": "2026-01-14T20:50:00Z", "days": 28,
    "suggestions": [{
        "rule": "backlog_sustained", "gate": "huu_nghi", "direction": "export", "key": "busy", "unit": "veh",
        "now": 450.0, "suggested": 690.0, "n_days": 26, "fired_now_per_week": 7.0, "fired_suggested_per_week": 0.25,
        "basis": {"vi": "26 ngày êm", "en": "26 calm days"},
        "toml": "# thresholds/huu_nghi.toml\n[export.backlog_sustained]\nbusy = 690\n",
    }],
}  # fmt: skip


def keep(site: LiveSite, kind: str, result: dict[str, Any]) -> str:
    """Keep a run that is done; return its id."""
    at = site.now - timedelta(hours=1)
    run = Run(f"{len(kind):08x}", kind, "days", {}, "done", "1", "service", at, at, at)

    def write(connection: Connection) -> None:
        StoredRuns.add(connection, run)
        StoredRuns.change(connection, run, {"result.json": gzip.compress(json.dumps(result).encode())})

    site.core.writer.write(write).result()
    return run.id


def test_every_rule_has_a_title() -> None:
    """Its name is a key of files; people read a title in their language."""
    assert set(rule_titles(str)) == set(list_detectors())


@pytest.mark.slow
def test_what_would_have_fired_stands_beside_what_fired(
    own_site: Callable[..., LiveSite], sit_down: Callable[..., Person]
) -> None:
    """The address of a preview is for everybody; what only one side told is marked, and the other side has a dash."""
    site = own_site(is_told=False)
    run = keep(site, "rules_preview", RESULT)
    person = sit_down(site, role="viewer", language="en")
    page = person.go(f"/rules?run={run}")
    found = page.locator("#try-found")

    expect(found).to_contain_text("Huu Nghi · Export; Busy = 700; Congested = 710")
    expect(found).to_contain_text("2 fired (14.0 a week), 1 would have fired (7.0 a week).")
    rows = found.locator("tbody tr")
    expect(rows).to_have_count(2)
    assert rows.nth(0).locator("td").last.inner_text() == "—"
    assert "720 veh · for 1 h 30" in rows.nth(1).locator("td").last.inner_text()
    expect(page.locator("#try")).to_have_count(0)
    assert (axe_findings(page), overflows(page), person.errors) == ([], [], [])
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert overflows(page) == []


@pytest.mark.slow
def test_a_planner_asks_for_a_preview_and_takes_nothing_into_force(
    own_site: Callable[..., LiveSite], sit_down: Callable[..., Person]
) -> None:
    """The form begins with what is in force at a place; the replay can be cancelled; suggestions are lines to copy."""
    site = own_site(is_told=False)
    keep(site, KIND, SUGGESTED)
    person = sit_down(site, role="planner", language="en")
    page = person.go("/rules")
    in_force = site.core.watch.thresholds["backlog_sustained"]
    rule = page.locator("#backlog_sustained")
    rule.get_by_text("When it fires, and when not").click()
    expect(rule).to_contain_text("one fewer is clear")
    expect(page.locator("#suggestions")).to_contain_text("450 in force, 690 suggested [veh]")
    page.locator("#suggestions summary").click()
    expect(page.locator("#suggestions .toml")).to_contain_text("busy = 690")
    expect(page.locator("#try-settings input").first).to_be_visible()
    rule.get_by_role("button", name="Try").click()
    expect(page.locator("#try-rule")).to_have_value("backlog_sustained")
    page.locator("#try-gate").select_option("huu_nghi")
    page.locator("#try-direction").select_option("export")
    expect(page.locator("#try-busy")).to_have_value("450")
    page.locator("#try-busy").fill("9000")
    page.get_by_role("button", name="Show what would have fired").click()
    expect(page.locator("#try .answer")).to_contain_text("Something in it is not right")  # above `congested`
    page.locator("#try-congested").fill("9500")
    page.get_by_role("button", name="Show what would have fired").click()
    page.locator("#try-progress").get_by_role("button", name="Cancel").click()
    expect(page.locator("#try-found")).to_contain_text("The replay was cancelled")

    assert site.core.watch.thresholds["backlog_sustained"] == in_force
