import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import poisson

from gatewatch.simulator.verification.birth_death import birth_death_probabilities, mmc_impatient, mmck
from gatewatch.simulator.verification.theory import erlang_b, mmc_mean_queue, mmc_mean_wait


def test_rates_of_a_machine_repair_shop_give_its_hand_calculation():
    """Two machines that fail at rate 1 and are repaired one at a time at rate 2: weights 1, 1 and 1/2."""
    probabilities = birth_death_probabilities(births=[2.0, 1.0], deaths=[2.0, 2.0])

    assert probabilities == pytest.approx([0.4, 0.4, 0.2])


def test_weights_beyond_the_range_of_floats_do_not_overflow():
    """Ten thousand steps up by a factor of ten pile up at the end."""
    probabilities = birth_death_probabilities(np.full(10_000, 10.0), np.ones(10_000))

    assert probabilities[-1] == pytest.approx(0.9)


def test_a_station_with_no_waiting_places_is_erlang_b():
    """With as many places as servers nobody waits and the blocking is Erlang's."""
    station = mmck(servers=4, places=4, arrival_rate=6.0, service_rate=2.0)

    assert station.blocking == pytest.approx(erlang_b(4, 3.0))
    assert station.mean_wait == 0


def test_a_station_with_very_many_places_is_m_m_c():
    """At a load below one the places stop to matter."""
    station = mmck(servers=3, places=400, arrival_rate=5.0, service_rate=2.0)

    assert station.mean_wait == pytest.approx(mmc_mean_wait(3, 5.0, 2.0))
    assert station.mean_queue == pytest.approx(mmc_mean_queue(3, 5.0, 2.0))


def test_one_server_at_load_one_holds_every_number_equally_often():
    """In M/M/1/K at load one all K + 1 numbers have one probability."""
    station = mmck(servers=1, places=9, arrival_rate=2.0, service_rate=2.0)

    assert station.blocking == pytest.approx(0.1)
    assert station.mean_backlog == pytest.approx(4.5)


def test_admitted_vehicles_obey_littles_law_in_overload():
    """Backlog over throughput is wait plus service; throughput is what is not blocked."""
    station = mmck(servers=2, places=7, arrival_rate=9.0, service_rate=3.0)

    assert station.throughput == pytest.approx(9.0 * (1 - station.blocking))
    assert station.mean_backlog / station.throughput == pytest.approx(station.mean_wait + 1 / 3)


def test_fewer_places_than_servers_are_refused():
    """Places count the vehicles in service, so they cannot be fewer."""
    with pytest.raises(ValueError, match="3 or more"):
        mmck(servers=3, places=2, arrival_rate=1.0, service_rate=1.0)


def test_a_call_centre_with_abandonment_answers_in_four_seconds():
    """Garnett, Mandelbaum & Reiman (2002): 50 agents, 48 a minute, patience 2 min: 3.1 % leave, 3.7 s."""
    centre = mmc_impatient(servers=50, arrival_rate=48.0, service_rate=1.0, patience_rate=0.5)

    assert centre.abandonment == pytest.approx(0.031, abs=5e-4)
    assert 60 * centre.mean_wait == pytest.approx(3.7, abs=0.05)


def test_patience_as_long_as_service_makes_an_infinite_server_queue():
    """Each vehicle leaves at the same rate wherever it is, so the number present is Poisson."""
    station = mmc_impatient(servers=5, arrival_rate=6.0, service_rate=1.0, patience_rate=1.0)
    numbers = np.arange(200)

    assert station.mean_queue == pytest.approx(poisson.pmf(numbers, 6.0) @ np.maximum(numbers - 5, 0))
    assert station.waiting == pytest.approx(poisson.sf(4, 6.0))


def test_endless_patience_is_m_m_c():
    """As patience grows nobody leaves, and all waits tend to that of Erlang C."""
    station = mmc_impatient(servers=3, arrival_rate=5.0, service_rate=2.0, patience_rate=1e-9)

    assert station.abandonment == pytest.approx(0, abs=1e-8)
    assert station.mean_wait == pytest.approx(mmc_mean_wait(3, 5.0, 2.0), rel=1e-6)
    assert station.mean_wait_served == pytest.approx(mmc_mean_wait(3, 5.0, 2.0), rel=1e-6)


@pytest.mark.parametrize("arrival_rate", [0.5, 1.0, 3.0])
def test_the_wait_of_the_served_agrees_with_the_density_of_the_work_ahead(arrival_rate):
    """
    One server: the offered wait x has density lambda p0 exp(lambda (1 - exp(-theta x)) / theta - mu x).

    Baccelli & Hebuterne, On queues with impatient customers (1981); who finds x is served with exp(-theta x).
    """
    theta = 0.7

    def density(x):
        return arrival_rate * np.exp(arrival_rate * (1 - np.exp(-theta * x)) / theta - x)

    served_after_waiting = quad(lambda x: density(x) * np.exp(-theta * x), 0, np.inf)[0]
    waited = quad(lambda x: density(x) * np.exp(-theta * x) * x, 0, np.inf)[0]
    station = mmc_impatient(servers=1, arrival_rate=arrival_rate, service_rate=1.0, patience_rate=theta)

    assert station.mean_wait_served == pytest.approx(waited / (1 + served_after_waiting))
    assert station.mean_wait_served <= station.mean_wait / (1 - station.abandonment)


def test_a_hopeless_overload_serves_no_more_than_the_servers_can():
    """With ten times the capacity arriving, nine vehicles in ten give up."""
    station = mmc_impatient(servers=2, arrival_rate=200.0, service_rate=10.0, patience_rate=1.0)

    assert station.abandonment == pytest.approx(0.9, abs=1e-6)
