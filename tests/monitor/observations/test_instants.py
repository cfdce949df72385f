from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewatch.monitor.observations import from_us, instant_text, parse_instant, to_us

instants = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - as asked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-15T07:00:00+07:00", "2026-01-15T00:00:00Z"),
        ("2026-01-15T07:00:00Z", "2026-01-15T07:00:00Z"),
        ("2026-01-15 07:00:00.25z", "2026-01-15T07:00:00.250000Z"),
        ("2026-01-15T07:00:00.123456789-00:00", "2026-01-15T07:00:00.123456Z"),
        ("2026-01-14T23:30:00-03:45", "2026-01-15T03:15:00Z"),
        ("1999-12-31T23:00:00-02:00", "2000-01-01T01:00:00Z"),
    ],
)
def test_an_instant_is_kept_in_utc(text: str, expected: str) -> None:
    """RFC 3339 in any offset; what is finer than a microsecond is cut off."""
    assert instant_text(parse_instant(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2017-01-01T06:59:60.5+07:00", "2017-01-01T00:00:00.500000Z"),
        ("2026-01-15T09:30:60Z", "2026-01-15T09:31:00Z"),
    ],
)
def test_a_leap_second_is_the_next_second(text: str, expected: str) -> None:
    """The clocks we compare with have none, and a device that tells one must not be silenced."""
    assert instant_text(parse_instant(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-15T07:00:00",
        "2026-01-15",
        "20260115T070000Z",
        "2026-01-15T07:00Z",
        "2026-01-15T24:00:00Z",
        "2026-01-15T07:60:00Z",
        "2026-01-15T07:00:61Z",
        "2026-13-01T07:00:00Z",
        "2026-01-15T07:00:00+24:00",
        "2026-01-15T07:00:00+7",
        "2026-01-15T07:00:00Z ",
        "२०२६-01-15T07:00:00Z",
        "1999-12-31T23:59:59Z",
        "2100-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "",
        1_768_435_200,
        None,
    ],
)
def test_what_is_no_instant_is_refused(text: object) -> None:
    """An instant without an offset could mean either side of the border."""
    with pytest.raises(ValueError, match=r"offset|clock"):
        parse_instant(text)


@given(instant=instants, offset_min=st.integers(-23 * 60, 23 * 60))
def test_the_spelling_of_an_instant_is_read_back(instant: datetime, offset_min: int) -> None:
    """Also in the offset of another place, where the year stays one that is taken."""
    there = instant.astimezone(timezone(timedelta(minutes=offset_min)))

    assert parse_instant(instant_text(instant)) == instant
    assert parse_instant(there.isoformat()) == instant


@given(instant=instants)
def test_microseconds_are_exact(instant: datetime) -> None:
    """The store keeps whole numbers."""
    assert from_us(to_us(instant)) == instant
