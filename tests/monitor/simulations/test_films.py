"""A film says of each vehicle what the trace says."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from gatewatch.config.loader import load_border
from gatewatch.monitor.simulations.films import STATES, film_of, places_of
from gatewatch.simulator.engines.trace import NOT_YET
from gatewatch.simulator.record import RunRecord
from gatewatch.simulator.replications import run_record
from gatewatch.simulator.scenario import make_plan

GATE, NOON_S = "huu_nghi", 12 * 3_600


@pytest.fixture(scope="module")
def record() -> RunRecord:
    """A day at the border of Lang Son."""
    return run_record(make_plan(load_border(), "peak", 2, 0, seed=3), 0)


@pytest.mark.slow
def test_a_film_has_those_who_are_inside(record: RunRecord) -> None:
    """At noon of the second day each vehicle on its way out is in exactly one place, as the trace has it."""
    film = film_of(record, GATE, 1, 1)
    at_us = 86_400_000_000 + NOON_S * 1_000_000
    trace, network = record.trace, record.network
    stages = [n for n, s in enumerate(network.stages) if network.groups[s.group].gate == GATE and not s.is_back]
    left = np.where(trace.left_us == NOT_YET, np.iinfo(np.int64).max, trace.left_us)
    rows = record.reached & (trace.joined_us <= at_us) & (left > at_us)
    expected = Counter(network.stages[s].name for s in record.draws.visits.stage[rows].tolist() if s in stages)
    found = Counter(film["places"][place]["name"] for place, _ in places_of(film, NOON_S))

    assert found == expected
    assert sum(found.values()) > 50


@pytest.mark.slow
def test_no_more_are_served_than_servers_work(record: RunRecord) -> None:
    """Dots in service never exceed what the counter beside them says, at stations of one direction."""
    film = film_of(record, GATE, 0, 1)
    work = STATES.index("work")
    for hour in range(24):
        served = Counter(place for place, state in places_of(film, hour * 3_600 + 1) if state == work)
        for place, n in served.items():
            if film["places"][place]["servers"] is None:
                continue
            most = max(servers for _, servers in film["places"][place]["servers"])
            assert n <= most, (hour, film["places"][place])


@pytest.mark.slow
def test_the_legs_of_a_vehicle_follow_one_another(record: RunRecord) -> None:
    """Nobody is in two places, and time goes forward."""
    legs = film_of(record, GATE, 0, 2)["legs"]
    for n in range(1, len(legs["vehicle"])):
        assert legs["begins"][n] <= legs["ends"][n]
        if legs["vehicle"][n] == legs["vehicle"][n - 1]:
            assert legs["begins"][n] >= legs["ends"][n - 1]
