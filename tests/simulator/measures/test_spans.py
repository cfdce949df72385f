"""Stretches of time, against counting each unit of time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gatewatch.simulator.measures.lines import Lines, in_turn
from gatewatch.simulator.measures.spans import Spans, most_at_once

LENGTH = 30
PAIRS = st.lists(st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)), max_size=8)
CUTS = st.lists(st.integers(1, LENGTH - 1), max_size=5, unique=True)
ON_LINES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, LENGTH), st.integers(0, LENGTH)), max_size=8)


def units(pairs):
    """Return which of the units of time the pairs cover, and by how many."""
    result = np.zeros(LENGTH, dtype=np.int64)
    for begins, ends in pairs:
        result[begins:ends] += 1
    return result


def columns(rows, n=2):
    """Return rows of whole numbers as arrays."""
    return np.array(rows, dtype=np.int64).reshape(-1, n).T


@given(PAIRS, PAIRS)
def test_union_intersection_and_gaps_are_those_of_sets(first, second):
    """Order and overlaps of the pairs do not matter."""
    a, b = Spans.of(first), Spans.of(second)
    in_a, in_b = units(first) > 0, units(second) > 0

    assert ((units(a.pairs()) > 0) == in_a).all()
    assert ((units((a & b).pairs()) > 0) == (in_a & in_b)).all()
    assert ((units(a.gaps(0, LENGTH).pairs()) > 0) == ~in_a).all()
    assert (a.covers(np.arange(LENGTH)) == in_a).all()


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


@given(PAIRS, st.integers(1, 4))
def test_so_many_at_once_are_counted_at_every_instant(pairs, at_once):
    """The spans are where the count of a unit of time reaches the number, in order and apart."""
    found = Spans.covering(*columns(pairs), at_once)

    assert (units(found.pairs()) == (units(pairs) >= at_once)).all()
    assert (found.begins_us[1:] > found.ends_us[:-1]).all()


@given(PAIRS, st.integers(0, 10), st.integers(20, LENGTH))
def test_the_most_at_once_is_the_highest_count_of_the_window(pairs, from_us, to_us):
    """What goes on outside the window does not count."""
    assert most_at_once(*columns(pairs), from_us, to_us) == units(pairs)[from_us:to_us].max(initial=0)


@given(st.tuples(CUTS, CUTS, CUTS), ON_LINES)
def test_stretches_on_lines_are_cut_where_the_line_is(cuts, stretches):
    """Each unit of a stretch lies in the piece of its own line; the lines do not know of each other."""
    begins = [np.array([0, *sorted(cut)], dtype=np.int64) for cut in cuts]
    lines = Lines(begins, 0, LENGTH)
    line, since, until = columns(stretches, 3)
    which, piece_since, piece_until, piece = lines.pieces(line, since, until)
    cut_up = [
        (n, at, p) for n, b, e, p in zip(which, piece_since, piece_until, piece, strict=True) for at in range(b, e)
    ]
    first = np.concatenate([[0], np.cumsum([len(line) for line in begins])])
    expected = [
        (n, at, first[number] + np.searchsorted(begins[number], at, side="right") - 1)
        for n, (number, b, e) in enumerate(stretches)
        for at in range(b, e)
    ]

    assert cut_up == expected


@given(st.tuples(CUTS, CUTS, CUTS), ON_LINES, st.data())
def test_what_lies_within_chosen_pieces_is_the_sum_over_them(cuts, stretches, data):
    """In one sum and piece by piece."""
    lines = Lines([np.array([0, *sorted(cut)], dtype=np.int64) for cut in cuts], 0, LENGTH)
    n_pieces = len(lines.begins_us)
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=n_pieces, max_size=n_pieces)), dtype=bool)
    line, since, until = columns(stretches, 3)
    which, piece_since, piece_until, piece = lines.pieces(line, since, until)
    expected = np.bincount(which, np.where(chosen[piece], piece_until - piece_since, 0), len(stretches))

    assert lines.within_us(chosen, line, since, until).tolist() == expected.tolist()


def test_of_several_reasons_the_first_counts():
    """And the rest where none fits."""
    early, late = np.array([True, True, False, False]), np.array([True, False, True, False])

    assert in_turn([(7, early), (8, late)], 9).tolist() == [7, 7, 8, 9]
