"""The analysis layer against functions whose indices are known."""

import numpy as np
import pytest

from gatewatch.simulator.sensitivity.indices import (
    blocks_within,
    screening_effects,
    screening_points,
    share_points,
    shares,
)

PI = np.pi
ISHIGAMI = [(-PI, PI)] * 3


def ishigami(points):
    """Return Ishigami's function with a = 7, b = 0.1."""
    x, y, z = points.T
    return np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


def test_total_effects_of_ishigami():
    """First 0.314, 0.442, 0; total 0.558, 0.442, 0.244 (Ishigami & Homma, 1990)."""
    points = share_points(ISHIGAMI, 1_024, seed=3)
    found = shares(ISHIGAMI, ishigami(points), seed=3)

    assert found.total == pytest.approx([0.558, 0.442, 0.244], abs=0.05)
    assert found.first == pytest.approx([0.314, 0.442, 0.0], abs=0.05)
    assert (found.total_half_width < 0.1).all()


def test_screening_of_a_plane():
    """Effects of a plane are its slopes times the ranges, all alike, with their signs."""
    bounds = [(0.0, 1.0), (0.0, 10.0), (5.0, 6.0)]
    points = screening_points(bounds, 10, seed=1)
    found = screening_effects(bounds, points, points @ np.array([2.0, -3.0, 0.0]), seed=1)

    assert found.mean == pytest.approx([2, -30, 0], abs=1e-9)
    assert found.strength == pytest.approx([2, 30, 0], abs=1e-9)
    assert found.spread == pytest.approx([0, 0, 0], abs=1e-9)


def test_an_output_that_does_not_move_has_nothing_to_share():
    """All shares are nought, without a warning."""
    found = shares(ISHIGAMI, np.full(len(share_points(ISHIGAMI, 8, seed=1)), 4.2), seed=1)

    assert found.total.tolist() == [0, 0, 0]


def test_what_is_finished_of_a_stopped_design_counts():
    """Whole trajectories and whole blocks are used; too few say nothing."""
    points = screening_points(ISHIGAMI, 6, seed=1)
    values = ishigami(points)

    assert screening_effects(ISHIGAMI, points, values[:14], seed=1) is not None
    assert screening_effects(ISHIGAMI, points, values[:7], seed=1) is None
    assert shares(ISHIGAMI, values[:20], seed=1) is None


def test_blocks_are_a_power_of_two_within_the_budget():
    """A Sobol sequence is balanced at powers of two only."""
    assert [blocks_within(budget, 6) for budget in (10, 127, 128, 8_192)] == [8, 8, 16, 1_024]
