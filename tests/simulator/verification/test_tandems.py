import numpy as np
import pytest

from gatewatch.simulator.verification.errors import UnstableQueueError
from gatewatch.simulator.verification.networks import jackson_tandem
from gatewatch.simulator.verification.tandems import (
    blocking_tandem,
    saturated_tandem_throughput,
)
from gatewatch.simulator.verification.theory import mmc_mean_backlog


@pytest.mark.parametrize("buffer", [0, 1, 2, 7])
def test_a_balanced_saturated_tandem_loses_one_part_in_buffer_plus_three(buffer):
    """Hunt, Operations Research 4 (1956) 674-683: (B + 2) / (B + 3) of a server's rate."""
    throughput = saturated_tandem_throughput((1, 1), (4.0, 4.0), buffer)

    assert throughput == pytest.approx(4.0 * (buffer + 2) / (buffer + 3))


def test_a_saturated_line_yields_as_much_backwards():
    """Reversibility of production lines: the order of two unequal servers does not matter."""
    forwards = saturated_tandem_throughput((1, 1), (2.0, 5.0), buffer=3)

    assert saturated_tandem_throughput((1, 1), (5.0, 2.0), buffer=3) == pytest.approx(forwards)


def blocked_path(arrivals, first, second, room):
    """Return when vehicles are served first, move on and leave, one server each, shape (3, vehicle)."""
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
    """With a hundred places between them the stations are those of Jackson's tandem, never blocked."""
    chain = blocking_tandem(1.2, servers=(2, 1), service_rates=(1.0, 2.0), buffer=100)
    jackson = jackson_tandem(1.2, servers=[2, 1], service_rates=[1.0, 2.0])

    assert chain.mean_backlogs == pytest.approx(jackson.mean_backlogs, rel=1e-6)
    assert chain.blocked == pytest.approx(0, abs=1e-9)


def test_a_first_station_that_takes_no_time_adds_nothing_but_a_place_to_wait():
    """All vehicles together, blocked ones included, are those of the second station alone, M/M/c."""
    chain = blocking_tandem(1.5, servers=(2, 2), service_rates=(1e7, 1.0), buffer=1)

    assert sum(chain.mean_backlogs) == pytest.approx(mmc_mean_backlog(2, 1.5, 1.0), rel=1e-5)


def test_flow_is_conserved_where_vehicles_turn_back():
    """What enters leaves; the mean number of blocked servers is no less than the chance of one."""
    chain = blocking_tandem(3.0, servers=(2, 1), service_rates=(1.0, 1.5), buffer=1, places=4)

    assert chain.throughput == pytest.approx(3.0 * (1 - chain.turned_back_share))
    assert chain.mean_blocked >= chain.blocked > 0


def test_a_flood_of_arrivals_saturates_the_first_station():
    """With a thousand times the capacity the throughput is that of the tandem which never lacks work."""
    flooded = blocking_tandem(1e4, servers=(3, 2), service_rates=(1.0, 1.4), buffer=2, places=8)

    assert flooded.throughput == pytest.approx(saturated_tandem_throughput((3, 2), (1.0, 1.4), 2), rel=1e-5)


def test_a_tandem_that_is_blocked_too_often_is_unstable_below_the_load_of_its_servers():
    """Two servers of rate 1 with no buffer sustain 2/3: 0.7 is refused although each could do it."""
    with pytest.raises(UnstableQueueError):
        blocking_tandem(0.7, servers=(1, 1), service_rates=(1.0, 1.0), buffer=0)


@pytest.mark.parametrize(
    ("nonsense", "message"),
    [
        (lambda: saturated_tandem_throughput((1, 1), (1.0, 1.0), buffer=-1), "buffer is -1"),
        (lambda: blocking_tandem(0.1, (1, 0), (1.0, 1.0), buffer=1), "servers is 0"),
        (lambda: blocking_tandem(0.1, (1, 1), (1.0, 1.0), buffer=1, places=0), "places is 0"),
    ],
)
def test_senseless_values_are_named(nonsense, message):
    """The message says which argument is wrong and what it was."""
    with pytest.raises(ValueError, match=message):
        nonsense()
