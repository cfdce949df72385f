"""Scores of forecasts worked out by hand."""

import pytest

from gatewatch.simulator.forecasting import LEVELS, score, summarise


def row(levels, p10, p50, p90, persistence=10.0, last_week=None):
    """Return a forecast of one hour ahead."""
    return {
        "gate": "a",
        "direction": "export",
        "backlog_levels": [[0.0] * len(LEVELS), levels],
        "hours": {"backlog": {"p10": [0, p10], "p50": [0, p50], "p90": [0, p90]}},
        "baselines": {"persistence": [0.0, persistence], "last_week": [None, last_week]},
    }


def test_a_forecast_that_is_sure_has_the_absolute_error_as_its_crps():
    """All quantiles are 12, 15 came: the mean over 19 levels of twice the pinball loss is 3."""
    found = score(row([12.0] * 19, 12, 12, 12), 1, 15.0)

    assert found.crps == pytest.approx(3.0)
    assert found.pinball == pytest.approx((0.3, 1.5, 2.7))
    assert (found.is_inside, found.baselines) == (False, (5.0, None))


def test_the_ends_of_the_band_belong_to_it():
    """A count that lies on the end is inside."""
    assert score(row([12.0] * 19, 10, 12, 15), 1, 15.0).is_inside


def test_skill_is_told_by_place_and_horizon_and_over_all():
    """Two scores: coverage, bias, and the baselines over those that they had something to say to."""
    levels = [10.0 + n / 10 for n in range(19)]
    scores = [score(row(levels, 10, 11, 12), 1, 11.0), score(row(levels, 10, 11, 12, last_week=14.0), 1, 20.0)]
    everything, at_one_hour, place, place_at_one_hour = summarise(scores)

    assert (everything.gate, at_one_hour.horizon_h, place.gate, place_at_one_hour.horizon_h) == (None, 1, "a", 1)
    assert everything.coverage == 0.5
    assert everything.bias == pytest.approx((0 - 9) / 2)
    assert everything.baselines == (pytest.approx((1 + 10) / 2), pytest.approx(6.0))
    assert everything.worse_than == ()  # two scores are too few to say so


def test_a_forecast_that_is_worse_than_its_baseline_says_so():
    """Twenty times sure of what does not come, where staying as it is would have been right."""
    found = summarise([score(row([30.0] * 19, 30, 30, 30), 1, 10.0)] * 20)

    assert found[0].worse_than == ("persistence",)


def test_nothing_scored_is_no_skill():
    """No rows, and no zeros."""
    assert summarise([]) == []
