"""What every measure keeps, whichever file it is in; and identities between them."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest

from gatewatch.config.loader import load_border
from gatewatch.simulator import make_plan, run_record
from gatewatch.simulator.measures import list_measures
from gatewatch.simulator.measures.base import Sample
from gatewatch.simulator.measures.waits import waits_of

S_PER_DAY = 86_400
RANDOM = """
[prices]
vehicle_hour = 50_000
overtime_server_hour = 100_000
[gates.a]
calendar = "day"
[gates.a.counterpart]
calendar = "far_day"
[[calendars.day.hours]]
open = ["06:00-20:00"]
lunch = "11:00-12:00"
[[calendars.far_day.hours]]
open = ["07:00-18:00"]
[gates.a.stations.park]
holds = true
opens_with = "always"
[gates.a.stations.desk]
servers = 2
closing_rule = "freeze"
breakdown = { up = { law = "exponential", mean = 5, unit = "h" }, down = <20 min> }
[gates.a.stations.guard]
servers = 3
queue_places = 4
opens_with = "both"
[gates.a.stations.stay]
[gates.a.yards.off_site]
kind = "off_site"
places = 40
[gates.a.yards.near]
places = 12
keep = 10
[gates.a.yards.far]
kind = "counterpart"
places = 15
accepts_per_day = 60
[gates.a.export.stages.park]
yard = "off_site"
[gates.a.export.stages.desk]
yard = "near"
service = { law = "exponential", mean = 15, unit = "min" }
[gates.a.export.stages.guard]
yard = "near"
service = { law = "exponential", mean = 8, unit = "min" }
clears = true
[gates.a.export.stages.stay]
yard = "far"
service = { law = "exponential", mean = 90, unit = "min" }
[gates.a.export.stages.home]
station = "guard"
leg = "back"
service = <2 min>
[gates.a.import.stages.guard]
service = { law = "exponential", mean = 8, unit = "min" }
[demand.test.flows.a_export]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 70 }
mix = { fruit = 1, general = 2, empty = 0.2 }
[demand.test.flows.a_import]
gate = "a"
direction = "import"
arrivals = { kind = "poisson", per_day = 30 }
[responsive_hours.evening]
gate = "a"
decides_at = "17:30"
steps = [{ over = 5, later = 1.0 }, { over = 20, later = 2.0 }]
[reversible_servers.tidal]
gate = "a"
between = ["desk", "guard"]
servers = 1
over = 3
changeover = 5
"""
# The vehicles that come on the first day are all gone after ten.
ONE_DAY = RANDOM.replace('direction = "export"\narrivals', 'direction = "export"\nto = 2025-07-07\narrivals').replace(
    'direction = "import"\narrivals', 'direction = "import"\nto = 2025-07-07\narrivals'
)


@pytest.fixture(scope="module")
def episode():
    """Return a run of Lang Son that starts with a backlog."""
    return run_record(make_plan(load_border(), "spring_2023", days=3), 0)


@pytest.mark.parametrize("name", list(list_measures()))
def test_a_measure_says_what_it_is_and_gives_sound_figures(name, run, episode):
    """Unit and definition; one figure for each key; finite, and no negative ones; at least one somewhere."""
    measure = list_measures()[name]
    small = run_record(run.plan(RANDOM, days=3), 0, run.engine)
    n_values = 0
    for record in (small, episode):
        values = list(measure.values(record))
        n_values += len(values)
        keys = Counter((v.gate, v.direction, v.class_, v.station) for v in values)
        figures = [
            np.concatenate([v.value.values, [] if v.value.censored is None else v.value.censored])
            if isinstance(v.value, Sample)
            else np.array([v.value])
            for v in values
        ]

        assert not [key for key, n in keys.items() if n > 1]
        assert all(len(figure) for figure in figures)
        assert all(np.isfinite(figure).all() and (figure >= 0).all() for figure in figures)
    assert n_values
    assert measure.unit
    assert measure.definition.endswith(".")
    assert "|" not in measure.definition


def test_shares_of_waiting_sum_to_one(run, episode):
    """At every gate and direction that saw a vehicle, whatever was passed on."""
    for record in (run_record(run.plan(RANDOM, days=3), 0, run.engine), episode):
        total = defaultdict(float)
        for value in list_measures()["waiting_share"].values(record):
            total[value.gate, value.direction] += value.value

        assert len(total) > 1
        assert list(total.values()) == pytest.approx([1] * len(total))


def test_shares_sum_to_one_over_replications(run):
    """A cause that does not occur in one of them counts as nought there."""
    results = run(RANDOM, days=1, replications=4).results
    shares = [
        row["mean"] for row in results.measures if row["measure"] == "waiting_share" and row["direction"] == "export"
    ]

    assert sum(shares) == pytest.approx(1)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_littles_law_holds_from_empty_to_empty(run, seed):
    """L = lambda W, exactly: for the backlog, and for the queue of every station."""
    story = run(ONE_DAY, days=10, seed=seed)
    for direction in ("export", "import"):
        place = ("a", direction, "general")
        per_s = story.results.find("offered_per_day", *place)["mean"] / S_PER_DAY
        backlog = per_s * story.results.find("crossing_time", *place)["mean"]

        assert story.results.find("backlog", *place)["mean"] == pytest.approx(backlog)
    for station in ("park", "desk", "guard", "stay"):
        per_s = int((story.trace["station"] == station).sum()) / (10 * S_PER_DAY)
        queue = per_s * story.results.find("station_wait", "a", station=station)["mean"]

        assert story.results.find("queue", "a", station=station)["mean"] == pytest.approx(queue)


def test_waiting_by_cause_is_the_time_inside_without_service(run):
    """Two ways to the same hours: stretches with a cause, and time inside less work."""
    record = run_record(run.plan(RANDOM, days=4), 0, run.engine)
    waits = waits_of(record)
    vehicles = record.vehicle_of_visit[waits.visit]
    before = waits.visit <= record.draws.clear_visit[vehicles]
    hours = (waits.ends_us - waits.begins_us)[before].sum() / 3_600e6
    per_day = next(list_measures()["vehicle_hours_per_day"].values(record)).value

    assert hours / record.days == pytest.approx(per_day, rel=1e-9)


def test_results_do_not_name_what_is_not_known(run):
    """Means and limits are numbers or null: JSON has no other word."""
    results = run(RANDOM, days=1, replications=2).results

    assert "NaN" not in results.to_json()
    assert all(row["mean"] is None or math.isfinite(row["mean"]) for row in results.measures)
