import math

import numpy as np
import pytest
from scipy.integrate import quad

from gatewatch.simulator.verification.errors import UnstableQueueError
from gatewatch.simulator.verification.sample_paths import kiefer_wolfowitz_waits, lindley_waits
from gatewatch.simulator.verification.theory import (
    erlang_b,
    erlang_c,
    md1_mean_wait,
    mg1_mean_wait,
    mm1_mean_wait,
    mmc_mean_backlog,
    mmc_mean_queue,
    mmc_mean_wait,
    mmc_sojourn_percentile,
    mmc_sojourn_tail,
    mmc_wait_percentile,
    mmc_wait_tail,
)


@pytest.mark.parametrize(("servers", "offered_load"), [(1, 0.0101), (5, 1.361), (10, 4.461), (20, 12.031)])
def test_erlang_b_gives_the_one_percent_column_of_the_traffic_tables(servers, offered_load):
    """The published tables list the load at which one call in a hundred is lost, to three decimals."""
    assert erlang_b(servers, offered_load) == pytest.approx(0.01, abs=1e-5)


def test_erlang_b_is_the_truncated_poisson_distribution():
    """The recursion gives what the definition gives, a^c / c! over the sum of its like."""
    terms = [7.5**k / math.factorial(k) for k in range(10)]

    assert erlang_b(servers=9, offered_load=7.5) == pytest.approx(terms[-1] / sum(terms), rel=1e-13)


def test_an_eye_clinic_with_three_doctors_keeps_its_patients_nine_minutes():
    """Gross & Harris, Fundamentals of Queueing Theory: 6 an hour, 20 minutes each, W_q = 8.88 min."""
    clinic = {"servers": 3, "arrival_rate": 6.0, "service_rate": 3.0}

    assert mmc_mean_queue(**clinic) == pytest.approx(8 / 9)
    assert mmc_mean_wait(**clinic) == pytest.approx(4 / 27)
    assert mmc_mean_backlog(**clinic) == pytest.approx(26 / 9)


def test_a_second_doctor_takes_the_wait_from_forty_minutes_to_two_and_a_half():
    """Hillier & Lieberman, Introduction to Operations Research, County Hospital: 2 come, 3 are served."""
    assert mmc_mean_wait(1, arrival_rate=2.0, service_rate=3.0) == pytest.approx(2 / 3)
    assert mmc_mean_wait(2, arrival_rate=2.0, service_rate=3.0) == pytest.approx(1 / 24)
    assert mmc_wait_tail(1, 2.0, 3.0, wait=1.0) == pytest.approx(2 / 3 * math.exp(-1))
    assert mmc_wait_tail(2, 2.0, 3.0, wait=0.5) == pytest.approx(1 / 6 * math.exp(-2))


def test_a_call_centre_without_abandonment_answers_in_twenty_seconds():
    """Garnett, Mandelbaum & Reiman (2002): 50 agents, 48 a minute: 20.8 s, nine in ten below 58.1 s."""
    centre = {"servers": 50, "arrival_rate": 48.0, "service_rate": 1.0}

    assert 60 * mmc_mean_wait(**centre) == pytest.approx(20.8, abs=0.05)
    assert 60 * mmc_wait_percentile(**centre, share=0.9) == pytest.approx(58.1, abs=0.05)


def test_one_server_is_the_case_c_equal_to_one():
    """M/M/c with one server is M/M/1, where a vehicle waits with the probability that the server is busy."""
    assert erlang_c(servers=1, offered_load=0.7) == pytest.approx(0.7)
    assert mmc_mean_wait(1, arrival_rate=3.0, service_rate=4.0) == pytest.approx(mm1_mean_wait(3.0, 4.0))


@pytest.mark.parametrize(("servers", "arrival_rate"), [(1, 1.8), (2, 2.0), (3, 4.0), (8, 15.0)])
def test_tails_of_wait_and_sojourn_integrate_to_their_means(servers, arrival_rate):
    """The mean of a time is the area under its tail; the mean sojourn is the mean wait and one service."""
    station = (servers, arrival_rate, 2.0)
    mean_wait = mmc_mean_wait(*station)

    assert quad(lambda t: mmc_wait_tail(*station, t), 0, np.inf)[0] == pytest.approx(mean_wait)
    assert quad(lambda t: mmc_sojourn_tail(*station, t), 0, np.inf)[0] == pytest.approx(mean_wait + 0.5)


def test_the_sojourn_tail_has_no_step_where_the_formula_divides_by_zero():
    """One spare server exactly is a removable singularity."""
    below, at, above = (mmc_sojourn_tail(2, rate, 1.0, sojourn=1.5) for rate in (1 - 1e-7, 1.0, 1 + 1e-7))

    assert at == pytest.approx((below + above) / 2, rel=1e-12)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_percentiles_invert_the_tails(share):
    """The share above a percentile is what is left; a percentile of the wait may be zero."""
    station = (3, 5.0, 2.0)
    wait = mmc_wait_percentile(*station, share)
    sojourn = mmc_sojourn_percentile(*station, share)

    assert wait == 0 or mmc_wait_tail(*station, wait) == pytest.approx(1 - share)
    assert mmc_sojourn_tail(*station, sojourn) == pytest.approx(1 - share)


def test_a_long_sample_path_has_the_percentiles_of_the_formulas():
    """Four hundred thousand vehicles at three servers come within two percent of P90 and P95."""
    rng = np.random.default_rng(20261121)
    arrivals = np.cumsum(rng.exponential(1 / 2.0, size=400_000))
    services = rng.exponential(size=arrivals.size)
    waits = kiefer_wolfowitz_waits(arrivals, services, servers=3)

    assert np.quantile(waits, 0.9) == pytest.approx(mmc_wait_percentile(3, 2.0, 1.0, share=0.9), rel=0.02)
    assert np.quantile(waits + services, 0.95) == pytest.approx(
        mmc_sojourn_percentile(3, 2.0, 1.0, share=0.95), rel=0.02
    )


def test_constant_service_halves_the_wait_and_exponential_service_is_m_m_1():
    """The two well-known corners of Pollaczek and Khinchine."""
    assert md1_mean_wait(3.0, 0.25) == pytest.approx(mm1_mean_wait(3.0, 4.0) / 2)
    assert mg1_mean_wait(3.0, 0.25, service_cv=1.0) == pytest.approx(mm1_mean_wait(3.0, 4.0))


def test_a_long_sample_path_has_the_mean_wait_of_pollaczek_and_khinchine():
    """Services of a gamma distribution with a cv of 1/2; two million vehicles come within two percent."""
    rng = np.random.default_rng(20261121)
    arrivals = np.cumsum(rng.exponential(1 / 0.7, size=2_000_000))
    waits = lindley_waits(arrivals, rng.gamma(shape=4.0, scale=0.25, size=arrivals.size))

    assert waits.mean() == pytest.approx(mg1_mean_wait(0.7, 1.0, service_cv=0.5), rel=0.02)


def test_no_arrivals_mean_no_wait():
    """An empty station is a valid limit and not an error."""
    assert mmc_mean_wait(2, arrival_rate=0.0, service_rate=1.0) == 0
    assert mmc_wait_percentile(2, arrival_rate=0.0, service_rate=1.0, share=0.99) == 0
    assert mg1_mean_wait(0.0, mean_service=1.0, service_cv=1.0) == 0


@pytest.mark.parametrize(
    "overload",
    [
        lambda: erlang_c(servers=2, offered_load=2.0),
        lambda: mm1_mean_wait(arrival_rate=4.0, service_rate=4.0),
        lambda: mmc_mean_wait(3, arrival_rate=7.0, service_rate=2.0),
        lambda: mmc_wait_tail(3, arrival_rate=7.0, service_rate=2.0, wait=-1.0),
        lambda: mmc_sojourn_percentile(3, arrival_rate=7.0, service_rate=2.0, share=0.5),
        lambda: md1_mean_wait(arrival_rate=4.0, service_time=0.25),
    ],
)
def test_a_load_of_one_or_more_is_refused(overload):
    """There is no steady state, and a formula must not give a negative or endless wait for one."""
    with pytest.raises(UnstableQueueError, match="Add servers or lower the arrival rate"):
        overload()


@pytest.mark.parametrize(
    ("nonsense", "message"),
    [
        (lambda: erlang_c(servers=0, offered_load=0.5), "servers is 0"),
        (lambda: mm1_mean_wait(arrival_rate=-1.0, service_rate=1.0), "arrival_rate is -1"),
        (lambda: mm1_mean_wait(arrival_rate=1.0, service_rate=math.nan), "service_rate is nan"),
        (lambda: mg1_mean_wait(0.5, 1.0, service_cv=-0.1), "service_cv is -0.1"),
        (lambda: mmc_wait_percentile(1, 0.5, 1.0, share=95), "share is 95"),
    ],
)
def test_senseless_values_are_named(nonsense, message):
    """The message says which argument is wrong and what it was."""
    with pytest.raises(ValueError, match=message):
        nonsense()
