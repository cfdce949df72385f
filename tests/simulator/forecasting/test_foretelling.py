"""What a forecast refuses, what it says of its data, and that it repeats to the byte."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.config.loader import load_border
from gatewatch.simulator import Now, forecast
from gatewatch.simulator.forecasting import Arrived, Band, FlowNow, VehiclesAt, YardNow, forecast_in_parts
from tests.simulator.forecasting.conftest import MONDAY_17, foretell, now_of

SERVICE = '{ law = "lognormal", mean = 20, cv = 0.5, unit = "min" }'
SOME = Band(value=20.0, low=15.0, high=25.0)


def lang_son(**known):
    """Return exports of Huu Nghi after four weeks of two arrivals an hour."""
    at = MONDAY_17
    first = (at - timedelta(days=28)).replace(hour=0)
    hours = int((at - first) / timedelta(hours=1))
    arrived = Arrived(first=first, hourly=(12.0,) * hours, mix={"fruit": 2.0, "general": 1.0})
    return Now(at=at, flows=(FlowNow(gate="huu_nghi", direction="export", arrived=arrived, **known),))


def test_a_backlog_that_nobody_knows_is_refused_with_the_reason(make_border):
    """The direction is left out, and said to be."""
    found = foretell(now_of(notes=("silent a/counter",)), make_border(SERVICE), replications=2)

    assert found.flows == []
    assert found.skipped == [{"gate": "a", "direction": "export", "reason": "backlog_unknown"}]


def test_poor_data_says_why_the_forecast_is_wide(make_border):
    """Quality D, a wide band, a silent feed, nobody counts arrivals: each is named."""
    wide = Band(value=20.0, low=0.0, high=90.0)
    found = foretell(
        now_of(backlog=wide, quality="D", notes=("silent a/counter",)), make_border(SERVICE), replications=2
    )

    assert found.flow("a", "export")["doubts"] == [
        "silent a/counter", "quality D", "wide backlog", "no arrivals counted",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("now", "settings", "words"),
    [
        (now_of(VehiclesAt(stage="both", count=1)), {}, "stage"),
        (now_of(VehiclesAt(stage="booth", count=1, class_="bus")), {}, "class"),
        (now_of(yards=(YardNow(yard="yard", inside=SOME),)), {}, "yard"),
        (now_of(backlog=SOME), {"horizon_h": 0}, "horizon_h"),
        (now_of(backlog=SOME), {"replications": 0}, "replications"),
        (now_of(backlog=SOME), {"seed": -1}, "seed"),
    ],
)
def test_what_does_not_fit_is_named_with_the_remedy(make_border, now, settings, words):
    """Nothing runs."""
    with pytest.raises(ConfigError) as caught:
        foretell(now, make_border(SERVICE), **settings)

    assert words in str(caught.value)


def test_a_scenario_that_the_border_has_not_is_named_with_the_nearest(make_border):
    """It is not replaced by another."""
    with pytest.raises(ConfigError, match="test"):
        forecast(now_of(backlog=SOME), make_border(SERVICE), scenario="tset")


def test_more_than_four_alternatives_are_refused(make_border):
    """And so is one that is named twice."""
    with pytest.raises(ConfigError, match="up to 4"):
        foretell(now_of(backlog=SOME), make_border(SERVICE), *(f"extended_hours:gate=a,later={n}" for n in range(1, 6)))
    with pytest.raises(ConfigError, match="once"):
        foretell(now_of(backlog=SOME), make_border(SERVICE), *["extended_hours:gate=a,later=1"] * 2)


def test_parts_come_first_and_the_whole_last(make_border):
    """Doing nothing by a few replications, then all alternatives, then all replications."""
    border = make_border(SERVICE, per_day=40.0)
    parts = list(
        forecast_in_parts(
            now_of(backlog=SOME), border, ["extended_hours:gate=a,later=1"], scenario="test", replications=36
        )
    )

    assert [part.is_final for part in parts] == [False, False, True]
    assert [part.manifest["replications"] for part in parts] == [8, 12, 36]
    assert [len({row["alternative"] for row in part.flows}) for part in parts] == [1, 2, 2]


def test_a_cancelled_forecast_ends_without_the_whole(make_border):
    """Asked before the second part."""
    border = make_border(SERVICE, per_day=40.0)
    parts = list(
        forecast_in_parts(now_of(backlog=SOME), border, scenario="test", replications=36, is_cancelled=lambda: True)
    )

    assert [part.is_final for part in parts] == [False]


def test_workers_change_nothing(make_border):
    """Two threads give the bytes of one."""
    border = make_border(SERVICE, 2, per_day=60.0)
    now = now_of(backlog=SOME, at=MONDAY_17.replace(hour=11))
    one, two = (foretell(now, border, replications=12, workers=n) for n in (1, 2))

    assert one.to_json() == two.to_json()


def test_known_yards_hold_what_was_counted_in_them():
    """Of 200, fifty stand in the gate's yard: its fill begins with them, and no other vehicle."""
    exact = Band(value=50.0, low=50.0, high=50.0)
    all_inside = Band(value=200.0, low=200.0, high=200.0)
    now = lang_son(backlog=all_inside, yards=(YardNow(yard="export_yard", inside=exact),))
    found = forecast(now, load_border(), replications=4)
    [yard] = [row for row in found.yards if row["yard"] == "export_yard"]

    assert found.flow("huu_nghi", "export")["hours"]["backlog"]["p50"][0] == 200
    assert 50 <= yard["fill"]["p50"][0] <= 70  # with those who were called up and still drive
    assert found.flow("huu_nghi", "export")["arrivals_from"] == "history"


PROGRAM = """
import sys
from gatewatch.config.loader import load_border
from gatewatch.simulator import Now, forecast
now = Now.model_validate_json(sys.stdin.read())
sys.stdout.write(forecast(now, load_border(), ["huu_nghi_two_hours_later"], replications=3, workers=2).to_json())
"""


@pytest.mark.slow
def test_two_processes_give_the_same_bytes():
    """Same present, seed, policies and version, here and in another process with another order of hashes."""
    now = lang_son(backlog=Band(value=200.0, low=180.0, high=220.0))
    here = forecast(now, load_border(), ["huu_nghi_two_hours_later"], replications=3).to_json()
    there = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=now.model_dump_json(by_alias=True), capture_output=True, text=True,
        env={**os.environ, "PYTHONHASHSEED": "7"}, check=True, timeout=300,
    )  # fmt: skip

    assert there.stdout == here
    assert json.loads(here)["manifest"]["now_sha256"] == now.sha256
