"""Jams from before what was counted: where the pools put them, and since when those in them wait."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import numpy as np
import pytest

from gatewatch.config.loader import load_border
from gatewatch.simulator.forecasting import Arrived, Band, FlowNow, Now, forecast
from gatewatch.simulator.forecasting.arrivals import ages_of
from gatewatch.simulator.forecasting.border_now import base_of
from gatewatch.simulator.forecasting.pools import find_pools
from gatewatch.simulator.workers import Here
from tests.simulator.forecasting.conftest import HANOI

# A park that calls forward, a yard kept at ten, five lanes, and a far gate that lets two an hour through.
JAMMED = """
[classes.general]
laden = true
[gates.a.yards.park]
kind = "off_site"
places = 500
[gates.a.yards.yard]
kind = "gate"
places = 40
keep = 10
[gates.a.yards.lane]
kind = "counterpart"
places = 6
[gates.a.stations.park]
holds = true
[gates.a.stations.booth]
servers = 5
[gates.a.stations.far]
servers = 1
[gates.a.export]
route = ["park", "booth", "far"]
[gates.a.export.stages.park]
yard = "park"
[gates.a.export.stages.booth]
yard = "yard"
clears = true
service = { law = "constant", value = 3, unit = "min" }
[gates.a.export.stages.far]
yard = "lane"
service = { law = "constant", value = 30, unit = "min" }
[demand.none.flows.out]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 0 }
[scenarios.test]
start = 2025-07-01
days = 1
demand = "none"
"""
AT = datetime(2025, 7, 15, 12, tzinfo=HANOI)


@pytest.fixture
def jammed(tmp_path):
    """The border."""
    file = tmp_path / "border.toml"
    file.write_text(JAMMED, encoding="utf-8")
    return load_border(file)


def known(backlog, per_hour=1.0, days=10):
    """Return a border where so many are inside and one an hour arrived for some days."""
    arrived = Arrived(first=AT - timedelta(days=days), hourly=(per_hour,) * (24 * days))
    band = Band(value=backlog, low=backlog, high=backlog)
    return Now(at=AT, flows=(FlowNow(gate="a", direction="export", backlog=band, arrived=arrived),))


def test_a_jam_stands_in_the_park_and_fills_the_yard_and_the_lane(jammed):
    """
    One an hour arrives and two an hour may cross: the days before explain no queue, and two hundred are inside.

    So the yard is kept at its ten, the lane before the far gate is full, and the others are in the park.
    """
    base = base_of(jammed, known(200), "test", 24, 1)
    for pools in find_pools(base, known(200), "kernel", Here()):
        pool = pools["a", "export"]
        at = Counter(pool.places.tolist())

        assert at[1] == 10
        assert at[2] == 6
        assert at[0] == pytest.approx(190, abs=10)
        assert pool.waited_s[pool.places == 0].max() > 3 * 86_400


def test_a_jam_goes_as_fast_as_the_far_gate_lets_it(jammed):
    """Two an hour leave and one arrives; a jam put late in the route would be cleared within the hour."""
    found = forecast(known(200), jammed, scenario="test", horizon_h=12, replications=8)
    backlog = found.flow("a", "export")["hours"]["backlog"]

    assert backlog["p50"][0] == 200
    assert backlog["p50"][12] == pytest.approx(200 - 24 + 12, abs=6)
    assert backlog["p10"][12] > 170


def test_a_backlog_that_arrivals_explain_is_no_jam(jammed):
    """One an hour arrives and is cleared at once: the two inside are of the last hours."""
    base = base_of(jammed, known(2, per_hour=1.0), "test", 24, 1)
    [first, *_] = find_pools(base, known(2), "kernel", Here())

    assert len(first["a", "export"].places) <= 3


def test_who_waits_came_in_turn():
    """
    Of 48 that one an hour brings, the last came now and the first two days ago; behind 24 others, a day earlier.

    A jam older than what was counted is no older than as long again.
    """
    luck = np.random.default_rng(1)
    [flow] = known(200).flows
    recent, behind, old = (ages_of(flow.arrived, AT, *turn, luck) / 3600 for turn in ((0, 48), (24, 48), (0, 2_400)))

    assert recent.mean() == pytest.approx(24, abs=3)
    assert recent.max() <= 48
    assert behind.min() >= 24
    assert behind.max() <= 72
    assert old.max() == pytest.approx(480, abs=1)
    assert (np.diff(old) <= 0).all()
    assert ages_of(None, AT, 0, 3, luck).tolist() == [0.0, 0.0, 0.0]
