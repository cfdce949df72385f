"""Instants as reporters write them: RFC 3339 with an offset, kept as aware UTC."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, PlainSerializer

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2099

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

_RFC_3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))", re.ASCII
)
# The spellings that nearly all reporters use, and that the standard library reads without help.
_PLAIN = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(?:\.\d{3}|\.\d{6})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_HOW_TIMES = 'write a time with its offset, such as "2026-01-15T07:00:00+07:00"'


def parse_instant(text: object) -> datetime:
    """
    Return the aware UTC of an RFC 3339 time; what is finer than a microsecond is cut off.

    A leap second (":60") is the next second, since the clocks we compare with have none.

    Raises:
        ValueError: The text is no such time, has no offset, or lies outside 2000 to 2099.

    >>> parse_instant("2026-01-15T07:00:00+07:00").isoformat()
    '2026-01-15T00:00:00+00:00'
    """
    if isinstance(text, datetime) and text.tzinfo is not None:
        return _within(text.astimezone(UTC))
    if isinstance(text, str) and _PLAIN.fullmatch(text):
        with suppress(ValueError, OverflowError):  # the long way tells what is wrong
            return _within(datetime.fromisoformat(text).astimezone(UTC))
    match = _RFC_3339.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(_HOW_TIMES)
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    is_leap = second == 60
    offset_min = int(match[9]) * 60 + int(match[10]) if match[8] else 0
    fraction_us = int((match[7] or "").ljust(6, "0")[:6])
    if not FIRST_YEAR - 1 <= year <= LAST_YEAR + 1:
        raise ValueError(_years())
    try:
        local = datetime(year, month, day, hour, minute, 59 if is_leap else second, fraction_us, tzinfo=UTC)
    except ValueError:
        raise ValueError(f"there is no such day or hour; {_HOW_TIMES}") from None
    ahead = offset_min if match[8] == "+" else -offset_min
    return _within(local + timedelta(minutes=-ahead, seconds=int(is_leap)))


def _within(instant: datetime) -> datetime:
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise ValueError(_years())
    return instant


def _years() -> str:
    return f"set the clock: years from {FIRST_YEAR} to {LAST_YEAR} are taken"


def instant_text(instant: datetime) -> str:
    """
    Return aware UTC as RFC 3339, one spelling for each instant.

    >>> instant_text(datetime(2026, 1, 15, tzinfo=UTC))
    '2026-01-15T00:00:00Z'
    """
    return instant.isoformat().replace("+00:00", "Z")


def to_us(instant: datetime) -> int:
    """Return the microseconds since 1970 of an aware instant [us]."""
    return (instant - EPOCH) // _MICROSECOND


def from_us(us: int) -> datetime:
    """Return the aware UTC of microseconds since 1970 [us]."""
    return EPOCH + timedelta(microseconds=us)


def parse_day(text: object) -> date:
    """
    Return the day of "YYYY-MM-DD".

    Raises:
        ValueError: The text is no such day, or lies outside 2000 to 2099.
    """
    if isinstance(text, date) and not isinstance(text, datetime):
        return text
    if not isinstance(text, str) or _ISO_DAY.fullmatch(text) is None:
        raise ValueError('write a day as "2026-01-15"')
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError('there is no such day; write a day as "2026-01-15"') from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"years from {FIRST_YEAR} to {LAST_YEAR} are taken")
    return day


Instant = Annotated[
    datetime,
    BeforeValidator(parse_instant, json_schema_input_type=str),
    PlainSerializer(instant_text),
    Field(json_schema_extra={"unit": "RFC 3339", "format": "date-time"}),
]
Day = Annotated[
    date,
    BeforeValidator(parse_day, json_schema_input_type=str),
    PlainSerializer(date.isoformat),
    Field(json_schema_extra={"format": "date"}),
]
