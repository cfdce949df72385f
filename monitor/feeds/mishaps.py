"""Mishaps as an operator asks for them: `silent:SOURCE:HH:MM-HH:MM@day`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from gatewatch.config.errors import ConfigError, Fault, known_names

_TEXT: Final = re.compile(
    r"(?P<kind>[a-z]+):(?P<source>.+):(?P<begins>\d\d?:\d\d)-(?P<ends>\d\d?:\d\d)(?:@(?P<day>-?\d+))?"
)
_KINDS: Final = ("silent", "late", "wrong")
_HOW: Final = "write silent, late or wrong, the source and the hours: silent:huu_nghi/camera/export-out:09:00-12:00@1"


@dataclass(frozen=True, slots=True)
class Mishap:
    """
    Something that goes wrong.

    Args:
        kind: `silent` (the device is dead and what it would have seen is lost), `late` (it is cut off, keeps what it
            saw and sends it at the end), `wrong` (the bulletin's first edition is out, a second one mends it).
        source: The feed.
        begins: From when.
        ends: Until when.
    """

    kind: Literal["silent", "late", "wrong"]
    source: str
    begins: datetime
    ends: datetime


def read_mishaps(texts: Sequence[str], sources: Collection[str], first_day: date, zone: ZoneInfo) -> list[Mishap]:
    """
    Return mishaps from their texts; a day is counted from 1, and is the first when it is not given.

    Args:
        texts: As given.
        sources: Feeds that there are.
        first_day: Day 1; day 0 and earlier ones are those that are sent as history.
        zone: Of the hours; an end that is not after its start lies on the next day.

    Raises:
        ConfigError: With every fault.
    """
    found: list[Mishap] = []
    faults: list[Fault] = []
    for text in texts:
        match = _TEXT.fullmatch(text)
        if match is None or match["kind"] not in _KINDS:
            faults.append(Fault("--mishap", "", f'"{text}"', _HOW))
        elif match["source"] not in sources:
            faults.append(Fault("--mishap", "", f'"{text}"', known_names("feed", match["source"], sources)))
        else:
            try:
                found.append(_mishap(match.groupdict(), first_day, zone))
            except (ValueError, OverflowError):
                faults.append(Fault("--mishap", "", f'"{text}"', "hours lie between 00:00 and 23:59; the day exists"))
    if faults:
        raise ConfigError(faults)
    return found


def _mishap(parts: dict[str, Any], first_day: date, zone: ZoneInfo) -> Mishap:
    day = first_day + timedelta(days=int(parts["day"] or 1) - 1)
    begins = datetime.combine(day, _time(parts["begins"]), zone)
    ends = datetime.combine(day, _time(parts["ends"]), zone)
    return Mishap(parts["kind"], parts["source"], begins, ends if ends > begins else ends + timedelta(days=1))


def _time(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))
