import numpy as np
import pytest

from gatewatch.simulator.verification.errors import UnstableQueueError
from gatewatch.simulator.verification.networks import (
    feedback_mm1_mean_sojourn,
    jackson_network,
    jackson_tandem,
)
from gatewatch.simulator.verification.theory import mm1_mean_wait, mmc_mean_backlog, mmc_mean_wait


def test_the_stations_of_a_tandem_behave_as_if_alone():
    """Burke (1956): what leaves M/M/c is Poisson again, so each station has the wait of its formula."""
    tandem = jackson_tandem(arrival_rate=2.0, servers=[3, 1, 2], service_rates=[1.0, 3.0, 1.5])
    waits = [mmc_mean_wait(3, 2.0, 1.0), mm1_mean_wait(2.0, 3.0), mmc_mean_wait(2, 2.0, 1.5)]

    assert tandem.mean_waits == pytest.approx(waits)
    assert tandem.mean_crossing_time == pytest.approx(sum(waits) + 1 + 1 / 3 + 1 / 1.5)


def test_a_served_vehicle_that_may_return_loads_the_server_like_more_arrivals():
    """The number present is M/M/1's at rate / (1 - p); Little's law takes the arrivals from outside."""
    backlog = mmc_mean_backlog(1, arrival_rate=1.0 / (1 - 0.3), service_rate=2.0)

    assert feedback_mm1_mean_sojourn(1.0, 2.0, return_probability=0.3) == pytest.approx(backlog / 1.0)
    assert feedback_mm1_mean_sojourn(1.0, 2.0, return_probability=0.0) == pytest.approx(1.0)


def test_two_stations_that_send_vehicles_back_and_forth_solve_their_traffic_equations():
    """From the first all go to the second, from which half come back: two rounds on average."""
    network = jackson_network([1.0, 0.0], [[0.0, 1.0], [0.5, 0.0]], servers=[1, 1], service_rates=[4.0, 3.0])

    assert network.arrival_rates == pytest.approx([2.0, 2.0])
    assert network.mean_backlogs == pytest.approx([1.0, 2.0])
    assert network.mean_crossing_time == pytest.approx(3.0)


def test_a_network_nobody_leaves_is_refused():
    """A ring has no rate to solve for."""
    with pytest.raises(ValueError, match="inside for ever"):
        jackson_network([1.0, 0.0], np.array([[0.0, 1.0], [1.0, 0.0]]), servers=[1, 1], service_rates=[4.0, 4.0])


def test_one_overloaded_station_makes_the_network_unstable():
    """The second station gets as much as it can serve."""
    with pytest.raises(UnstableQueueError):
        jackson_tandem(arrival_rate=2.0, servers=[3, 1], service_rates=[1.0, 2.0])
    with pytest.raises(UnstableQueueError):
        feedback_mm1_mean_sojourn(1.0, 2.0, return_probability=0.5)
