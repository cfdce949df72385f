"""Points and lines small enough to draw by hand."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewatch.simulator.optimisation.fronts import Region, pareto_front, price_regions, shadow_prices


def always(*_):
    """Return that any two points are told apart."""
    return True


def test_the_front_leaves_out_what_another_beats():
    """Dearer and no better is out, equal is named once, a figure that is not known is out."""
    costs = [0.0, 100.0, 100.0, 200.0, 300.0, 50.0]
    figures = [60.0, 40.0, 45.0, 40.0, 10.0, float("nan")]

    assert pareto_front(costs, figures) == [0, 1, 4]


def test_the_shadow_price_is_what_the_next_minute_costs():
    """From 60 to 40 min for 100: 5 a minute; from 40 to 10 for 200 more: 6.67 a minute."""
    costs, figures = [0.0, 100.0, 300.0], [60.0, 40.0, 10.0]

    assert shadow_prices(costs, figures, [0, 1, 2], always) == {1: 5.0, 2: pytest.approx(200 / 30)}


def test_a_point_that_gives_little_for_its_money_has_no_price():
    """One minute for 100, and then 29 for 10 more: whoever pays goes straight to the second, at 110 for 30."""
    costs, figures = [0.0, 100.0, 110.0, 300.0], [60.0, 59.0, 30.0, 20.0]

    assert shadow_prices(costs, figures, [0, 1, 2, 3], always) == {2: pytest.approx(110 / 30), 3: 19.0}
    assert shadow_prices(costs, figures, [0], always) == {}
    assert shadow_prices(costs, figures, [], always) == {}


def test_a_point_that_is_not_told_apart_from_the_one_before_has_no_price():
    """Half a minute for 100 is noise: no price; the next is counted from the last that is told apart."""
    costs, figures = [0.0, 100.0, 300.0], [60.0, 59.5, 30.0]

    assert shadow_prices(costs, figures, [0, 1], lambda a, b: abs(figures[a] - figures[b]) > 1) == {}
    assert shadow_prices(costs, figures, [0, 1, 2], lambda a, b: abs(figures[a] - figures[b]) > 1) == {2: 10.0}


def test_the_winner_changes_where_the_costs_are_equal():
    """By hand: 100 + 10 p, 150 + 5 p and 300 + 1 p cross at 10 and at 37.5."""
    regions = price_regions([100.0, 150.0, 300.0], [10.0, 5.0, 1.0])

    assert regions == [Region(0.0, 10.0, 0), Region(10.0, 37.5, 1), Region(37.5, math.inf, 2)]


def test_one_that_never_wins_is_in_no_region():
    """200 + 5 p lies above the other two wherever it could win."""
    regions = price_regions([100.0, 200.0, 150.0], [10.0, 5.0, 2.0])

    assert [region.candidate for region in regions] == [0, 2]
    assert regions[1].low == pytest.approx(50 / 8)


def test_equals_are_named_once():
    """Two candidates with the same costs at every price: the first."""
    assert price_regions([5.0, 5.0], [1.0, 1.0]) == [Region(0.0, math.inf, 0)]


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e3)), min_size=1, max_size=8),
    st.floats(0, 1e5),
)
def test_the_named_candidate_is_the_cheapest_at_every_price(lines, price):
    """Regions cover all prices without gaps, and nobody costs less than the one named there."""
    fixed, slopes = [a for a, _ in lines], [b for _, b in lines]
    regions = price_regions(fixed, slopes)
    here = next(r for r in regions if r.low <= price <= r.high)
    least = min(a + b * price for a, b in lines)

    assert regions[0].low == 0
    assert regions[-1].high == math.inf
    assert all(a.high == b.low for a, b in pairwise(regions))
    assert fixed[here.candidate] + slopes[here.candidate] * price <= least * (1 + 1e-9) + 1e-6
