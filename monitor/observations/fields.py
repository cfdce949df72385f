"""Annotated types of the vocabulary: what a key may hold, with bounds, and a remedy in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from gatewatch.config.records import Record

LARGEST_EXACT: Final = 2**53 - 1  # whole numbers up to here pass every JSON reader unchanged
LONGEST_NAME: Final = 200
LONGEST_TEXT: Final = 1_000

# U+0000 cannot be stored in PostgreSQL, a lone surrogate in no UTF-8 at all; the others make logs unreadable.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_TOKEN = re.compile(r"[0-9a-f]{32,64}")
_PLATE = re.compile(r"\d{2}[A-Z]{1,2}\d?\d{4,5}|[\u4e00-\u9fff][A-Z][A-Z0-9]{5,6}")
_BETWEEN_PLATE_PARTS = re.compile(r"[\s.·_-]")


class Facts(Record):
    """The data of an observation: a table that only knows the keys it names."""

    model_config = ConfigDict(validate_by_name=False, validate_by_alias=True, populate_by_name=False)


def printable(text: str) -> str:
    """
    Return the text.

    Raises:
        ValueError: It holds characters that no store and no screen can show.
    """
    if not text.isprintable() and _UNPRINTABLE.search(text):  # the first is quick and stricter
        raise ValueError("leave out control characters and halves of characters")
    return text


def without_unprintable(text: str) -> str:
    """Return the text with a mark in place of each character that no store and no screen can show."""
    return _UNPRINTABLE.sub("\ufffd", text)


def sized(longest: int, least: int = 1) -> Callable[[str], str]:
    """Return a check that refuses texts of other lengths [characters]."""

    def check(text: str) -> str:
        if len(text) < least:
            raise ValueError("may not be empty")
        if len(text) > longest:
            raise ValueError(f"use at most {longest} characters, here are {len(text)}")
        return printable(text)

    return check


def looks_like_plate(text: str) -> bool:
    """
    Return whether a text reads as a Vietnamese or Chinese number plate.

    >>> looks_like_plate("12C-123.45"), looks_like_plate("cam2-000123")
    (True, False)
    """
    return _PLATE.fullmatch(_BETWEEN_PLATE_PARTS.sub("", text.upper())) is not None


def _no_plate(text: str) -> str:
    if looks_like_plate(text):
        raise ValueError("a number plate is personal data; send a number of the device's own, or plate_token")
    return text


def _token(text: str) -> str:
    if _TOKEN.fullmatch(text) is None:
        raise ValueError("send the keyed hash of the plate, 32 to 64 characters 0-9 and a-f; never the plate")
    return text


def _whole(value: object) -> object:
    """JSON has one kind of number: 3.0 is 3."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _text_schema(longest: int, least: int = 1) -> dict[str, Any]:
    return {"minLength": least, "maxLength": longest}


Name = Annotated[str, AfterValidator(sized(LONGEST_NAME)), Field(json_schema_extra=_text_schema(LONGEST_NAME))]
Text = Annotated[str, AfterValidator(sized(LONGEST_TEXT, 0)), Field(json_schema_extra=_text_schema(LONGEST_TEXT, 0))]
Track = Annotated[
    str,
    AfterValidator(sized(LONGEST_NAME)),
    AfterValidator(_no_plate),
    Field(json_schema_extra=_text_schema(LONGEST_NAME)),
]
PlateToken = Annotated[str, AfterValidator(_token), Field(json_schema_extra={"pattern": "^[0-9a-f]{32,64}$"})]
SequenceNumber = Annotated[
    int, BeforeValidator(_whole, json_schema_input_type=int), Field(ge=0, le=LARGEST_EXACT)
]  # of one source, ascending
Counted = Annotated[
    int,
    BeforeValidator(_whole, json_schema_input_type=int),
    Field(ge=0, le=10_000_000, json_schema_extra={"unit": "veh"}),
]
CounterReading = Annotated[
    int,
    BeforeValidator(_whole, json_schema_input_type=int),
    Field(ge=0, le=LARGEST_EXACT, json_schema_extra={"unit": "veh"}),
]
# Printed figures are taken in as they stand, with their sign: what is wrong with them is a finding.
Printed = Annotated[int, BeforeValidator(_whole, json_schema_input_type=int), Field(ge=-10_000_000, le=10_000_000)]
Edition = Annotated[int, BeforeValidator(_whole, json_schema_input_type=int), Field(ge=1, le=1_000)]
VehiclesMore = Annotated[
    float, Field(ge=0, le=10_000_000, allow_inf_nan=False, json_schema_extra={"unit": "veh"})
]  # a half-width
Side = Literal["own", "counterpart"]
