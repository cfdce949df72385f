"""Several plans on the same streams: what one gives is what it gives alone, whoever runs it."""

import threading

import numpy as np
import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.simulator import replications
from gatewatch.simulator.draws import draw
from gatewatch.simulator.replications import run_paired, run_replications
from gatewatch.simulator.workers import in_pieces

BORDER = """
[gates.a.stations.booth]
servers = SERVERS
breakdown = { up = { law = "exponential", mean = 9, unit = "h" }, down = <20 min> }
[gates.a.export.stages.booth]
service = { law = "exponential", mean = MEAN, unit = "min" }
[demand.test.flows.lorries]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 150 }
"""


def border(servers=1, mean=8):
    """Return the border with some servers of some speed."""
    return BORDER.replace("SERVERS", str(servers)).replace("MEAN", str(mean))


@pytest.fixture
def plans(builder):
    """Return three plans, the first two with the same vehicles."""
    return [builder.plan(border(*which), days=1) for which in [(1, 8), (2, 8), (1, 9)]]


def found(replication):
    """Return what is kept of a replication, to compare."""
    hourly = {place: backlog.tolist() for place, backlog in replication.hourly.backlog.items()}
    return replication.number, repr(replication.summaries), hourly, replication.n_vehicles


@pytest.fixture
def draws_made(monkeypatch):
    """Return the list of the numbers that are drawn."""
    made = []

    def counted(network, plan, number):
        made.append(number)
        return draw(network, plan, number)

    monkeypatch.setattr(replications, "draw", counted)
    return made


@pytest.mark.parametrize("workers", [1, 2])
def test_every_plan_gives_what_it_gives_alone(plans, engine, workers):
    """In the order of the plans, number by number."""
    together = list(run_paired(plans, range(3), engine, workers))
    alone = zip(*(run_replications(plan, range(3), engine) for plan in plans), strict=True)

    assert [[found(r) for r in row] for row in together] == [[found(r) for r in row] for row in alone]


def test_vehicles_are_drawn_once_for_plans_that_meet_the_same(plans, draws_made):
    """Two plans share their draws and one has its own: two a number."""
    list(run_paired(plans, range(4)))

    assert draws_made == [0, 0, 1, 1, 2, 2, 3, 3]


def test_few_replications_are_cut_so_that_no_worker_is_idle(plans, draws_made):
    """One replication of six plans with the same draws: two workers have three plans each, and more in reserve."""
    results = list(run_paired([plans[0]] * 6, range(1), workers=2))

    assert len(draws_made) == 6
    assert [len(row) for row in results] == [6]
    assert len({repr(found(r)) for r in results[0]}) == 1


def test_numbers_are_told_when_all_their_plans_are_done(plans):
    """In order."""
    told = []
    for row in run_paired(plans, range(2, 5), workers=2, on_done=told.append):
        assert told[-1] == row[0].number

    assert told == [2, 3, 4]


def test_no_plan_and_no_number_give_nothing(plans):
    """As a loop over nothing."""
    assert list(run_paired([], range(2))) == [(), ()]
    assert list(run_paired(plans, range(0))) == []


def test_an_unknown_engine_is_refused(plans):
    """Before anything is run."""
    with pytest.raises(ConfigError, match='Did you mean "kernel"'):
        next(run_paired(plans, range(2), "kernal"))


@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt])
def test_a_fault_or_a_stop_leaves_no_thread_behind(plans, monkeypatch, fault):
    """The calls under way are waited for; what was not begun is never run."""
    before, begun, real = threading.enumerate(), [], replications.run_replication

    def failing(plan, number, *arguments, **options):
        begun.append(number)
        if number == 3:
            raise fault
        return real(plan, number, *arguments, **options)

    monkeypatch.setattr(replications, "run_replication", failing)
    with pytest.raises(fault):
        list(run_paired(plans, range(100), workers=2))

    assert threading.enumerate() == before
    assert max(begun) < 10


def test_whoever_has_enough_leaves_no_thread_behind(plans):
    """The iterator is closed before its end."""
    before = threading.enumerate()
    results = run_paired(plans, range(100), workers=2)
    next(results)
    results.close()

    assert threading.enumerate() == before


def test_pieces_hold_every_number_once():
    """None is empty, and their lengths differ by one at most."""
    for n, n_pieces in np.ndindex(9, 9):
        pieces = in_pieces(range(n + 1), n_pieces + 1)
        lengths = [len(piece) for piece in pieces]

        assert [number for piece in pieces for number in piece] == list(range(n + 1))
        assert max(lengths) - min(lengths) <= 1
        assert min(lengths) >= 1
