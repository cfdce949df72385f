"""The fast chain against the solvers of verification, and against the exact cases of the public door."""

import numpy as np
import pytest

from gatewatch.simulator import simulate
from gatewatch.simulator.shadow import beside, shadow
from gatewatch.simulator.shadow.chain import Pieces, gamma_nodes, solve_chain
from gatewatch.simulator.verification.daily_cycle import solve_daily_cycle
from gatewatch.simulator.verification.transient import Closing, Period, solve_transient

BORDER = """
[calendars.day]
hours = [{ open = ["07:00-19:00"] }]
[gates.a]
calendar = "day"
[gates.a.stations.booth]
servers = 3
closing_rule = "finish"
[gates.a.export.stages.booth]
service = { law = "exponential", mean = 20, unit = "min" }
[demand.base.flows.a]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 84 }
[scenarios.base]
start = 2025-01-06
days = 20
warmup_days = 5
demand = "base"
"""


def days_of(n, servers, rates, measured_from=0):
    """Return the pieces of `n` equal days of 24 hours."""
    hours = 24 * n
    day = np.arange(hours) // 24
    return Pieces(
        hours=np.ones(hours),
        rate=np.tile(np.asarray(rates, dtype=float), n),
        servers=np.tile(np.asarray(servers, dtype=np.int64), n),
        day=day.astype(np.int64),
        is_full_hour=np.ones(hours, dtype=bool),
        is_measured=day >= measured_from,
    )


@pytest.mark.parametrize("closing", list(Closing))
def test_many_days_lead_to_the_daily_cycle(closing):
    """After weeks, the backlog by hour and the mean wait are those of the cycle that verification solves."""
    hours = (7, 9, 12, 20)
    day = [Period(7, 3.5, servers=0), Period(12, 3.5, servers=3), Period(5, 3.5, servers=0)]
    exact = solve_daily_cycle(day, 3.0, hours, closing=closing)
    pieces = days_of(40, [0] * 7 + [3] * 12 + [0] * 5, [3.5] * 24, measured_from=35)
    chain = solve_chain(pieces, 3.0, day_cv=0, initial=0, freezes=closing is Closing.FREEZE)
    last = chain.mean[39 * 24 - 1 :]

    assert [last[hour] for hour in hours] == pytest.approx(exact.course.mean_backlog, abs=1e-6)
    assert chain.mean_wait_h == pytest.approx(exact.mean_wait, rel=1e-6)


def test_a_rush_from_an_empty_start():
    """30 an hour for three hours, then 10, at two servers of 7.5 minutes."""
    periods = [Period(6, 0.0, 2), Period(3, 30.0, 2), Period(15, 10.0, 2)]
    exact = solve_transient(periods, 8.0, range(1, 25)).mean_backlog
    rates = [0.0] * 6 + [30.0] * 3 + [10.0] * 15
    chain = solve_chain(days_of(1, [2] * 24, rates), 8.0, day_cv=0, initial=0, freezes=False)

    assert chain.mean == pytest.approx(exact, abs=1e-6)


def test_days_that_differ_are_a_mixture():
    """While the station is shut the day's count is a mixture of Poisson numbers: its mean stays, its spread grows."""
    points, weights = gamma_nodes(0.5)
    shut = days_of(1, [0] * 24, [4.0] * 24)
    chain = solve_chain(shut, 1.0, day_cv=0.5, initial=0, freezes=False)
    plain = solve_chain(shut, 1.0, day_cv=0.0, initial=0, freezes=False)

    assert weights @ points**2 == pytest.approx(1.25)
    assert chain.mean[-1] == pytest.approx(96)
    assert np.ptp(chain.quantiles[:, -1]) > 3 * np.ptp(plain.quantiles[:, -1])


def test_a_chain_that_is_not_small_is_not_given():
    """Work has a limit: an answer that would take seconds is none."""
    assert solve_chain(days_of(300, [40] * 24, [75.0] * 24), 2.0, day_cv=0.3, initial=0, freezes=False) is None


@pytest.mark.slow
def test_the_shadow_is_exact_where_the_chain_is_the_whole_gate(plan):
    """Backlog and wait of a simulated gate lie within the tolerance for exact answers."""
    made = plan(BORDER)
    answer = shadow(made)
    results = simulate("base", made.loaded, replications=60, workers=2)
    rows = {row["measure"]: row for row in beside(results.measures, answer, results.censored)}

    assert {rows[name]["of"] for name in ("backlog", "backlog_at_close", "wait")} == {"exact"}
    assert all(row["is_within"] for row in rows.values())


def test_what_is_not_given_says_so(plan):
    """A second station makes the gate too much for one chain, and a note says why."""
    two = BORDER.replace(
        "[demand", '[gates.a.stations.desk]\nservers = 2\n[gates.a.export.stages.desk]\n'
        'service = { law = "constant", value = 20, unit = "min" }\n[demand', 1,
    )  # fmt: skip
    answer = shadow(plan(two))

    assert answer.find("backlog", "a", "export")["exact"] is None
    assert [note["text"] for note in answer.notes if note["about"] == "no exact answer"] == [
        "not given: desk is not the first station: what comes to it is no Poisson stream"
    ]
