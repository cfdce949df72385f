import numpy as np
import pytest
from scipy.integrate import solve_ivp

from gatewatch.simulator.verification.daily_cycle import saturated_services, solve_daily_cycle
from gatewatch.simulator.verification.errors import UnstableQueueError
from gatewatch.simulator.verification.theory import mmc_mean_backlog, mmc_mean_wait
from gatewatch.simulator.verification.transient import Closing, Period, solve_transient

NIGHT, DAY, EVENING = Period(7.0, 1.0, servers=0), Period(11.0, 1.5, servers=2), Period(6.0, 0.5, servers=0)
HOURS = (NIGHT, DAY, EVENING)


@pytest.mark.parametrize("closing", Closing)
def test_a_gate_that_never_closes_is_m_m_c(closing):
    """Equal periods are no change at all: wait, sojourn and load are the textbook's at every hour."""
    cycle = solve_daily_cycle([Period(10.0, 4.0, 3), Period(14.0, 4.0, 3)], 2.0, times=[5.0, 24.0], closing=closing)

    assert cycle.mean_wait == pytest.approx(mmc_mean_wait(3, 4.0, 2.0), rel=1e-7)
    assert cycle.mean_sojourn == pytest.approx(mmc_mean_wait(3, 4.0, 2.0) + 0.5, rel=1e-7)
    assert cycle.course.mean_backlog == pytest.approx([mmc_mean_backlog(3, 4.0, 2.0)] * 2, rel=1e-7)
    assert cycle.load == pytest.approx(2 / 3)


def test_the_cycle_is_a_day_that_ends_as_it_began():
    """Midnight at the end is midnight at the start, as a distribution."""
    cycle = solve_daily_cycle(HOURS, service_rate=1.5, times=[0.0, 24.0])

    assert cycle.course.backlog[0] == pytest.approx(cycle.course.backlog[1], abs=1e-8)


def test_finished_services_take_their_own_time_and_no_more():
    """Wait and sojourn differ by one mean service, by Little's law at the servers."""
    cycle = solve_daily_cycle(HOURS, service_rate=1.5, closing=Closing.FINISH)

    assert cycle.mean_sojourn - cycle.mean_wait == pytest.approx(1 / 1.5, rel=1e-8)


def test_frozen_services_take_longer_than_finished_ones():
    """A vehicle that is inside over night is no longer waiting, but it is still there."""
    frozen = solve_daily_cycle(HOURS, service_rate=1.5, closing=Closing.FREEZE)
    finished = solve_daily_cycle(HOURS, service_rate=1.5, closing=Closing.FINISH)

    assert frozen.mean_sojourn - frozen.mean_wait > 1 / 1.5
    assert frozen.mean_sojourn > finished.mean_sojourn
    assert frozen.load > finished.load


def test_a_gate_that_serves_in_no_time_makes_only_those_wait_who_come_at_night():
    """Half of a day's arrivals come in twelve closed hours and wait six on average: three in the mean."""
    cycle = solve_daily_cycle([Period(12.0, 0.5, servers=0), Period(12.0, 0.5, servers=1)], 500.0, times=[12.0, 24.0])

    assert cycle.mean_wait == pytest.approx(3.0, rel=5e-3)
    assert cycle.course.mean_backlog == pytest.approx([6.0, 0.0], abs=2e-3)


def test_the_number_at_close_agrees_with_an_independent_solution_of_the_frozen_gate():
    """The number present alone is a chain when services freeze; forty days by a Runge-Kutta method."""
    cycle = solve_daily_cycle(HOURS, service_rate=1.5, times=[18.0], closing=Closing.FREEZE)
    present = np.arange(81)

    def flow(_, probabilities, period):
        up = period.arrival_rate * probabilities[:-1]
        down = 1.5 * np.minimum(present, period.servers)[1:] * probabilities[1:]
        return np.diff(np.concatenate(([0.0], down - up, [0.0])))

    state = np.eye(81)[0]
    for period in [*HOURS * 40, NIGHT, DAY]:
        span = (0.0, period.duration)
        state = solve_ivp(flow, span, state, args=(period,), rtol=1e-8, atol=1e-12).y[:, -1]

    assert cycle.course.backlog[0, :40] == pytest.approx(state[:40], abs=1e-7)


def open_gate_path(arrivals, services, opens, closes, closing):
    """Return when service starts and ends at one server with daily hours, shape (2, vehicle)."""

    def next_open(instant):
        day, clock = divmod(instant, 24.0)
        if clock < opens:
            return 24 * day + opens
        return instant if clock < closes else 24 * (day + 1) + opens

    starts, ends = np.zeros((2, arrivals.size))
    free = 0.0
    for n, (arrival, service) in enumerate(zip(arrivals.tolist(), services.tolist(), strict=True)):
        clock = starts[n] = next_open(max(arrival, free))
        left = service
        while closing is Closing.FREEZE and left > (until_close := closes - clock % 24.0):
            left -= until_close
            clock += until_close + 24.0 - closes + opens
        free = ends[n] = clock + left
    return starts, ends


@pytest.mark.parametrize("closing", Closing)
def test_the_cycle_agrees_with_a_long_sample_path(closing):
    """One server from 8 to 18: 200,000 vehicles worked out one by one come within two percent."""
    rng = np.random.default_rng(20261121)
    arrivals = np.cumsum(rng.exponential(1 / 0.5, size=200_000))
    services = rng.exponential(1 / 2.0, size=arrivals.size)
    starts, ends = open_gate_path(arrivals, services, opens=8.0, closes=18.0, closing=closing)
    day = [Period(8.0, 0.5, servers=0), Period(10.0, 0.5, servers=1), Period(6.0, 0.5, servers=0)]
    cycle = solve_daily_cycle(day, 2.0, times=[18.0], closing=closing)
    at_close = 24.0 * np.arange(10, arrivals[-1] // 24) + 18.0
    present = np.searchsorted(arrivals, at_close) - np.searchsorted(ends, at_close)

    assert cycle.mean_wait == pytest.approx((starts - arrivals).mean(), rel=0.02)
    assert cycle.mean_sojourn == pytest.approx((ends - arrivals).mean(), rel=0.02)
    assert cycle.course.mean_backlog[0] == pytest.approx(present.mean(), rel=0.03)
    assert cycle.course.backlog[0, 0] == pytest.approx((present == 0).mean(), rel=0.03)


def test_a_saturated_day_is_what_a_full_station_completes():
    """A queue that never empties: the same count from the course of a station with two hundred waiting."""
    day = [Period(5.0, 0.0, servers=3), Period(0.4, 0.0, servers=1), Period(2.0, 0.0, servers=0)]
    crowd = np.eye(201)[200]
    course = solve_transient(day, 1.5, times=[7.4], initial_backlog=crowd)

    assert saturated_services(day, 1.5, Closing.FINISH) == pytest.approx(200 - course.mean_backlog[0], rel=1e-8)
    assert saturated_services(day, 1.5, Closing.FREEZE) == pytest.approx(1.5 * 15.4)


def test_services_finished_after_the_close_can_make_the_difference():
    """Twenty-one a day are too many for ten hours of two, unless the last two finish."""
    day = [Period(14.0, 0.5, servers=0), Period(10.0, 1.4, servers=2)]

    assert solve_daily_cycle(day, 1.0, closing=Closing.FINISH).load == pytest.approx(21 / 22, rel=1e-6)
    with pytest.raises(UnstableQueueError, match="brings 21 vehicles"):
        solve_daily_cycle(day, 1.0, closing=Closing.FREEZE)


def test_a_day_without_arrivals_has_no_mean_wait():
    """A mean over nobody is refused and not invented."""
    with pytest.raises(ValueError, match="arrivals_a_day is 0"):
        solve_daily_cycle([Period(24.0, 0.0, servers=1)], service_rate=1.0)
