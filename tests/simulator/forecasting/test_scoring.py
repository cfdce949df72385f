"""Scores of forecasts worked out by hand."""

import pytest

from gatewatch.simulator.forecasting import LEVELS, score


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
