"""Sixty days of a border whose generator the forecaster does not see: what its bands held, against the baselines."""

from datetime import datetime, timedelta

import pytest

from gatewatch.config.loader import load_border
from gatewatch.monitor.forecasts.skill import summarise
from gatewatch.simulator import make_plan, run_record
from gatewatch.simulator.forecasting import BASELINES, forecast, score
from tests.monitor.forecasts.counters import Counters
from tests.simulator.forecasting.conftest import HANOI

# Both borders: the stations that the forecaster knows too.
STATIONS = """
[classes.general]
laden = true
[classes.fruit]
laden = true
[calendars.own]
hours = [{ open = ["07:00-19:00"] }]
[calendars.theirs]
timezone = "Asia/Shanghai"
hours = [{ open = ["08:30-20:00"] }]
[gates.a]
calendar = "own"
[gates.a.counterpart]
calendar = "theirs"
[gates.a.yards.park]
kind = "off_site"
places = 200
[gates.a.yards.yard]
kind = "gate"
places = 60
keep = 40
[gates.a.stations.papers]
servers = "unlimited"
opens_with = "always"
[gates.a.stations.park]
holds = true
opens_with = "always"
[gates.a.stations.drive]
servers = "unlimited"
opens_with = "always"
[gates.a.stations.customs]
servers = 5
hours_of = "export"
[gates.a.stations.guard]
servers = 2
opens_with = "both"
[gates.a.stations.bay]
servers = 12
[gates.a.export]
route = ["papers", "park", "drive", "customs", "guard"]
[gates.a.export.stages.papers]
service = { law = "lognormal", mean = 5, cv = 0.7, unit = "h" }
[gates.a.export.stages.park]
yard = "park"
[gates.a.export.stages.drive]
yard = "yard"
service = { law = "uniform", low = 10, high = 25, unit = "min" }
[gates.a.export.stages.customs]
yard = "yard"
service = { law = "lognormal", mean = 14, cv = 0.8, unit = "min" }
[gates.a.export.stages.guard]
clears = true
service = { law = "triangular", low = 2, mode = 3, high = 4, unit = "min" }
[gates.a.import]
route = ["guard", "bay"]
[gates.a.import.stages.guard]
service = { law = "triangular", low = 2, mode = 3, high = 4, unit = "min" }
[gates.a.import.stages.bay]
clears = true
service = { law = "triangular", low = 40, mode = 60, high = 100, unit = "min" }
"""
# What only the generator knows: convoys, weekdays, days of luck, a swell in the third month.
GENERATOR = """
[hour_profiles.morning]
weights = [2, 1, 1, 1, 2, 4, 8, 10, 9, 8, 7, 6, 5, 6, 7, 6, 5, 4, 4, 3, 3, 3, 2, 2]
[hour_profiles.day]
weights = [0, 0, 0, 0, 0, 0, 3, 8, 9, 8, 7, 6, 6, 7, 8, 8, 7, 5, 2, 0, 0, 0, 0, 0]
[weekday_profiles.market]
factors = [1.15, 1.1, 1.0, 1.05, 1.1, 0.9, 0.7]
[demand.real.flows.out]
gate = "a"
direction = "export"
mix = { fruit = 0.6, general = 0.4 }
[demand.real.flows.out.arrivals]
kind = "convoys"
size = 2
headway = 3
per_day = 185
hours = "morning"
weekdays = "market"
day_factor_cv = 0.15
day_factor_of = "border"
dates = [{ from = 2025-07-14, to = 2025-07-27, factor = 1.08 }]
[demand.real.flows.in]
gate = "a"
direction = "import"
[demand.real.flows.in.arrivals]
kind = "poisson"
per_day = 105
hours = "day"
weekdays = "market"
day_factor_cv = 0.15
day_factor_of = "border"
[scenarios.real]
start = 2025-05-05
days = 92
demand = "real"
"""
FORECASTER = """
[demand.none.flows.out]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 0 }
[demand.none.flows.in]
gate = "a"
direction = "import"
arrivals = { kind = "poisson", per_day = 0 }
[scenarios.test]
start = 2025-05-05
days = 1
demand = "none"
"""
FIRST_DAY, DAYS = 31, 60
HOURS = (5, 9, 15)  # of the day at which forecasts are made, one of them each day
HORIZONS = range(1, 13)
COUNT_SD = 2.0  # of the count of the backlog [veh]


def _told(rows):
    """Return skill as lines: coverage of the 80 % band, and CRPS beside the absolute errors of the baselines."""
    lines = ["horizon     n  coverage    bias    CRPS " + " ".join(f"{name:>12}" for name in BASELINES)]
    for row in rows:
        errors = " ".join(f"{error:12.2f}" for error in row.baselines)
        name = "all" if row.horizon_h is None else f"{row.horizon_h} h"
        lines.append(f"{name:>7} {row.n:5d} {row.coverage:9.3f} {row.bias:7.2f} {row.crps:7.2f} {errors}")
    return "\n".join(lines)


@pytest.mark.slow
def test_sixty_days_whose_generator_is_not_seen(tmp_path, record_property):
    """
    The bands hold what they say, and beat that things stay as they are and that they go as last week, at each horizon.

    The forecaster knows the stations. It sees counts: arrivals by the hour, and a backlog that is off by two vehicles.
    """
    files = {name: tmp_path / f"{name}.toml" for name in ("real", "seen")}
    files["real"].write_text(STATIONS + GENERATOR, encoding="utf-8")
    files["seen"].write_text(STATIONS + FORECASTER, encoding="utf-8")
    real, seen = (load_border(file) for file in files.values())
    truth = Counters(run_record(make_plan(real, "real", seed=2025), 0), COUNT_SD, seed=7)
    scores = []
    for day in range(FIRST_DAY, FIRST_DAY + DAYS):
        hour = HOURS[day % len(HOURS)]
        at = datetime(2025, 5, 5, hour, tzinfo=HANOI) + timedelta(days=day)
        found = forecast(
            truth.now(at, truth.places, max(HORIZONS)),
            seen,
            scenario="test",
            horizon_h=max(HORIZONS),
            replications=60,
            seed=day,
        )
        for flow in found.flows:
            place = flow["gate"], flow["direction"]
            scores += [score(flow, h, truth.backlog(place, at + timedelta(hours=h))) for h in HORIZONS]
    skill = summarise(scores)
    table = [row for row in skill if row.gate is None]
    record_property("table: forecasts of 60 days not seen, backlog [veh]", _told(table))

    assert 0.7 <= table[0].coverage <= 0.9
    assert {row.horizon_h for row in table} == {None, *HORIZONS}
    assert [row.horizon_h for row in table if row.worse_than] == []
