"""The clock that service and feed share at any speed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gatewatch.monitor.feeds.clock import RunningClock
from tests.monitor.feeds.ingests import NOW, Hands


def test_at_speed_one_it_is_the_wall():
    """Whatever the machine's clock shows, it shows too."""
    hands = Hands()
    clock = hands.clock()
    hands.wait(90)

    assert clock.now() == NOW + timedelta(seconds=90)
    assert clock.seconds_until(NOW + timedelta(seconds=100)) == pytest.approx(10)


def test_at_another_speed_its_seconds_are_shorter():
    """An hour of the border takes a minute at speed 60, and what is past is not waited for."""
    hands = Hands()
    clock = hands.clock(speed=60)

    assert clock.seconds_until(NOW + timedelta(hours=1)) == pytest.approx(60)
    assert clock.seconds_until(NOW - timedelta(hours=1)) == 0
    hands.wait(60)
    assert clock.now() == NOW + timedelta(hours=1)


def test_two_processes_that_share_its_text_show_the_same_time():
    """The text carries start, speed and the second at which it began."""
    hands = Hands()
    clock = hands.clock(speed=7.5)
    other = RunningClock.from_text(clock.text, hands.ticks)
    hands.wait(1234.5)

    assert other.now() == clock.now()


@pytest.mark.parametrize("text", ["", "60", "2026-01-15T00:00:00Z*60", "2026-01-15T00:00:00*60@1", "x*1@1"])
def test_a_text_that_is_no_clock_says_how_one_is_written(text):
    """Also a time without its offset."""
    with pytest.raises(ValueError, match=r"START\*SPEED@SECONDS"):
        RunningClock.from_text(text)


def test_a_clock_does_not_stand_still():
    """Speed 0 is refused."""
    with pytest.raises(ValueError, match="between 0 and 100000"):
        RunningClock.from_text("2026-01-15T00:00:00Z*0@1")
