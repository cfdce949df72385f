import numpy as np
import pytest

from gatewatch.simulator.verification.birth_death import mmck
from gatewatch.simulator.verification.chains import stationary


def test_a_ring_stays_in_each_state_in_proportion_to_one_over_its_rate():
    """Three states left at rates 1, 2 and 4 one after the other: 4/7, 2/7 and 1/7 of the time."""
    ring = {"red": ("green", 1.0), "green": ("amber", 2.0), "amber": ("red", 4.0)}
    chain = stationary("red", lambda state: [ring[state]])

    assert chain.states == ("red", "green", "amber")
    assert chain.probabilities == pytest.approx([4 / 7, 2 / 7, 1 / 7])


@pytest.mark.parametrize(("servers", "places", "arrival_rate"), [(1, 5, 0.8), (3, 10, 2.9), (2, 40, 5.0)])
def test_the_chain_of_m_m_c_k_agrees_with_its_closed_form(servers, places, arrival_rate):
    """Blocking and mean queue of the sparse solution are those of the product of ratios, also in overload."""

    def moves(backlog):
        yield min(backlog + 1, places), arrival_rate
        if backlog:
            yield backlog - 1, float(min(backlog, servers))

    chain = stationary(0, moves)
    exact = mmck(servers, places, arrival_rate, service_rate=1.0)

    assert chain.probability(lambda backlog: backlog == places) == pytest.approx(exact.blocking, rel=1e-9)
    assert chain.mean(lambda backlog: max(backlog - servers, 0)) == pytest.approx(exact.mean_queue, rel=1e-9)


def test_the_unit_of_time_does_not_matter():
    """The same chain with rates a microsecond has the same probabilities."""

    def moves(backlog, unit):
        return [(min(backlog + 1, 30), 0.9 * unit), (max(backlog - 1, 0), 1.0 * unit)]

    by_hour = stationary(0, lambda backlog: moves(backlog, 1.0)).probabilities
    by_microsecond = stationary(0, lambda backlog: moves(backlog, 1 / 3.6e9)).probabilities

    assert by_microsecond == pytest.approx(by_hour, rel=1e-9)


def test_the_sparse_solution_agrees_with_a_dense_one_on_a_random_chain():
    """The null vector of the transposed generator, by singular values."""
    rates = np.random.default_rng(7).exponential(size=(30, 30))
    np.fill_diagonal(rates, 0)
    chain = stationary(0, lambda state: list(enumerate(rates[state])))
    null = np.linalg.svd((rates - np.diag(rates.sum(axis=1))).T)[2][-1]
    by_state = dict(zip(chain.states, chain.probabilities, strict=True))

    assert [by_state[state] for state in range(30)] == pytest.approx(null / null.sum())


def test_a_state_that_is_left_for_good_has_no_share():
    """The warm-up state leads into a pair that never returns to it."""
    chain = stationary(0, lambda state: [(1, 5.0)] if state == 0 else [(3 - state, float(state))])

    assert chain.probabilities == pytest.approx([0, 2 / 3, 1 / 3])


def test_a_state_that_is_never_left_has_all():
    """An absorbing state is a set of its own."""
    chain = stationary("open", lambda state: [("shut", 1.0)] if state == "open" else [])

    assert chain.probability(lambda state: state == "shut") == 1


def test_two_ways_to_end_are_refused():
    """The long run would depend on chance."""
    with pytest.raises(ValueError, match="2 sets of states"):
        stationary(0, lambda state: [(-1, 1.0), (1, 1.0)] if state == 0 else [])


def test_a_chain_without_end_is_refused():
    """An unlimited queue has to be cut by its author, who knows where."""
    with pytest.raises(ValueError, match="more than 100 states"):
        stationary(0, lambda state: [(state + 1, 1.0)], max_states=100)


def test_a_negative_rate_is_refused_with_its_place():
    """The message names both states."""
    with pytest.raises(ValueError, match="from 0 to 1 is -1"):
        stationary(0, lambda state: [(1 - state, -1.0)])
