"""The demonstration's controls: on a simulated border they ask for a change, elsewhere they are not there."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from gatewatch.monitor.duties import Backups, table
from gatewatch.monitor.feeds.clock import RunningClock
from gatewatch.monitor.feeds.control import Control, ControlFolder, demo_folder
from tests.monitor.stories import CAMERA_OUT
from tests.monitor.web.sites import Site


@pytest.fixture
def demo(make_site: Callable[..., Site]) -> tuple[Site, ControlFolder]:
    """A site over a simulated border, and where it is asked to change."""
    site = make_site(simulated=True)
    path = demo_folder(site.core.settings.home)
    path.mkdir()
    folder = ControlFolder(path)
    folder.write(Control((RunningClock(site.now, 60.0, time.time()),)))
    return site, folder


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/demo", None),
        ("POST", "/v1/demo/speed", {"speed": 60.0}),
        ("POST", "/v1/demo/jams", {"kind": "booths_out", "gate": "north"}),
        ("DELETE", "/v1/demo/jams/1", None),
    ],
)
def test_a_real_border_has_none_of_it(site: Site, method: str, path: str, body: dict[str, object] | None) -> None:
    """The refusal says what would have them."""
    answer = site.holder("admin").ask(method, path, **({"json": body} if body else {}))

    assert answer.status_code == 409
    assert "no simulated border" in answer.json()["detail"]
    assert "gatewatch demo" in answer.json()["detail"]


def test_a_jam_is_asked_for_and_told(demo: tuple[Site, ControlFolder]) -> None:
    """It begins on a whole minute to come; the camera that counts clearances is the one that falls silent."""
    site, folder = demo
    planner = site.holder("planner")
    made = planner.post("/v1/demo/jams", {"kind": "camera_silent", "gate": "north", "hours": 1.5})
    (jam,) = folder.read().jams

    assert made.status_code == 200, made.text
    assert (jam.kind, jam.gate, jam.direction, jam.source) == ("camera_silent", "north", "export", CAMERA_OUT)
    assert jam.begins > site.now
    assert (jam.begins.second, jam.ends - jam.begins) == (0, timedelta(hours=1.5))
    assert made.json()["jams"][0]["state"] == "coming"
    site.now = jam.begins
    assert planner.get("/v1/demo").json()["jams"][0]["state"] == "on"
    assert [row.deed.action for row in site.core.audit.rows()][-1] == "demo.jam"


def test_a_jam_is_ended_before_its_time(demo: tuple[Site, ControlFolder]) -> None:
    """It says who had it end; it ends once, and not when it is over."""
    site, folder = demo
    planner = site.holder("planner")
    planner.post("/v1/demo/jams", {"kind": "booths_out", "gate": "north", "hours": 4.0})
    (jam,) = folder.read().jams
    folder.note_played([jam])
    site.now = jam.begins + timedelta(minutes=30)
    ended = planner.ask("DELETE", "/v1/demo/jams/1")
    (told,) = ended.json()["jams"]

    assert ended.status_code == 200, ended.text
    assert (told["state"], told["ended_by"]) == ("on", folder.read().jams[0].ended_by)
    assert told["ended_by"].startswith("key:")
    assert site.now < folder.read().jams[0].ends <= site.now + timedelta(minutes=6) < jam.ends
    assert [row.deed.action for row in site.core.audit.rows()][-1] == "demo.jam_end"
    assert planner.ask("DELETE", "/v1/demo/jams/1").status_code == 409
    assert planner.ask("DELETE", "/v1/demo/jams/2").status_code == 404
    assert site.holder("planner", ["south"]).ask("DELETE", "/v1/demo/jams/1").status_code == 403
    site.now += timedelta(minutes=6)
    assert planner.get("/v1/demo").json()["jams"][0]["state"] == "over"


def test_it_says_whether_its_past_is_told(demo: tuple[Site, ControlFolder]) -> None:
    """Screens tell a newcomer why figures are missing until then."""
    site, folder = demo
    before = site.holder("viewer").get("/v1/demo").json()["has_begun"]
    folder.set_off(60.0)

    assert (before, site.holder("viewer").get("/v1/demo").json()["has_begun"]) == (False, True)


def test_no_rule_is_judged_while_the_past_is_still_being_told(
    demo: tuple[Site, ControlFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every source would seem silent: a newcomer would meet 37 critical alerts."""
    site, folder = demo
    judged: list[datetime] = []
    monkeypatch.setattr(site.core.watch, "evaluate", judged.append)
    jobs = table(site.core, Backups(site.core, {}), lambda _: None, None, lambda: folder.read().has_begun)
    (alerts,) = (job for job in jobs if job.name == "alerts")
    alerts.function(site.now)
    assert judged == []
    folder.set_off(60.0)
    alerts.function(site.now)

    assert judged == [site.now]


def test_another_speed_is_asked_for(demo: tuple[Site, ControlFolder]) -> None:
    """The answer says the new one; the file carries it to every process."""
    site, folder = demo
    changed = site.holder("operator").post("/v1/demo/speed", {"speed": 300.0})

    assert changed.json()["speed"] == 300.0
    assert [leg.speed for leg in folder.read().legs] == [60.0, 300.0]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"kind": "booths_out", "gate": "nroth"}, 'Did you mean "north"'),
        ({"kind": "booths_out", "gate": "north", "direction": "import"}, "has no import"),
        ({"kind": "camera_silent", "gate": "north", "source": "person"}, "is no camera there"),
        ({"kind": "flood", "gate": "north"}, "kind"),
        ({"kind": "booths_out", "gate": "north", "hours": 0}, "hours"),
    ],
)
def test_a_wrong_wish_is_refused_with_the_remedy(
    demo: tuple[Site, ControlFolder], body: dict[str, object], said: str
) -> None:
    """Nothing is asked for then."""
    site, folder = demo
    answer = site.holder("admin").post("/v1/demo/jams", body)

    assert answer.status_code == 422
    assert said in answer.text.replace('\\"', '"')
    assert folder.read().jams == ()
