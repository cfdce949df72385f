"""What is kept quiet whatever teams there are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatewatch.monitor.alerting import AlertKey, Clocks, Matcher, Route, Settings, completed, find_muted, is_background
from gatewatch.monitor.alerting.explained import INHIBITIONS, WATCHDOG
from gatewatch.monitor.alerting.judging import PLANNED_CLOSURE
from gatewatch.monitor.detectors import list_detectors
from tests.monitor.alerting.play import Play

NAMES = (*list_detectors(), PLANNED_CLOSURE)
SHIPPED = completed(Settings(dict.fromkeys(NAMES, Clocks()), (Route("all", ("board",), group_by=()),)))
PLACE = {"gate": "huu_nghi", "direction": "export"}


def key(rule: str, **labels: str) -> AlertKey:
    """Return a key."""
    return AlertKey.of(alertname=rule, **labels)


@pytest.mark.parametrize(
    ("cause", "target", "is_quiet"),
    [
        (key(PLANNED_CLOSURE, **PLACE), key("backlog_peak", **PLACE), True),
        (key(PLANNED_CLOSURE, **PLACE), key("backlog_peak", gate="huu_nghi", direction="import"), False),
        (key(PLANNED_CLOSURE, **PLACE), key("yard_near_full", subject="park", **PLACE), False),
        (key(PLANNED_CLOSURE, **PLACE), key("road_queue", **PLACE), False),
        (key("unplanned_closure", subject="own", **PLACE), key("throughput_collapse", **PLACE), True),
        (key("unplanned_closure", subject="own", **PLACE), key("backlog_peak", **PLACE), False),
        (key("silent_feed", gate="huu_nghi", source="a"), key("clock_skew", gate="huu_nghi", source="a"), True),
        (key("silent_feed", gate="huu_nghi", source="a"), key("clock_skew", gate="huu_nghi", source="b"), False),
        (key("silent_feed", gate="huu_nghi", source="a"), key("count_mismatch", subject="cleared", **PLACE), True),
        (key("silent_feed", gate="huu_nghi", source="a"), key("backlog_peak", **PLACE), False),
    ],
    ids=str,
)
def test_what_follows_is_quiet_and_nothing_else(cause: AlertKey, target: AlertKey, is_quiet: bool) -> None:
    """A queue that is measured is told, whatever feed is silent."""
    play = Play(SHIPPED)
    play.says(cause, "true", "clear")
    play.says(target, "true")
    play.evaluate(0)

    assert find_muted(play.alerting, SHIPPED) == ({target: cause} if is_quiet else {})


def test_nobody_is_told_of_the_background() -> None:
    """It is in no list of alerts either."""
    play = Play(SHIPPED)
    play.says(key(PLANNED_CLOSURE, **PLACE), "true", "clear")
    play.says(key(WATCHDOG), "true", "busy")
    play.run(0, 100)

    assert play.told == []
    assert [name for name in NAMES if is_background(key(name))] == [WATCHDOG, PLANNED_CLOSURE]


def test_the_watchdog_goes_where_a_route_names_it() -> None:
    """As to a sentinel that waits for it."""
    sentinel = Route("sentinel", ("hook",), (Matcher("alertname", "=", WATCHDOG),))
    play = Play(completed(replace(SHIPPED, routes=(sentinel, Route("all", ("board",))), inhibitions=())))
    play.says(key(WATCHDOG), "true", "busy")
    play.run(0, 40)

    assert {told.destination for _, told in play.told} == {"hook"}


def test_every_rule_named_is_there() -> None:
    """A detector that is renamed must not silently be told again."""
    named = {
        name
        for inhibition in INHIBITIONS
        for matcher in (*inhibition.source, *inhibition.target)
        for name in matcher.value.split("|")
    }

    assert named <= set(NAMES)
