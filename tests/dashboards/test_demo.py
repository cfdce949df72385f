"""A newcomer opens a simulated border: he is told while it is prepared, makes a jam, and ends it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from gatewatch.monitor.feeds.clock import RunningClock
from gatewatch.monitor.feeds.control import Control, ControlFolder, demo_folder
from tests.dashboards.looks import axe_findings, overflows
from tests.dashboards.people import PHONE, Person
from tests.dashboards.sites import LiveSite

pytestmark = pytest.mark.slow


def play_at(site: LiveSite) -> ControlFolder:
    """Make a site's border one that is played from here."""
    path = demo_folder(site.core.settings.home)
    path.mkdir()
    folder = ControlFolder(path)
    folder.write(Control((RunningClock(site.now, 60.0, time.time()),)))
    return folder


def test_a_newcomer_is_told_while_the_border_is_prepared(
    own_site: Callable[..., LiveSite], sit_down: Callable[..., Person]
) -> None:
    """The notice goes when the past is told, and what the page shows is fetched then."""
    site = own_site()
    folder = play_at(site)
    person = sit_down(site, role="viewer", language="en")
    page = person.go("/")
    notice = page.locator("#preparing")
    expect(notice).to_contain_text("Figures and alarms come in a minute or two")
    assert (axe_findings(page), overflows(page)) == ([], [])
    with page.expect_response(lambda answer: answer.url.endswith("/v1/trends")):
        folder.set_off(60.0)
    expect(notice).to_be_hidden()

    assert person.go("/help").locator("#preparing").count() == 0
    assert person.errors == []


def test_a_planner_ends_a_jam_before_its_time(
    own_site: Callable[..., LiveSite], sit_down: Callable[..., Person]
) -> None:
    """By keys, on a phone; it says who had it end, and is there to be ended once."""
    site = own_site()
    folder = play_at(site)
    folder.set_off(60.0)
    person = sit_down(site, role="planner", language="en", size=PHONE)
    page = person.go("/help")
    page.locator("#demo > summary").click()
    page.get_by_role("button", name="Make a jam").click()
    jams = page.locator("#demo-jams")
    expect(jams).to_contain_text("from ")
    end = jams.get_by_role("button", name="End it now")
    end.focus()
    page.keyboard.press("Enter")
    expect(jams).to_contain_text("ended by tuan")
    expect(jams).to_be_focused()

    assert end.count() == 0
    assert (folder.read().jams[0].ended_by or "").endswith(":tuan")
    assert (axe_findings(page), overflows(page), person.errors) == ([], [], [])
    site.pass_by(timedelta(hours=3).total_seconds() / 60)
    page.locator("#demo > summary").click()
    page.locator("#demo > summary").click()
    expect(jams).to_contain_text("was ended by tuan")


def test_who_signs_in_is_shown_no_clock_without_a_time(border_site: LiveSite, sit_down: Callable[..., Person]) -> None:
    """Before there is somebody there is no stream that would tell the time."""
    page = sit_down(border_site, language="en").go("/sign-in")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()

    expect(page.get_by_text("Beijing")).to_be_hidden()
