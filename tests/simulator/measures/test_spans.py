"""Stretches of time, against counting each unit of time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gatewatch.simulator.measures.spans import Spans, number_at_once

LENGTH = 30
PAIRS = st.lists(st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)), max_size=8)


def units(pairs):
    """Return which of the units of time the pairs cover, and by how many."""
    result = np.zeros(LENGTH, dtype=np.int64)
    for begins, ends in pairs:
        result[begins:ends] += 1
    return result


def columns(pairs):
    """Return begins and ends as arrays."""
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


@given(PAIRS, PAIRS)
def test_union_difference_and_gaps_are_those_of_sets(first, second):
    """Order and overlaps of the pairs do not matter."""
    a, b = Spans.of(first), Spans.of(second)
    in_a, in_b = units(first) > 0, units(second) > 0

    assert ((units((a | b).pairs()) > 0) == (in_a | in_b)).all()
    assert ((units(a.without(b).pairs()) > 0) == (in_a & ~in_b)).all()
    assert ((units(a.gaps(0, LENGTH).pairs()) > 0) == ~in_a).all()


@given(PAIRS, PAIRS)
def test_what_is_covered_is_the_sum_of_its_pieces(spans, others):
    """Piece by piece and in one sum, and never more than once."""
    covering = Spans.of(spans)
    begins, ends = columns(others)
    which, piece_begins, piece_ends = covering.pieces(begins, ends)
    expected = [int((units(spans)[b:e] > 0).sum()) for b, e in others]

    assert covering.covered_us(begins, ends).tolist() == expected
    assert (piece_begins < piece_ends).all()
    assert np.bincount(which, piece_ends - piece_begins, len(others)).tolist() == expected


@given(PAIRS, st.integers(0, 10), st.integers(20, LENGTH))
def test_the_number_at_once_is_counted_at_every_instant(pairs, from_us, to_us):
    """The steps give the count of each unit of time within the window."""
    times, number = number_at_once(*columns(pairs), from_us, to_us)
    lengths = np.diff(np.append(times, to_us))

    assert np.repeat(number, lengths).tolist() == units(pairs)[from_us:to_us].tolist()
