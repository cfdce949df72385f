"""What follows from what, whatever teams there are: closures and silent feeds explain other alerts."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gatewatch.monitor.alerting.evaluation import Settings
from gatewatch.monitor.alerting.grouping import Route
from gatewatch.monitor.alerting.inhibition import Inhibition
from gatewatch.monitor.alerting.judging import PLANNED_CLOSURE
from gatewatch.monitor.alerting.labels import RULE, AlertKey, Matcher

WATCHDOG: Final = "watchdog"

# Told all the same while a gate is shut as planned: what fills up or spoils meanwhile (yard, road, fruit), and what is
# reckoned once in the evening (days of work).
_HANGS_ON_HOURS: Final = (
    "arrivals_over_clearances|backlog_peak|backlog_sustained|expected_wait|lane_closed|throughput_collapse"
    "|unfinished_today"
)


def _rules(names: str) -> tuple[Matcher, ...]:
    return (Matcher(RULE, "=~", names),)


INHIBITIONS: Final = (
    Inhibition("planned closure", _rules(PLANNED_CLOSURE), _rules(_HANGS_ON_HOURS), ("gate", "direction")),
    Inhibition(
        "unplanned closure",
        _rules("unplanned_closure"),
        _rules("arrivals_over_clearances|expected_wait|lane_closed|throughput_collapse|unfinished_today"),
        ("gate", "direction"),
    ),
    Inhibition("silent feed", _rules("silent_feed"), _rules("clock_skew|sequence_gap"), ("gate", "source")),
    Inhibition("silent feed, counts", _rules("silent_feed"), _rules("count_mismatch"), ("gate",)),
)


def is_background(key: AlertKey) -> bool:
    """Return whether a key is no news to people: it explains others, or only says that alerting is alive."""
    return key.rule in {PLANNED_CLOSURE, WATCHDOG}


def completed(settings: Settings) -> Settings:
    """
    Return settings with what always holds: these inhibitions, and routes by which nobody is told of the background.

    The watchdog goes where a route names it, and otherwise nowhere: who waits for it asks by himself.
    """
    nowhere = [Route(PLANNED_CLOSURE, (), _rules(PLANNED_CLOSURE))]
    if not any(_names_watchdog(route) for route in settings.routes):
        nowhere.append(Route(WATCHDOG, (), _rules(WATCHDOG)))
    return replace(
        settings, routes=(*nowhere, *settings.routes), inhibitions=(*settings.inhibitions, *INHIBITIONS)
    )  # fmt: skip


def _names_watchdog(route: Route) -> bool:
    key = AlertKey.of(alertname=WATCHDOG)
    return any(m.name == RULE and m.operator in {"=", "=~"} and m.matches(key) for m in route.matchers)
