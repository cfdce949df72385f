"""The simulated border's feed against the truth that it keeps: what is shown holds, whatever devices miss."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from gatewatch.config.feeds import load_feeds
from gatewatch.config.loader import load_border
from gatewatch.monitor.bulletins import check_bulletins
from gatewatch.monitor.feeds.devices import Sending, sendings
from gatewatch.monitor.feeds.mishaps import Mishap
from gatewatch.monitor.feeds.passings import Truth, true_passings
from gatewatch.monitor.live.snapshot import FlowState, take_snapshot
from gatewatch.monitor.observations import Observation, check_against, parse_event
from gatewatch.monitor.projection.projecting import Projection
from gatewatch.simulator.replications import run_record
from gatewatch.simulator.scenario import make_plan

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
LOADED = load_border()
FEEDS = load_feeds(LOADED.border)
DAYS = 3  # one to begin with, two that are judged
SILENT, LATE = "huu_nghi/camera/import-out", "tan_thanh/camera/export-arrival"


@pytest.fixture(scope="module")
def truth() -> Truth:
    """Return what happens at the four gates in four days."""
    plan = make_plan(LOADED, "h1_2025", days=DAYS, warmup_days=0, seed=7)
    return true_passings(run_record(plan, 0), list(FEEDS.values()))


@dataclass
class _Shown:
    """Figures of the judged days beside the truth."""

    n: int = 0
    n_inside: int = 0
    n_unknown: int = 0

    def note(self, flow: FlowState, true: int) -> None:
        self.n += 1
        if flow.backlog.value is None or flow.backlog.low is None or flow.backlog.high is None:
            self.n_unknown += 1
        elif flow.backlog.low <= true <= flow.backlog.high:
            self.n_inside += 1


def _observed(sending: Sending) -> Observation:
    found = parse_event(sending.event)
    assert isinstance(found, Observation), found
    assert check_against(found, LOADED.border) == []
    return found


def test_devices_send_what_the_ingest_takes(truth):
    """Every event is valid, its identity its own, and numbers without gaps."""
    morning = [s for s in sendings(truth, FEEDS, HANOI) if s.at < truth.begins + timedelta(hours=9)]

    observed = [_observed(sending) for sending in morning]

    assert len({(o.source, o.id) for o in observed}) == len(observed) > 3_000
    assert {o.source for o in observed} == set(FEEDS) - {"province/bulletin"}


def test_the_same_seed_sends_the_same(truth):
    """And another one does not."""
    night = {"chi_ma/camera/import-out": FEEDS["chi_ma/camera/import-out"]}

    assert sendings(truth, night, HANOI, seed=1) == sendings(truth, night, HANOI, seed=1)
    assert [s.event for s in sendings(truth, night, HANOI, seed=1)] != [
        s.event for s in sendings(truth, night, HANOI, seed=2)
    ]


@pytest.mark.slow
def test_what_is_shown_holds_against_the_truth(truth, capsys):
    """
    Two days with 2 % missed, one camera silent for three hours, one cut off and late, one bulletin that is mended.

    Cleared counts are exact after the correction; the backlog's truth lies in the band at least 90 times in 100.
    """
    second, hour = truth.begins + timedelta(days=1), timedelta(hours=1)
    mishaps = [
        Mishap("silent", SILENT, second + 9 * hour, second + 12 * hour),
        Mishap("late", LATE, second + 26 * hour, second + 33 * hour),
        Mishap("wrong", "province/bulletin", second, second + 24 * hour),
    ]
    applied: dict[tuple[str, str], Observation] = {}
    projection, shown, look = Projection(applied.get), _Shown(), second + hour / 2
    for n, sending in enumerate(sendings(truth, FEEDS, HANOI, mishaps=mishaps), 1):
        while sending.at >= look:
            for flow in take_snapshot(LOADED.border, FEEDS, projection, look).flows:
                shown.note(flow, truth.backlog(flow.gate, flow.direction, look))
            look += hour
        observation = _observed(sending)
        projection.apply(observation, n, sending.at)
        applied[observation.source, observation.id] = observation
    cleared = {
        subject[2:4]: (editions[-1].said["value"], len(editions))
        for subject, editions in projection.bulletins.by_subject.items()
        if subject[1] == _day(truth, 1).isoformat() and subject[4] == "cleared"
    }

    share = shown.n_inside / shown.n
    told = f"truth in the band {shown.n_inside} of {shown.n} times ({share:.1%}), {shown.n_unknown} times unknown"
    with capsys.disabled():
        sys.stdout.write(f"\n  backlog: {told}\n  cleared after correction: {sorted(cleared.items())}\n")
    cut = truth.begins + timedelta(days=1, hours=20)
    for (gate, direction), (value, _) in cleared.items():
        assert value == truth.n(gate, direction, "gate_out", cut - timedelta(days=1), cut)
    assert max(n for _, n in cleared.values()) == 2
    assert check_bulletins(projection, _day(truth, 1), _day(truth, 2)) == []
    assert share >= 0.9


def _day(truth: Truth, n: int) -> date:
    return (truth.begins + timedelta(days=n)).astimezone(HANOI).date()
