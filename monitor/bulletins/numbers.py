"""Figures and days as Vietnamese offices write them."""

from __future__ import annotations

import re
from datetime import date, datetime

_GROUPED = re.compile(r"\d{1,3}(?:[., \u00a0\u202f]\d{3})+")
_PLAIN = re.compile(r"\d+")
_ROUND = re.compile(r"(\d+)[.,]0+")
_LONGEST = 30  # characters of a figure
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u00a0": " ", "\u202f": " "})  # signs and spaces as typed
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})([/.-])(\d{1,2})\2(\d{1,2})(?!\d)")


def whole_number(value: object) -> int:
    """
    Return a count of vehicles from a cell, with its sign.

    Dots, commas and spaces group three digits: a count has no decimals, so that "1.761" and "1,761" are 1761.

    Raises:
        ValueError: It is no whole number; the message says what to write.

    >>> [whole_number(text) for text in ("1.761", "+12", "−3", "2 057", "(5)", 7.0)]
    [1761, 12, -3, 2057, -5, 7]
    """
    if isinstance(value, bool) or value is None:
        raise ValueError('write a whole number of vehicles, such as "1.761"')
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        if value.is_integer():
            return int(value)
        raise ValueError(
            f"{value} has decimals: a spreadsheet may have read 1.761 as 1,761; format the column as text, save again"
        )
    text = str(value).translate(_MINUS).strip()
    sign = -1 if text.startswith("-") or (text.startswith("(") and text.endswith(")")) else 1
    if text.startswith("="):
        raise ValueError(f'"{text[:40]}" is a formula without its value; open the file, save it, and send it again')
    digits = text.strip("()").lstrip("+-").strip()
    if len(digits) > _LONGEST:
        raise ValueError(f'"{text[:_LONGEST]}…" is longer than any number of vehicles; write digits, such as "1.761"')
    if _PLAIN.fullmatch(digits):
        return sign * int(digits)
    if _GROUPED.fullmatch(digits):
        return sign * int(re.sub(r"\D", "", digits))
    if found := _ROUND.fullmatch(digits):
        return sign * int(found[1])
    raise ValueError(f'"{text}" is no whole number of vehicles; write digits, such as "1.761" or 1761')


def day_of(value: object) -> date:
    """
    Return a day from a cell: day first as in Vietnam, or ISO.

    Raises:
        ValueError: There is no such day; the message says what to write.

    >>> day_of("Ngày 15/01/2026").isoformat(), day_of("2026-01-15").isoformat()
    ('2026-01-15', '2026-01-15')
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip()
    if found := _DAY_FIRST.search(text):
        day, month, year = (int(part) for part in found.groups())
    elif found := _YEAR_FIRST.search(text):
        year, month, day = (int(found[n]) for n in (1, 3, 4))
    else:
        raise ValueError(f'"{text}" is no day; write 15/01/2026 or 2026-01-15')
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f'"{text}" is no day of the calendar; write day/month/year') from None
