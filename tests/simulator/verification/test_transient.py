import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.stats import binom, poisson

from gatewatch.simulator.verification.theory import mmc_mean_backlog, mmc_mean_queue
from gatewatch.simulator.verification.transient import Closing, Period, solve_transient


@pytest.mark.parametrize("closing", Closing)
def test_constant_rates_settle_to_the_steady_state(closing):
    """After a long time the station is M/M/c, whatever the rule at a close that never comes."""
    course = solve_transient([Period(400.0, arrival_rate=4.0, servers=3)], 2.0, times=[400.0], closing=closing)

    assert course.mean_backlog == pytest.approx([mmc_mean_backlog(3, 4.0, 2.0)], rel=1e-8)
    assert course.mean_queue == pytest.approx([mmc_mean_queue(3, 4.0, 2.0)], rel=1e-8)


def test_enough_servers_for_all_hold_a_poisson_number():
    """M(t)/M/infinity: Eick, Massey & Whitt (1993); the mean obeys m' = lambda(t) - mu m."""
    periods = [Period(1.0, arrival_rate=6.0, servers=40), Period(2.0, arrival_rate=1.0, servers=40)]
    course = solve_transient(periods, service_rate=2.0, times=[0.5, 1.0, 3.0])
    at_one = 3.0 * (1 - np.exp(-2.0))
    means = [3.0 * (1 - np.exp(-1.0)), at_one, 0.5 + (at_one - 0.5) * np.exp(-4.0)]

    assert course.mean_backlog == pytest.approx(means, rel=1e-10)
    assert course.backlog[2, :12] == pytest.approx(poisson.pmf(np.arange(12), means[2]), rel=1e-8)


def test_arrivals_gather_before_a_closed_station():
    """Nobody is served, so the number waiting is the Poisson number of arrivals."""
    course = solve_transient([Period(3.0, arrival_rate=5.0, servers=0)], service_rate=9.0, times=[2.0])

    assert course.backlog[0, :30] == pytest.approx(poisson.pmf(np.arange(30), 10.0), abs=1e-12)
    assert course.mean_queue == pytest.approx(course.mean_backlog)


@pytest.mark.parametrize(
    ("closing", "completed_share"), [(Closing.FINISH, 1 - np.exp(-0.5 * 1.5)), (Closing.FREEZE, 0.0)]
)
def test_at_close_services_in_progress_finish_or_freeze_and_none_begins(closing, completed_share):
    """Seven vehicles at three servers, of which three are in service when the station closes at once."""
    periods = [Period(1e-9, arrival_rate=0.0, servers=3), Period(1.5, arrival_rate=0.0, servers=0)]
    course = solve_transient(
        periods, 0.5, times=[periods[0].duration + 1.5], initial_backlog=np.eye(8)[7], closing=closing
    )
    completed = binom.pmf(np.arange(4), 3, completed_share)

    assert course.backlog[0, 4:8] == pytest.approx(completed[::-1], abs=1e-8)
    assert course.mean_queue == pytest.approx([4.0], abs=1e-8)


@pytest.mark.parametrize(("closing", "rates"), [(Closing.FINISH, [3, 2, 1, 1, 1]), (Closing.FREEZE, [1, 1, 1, 1, 1])])
def test_a_smaller_roster_is_reached_through_the_services_that_end_first(closing, rates):
    """Three servers become one with five vehicles there: three, two, then one work, or one at once."""
    periods = [Period(1e-9, arrival_rate=0.0, servers=3), Period(0.8, arrival_rate=0.0, servers=1)]
    course = solve_transient(
        periods, 1.0, times=[periods[0].duration + 0.8], initial_backlog=np.eye(6)[5], closing=closing
    )
    deaths = np.diag(-np.array([*rates, 0.0])) + np.diag(np.array(rates, dtype=float), k=-1)
    steps = solve_ivp(lambda _, p: deaths @ p, (0, 0.8), np.eye(6)[0], rtol=1e-10, atol=1e-12)

    assert course.backlog[0, 5::-1] == pytest.approx(steps.y[:, -1], abs=1e-7)


def test_the_matrix_exponential_agrees_with_a_step_by_step_solution_of_the_forward_equations():
    """M(t)/M/c with a rush and a change of servers, by a Runge-Kutta method on the number present alone."""
    periods = [Period(1.0, 9.0, servers=2), Period(0.5, 1.0, servers=0), Period(2.0, 5.0, servers=4)]
    times = [0.3, 1.0, 1.5, 2.2, 3.5]
    course = solve_transient(periods, 2.0, times, closing=Closing.FREEZE)
    present = np.arange(81)

    def flow(_, probabilities, period):
        up = period.arrival_rate * probabilities[:-1]
        down = 2.0 * np.minimum(present, period.servers)[1:] * probabilities[1:]
        return np.diff(np.concatenate(([0.0], down - up, [0.0])))

    state, clock, means = np.eye(81)[0], 0.0, []
    for until, period in zip([*times], [periods[0], periods[0], periods[1], periods[2], periods[2]], strict=True):
        solution = solve_ivp(flow, (clock, until), state, args=(period,), rtol=1e-10, atol=1e-13)
        state, clock = solution.y[:, -1], until
        means.append(present @ state)

    assert course.mean_backlog == pytest.approx(means, rel=1e-7)


def test_times_may_come_in_any_order_and_twice():
    """The answer follows the question; a change of servers does not move the number present."""
    periods = [Period(1.0, 4.0, servers=0), Period(1.0, 4.0, servers=3)]
    asked = solve_transient(periods, 2.0, times=[2.0, 0.0, 1.0, 1.0])
    sorted_ = solve_transient(periods, 2.0, times=[0.0, 1.0, 2.0])

    assert asked.mean_backlog == pytest.approx(sorted_.mean_backlog[[2, 0, 1, 1]])
    assert asked.mean_backlog[1] == 0


def test_an_overload_makes_the_chain_longer_and_loses_nobody():
    """From empty, an overloaded server idles 1 / (lambda - mu) in all, which costs half a vehicle here."""
    course = solve_transient([Period(10.0, arrival_rate=30.0, servers=1)], 10.0, times=[10.0])

    assert course.backlog.sum() == pytest.approx(1.0, abs=1e-9)
    assert course.mean_backlog == pytest.approx([200.5], rel=1e-9)


@pytest.mark.parametrize(
    ("nonsense", "message"),
    [
        (lambda: solve_transient([Period(1.0, 1.0, 1)], 1.0, times=[1.1]), "times go from 1.1"),
        (lambda: solve_transient([], 1.0, times=[0.0]), "periods is empty"),
        (lambda: solve_transient([Period(1.0, 1.0, 1)], 1.0, [0.0], initial_backlog=[0.5]), "sums to 0.5"),
        (lambda: Period(0.0, 1.0, 1), "duration is 0"),
        (lambda: Period(1.0, 1.0, -1), "servers=-1"),
    ],
)
def test_senseless_values_are_named(nonsense, message):
    """The message says which argument is wrong and what it was."""
    with pytest.raises(ValueError, match=message):
        nonsense()
