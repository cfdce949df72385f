"""Forecasts of a running service: asked for, made by the clock, kept, scored, decided on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gatewatch.monitor.forecasts.forecasts import NothingKnownError
from gatewatch.monitor.simulations.pool import FullError
from gatewatch.monitor.simulations.runs import RunView
from gatewatch.monitor.store.forecasts import KeptScore, StoredForecasts
from gatewatch.monitor.store.runs import Run
from tests.monitor.forecasts.conftest import made, morning, take_in, wait_for
from tests.monitor.stories import CAMERA_IN, CAMERA_OUT, clock
from tests.monitor.web.sites import Site

LATER = {"policies": [{"policy": "extended_hours", "settings": {"gate": "north", "later": 2}}]}


def test_without_any_backlog_nothing_is_foretold_and_the_reason_is_told(make_site: Callable[..., Site]) -> None:
    """Nobody has counted: 409 with what to do; by the clock nothing is asked for."""
    site = make_site()
    answer = site.holder("planner").post("/v1/forecasts", {})

    assert answer.status_code == 409
    assert "count the vehicles inside once" in answer.json()["detail"]
    with pytest.raises(NothingKnownError):
        site.core.forecasts.present(site.now)
    site.core.forecasts.look(site.now)
    assert site.core.runs.latest(5) == []


def test_what_is_known_is_what_was_observed(make_site: Callable[..., Site]) -> None:
    """The count with its band, six arrivals an hour, hours that were moved, as of the whole minute."""
    story = morning()
    day = clock("0:00").date().isoformat()
    story.tell("calendar.changed", clock("9:30"), "person", gate="north", side="own", date=day, closes="20:00")
    site = make_site(story)
    known = site.core.forecasts.present(site.now + timedelta(seconds=20))
    [flow] = known["flows"]

    assert known["at"] == site.now.isoformat()
    assert flow["backlog"] == {"value": 30, "low": 30, "high": 30}
    assert flow["arrived"]["hourly"][-2] == pytest.approx(6)
    assert flow["arrived"]["mix"] == {"general": pytest.approx(780)}
    assert known["hours"] == [
        {
            "gate": "north", "side": "own", "direction": "export", "day": day, "open": ["07:00-20:00"], "state": "open",
        }
    ]  # fmt: skip


def test_a_closed_lane_is_a_server_less(make_site: Callable[..., Site]) -> None:
    """Where the stage of border guards has a roster of its own; this border has none, so nothing is told."""
    story = morning().tell("lane.state", clock("9:30"), "person", gate="north", lane="1", state="closed")

    assert make_site(story).core.forecasts.present(clock("10:00"))["on_duty"] == []


@pytest.mark.slow
def test_a_planner_asks_and_a_coordinator_decides(make_site: Callable[..., Site]) -> None:
    """From live state to a decision, the hours in the live calendar, and what happened."""
    site = make_site(morning(60))
    planner, coordinator = site.holder("planner"), site.holder("coordinator")
    forecast = made(planner, alternatives=[LATER])
    [alternative] = [name for name in forecast["manifest"]["alternatives"] if name != "do nothing"]
    events = planner.get(f"/v1/runs/{forecast['id']}/stream").text
    refused = coordinator.post(
        "/v1/decisions", {"forecast": forecast["id"], "alternative": alternative, "consent": "no"}
    )
    unknown = coordinator.post("/v1/decisions", {"forecast": forecast["id"], "alternative": "x", "consent": "yes"})
    decided = coordinator.post(
        "/v1/decisions",
        {"forecast": forecast["id"], "alternative": alternative, "consent": "yes", "note": "agreed by telephone"},
    )

    assert forecast["flows"][0]["hours"]["backlog"]["p50"][0] == 60
    assert {row["alternative"] for row in forecast["flows"]} == {"do nothing", alternative}
    assert '"state":"done"' in events
    assert (refused.status_code, unknown.status_code, decided.status_code) == (409, 409, 201), decided.text
    assert "consented" in refused.json()["detail"]
    assert [(row["side"], row["closes"]) for row in decided.json()["applied"]] == [
        ("own", "20:00"), ("counterpart", "21:00"),
    ]  # fmt: skip
    site.follow(site.core.journal.last_seq())
    both = site.core.projector.live(site.now + timedelta(seconds=2)).flow("north", "export").opening.both
    assert clock("20:00") in [window.ends for window in both]

    site.pass_by(hours=11)
    site.core.decisions.look(site.now)
    [told] = planner.get("/v1/decisions").json()["decisions"]
    assert told["outcome"]["flows"][0]["gate"] == "north"
    assert told["decided_by"]
    assert told["note"] == "agreed by telephone"


@pytest.mark.slow
def test_by_the_clock_they_are_made_judged_by_alerts_and_scored(make_site: Callable[..., Site]) -> None:
    """One at ten; detectors are given its outlook; a day later it is scored against what was seen and the baselines."""
    story = morning(60)
    site = make_site(story)
    core, viewer = site.core, site.holder("viewer")
    before = viewer.get("/v1/forecasts/skill").json()
    core.forecasts.look(site.now)
    core.forecasts.look(site.now + timedelta(minutes=1))  # one is under way
    wait_for(lambda: bool(core.forecasts.outlooks))
    latest = viewer.get("/v1/forecasts/latest")
    site.pass_by(hours=25)
    n_told = len(story.observations)
    for camera in (CAMERA_IN, CAMERA_OUT):
        story.beats(camera, clock("10:05"), clock("11:00", 1), 15)
    take_in(site, story.observations[n_told:])
    n_scored = core.skill.score(site.now)
    skill = viewer.get("/v1/forecasts/skill").json()

    assert before["skill"] == []
    assert latest.status_code == 200
    assert len(core.runs.latest(10, ["forecast"])) == 1
    outlook = core.forecasts.outlooks["north", "export"]
    assert outlook.closes_at == clock("18:00")
    assert outlook.is_fresh(clock("11:00"))
    assert not outlook.is_fresh(clock("12:00"))
    assert n_scored == 1
    assert core.skill.score(site.now) == 0
    assert skill["skill"][0]["n"] == 24
    assert skill["skill"][0]["persistence_veh"] is not None
    assert "80 %" in skill["sentence"]["vi"]


def test_what_moves_the_hours_has_a_forecast_made_at_once(make_site: Callable[..., Site]) -> None:
    """Before the half hour is over, and although one is under way: what that one began from holds no more."""
    core = (site := make_site(morning())).core
    core.forecasts.look(site.now)
    core.forecasts.look(site.now + timedelta(minutes=1))
    n_before = len(core.runs.latest(10, ["forecast"]))
    core.forecasts.renew()
    core.forecasts.look(site.now + timedelta(minutes=2))

    assert (n_before, len(core.runs.latest(10, ["forecast"]))) == (1, 2)


def test_the_first_follows_the_first_count_and_not_the_clock(make_site: Callable[..., Site]) -> None:
    """
    Nothing is known at ten: every half minute it is looked again, and half an hour is waited only after one was begun.

    A service that was started again meanwhile looks at once.
    """
    core = (site := make_site()).core
    looked: list[timedelta] = []
    begun = core.forecasts.ask

    def ask(*what: Any, **more: Any) -> Run:
        looked.append(now - site.now)
        return begun(*what, **more)

    core.forecasts.ask = ask  # type: ignore[method-assign]
    for seconds in range(0, 105, 15):  # a tick of the jobs
        core.forecasts.look(now := site.now + timedelta(seconds=seconds))
    before, looked[:] = list(looked), []
    take_in(site, morning().observations)
    for seconds in range(105, 1_800, 15):
        core.forecasts.look(now := site.now + timedelta(seconds=seconds))

    assert [each.total_seconds() for each in before] == [0, 30, 60, 90]
    assert [each.total_seconds() for each in looked] == [120]
    assert len(core.runs.latest(5, ["forecast"])) == 1


def test_one_that_failed_is_tried_again_before_the_next_is_due(make_site: Callable[..., Site]) -> None:
    """Its worker is gone, or its place is taken: after ten minutes and half a minute, and not after half an hour."""
    core = (site := make_site(morning())).core
    ended: list[Callable[[], None]] = []

    def ask(_kind: str, request: Any, by: str, title: str, hear: Callable[[RunView], None]) -> Run:
        if not ended:
            ended.append(lambda: None)
            raise FullError("20 simulations wait already.")
        run = Run(f"r{len(ended)}", "forecast", title, request, "failed", "0", by, site.now, ended_at=site.now)
        ended.append(lambda: hear(RunView(run)))
        return run

    core.runs.ask = ask  # type: ignore[assignment,method-assign]
    n_begun = []
    for minutes in (0, 0.25, 0.5, 1, 10, 10.5, 20, 20.5, 30):
        core.forecasts.look(site.now + timedelta(minutes=minutes))
        n_begun.append(len(ended) - 1)
        ended[-1]()

    assert n_begun == [0, 0, 1, 1, 1, 2, 2, 3, 3]


def test_scores_are_summed_up_once_a_night(make_site: Callable[..., Site]) -> None:
    """A month of them is some hundred thousand: the same card, until there are others or it is another day."""
    site = make_site()
    core, score = site.core, KeptScore("f1", "north", "export", 1, site.now, 30, 28, True, 1.0, (1, 1, 1), (2.0, None))
    empty = core.scorecard.of(site.now, 30)
    core.writer.write(lambda connection: StoredForecasts.add_scores(connection, [score])).result()
    site.pass_by(hours=1)
    card = core.scorecard.of(site.now, 30)

    assert (empty.skill, card.skill[0].n) == ([], 1)
    assert core.scorecard.of(site.now, 30) is card
    assert core.scorecard.of(site.now, 7) is not card
    assert core.scorecard.of(site.now + timedelta(days=1), 30) is not card


@pytest.mark.parametrize("scenario", ["/etc/border.toml", "../border.toml", "border.toml", ""])
def test_a_scenario_is_one_of_the_border_and_no_file(make_site: Callable[..., Site], scenario: str) -> None:
    """Nobody has the service read its machine's files; nothing is begun."""
    site = make_site(morning())
    answer = site.holder("planner").post("/v1/forecasts", {"scenario": scenario})

    assert answer.status_code == 422
    assert site.core.runs.latest(5) == []


def test_nobody_decides_who_may_not(make_site: Callable[..., Site]) -> None:
    """A planner forecasts, a coordinator decides, a viewer reads."""
    site = make_site()
    asked = {"forecast": "ab", "alternative": "do nothing", "consent": "not_needed"}

    assert site.holder("planner").post("/v1/decisions", asked).status_code == 403
    assert site.holder("viewer").post("/v1/forecasts", {}).status_code == 403
    assert site.holder("coordinator").post("/v1/decisions", asked).status_code == 404
    assert site.holder("viewer").get("/v1/forecasts/latest").status_code == 404
    assert json.loads(site.holder("viewer").get("/v1/decisions").text) == {"decisions": []}
