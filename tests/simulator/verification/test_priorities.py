import pytest

from gatewatch.simulator.verification.chains import stationary
from gatewatch.simulator.verification.errors import UnstableQueueError
from gatewatch.simulator.verification.priorities import priority_mg1_mean_waits, priority_mmc_mean_waits
from gatewatch.simulator.verification.theory import mg1_mean_wait, mmc_mean_wait


def test_three_classes_at_one_server_have_the_waits_of_the_hand_calculation():
    """Loads 1/15, 1/5, 2/5, first free after 2/9: over 14/15, 14/15 x 11/15 and 11/15 x 1/3."""
    waits = priority_mmc_mean_waits(servers=1, arrival_rates=[0.2, 0.6, 1.2], service_rate=3.0)

    assert waits == pytest.approx([5 / 21, 25 / 77, 10 / 11])


def test_two_classes_at_two_servers_agree_with_their_markov_chain():
    """The chain knows no Cobham: a free server takes the first class while it has somebody waiting."""
    rates, service_rate, servers, longest = (0.5, 0.9), 1.0, 2, 70

    def moves(state):
        busy, first, second = state
        if busy < servers:
            yield (busy + 1, 0, 0), sum(rates)
        else:
            yield (busy, min(first + 1, longest), second), rates[0]
            yield (busy, first, min(second + 1, longest)), rates[1]
        if first:
            yield (busy, first - 1, second), busy * service_rate
        elif second:
            yield (busy, first, second - 1), busy * service_rate
        elif busy:
            yield (busy - 1, 0, 0), busy * service_rate

    chain = stationary((0, 0, 0), moves)
    waits = priority_mmc_mean_waits(servers, rates, service_rate)

    assert waits[0] == pytest.approx(chain.mean(lambda state: state[1]) / rates[0], rel=1e-8)
    assert waits[1] == pytest.approx(chain.mean(lambda state: state[2]) / rates[1], rel=1e-6)


def test_priority_moves_waiting_between_classes_and_removes_none():
    """With one service rate for all, the mean over the vehicles is that without priority."""
    rates = [0.4, 1.1, 2.0]
    waits = priority_mmc_mean_waits(servers=4, arrival_rates=rates, service_rate=1.0)
    mean = sum(rate * wait for rate, wait in zip(rates, waits, strict=True)) / sum(rates)

    assert mean == pytest.approx(mmc_mean_wait(4, sum(rates), 1.0))


def test_work_is_conserved_where_the_classes_have_different_services():
    """Kleinrock (1965): the sum of load x wait does not depend on the order in which the classes go."""
    classes = [(0.3, 1.0, 0.5), (0.1, 3.0, 1.0), (0.4, 0.5, 0.0)]

    def work(order):
        waits = priority_mg1_mean_waits(*zip(*order, strict=True))
        return sum(rate * mean * wait for (rate, mean, _), wait in zip(order, waits, strict=True))

    assert work(classes) == pytest.approx(work(classes[::-1]))
    assert work(classes) == pytest.approx(work([classes[1], classes[2], classes[0]]))


def test_a_single_class_has_the_wait_of_the_queue_without_classes():
    """One class is Pollaczek and Khinchine at one server, Erlang C at several."""
    assert priority_mg1_mean_waits([0.6], [1.0], [0.3]) == pytest.approx([mg1_mean_wait(0.6, 1.0, 0.3)])
    assert priority_mmc_mean_waits(3, [2.0], 1.0) == pytest.approx([mmc_mean_wait(3, 2.0, 1.0)])


def test_both_formulas_agree_on_exponential_services_at_one_server():
    """M/G/1 with a cv of one and M/M/c with one server are the same queue."""
    general = priority_mg1_mean_waits([0.2, 0.5], [1.0, 1.0], service_cvs=[1.0, 1.0])

    assert general == pytest.approx(priority_mmc_mean_waits(1, [0.2, 0.5], 1.0))


def test_all_classes_together_have_to_stay_below_a_load_of_one():
    """The last class alone would never be served."""
    with pytest.raises(UnstableQueueError):
        priority_mmc_mean_waits(servers=2, arrival_rates=[1.0, 1.0], service_rate=1.0)
    with pytest.raises(UnstableQueueError):
        priority_mg1_mean_waits([0.5, 0.5], [1.0, 1.0], service_cvs=[0.0, 0.0])
