"""Devices in sums say what their events say."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from gatewatch.config.feeds import load_feeds
from gatewatch.config.loader import load_border
from gatewatch.monitor.detectors.taking import take_history
from gatewatch.monitor.feeds.devices import sendings
from gatewatch.monitor.feeds.passings import true_passings
from gatewatch.monitor.feeds.summed import SummedDevices
from gatewatch.monitor.live.snapshot import take_snapshot
from gatewatch.monitor.observations import Observation, parse_event
from gatewatch.monitor.projection.projecting import Projection
from gatewatch.monitor.projection.recalled import Recalled
from gatewatch.simulator.replications import run_record
from gatewatch.simulator.scenario import make_plan


@pytest.mark.slow
def test_sums_give_the_figures_of_the_events() -> None:
    """Counts, anchors, bulletins and who was heard are the same, and so is what detectors are given."""
    loaded = load_border()
    feeds = load_feeds(loaded.border, loaded.root)
    zone = ZoneInfo(loaded.border.border.timezone)
    truth = true_passings(
        run_record(make_plan(loaded, "h1_2025", days=2, warmup_days=0, seed=3), 0), list(feeds.values())
    )
    ends = truth.begins + timedelta(days=1, hours=11)
    summed, told = Projection(lambda _: None, recalled=Recalled()), Projection(lambda _: None)
    devices = SummedDevices(truth, feeds, zone, seed=3)
    devices.advance(summed, truth.begins + timedelta(hours=5))
    devices.advance(summed, ends)
    for sending in sendings(truth, feeds, zone, seed=3):
        observation = parse_event(sending.event)
        assert isinstance(observation, Observation)
        if observation.occurred_at < ends and sending.at < ends + timedelta(seconds=1):
            told.apply(observation, told.last_seq + 1, sending.at)

    assert list(summed.counts.rows()) == list(told.counts.rows())
    assert summed.stated == told.stated
    assert summed.bulletins == told.bulletins
    assert {s: h.quarters for s, h in summed.hearings.items()} == {s: h.quarters for s, h in told.hearings.items()}
    found = [take_snapshot(loaded.border, feeds, projection, ends) for projection in (summed, told)]
    assert [flow.backlog.value for flow in found[0].flows] == [flow.backlog.value for flow in found[1].flows]
    past = [take_history(loaded.border, feeds, p, s) for p, s in zip((summed, told), found, strict=True)]
    assert past[0] == past[1]
