"""Groups of rows, slices and what is kept, against masks and counting."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewatch.config.loader import load_border
from gatewatch.simulator import make_plan, run_record
from gatewatch.simulator.grouping import Grouped
from gatewatch.simulator.kept import once

N_GROUPS = 4
ROWS = st.lists(st.tuples(st.integers(0, N_GROUPS - 1), st.booleans(), st.integers(-50, 50)), max_size=12)


@given(ROWS)
def test_groups_hold_their_rows_in_order(rows):
    """Rows, sums and what is kept of each group are those of a mask."""
    group, chosen, amounts = (np.array([row[n] for row in rows], dtype=kind) for n, kind in enumerate((int, bool, int)))
    found = Grouped.by(group, N_GROUPS)
    kept, sums = found.keep(chosen), found.total(amounts[found.rows])
    parts = found.split(amounts[found.rows])

    for number in range(N_GROUPS):
        assert found.of(number).tolist() == np.flatnonzero(group == number).tolist()
        assert kept.of(number).tolist() == np.flatnonzero((group == number) & chosen).tolist()
        assert parts[number].tolist() == amounts[group == number].tolist()
        assert sums[number] == amounts[group == number].sum()
    assert found.group.tolist() == group[found.rows].tolist()


@pytest.fixture(scope="module")
def record():
    """Return a day of Lang Son."""
    return run_record(make_plan(load_border(), "h1_2025", days=1, warmup_days=0), 0)


def mask(record, part):
    """Return the vehicles of a slice."""
    groups = [
        n
        for n, group in enumerate(record.network.groups)
        if part.gate in (None, group.gate) and part.direction in (None, group.direction)
    ]
    classes = [n for n, name in enumerate(record.network.classes) if part.class_ in (None, name)]
    return np.isin(record.draws.group, groups) & np.isin(record.draws.classes, classes)


def test_slices_are_gates_directions_and_classes(record):
    """Counts, sums and picked vehicles of every slice are those of its mask."""
    chosen, amounts = record.is_laden, record.draws.arrival_us
    counts = record.slices.fold(record.leaves.count(chosen))
    sums = record.slices.fold(record.leaves.total(amounts))
    picked = record.leaves.pick(chosen)
    for part, count, total in zip(record.slices, counts, sums, strict=True):
        mine = mask(record, part)

        assert count == (mine & chosen).sum()
        assert total == amounts[mine].sum()
        assert sorted(part.of(picked, picked.rows)) == np.flatnonzero(mine & chosen).tolist()


def test_places_are_the_slices_without_classes(record):
    """In the same order."""
    keys = [(part.gate, part.direction) for part in record.slices if part.class_ is None]

    assert [(part.gate, part.direction) for part in record.places] == keys
    assert keys[0] == (None, None)
    assert len(set(keys)) == len(keys)


@dataclass(frozen=True)
class Thing:
    """Something that keeps what follows from it."""

    kept: dict = field(default_factory=dict)


def test_what_is_kept_is_worked_out_once_for_each_thing_and_argument():
    """A second thing, and another argument, are worked out anew."""
    calls = []

    @once
    def work(_, number, *, twice=False):
        calls.append(number)
        return number * (2 if twice else 1)

    first, second = Thing(), Thing()

    assert [work(first, 3), work(first, 3), work(first, 4), work(second, 3)] == [3, 3, 4, 3]
    assert [work(first, 3, twice=True), work(first, 3)] == [6, 3]
    assert calls == [3, 4, 3, 3]
