"""What the shipped rules tell of days whose congestion is known: calm ones, and the shapes of 2021 and 2023."""

from __future__ import annotations

import sys
from datetime import timedelta

import pytest

from gatewatch.config.feeds import load_feeds
from gatewatch.config.loader import load_border
from gatewatch.config.thresholds import load_thresholds
from gatewatch.monitor.backtesting.reports import report_simulated
from gatewatch.monitor.backtesting.scoring import congestion_rules
from gatewatch.monitor.backtesting.simulated_past import SimulatedPast
from gatewatch.monitor.detectors import settings_classes


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "gates", "measure"),
    [
        ("spring_2023", {"huu_nghi"}, "staging yard (on record)"),
        ("winter_2021", {"huu_nghi", "tan_thanh", "chi_ma"}, "closure (on record)"),
    ],
)
def test_recorded_shapes_are_told_of_at_once(scenario: str, gates: set[str], measure: str) -> None:
    """Both begin in congestion: told within an hour and a half, and long before the overflow yard opened."""
    loaded = load_border()
    feeds = load_feeds(loaded.border, loaded.root)
    thresholds = load_thresholds(loaded.border, settings_classes(), loaded.root)
    past = SimulatedPast(loaded, feeds, scenario, 2)
    report = report_simulated(past, feeds, thresholds, scenario)
    for one in report.firsts:
        sys.stdout.write(f"{scenario}: {one.gate} {one.what}, lead {one.lead_h} h\n")
    rules = congestion_rules()
    early = {
        firing.place[0]
        for firing in report.replayed.firings
        if firing.rule in rules and firing.fired_at <= past.truth.begins + timedelta(minutes=90)
    }
    leads = [one.lead_h for one in report.firsts if one.what == measure]

    assert gates <= early
    assert measure != "staging yard (on record)" or (leads[0] is not None and leads[0] > 12)
