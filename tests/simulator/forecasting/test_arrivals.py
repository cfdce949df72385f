"""Who comes in the next days: history of the same hours, weekdays, seasons, the luck of today, what was declared."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from gatewatch.simulator.forecasting.arrivals import days_ahead, find_usual, level_of
from gatewatch.simulator.forecasting.now import Arrived
from tests.simulator.forecasting.conftest import HANOI

PROFILE = np.array([0] * 6 + [2, 4, 6, 8, 10, 10, 8, 8, 10, 8, 6, 4, 2, 2] + [1] * 4, dtype=float)
FIRST = datetime(2025, 6, 1, tzinfo=HANOI)  # a Sunday


def always(_day):
    """Return the level of a border without seasons."""
    return 1.0


def arrived(days, scale=lambda _: 1.0, until=0):
    """Return so many whole days of the profile, and `until` hours of another."""
    hourly = [float(x) for n in range(days) for x in PROFILE * scale(n)]
    return Arrived(first=FIRST, hourly=(*hourly, *(PROFILE[:until] * scale(days)).tolist()))


def at(days, hour=0):
    """Return the instant after so many days and hours."""
    return FIRST + timedelta(days=days, hours=hour)


def test_too_little_history_is_no_history():
    """Two days are too few to go by."""
    assert find_usual(arrived(2), at(2), HANOI, always) is None


def test_equal_days_give_the_same_hours_again():
    """Four weeks alike: today and tomorrow are expected as they were."""
    found = days_ahead(find_usual(arrived(28), at(28), HANOI, always), at(28), HANOI, 2)

    assert [np.allclose(day.hourly, PROFILE) for day in found] == [True, True]
    assert [day.day for day in found] == [date(2025, 6, 29), date(2025, 6, 30)]


def test_hours_that_nobody_counted_are_left_out_and_not_zero():
    """Every seventh hour was not heard: the mean of the others holds."""
    whole = arrived(28)
    holed = tuple(None if n % 7 == 3 else value for n, value in enumerate(whole.hourly))
    usual = find_usual(Arrived(first=FIRST, hourly=holed), at(28), HANOI, always)

    assert np.allclose(usual.hourly, PROFILE)


def test_a_weekday_that_is_half_is_expected_as_nearly_half():
    """Sundays bring half; four of them against two average weekdays' worth of doubt."""
    usual = find_usual(arrived(28, lambda n: 0.5 if n % 7 == 0 else 1.0), at(28), HANOI, always)
    sunday, monday = (usual.expected(date(2025, 6, day)).sum() / PROFILE.sum() for day in (29, 30))

    assert 0.5 < sunday < 0.75
    assert monday == pytest.approx(1.0, abs=0.03)


def test_what_came_so_far_moves_the_rest_of_today_and_not_tomorrow():
    """
    Twice as many until noon as usual.

    The factor given n arrivals where e were expected is gamma again: its mean is (k + n) / (k + e).
    """
    usual = find_usual(arrived(28, lambda n: 2.0 if n == 28 else 1.0, until=12), at(28, 12), HANOI, always)
    today, tomorrow = days_ahead(usual, at(28, 12), HANOI, 2)
    shape, expected = usual.cv**-2, PROFILE[:12].sum()

    assert today.factor == pytest.approx((shape + 2 * expected) / (shape + expected))
    assert today.cv == pytest.approx((shape + 2 * expected) ** -0.5)
    assert (tomorrow.factor, tomorrow.cv) == (1.0, usual.cv)


def test_days_that_differ_more_than_poisson_say_have_luck():
    """Days that swing by a third, against days that are all alike."""
    generator = np.random.default_rng(5)
    swings = generator.gamma(9, 1 / 9, size=29)
    lucky = find_usual(arrived(28, lambda n: swings[n]), at(28), HANOI, always)
    alike = find_usual(arrived(28), at(28), HANOI, always)

    assert 0.2 < lucky.cv < 0.5
    assert alike.cv < 0.07


def test_a_season_moves_the_level_when_it_turns():
    """Level 1 in the history and 1.5 from the next day on: half as many again are expected."""
    turns = (FIRST + timedelta(days=28)).date()
    usual = find_usual(arrived(28), at(28), HANOI, lambda day: 1.5 if day >= turns else 1.0)

    assert usual.expected(turns).sum() == pytest.approx(1.5 * PROFILE.sum())


def test_a_flow_without_season_has_one_level():
    """Nothing is known of seasons: nothing moves."""
    assert level_of(None, None)(date(2025, 6, 1)) == 1.0


def test_declared_vehicles_come_within_six_hours():
    """Two hundred were declared at eight where some fifty are usual: the difference comes by two in the afternoon."""
    usual = find_usual(arrived(28, until=8), at(28, 8), HANOI, always)
    plain, told = (days_ahead(usual, at(28, 8), HANOI, 1, declared)[0] for declared in (None, 200))

    assert (told.hourly * told.factor)[8:14].sum() == pytest.approx(0.95 * 200)
    assert np.allclose(told.hourly[14:], plain.hourly[14:])


def test_few_declared_take_nothing_away():
    """Not everybody declares."""
    usual = find_usual(arrived(28, until=8), at(28, 8), HANOI, always)

    assert np.array_equal(
        days_ahead(usual, at(28, 8), HANOI, 1, 3)[0].hourly, days_ahead(usual, at(28, 8), HANOI, 1)[0].hourly
    )
