"""Stationary solution of a finite continuous-time Markov chain that is written down as its moves."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

State = TypeVar("State", bound=Hashable)
Transitions = Callable[[State], Iterable[tuple[State, float]]]
"""Gives the states that follow a state, each with its rate [1/time]."""

LOOKS_PER_MOVE = 1e-9
"""Rate of looking at a chain, relative to its fastest move.

The rarer the looks, the fewer are needed; it only has to stay well above the rounding of floats.
"""

MAX_LOOKS = 1000
"""Looks after which a chain that has not settled is given up."""

PRECISION = 1e-12
"""Total difference of the probabilities of two looks that counts as none."""

NEGLIGIBLE = 1e-10
"""Share of the arrivals that may be cut off where a queue without limit is replaced by a long one."""

FIRST_LENGTH = 32
"""Length of the queue tried first in place of one without limit [veh]; it is doubled as long as needed."""


@dataclass(frozen=True, slots=True)
class Stationary(Generic[State]):
    """The states of a chain and the share of time spent in each."""

    states: tuple[State, ...]
    """In the order in which they were found."""
    probabilities: NDArray[np.float64]
    """Shape (state,)."""

    def mean(self, value: Callable[[State], float]) -> float:
        """Return the mean over time of a value of the state."""
        return float(self.probabilities @ np.array([value(state) for state in self.states], dtype=np.float64))

    def probability(self, holds: Callable[[State], bool]) -> float:
        """Return the share of time in which a condition holds."""
        return self.mean(lambda state: float(holds(state)))


def stationary(initial_state: State, transitions: Transitions[State], max_states: int = 500_000) -> Stationary[State]:
    """
    Return the stationary probabilities of all states that can be reached.

    Method: the states are explored from the initial one. Those that are not left for good are looked at after
    an exponential time, again and again, until the probabilities repeat themselves: inverse iteration with a
    shift, whose matrix is never singular, however unlikely a state or unequal the rates.

    Args:
        initial_state: Where the exploration starts.
        transitions: Moves out of a state with their rates [1/time]; moves at rate zero, and to itself, do not
            count.
        max_states: Where a chain that does not end is given up.

    Raises:
        ValueError: A rate is negative, the states do not end, or the long run depends on chance because there
            is more than one set of states that is never left.

    >>> def moves(backlog):  # M/M/1 with two places
    ...     return [(backlog + 1, 1.0)] * (backlog < 2) + [(backlog - 1, 2.0)] * (backlog > 0)
    >>> stationary(0, moves).probabilities.round(4).tolist()
    [0.5714, 0.2857, 0.1429]
    """
    states, rates = _explore(initial_state, transitions, max_states)
    recurrent = _recurrent(rates)
    probabilities = np.zeros(len(states))
    probabilities[recurrent] = _balance(csr_array(rates[recurrent][:, recurrent]))
    return Stationary(states, probabilities)


class Limited(Protocol):
    """A result for a queue that may be full."""

    @property
    def turned_back_share(self) -> float:
        """Share of the arriving vehicles that find no place."""


Result = TypeVar("Result", bound=Limited)


def without_limit(solve: Callable[[int], Result]) -> Result:
    """
    Return the result for a queue so long that next to nobody is turned back.

    Args:
        solve: Gives the result for a length of the queue [veh]. There has to be a steady state without a
            limit.
    """
    length = FIRST_LENGTH
    while (result := solve(length)).turned_back_share > NEGLIGIBLE:
        length *= 2
    return result


def _explore(
    initial_state: State, transitions: Transitions[State], max_states: int
) -> tuple[tuple[State, ...], csr_array[np.float64]]:
    """Return the states that can be reached and the rates between them, shape (state, state)."""
    place = {initial_state: 0}
    states = [initial_state]
    sources: list[int] = []
    targets: list[int] = []
    rates: list[float] = []
    for source, state in enumerate(states):  # grows while it is read
        for target, rate in transitions(state):
            if not (np.isfinite(rate) and rate >= 0):
                raise ValueError(f"The rate from {state} to {target} is {rate:g}; it has to be 0 or above.")
            if rate == 0 or target == state:
                continue
            if target not in place:
                if len(states) == max_states:
                    raise ValueError(f"The chain has more than {max_states} states; bound it or raise max_states.")
                place[target] = len(states)
                states.append(target)
            sources.append(source)
            targets.append(place[target])
            rates.append(rate)
    shape = (len(states), len(states))
    return tuple(states), coo_array((np.array(rates, dtype=np.float64), (sources, targets)), shape=shape).tocsr()


def _recurrent(rates: csr_array[np.float64]) -> NDArray[np.intp]:
    """Return the indices of the one set of states that is never left."""
    n_sets, set_of = connected_components(rates, directed=True, connection="strong")
    edges = rates.tocoo()
    sources, targets = edges.coords
    left = np.unique(set_of[sources[set_of[sources] != set_of[targets]]])
    closed = np.setdiff1d(np.arange(n_sets), left)
    if closed.size > 1:
        raise ValueError(f"The chain has {closed.size} sets of states that are never left; start inside one.")
    return np.flatnonzero(set_of == closed[0])


def _balance(rates: csr_array[np.float64]) -> NDArray[np.float64]:
    """Return the stationary probabilities of an irreducible chain, shape (state,)."""
    outflow = np.asarray(rates.sum(axis=1), dtype=np.float64)
    look_rate = LOOKS_PER_MOVE * (outflow.max() or 1.0)  # a chain of one state has no moves
    lu = splu((diags_array(outflow + look_rate) - rates.T).tocsc())
    probabilities = np.full(outflow.size, 1 / outflow.size)
    for _ in range(MAX_LOOKS):
        looked: NDArray[np.float64] = np.maximum(lu.solve(probabilities), 0)
        looked /= looked.sum()
        change = np.abs(looked - probabilities).sum()
        probabilities = looked
        if change < PRECISION:
            return probabilities
    raise ArithmeticError(f"{outflow.size} states did not settle; some rates are too small beside the others.")
