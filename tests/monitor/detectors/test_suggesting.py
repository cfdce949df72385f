"""Suggested thresholds by hand: the same weekdays, and only those."""

from datetime import date, timedelta

import pytest

from gatewatch.monitor.detectors.suggesting import suggest

THURSDAY = date(2026, 1, 15)


def _thursdays(values: list[float | None]) -> dict[date, float | None]:
    """Return the values of the Thursdays before, the last one last."""
    return {THURSDAY - timedelta(weeks=len(values) - n): value for n, value in enumerate(values)}


def test_nine_of_ten_days_stay_below() -> None:
    """90th percentile of 10 … 80: 73 by linear interpolation."""
    found = suggest(_thursdays([10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0]), THURSDAY, compared_with=60.0)

    assert found is not None
    assert found.value == pytest.approx(73)
    assert (found.n_days, found.first, found.last) == (8, date(2025, 11, 20), date(2026, 1, 8))
    assert found.n_above == 3


def test_other_weekdays_the_day_itself_and_older_days_do_not_count() -> None:
    """A ninth Thursday, a Friday and today are as high as can be."""
    highest = {
        **_thursdays([1e6, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0]),
        THURSDAY: 1e6,
        THURSDAY - timedelta(days=6): 1e6,
    }

    found = suggest(highest, THURSDAY)

    assert found is not None
    assert (found.value, found.n_above) == (10.0, None)


def test_three_days_suggest_nothing() -> None:
    """A day that is not known is none."""
    assert suggest(_thursdays([10.0, None, 10.0, 10.0]), THURSDAY) is None
    assert suggest({}, THURSDAY) is None
