"""What the shipped rules tell of days whose congestion is known: calm ones, and the shapes of 2021 and 2023."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from gatewatch.config.feeds import load_feeds
from gatewatch.config.loader import load_border
from gatewatch.config.thresholds import load_thresholds
from gatewatch.monitor.backtesting.replaying import replay
from gatewatch.monitor.backtesting.reports import Report, report_simulated, watched_gates
from gatewatch.monitor.backtesting.scoring import congestion_rules
from gatewatch.monitor.backtesting.simulated_past import SimulatedPast
from gatewatch.monitor.detectors import settings_classes

HEARD_BEFORE = timedelta(days=6)  # enough open hours and mornings to know what is usual
UNSEEN = range(5, 9)  # thresholds were set on seed 1, and looked at on 2 to 4


@pytest.mark.slow
def test_sixty_calm_days_raise_fewer_than_one_alarm_a_week_at_each_gate(
    record_property: Callable[[str, object], None],
) -> None:
    """Fifteen ordinary days of 2025, four times, drawn anew: every alert about the congestion of a gate is false."""
    loaded = load_border()
    feeds = load_feeds(loaded.border, loaded.root)
    thresholds = load_thresholds(loaded.border, settings_classes(), loaded.root)
    false, weeks = Counter[str](), 0.0
    for seed in UNSEEN:
        past = SimulatedPast(loaded, feeds, "h1_2025", 21, seed)
        begins, ends = past.truth.begins + HEARD_BEFORE, past.truth.ends
        (found,) = replay(past.border, feeds, past, [thresholds], begins, ends, rules=congestion_rules())
        assert found.failed == {}
        false.update(firing.place[0] for firing in found.firings)
        weeks += found.weeks
    per_week = {gate: false[gate] / weeks for gate in watched_gates(loaded.border)}
    title = f"table: {weeks * 7:.0f} calm days not seen, false alerts about congestion a week"
    record_property(title, "\n".join(f"{gate:<10} {n:.2f}" for gate, n in per_week.items()))

    assert max(per_week.values()) < 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "gates", "measure"),
    [
        ("spring_2023", {"huu_nghi"}, "staging yard (on record)"),
        ("winter_2021", {"huu_nghi", "tan_thanh", "chi_ma"}, "closure (on record)"),
    ],
)
def test_recorded_shapes_are_told_of_at_once(
    scenario: str, gates: set[str], measure: str, record_property: Callable[[str, object], None]
) -> None:
    """Both begin in congestion: told within an hour and a half, and long before the overflow yard opened."""
    loaded = load_border()
    feeds = load_feeds(loaded.border, loaded.root)
    thresholds = load_thresholds(loaded.border, settings_classes(), loaded.root)
    past = SimulatedPast(loaded, feeds, scenario, 2)
    report = report_simulated(past, feeds, thresholds, scenario)
    record_property(f"table: {scenario}, alerts about congestion", _table(report, past.zone))
    rules = congestion_rules()
    early = {
        firing.place[0]
        for firing in report.replayed.firings
        if firing.rule in rules and firing.fired_at <= past.truth.begins + timedelta(minutes=90)
    }
    leads = [one.lead_h for one in report.firsts if one.what == measure]

    assert gates <= early
    assert measure != "staging yard (on record)" or (leads[0] is not None and leads[0] > 12)


def _table(report: Report, zone: ZoneInfo) -> str:
    """Return first alerts and what they came before, and how many alerts there were a day."""
    lines = [f"{'gate':<10} {'first alert':<17} {'before':<32} lead [h]"]
    for one in report.firsts:
        first = "none" if one.firing is None else f"{one.firing.fired_at.astimezone(zone):%Y-%m-%d %H:%M}"
        lead = "" if one.lead_h is None else f"{one.lead_h:.1f}"
        lines.append(f"{one.gate:<10} {first:<17} {one.what:<32} {lead:>8}")
    whole = report.scores[-1]
    lines.append(f"alerts: {whole.n_alerts}, {whole.per_day:.2f} a day")
    return "\n".join(lines)
