import numpy as np
import pytest

from gatewatch.simulator.verification.errors import UnstableQueueError
from gatewatch.simulator.verification.networks import jackson_tandem
from gatewatch.simulator.verification.tandems import (
    blocking_tandem,
    saturated_tandem_throughput,
    saturated_yard_throughput,
    yard_tandem,
)
from gatewatch.simulator.verification.theory import mg1_mean_wait, mmc_mean_backlog


@pytest.mark.parametrize("buffer", [0, 1, 2, 7])
def test_a_balanced_saturated_tandem_loses_one_part_in_buffer_plus_three(buffer):
    """Hunt, Operations Research 4 (1956) 674-683: throughput (B + 2) / (B + 3) of a server's rate, 2/3 without a buffer."""
    throughput = saturated_tandem_throughput((1, 1), (4.0, 4.0), buffer)

    assert throughput == pytest.approx(4.0 * (buffer + 2) / (buffer + 3))


def test_a_saturated_line_yields_as_much_backwards():
    """Reversibility of production lines: the order of two unequal servers does not matter."""
    forwards = saturated_tandem_throughput((1, 1), (2.0, 5.0), buffer=3)

    assert saturated_tandem_throughput((1, 1), (5.0, 2.0), buffer=3) == pytest.approx(forwards)


def blocked_path(arrivals, first, second, room):
    """Return the instants at which vehicles are served first, move on and leave; one server each, shape (3, vehicle)."""
    served, moved, left = np.zeros((3, arrivals.size))
    for n in range(arrivals.size):
        served[n] = max(arrivals[n], moved[n - 1] if n else 0) + first[n]
        moved[n] = max(served[n], left[n - room] if n >= room else 0)
        left[n] = max(moved[n], left[n - 1] if n else 0) + second[n]
    return served, moved, left


def test_the_blocking_chain_agrees_with_a_long_sample_path():
    """Departure instants of 300,000 vehicles, computed without any chain, come within three percent."""
    rng = np.random.default_rng(20261121)
    arrivals = np.cumsum(rng.exponential(1 / 0.55, size=300_000))
    first, second = rng.exponential(1.0, size=(2, arrivals.size))
    served, moved, left = blocked_path(arrivals, first, second, room=2)
    chain = blocking_tandem(0.55, servers=(1, 1), service_rates=(1.0, 1.0), buffer=1)

    assert chain.blocked == pytest.approx((moved - served).sum() / left[-1], rel=0.03)
    assert chain.mean_backlogs[0] == pytest.approx((moved - arrivals).sum() / left[-1], rel=0.03)
    assert chain.mean_backlogs[1] == pytest.approx((left - moved).sum() / left[-1], rel=0.03)


def test_a_buffer_that_never_fills_leaves_two_separate_stations():
    """With a hundred places between them the stations are those of Jackson's tandem and nothing is blocked."""
    chain = blocking_tandem(1.2, servers=(2, 1), service_rates=(1.0, 2.0), buffer=100)
    jackson = jackson_tandem(1.2, servers=[2, 1], service_rates=[1.0, 2.0])

    assert chain.mean_backlogs == pytest.approx(jackson.mean_backlogs, rel=1e-6)
    assert chain.blocked == pytest.approx(0, abs=1e-9)


def test_a_first_station_that_takes_no_time_adds_nothing_but_a_place_to_wait():
    """All vehicles at both stations together are then those of the second alone, M/M/c, blocked ones included."""
    chain = blocking_tandem(1.5, servers=(2, 2), service_rates=(1e7, 1.0), buffer=1)

    assert sum(chain.mean_backlogs) == pytest.approx(mmc_mean_backlog(2, 1.5, 1.0), rel=1e-5)


def test_flow_is_conserved_where_vehicles_turn_back():
    """What enters leaves, and the first station is busy, blocked time apart, for its share of the work."""
    chain = blocking_tandem(3.0, servers=(2, 1), service_rates=(1.0, 1.5), buffer=1, places=4)

    assert chain.throughput == pytest.approx(3.0 * (1 - chain.turned_back_share))
    assert chain.mean_blocked >= chain.blocked > 0


def test_a_flood_of_arrivals_saturates_the_first_station():
    """With a thousand times the capacity the throughput is that of the tandem which never lacks work."""
    flooded = blocking_tandem(1e4, servers=(3, 2), service_rates=(1.0, 1.4), buffer=2, places=8)

    assert flooded.throughput == pytest.approx(saturated_tandem_throughput((3, 2), (1.0, 1.4), 2), rel=1e-5)


def test_a_tandem_that_is_blocked_too_often_is_unstable_below_the_load_of_its_servers():
    """Two servers of rate 1 with no buffer sustain 2/3, so that 0.7 is refused although each server could do it."""
    with pytest.raises(UnstableQueueError):
        blocking_tandem(0.7, servers=(1, 1), service_rates=(1.0, 1.0), buffer=0)


def test_a_yard_with_one_place_is_m_g_1():
    """One vehicle at a time passes both stations: its service is the sum, for Pollaczek and Khinchine."""
    yard = yard_tandem(0.8, servers=(1, 1), service_rates=(3.0, 2.0), yard_places=1)
    mean, variance = 1 / 3 + 1 / 2, 1 / 9 + 1 / 4

    assert yard.mean_wait_outside == pytest.approx(
        mg1_mean_wait(0.8, mean, np.sqrt(variance) / mean), rel=1e-6
    )
    assert yard.full == pytest.approx(0.8 * mean)


def test_a_yard_that_never_fills_is_a_jackson_tandem():
    """With places for all nobody waits outside."""
    yard = yard_tandem(1.0, servers=(2, 1), service_rates=(1.0, 2.0), yard_places=90)
    jackson = jackson_tandem(1.0, servers=[2, 1], service_rates=[1.0, 2.0])

    assert yard.mean_backlogs == pytest.approx(jackson.mean_backlogs, rel=1e-6)
    assert yard.mean_outside == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("yard_places", [1, 2, 5])
def test_a_saturated_yard_is_a_closed_network(yard_places):
    """Gordon & Newell (1967): N vehicles around two servers of one rate give N / (N + 1) of it."""
    assert saturated_yard_throughput((1, 1), (2.0, 2.0), yard_places) == pytest.approx(
        2.0 * yard_places / (yard_places + 1)
    )


def test_a_yard_turns_back_who_finds_no_place_outside():
    """What enters leaves; with no place outside nobody waits there."""
    yard = yard_tandem(4.0, servers=(1, 2), service_rates=(2.0, 1.0), yard_places=3, outside_places=0)

    assert yard.throughput == pytest.approx(4.0 * (1 - yard.turned_back_share))
    assert yard.turned_back_share == pytest.approx(yard.full)
    assert yard.mean_outside == 0


def test_a_yard_too_small_for_its_arrivals_is_refused():
    """Two places at rate-1 servers sustain 2/3."""
    with pytest.raises(UnstableQueueError):
        yard_tandem(0.7, servers=(1, 1), service_rates=(1.0, 1.0), yard_places=2)
