import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewatch.simulator.verification.sample_paths import dd1_waits, kiefer_wolfowitz_waits, lindley_waits

paths = st.lists(
    st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)), min_size=1, max_size=60
)  # gap and service of each vehicle [us]


def as_arrays(path):
    """Return the instants of arrival and the services [us], each of shape (vehicle,)."""
    gaps, services = np.array(path, dtype=np.int64).T
    return np.cumsum(gaps), services


def test_six_vehicles_at_two_servers_wait_as_worked_out_by_hand():
    """Servers become free at 10 and 4, then 12, 13, 14 and 15; the fifth finds nobody free until 12."""
    waits = kiefer_wolfowitz_waits(np.array([0, 1, 2, 3, 9, 20]), np.array([10, 3, 8, 3, 1, 5]), servers=2)

    assert waits.tolist() == [0, 0, 2, 7, 3, 0]


@given(paths)
def test_lindley_and_kiefer_wolfowitz_agree_on_one_server(path):
    """Two recursions that share no code give one and the same integers."""
    arrivals, services = as_arrays(path)

    assert lindley_waits(arrivals, services).tolist() == kiefer_wolfowitz_waits(arrivals, services, 1).tolist()


@given(paths)
def test_lindley_follows_its_recursion_one_vehicle_at_a_time(path):
    """The closed form over all vehicles is W' = max(0, W + service - gap)."""
    arrivals, services = as_arrays(path)
    waits = [0]
    for gap, service in zip(np.diff(arrivals).tolist(), services.tolist(), strict=False):
        waits.append(max(0, waits[-1] + service - gap))

    assert lindley_waits(arrivals, services).tolist() == waits


@given(paths, st.integers(1, 5))
def test_the_instants_of_free_servers_follow_the_vector_of_remaining_work(path, servers):
    """Kiefer and Wolfowitz's own form: sort, add the service to the least, take off the gap, cut at zero."""
    arrivals, services = as_arrays(path)
    work = np.zeros(servers, dtype=np.int64)
    waits = []
    for gap, service in zip([0, *np.diff(arrivals)], services, strict=True):
        work = np.sort(np.maximum(work - gap, 0))
        waits.append(int(work[0]))
        work[0] += service

    assert kiefer_wolfowitz_waits(arrivals, services, servers).tolist() == waits


@given(paths, st.integers(1, 5))
def test_one_more_server_makes_nobody_wait_longer(path, servers):
    """The vector of remaining work is monotone, vehicle by vehicle."""
    arrivals, services = as_arrays(path)
    fewer = kiefer_wolfowitz_waits(arrivals, services, servers)
    more = kiefer_wolfowitz_waits(arrivals, services, servers + 1)

    assert (more <= fewer).all()


def test_microseconds_of_a_year_stay_exact():
    """Integer times give integer waits, however late the first arrival."""
    year_us = 365 * 24 * 3600 * 10**6
    arrivals = np.array([year_us, year_us + 1], dtype=np.int64)
    waits = kiefer_wolfowitz_waits(arrivals, np.array([3, 3], dtype=np.int64), servers=1)

    assert waits.dtype == np.int64
    assert waits.tolist() == [0, 2]


@pytest.mark.parametrize(("interval", "service"), [(2, 3), (3, 3), (3, 2)])
def test_constant_gaps_and_services_are_a_case_of_lindley(interval, service):
    """D/D/1 grows by service less interval for each vehicle, or not at all."""
    arrivals = np.arange(1, 9) * interval

    assert dd1_waits(8, np.int64(interval), np.int64(service)).tolist() == (
        lindley_waits(arrivals, np.full(8, service)).tolist()
    )


def test_no_vehicles_have_no_waits():
    """An empty path is a path."""
    nothing = np.array([], dtype=np.float64)

    assert lindley_waits(nothing, nothing).size == 0
    assert kiefer_wolfowitz_waits(nothing, nothing, servers=2).size == 0


@pytest.mark.parametrize(
    ("arrivals", "services", "message"),
    [
        ([0.0, 2.0, 1.0], [1.0, 1.0, 1.0], "back in time after vehicle 1"),
        ([0.0, 1.0], [1.0], "one and the same length"),
        ([0.0, 1.0], [1.0, -2.0], "has -2.0 for vehicle 1"),
    ],
)
def test_paths_that_cannot_be_are_refused(arrivals, services, message):
    """Both recursions check the same way."""
    with pytest.raises(ValueError, match=message):
        lindley_waits(np.array(arrivals), np.array(services))
    with pytest.raises(ValueError, match=message):
        kiefer_wolfowitz_waits(np.array(arrivals), np.array(services), servers=1)
