import numpy as np
import pytest

from gatewatch.simulator.verification.errors import UnstableQueueError
from gatewatch.simulator.verification.networks import jackson_tandem
from gatewatch.simulator.verification.theory import mg1_mean_wait
from gatewatch.simulator.verification.yards import saturated_yard_throughput, yard_tandem


def test_a_yard_with_one_place_is_m_g_1():
    """One vehicle at a time passes both stations: its service is the sum, for Pollaczek and Khinchine."""
    yard = yard_tandem(0.8, servers=(1, 1), service_rates=(3.0, 2.0), yard_places=1)
    mean, variance = 1 / 3 + 1 / 2, 1 / 9 + 1 / 4

    assert yard.mean_wait_outside == pytest.approx(mg1_mean_wait(0.8, mean, np.sqrt(variance) / mean), rel=1e-6)
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


@pytest.mark.parametrize(
    ("nonsense", "message"),
    [
        (lambda: saturated_yard_throughput((1, 1), (1.0, -1.0), yard_places=1), "service_rate is -1"),
        (lambda: yard_tandem(0.1, (1, 1), (1.0, 1.0), yard_places=0), "yard_places is 0"),
        (
            lambda: yard_tandem(0.1, (1, 1), (1.0, 1.0), yard_places=1, outside_places=-1),
            "outside_places is -1",
        ),
    ],
)
def test_senseless_values_are_named(nonsense, message):
    """The message says which argument is wrong and what it was."""
    with pytest.raises(ValueError, match=message):
        nonsense()
