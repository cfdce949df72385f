"""What congestion is, and how alerts are held against it, reckoned by hand."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import pytest

from gatewatch.monitor.alerting import AlertKey
from gatewatch.monitor.backtesting.replaying import STEP, Firing, Replayed
from gatewatch.monitor.backtesting.scoring import ANY, firsts, is_about, scores
from gatewatch.monitor.backtesting.truth import Episode, Evening, episodes_of
from tests.monitor.stories import clock

PLACE = ("north", "export")


def evening(day: int, backlog: int, cleared: int | None) -> Evening:
    """Return an evening of the small gate."""
    return Evening(clock("20:00", day), backlog, cleared)


def fired(at: datetime, ends: datetime | None = None, rule: str = "backlog_sustained", side: str = "export") -> Firing:
    """Return an alert of the small gate."""
    key = AlertKey.of(alertname=rule, gate="north", direction=side)
    return Firing(key, at, at, "busy", 60.0, "veh", 50.0, ends)


def replayed(*firings: Firing, days: int = 14) -> Replayed:
    """Return a replay of two weeks."""
    begins = clock("0:00", -days)
    return Replayed(begins, clock("0:00") - STEP, STEP, days * 96, firings, {}, {})


def test_an_evening_of_a_day_and_a_half_of_work_is_congested() -> None:
    """150 inside where 100 a day are cleared, until fewer are; three days around an evening tell what is cleared."""
    row = [evening(n, backlog, 100) for n, backlog in enumerate((149, 150, 400, 150, 149, 20))]

    (found,) = episodes_of({PLACE: row})

    assert (found.begins, found.ends) == (clock("20:00", 1), clock("20:00", 4))
    assert (found.days, found.backlog) == (4.0, 400)


def test_few_vehicles_are_no_congestion_and_none_cleared_is_no_division() -> None:
    """49 vehicles are not told of; 50 before a shut gate are days without end, to the end of what is known."""
    assert episodes_of({PLACE: [evening(0, 49, 0), evening(1, 49, 0)]}) == []
    assert episodes_of({PLACE: [evening(0, 500, None)]}) == []

    (found,) = episodes_of({PLACE: [evening(0, 50, 0), evening(1, 60, 0)]})

    assert (found.days, found.ends, found.backlog) == (math.inf, None, 60)


EPISODE = Episode("north", "export", clock("20:00", -7), clock("20:00", -5), 2.0, 300)


@pytest.mark.parametrize(
    ("firing", "expected"),
    [
        (fired(clock("20:00", -9), clock("20:00", -9)), True),  # 48 h before
        (fired(clock("19:00", -9), clock("19:59", -9)), False),
        (fired(clock("12:00", -12), clock("12:00", -6)), True),  # it began early and lasted
        (fired(clock("20:00", -4)), True),  # 24 h after its end
        (fired(clock("20:15", -4)), False),
        (fired(clock("20:00", -7), side="import"), False),
    ],
)
def test_an_alert_belongs_to_an_episode_of_its_place_and_time(firing: Firing, *, expected: bool) -> None:
    """From 48 h before to 24 h after."""
    assert is_about(firing, EPISODE) is expected


def test_scores_by_hand() -> None:
    """Two weeks at one gate: one alert 24 h early, one that is false, one of another rule afterwards."""
    found = scores(
        replayed(
            fired(clock("20:00", -8), clock("6:00", -5)),
            fired(clock("8:00", -2), clock("9:00", -2)),
            fired(clock("8:00", -6), clock("9:00", -6), "expected_wait"),
        ),
        ["north"],
        [EPISODE],
    )
    by_rule = {score.rule: score for score in found}
    backlog, wait, every = by_rule["backlog_sustained"], by_rule["expected_wait"], by_rule[ANY]

    assert (backlog.n_alerts, backlog.n_false, backlog.n_detected, backlog.leads_h) == (2, 1, 1, (24.0,))
    assert backlog.false_per_week == pytest.approx(0.5)
    assert (wait.n_false, wait.detected, wait.lead_h) == (0, 1.0, -12.0)
    assert (every.n_alerts, every.n_false, every.lead_h) == (3, 1, 24.0)
    assert every.per_day == pytest.approx(3 / 14)
    assert by_rule["yard_near_full"].n_detected == 0


def test_where_the_truth_is_not_known_nothing_is_called_false() -> None:
    """Alerts are counted, and no share is given."""
    every = scores(replayed(fired(clock("8:00", -2))), ["north"], None)[-1]

    assert (every.n_alerts, every.n_false, every.false_per_week, every.detected) == (1, None, None, None)


def test_the_first_alert_before_something_happened_gives_the_lead() -> None:
    """Of the same gate, and not after it."""
    told = firsts(
        replayed(fired(clock("8:00", -3)), fired(clock("9:00", -4)), fired(clock("9:00", -9), rule="silent_feed")),
        [
            ("north", "yard full", clock("9:00", -2)),
            ("south", "yard full", clock("9:00")),
            ("all", "x", clock("9:00", -4)),
        ],
    )

    assert [one.lead_h for one in told] == [48.0, None, 0.0]
    assert told[0].at - timedelta(hours=48) == clock("9:00", -4)
