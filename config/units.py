"""Annotated types that carry a unit and its bounds; a field of such a type needs no unit in its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer

US_PER_S = 1_000_000
US_PER_MIN = 60 * US_PER_S
US_PER_H = 3_600 * US_PER_S
US_PER_DAY = 24 * US_PER_H

_SPAN = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})")
_CLOCK = re.compile(r"(\d{2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class Span:
    """
    Opening hours within a day, in minutes after local midnight.

    A span that ends at or before its start runs past midnight: "20:00-02:00" ends at minute 1,560.
    """

    from_min: int
    to_min: int

    def __str__(self) -> str:
        return f"{clock_text(self.from_min)}-{clock_text(self.to_min)}"


def clock_text(minute: int) -> str:
    """Return a minute of the day as HH:MM; 1,440 is 24:00 and later minutes belong to the next day."""
    minute = minute if minute <= 1_440 else minute - 1_440
    return f"{minute // 60:02d}:{minute % 60:02d}"


def parse_clock(text: object) -> int:
    """
    Return the minute of the day of "HH:MM", up to 24:00.

    Raises:
        ValueError: The text is no time of day.
    """
    if isinstance(text, time) and not (text.second or text.microsecond):
        return text.hour * 60 + text.minute
    match = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    minute = int(match[1]) * 60 + int(match[2]) if match else -1
    if match is None or int(match[2]) > 59 or minute > 1_440:
        raise ValueError('a time of day is written "HH:MM", from 00:00 to 24:00')
    return minute


def parse_span(text: object) -> Span:
    """
    Return the span of "HH:MM-HH:MM".

    Raises:
        ValueError: The text is no span, or the span is empty.
    """
    if isinstance(text, Span):
        return text
    if not isinstance(text, str) or _SPAN.fullmatch(text) is None:
        raise ValueError('hours are written "HH:MM-HH:MM", such as "07:00-18:00"')
    start, end = (parse_clock(part) for part in text.split("-"))
    if start == 1_440:
        raise ValueError('hours begin before 24:00; write "00:00-…" on the next day')
    if start == end:
        raise ValueError('hours may not be empty; write "00:00-24:00" for the whole day')
    return Span(start, end if end > start else end + 1_440)


def _unit(unit: str) -> dict[str, Any]:
    return {"unit": unit}


Clock = Annotated[
    int, BeforeValidator(parse_clock), PlainSerializer(clock_text), Field(json_schema_extra=_unit("HH:MM"))
]
Hours = Annotated[
    Span, BeforeValidator(parse_span), PlainSerializer(str), Field(json_schema_extra=_unit("HH:MM-HH:MM"))
]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, json_schema_extra=_unit("share"))]
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False, json_schema_extra=_unit("weight"))]
Factor = Annotated[float, Field(ge=0, allow_inf_nan=False, json_schema_extra=_unit("factor"))]
PerDay = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False, json_schema_extra=_unit("veh/day"))]
VehiclesPerDay = Annotated[int, Field(ge=0, le=1_000_000, json_schema_extra=_unit("veh/day"))]
Places = Annotated[int, Field(ge=0, le=10_000_000, json_schema_extra=_unit("places"))]
Vehicles = Annotated[int, Field(ge=0, le=10_000_000, json_schema_extra=_unit("veh"))]
ServerCount = Annotated[int, Field(ge=0, le=100_000, json_schema_extra=_unit("servers"))]
HoursLong = Annotated[float, Field(ge=0, allow_inf_nan=False, json_schema_extra=_unit("h"))]
MinutesLong = Annotated[float, Field(ge=0, allow_inf_nan=False, json_schema_extra=_unit("min"))]
Metres = Annotated[float, Field(gt=0, allow_inf_nan=False, json_schema_extra=_unit("m"))]
Money = Annotated[float, Field(ge=0, allow_inf_nan=False, json_schema_extra=_unit("VND"))]
Days = Annotated[int, Field(ge=1, le=36_600, json_schema_extra=_unit("days"))]
DaysOrNone = Annotated[int, Field(ge=0, le=36_600, json_schema_extra=_unit("days"))]
Degrees = Annotated[float, Field(ge=-180, le=180, json_schema_extra=_unit("deg"))]
