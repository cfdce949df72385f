"""Thresholds that calm days suggest, reckoned by hand from twenty noons."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gatewatch.config.thresholds import Placed, Thresholds, load_thresholds
from gatewatch.monitor.backtesting.replaying import Past
from gatewatch.monitor.backtesting.suggestions import (
    Suggested,
    Suggestions,
    calm_days,
    suggest_thresholds,
    told,
    two_digits,
)
from gatewatch.monitor.backtesting.truth import Episode
from gatewatch.monitor.detectors import list_detectors, settings_classes
from tests.monitor.backtesting.test_previewing import ToldPast
from tests.monitor.stories import BORDER, CAMERA_IN, CAMERA_OUT, FEEDS, Story, clock

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
THRESHOLDS = load_thresholds(BORDER, settings_classes(), Path("a border without thresholds"))
JAM = Episode("north", "export", clock("20:00", 8), clock("20:00", 9), 2.0, 400)


def noons(n_days: int) -> ToldPast:
    """Return days on which 180 stand inside at noon, one more each day, 400 on the ninth, and 40 from 15:00 on."""
    story = Story()
    for day in range(n_days):
        for camera in (CAMERA_IN, CAMERA_OUT):
            story.beats(camera, clock("9:00", day), clock("18:00", day))
        story.counted(clock("9:30", day), 40)
        story.counted(clock("11:30", day), 400 if day == 8 else 180 + day)
        story.counted(clock("14:30", day), 40)
    return ToldPast(story)


def suggested(
    n_days: int, episodes: Sequence[Episode] | None, thresholds: Thresholds = THRESHOLDS
) -> tuple[Suggestions, list[Suggested]]:
    """Return all that the noons suggest, and what they do for the rule of the backlog."""

    def congested(_past: Past, _begins: datetime, _ends: datetime) -> Sequence[Episode] | None:
        return episodes

    found = suggest_thresholds(
        BORDER, FEEDS, lambda: noons(n_days), congested, thresholds, clock("0:00"), clock("0:00", n_days),
        timedelta(hours=1),
    )  # fmt: skip
    return found, [one for one in found.found if one.rule == "backlog_sustained"]


def test_calm_days_suggest_what_they_stay_below(tmp_path: Path) -> None:
    """
    Fifteen of twenty days are far from the jam, and reach 199: 200 instead of 150, which fired every day.

    The level above moves from 300 to 400, which the day of the jam just reaches. Put where it says, the lines hold.
    """
    found, (one,) = suggested(20, [JAM])
    said = next(row for row in told(found)["suggestions"] if row["rule"] == "backlog_sustained")
    (tmp_path / "thresholds").mkdir()
    (tmp_path / one.toml.splitlines()[0].removeprefix("# ")).write_text(one.toml)
    placed = load_thresholds(BORDER, settings_classes(), tmp_path)["backlog_sustained"]

    assert (one.place, one.now, dict(one.settings)) == (("north", "export"), 150, {"busy": 200, "congested": 400})
    assert (one.n_days, one.n_left_out, one.n_reached, one.n_would) == (15, 5, 15, 0)
    assert (one.fired_now, one.fired_then) == (pytest.approx(7.0), pytest.approx(0.35))
    assert (said["now"], said["suggested"], said["fired_now_per_week"], said["fired_suggested_per_week"]) == (
        150, 200, 7.0, 0.35,
    )  # fmt: skip
    assert said["basis"] == {
        "vi": "Trong 15 ngày từ 15/01/2026 đến 03/02/2026 (đã bỏ 5 ngày gần lúc ùn ứ), có 15 ngày đạt ngưỡng hiện hành "
        "150 xe, và 0 ngày đạt 200.",
        "en": "Of 15 days from 15/01/2026 to 03/02/2026 (5 near congested evenings left out), 15 reached the threshold "
        "in force, 150 veh, and 0 reach 200.",
    }
    assert (told(found)["days"], json.loads(json.dumps(said))) == (20, said)
    assert (placed.at("north", "export").busy, placed.at("north", "export").congested) == (200, 400)
    assert placed.at("north").busy == 150
    assert THRESHOLDS["backlog_sustained"].at("north", "export").busy == 150


def test_without_bulletins_every_day_counts_and_that_is_said() -> None:
    """Nobody knows that the ninth day was a jam: its 400 is taken as usual, and the sentence says why."""
    found, (one,) = suggested(14, None)

    assert (one.value, one.n_days, one.n_left_out) == (410, 14, None)
    assert "no bulletin says which were congested" in told(found)["suggestions"][0]["basis"]["en"]


def test_few_days_and_small_differences_suggest_nothing() -> None:
    """Thirteen calm days are too few; 390 in force and 410 suggested is a difference that nobody need be told of."""
    placed = THRESHOLDS["backlog_sustained"]
    near = {
        **THRESHOLDS,
        "backlog_sustained": Placed(placed.everywhere.model_copy(update={"busy": 390.0, "congested": 500.0})),
    }

    assert suggested(13, None)[1] == []
    assert suggested(14, None, near)[1] == []


def test_days_near_a_congested_evening_are_not_calm() -> None:
    """From 48 h before the first evening to 24 h after the last; an episode of another place, or none, is no matter."""
    days = [clock("12:00", n).date() for n in range(12)]
    here = ("north", "export")

    assert [day.day for day in calm_days(days, here, [JAM], ZONE)] == [15, 16, 17, 18, 19, 20, 26]
    assert [day.day for day in calm_days(days, here, [replace(JAM, ends=None)], ZONE)] == [15, 16, 17, 18, 19, 20]
    assert calm_days(days, here, [replace(JAM, direction="import")], ZONE) == days


@pytest.mark.parametrize(("value", "rounded"), [(0.231, 0.24), (9.95, 10.0), (99.1, 100.0), (1_234.0, 1_300.0)])
def test_a_threshold_is_rounded_up_to_two_digits(value: float, rounded: float) -> None:
    """Over powers of ten too."""
    assert two_digits(value) == rounded


def test_levels_that_mean_the_same_everywhere_are_not_learnt() -> None:
    """Shares and ratios, closures, data and the service; what is learnt has a level to learn."""
    learnt = {name for name, detector in list_detectors().items() if detector.is_learnt}

    assert learnt == {"backlog_sustained", "days_of_work", "expected_wait", "fruit_at_risk", "unfinished_today"}
    assert all(THRESHOLDS[name].everywhere.busy for name in learnt)
