"""Resamples of runs made by hand: when an answer stays right as the procedure promises it."""

import pytest

from gatewatch.simulator.optimisation.picking import right_shares
from gatewatch.simulator.optimisation.selection import Observed, Rules

RULES = Rules(limit=100.0, tolerance=5.0, indifference=10.0)


def candidate(value, gate_cost, total_cost, n=10):
    """Return a candidate whose runs are all alike."""
    return Observed([value] * n, [gate_cost] * n, [total_cost] * n)


BASE = candidate(200.0, 0.0, 900.0, n=20)


def test_an_answer_that_is_clear_stays_right():
    """No run differs from another, and fewer runs than the baseline's are no fault."""
    assert right_shares([BASE, candidate(80.0, 50.0, 500.0), candidate(80.0, 80.0, 700.0)], RULES, 1, 1) == (1.0, 1.0)


@pytest.mark.parametrize("value", [91.0, 99.0])
def test_a_rival_within_the_zone_takes_nothing_from_the_cheapest(value):
    """Cheaper, and inside the limit by less than the zone of 10: the procedure may call it either way."""
    assert right_shares([BASE, candidate(80.0, 50.0, 500.0), candidate(value, 20.0, 700.0)], RULES, 1, 1)[0] == 1.0


def test_a_rival_well_inside_and_cheaper_by_what_matters_does():
    """The same at 89: it meets the target for certain; by 5 cheaper it would be taken as equal."""
    seen = [BASE, candidate(80.0, 50.0, 500.0)]

    assert right_shares([*seen, candidate(89.0, 20.0, 700.0)], RULES, 1, 1)[0] == 0.0
    assert right_shares([*seen, candidate(89.0, 45.0, 700.0)], RULES, 1, 1)[0] == 1.0


def test_a_cheapest_beyond_the_limit_is_wrong_as_often_as_its_resampled_mean():
    """Half of the runs at 90 and half at 110: the mean of a resample keeps 100 in (1 + P(tie)) / 2 of them."""
    coin = Observed([90.0, 110.0] * 10, [50.0] * 20, [500.0] * 20)
    share, _ = right_shares([BASE, coin], RULES, 1, 1)

    assert share == pytest.approx((1 + 0.176) / 2, abs=0.05)  # P(10 of 20) = 0.176


def test_there_is_no_share_where_there_is_no_cheapest():
    """Nothing meets the target; the least total cost has one all the same, with a figure that is not known."""
    seen = [candidate(float("nan"), 0.0, 900.0), candidate(float("nan"), 50.0, 500.0)]

    assert right_shares(seen, RULES, None, 1) == (None, 1.0)
    assert right_shares(seen, RULES, None, 0) == (None, 0.0)
