from datetime import UTC, date, datetime

import pytest

from gatewatch.config.units import parse_span
from gatewatch.monitor.alerting import Duty, Shift, WeeklyHours


@pytest.mark.parametrize(
    ("instant", "is_covered"),
    [
        (datetime(2026, 1, 15, 14, 59, tzinfo=UTC), False),
        (datetime(2026, 1, 15, 15, 0, tzinfo=UTC), True),
        (datetime(2026, 1, 15, 22, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 1, 15, 23, 0, tzinfo=UTC), False),
    ],
)
def test_hours_are_those_of_vietnam(instant, is_covered):
    """22:00 to 06:00 there is 15:00 to 23:00 UTC, the end excluded."""
    assert WeeklyHours(parse_span("22:00-06:00")).covers(instant) is is_covered


def test_a_span_past_midnight_belongs_to_the_day_it_begins_on():
    """Friday's night ends on Saturday morning; Friday morning is Thursday's night."""
    friday = WeeklyHours(parse_span("22:00-06:00"), ("fri",))

    assert friday.covers(datetime(2026, 1, 16, 16, 0, tzinfo=UTC))  # Friday 23:00
    assert friday.covers(datetime(2026, 1, 16, 22, 0, tzinfo=UTC))  # Saturday 05:00
    assert not friday.covers(datetime(2026, 1, 15, 22, 0, tzinfo=UTC))  # Friday 05:00


def test_hours_may_hold_from_one_date_to_another():
    """The days of Tet, both included."""
    tet = WeeklyHours(parse_span("00:00-24:00"), first=date(2026, 2, 16), last=date(2026, 2, 20))
    noons = [datetime(2026, 2, day, 5, 0, tzinfo=UTC) for day in (15, 16, 20, 21)]

    assert [tet.covers(noon) for noon in noons] == [False, True, True, False]


def test_somebody_is_on_duty_at_every_instant():
    """Two shifts that overlap both have it; in a gap it is the one who always answers."""
    duty = Duty(
        "shift",
        (
            Shift("early", (WeeklyHours(parse_span("06:00-14:30")),)),
            Shift("late", (WeeklyHours(parse_span("14:00-22:00")),)),
        ),
        "duty_phone",
    )
    found = [duty.on_duty(datetime(2026, 1, 15, hour, 15, tzinfo=UTC)) for hour in (1, 7, 8, 16)]

    assert found == [("early",), ("early", "late"), ("late",), ("duty_phone",)]
