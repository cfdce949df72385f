"""Numbers for people: no more digits than the half width allows, in a unit of a handy size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

_TIMES: Final = ((4 * 86_400, 86_400, "days"), (3_600, 3_600, "h"), (60, 60, "min"))  # from, seconds, unit
_MONEY: Final = ((1e9, 1e9, "bn "), (1e6, 1e6, "million "))
_TWO_DIGITS = 35  # a half width that begins with 10 to 35 keeps two digits, another one (Particle Data Group)


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit of a handy size: `factor` of the measure's unit."""

    factor: float
    unit: str


def scale_of(unit: str, magnitude: float) -> Scale:
    """
    Return the unit in which a magnitude is told.

    >>> scale_of("s", 7_200).unit, scale_of("VND/day", 4e8).unit, scale_of("veh", 12).unit
    ('h', 'million VND/day', 'veh')
    """
    if unit == "s":
        return next((Scale(size, name) for least, size, name in _TIMES if abs(magnitude) >= least), Scale(1, "s"))
    if unit == "VND/day":
        return next(
            (Scale(size, f"{name}{unit}") for least, size, name in _MONEY if abs(magnitude) >= least), Scale(1, unit)
        )
    if unit == "m" and abs(magnitude) >= 1_000:
        return Scale(1_000, "km")
    return Scale(0.01, "%") if unit == "share" else Scale(1, unit)


def decimals_of(half_width: float) -> int:
    """
    Return the decimals that a half width allows; negative where whole tens or hundreds are uncertain.

    >>> [decimals_of(half) for half in (0.027, 0.4, 3.1, 37, 210)]
    [3, 1, 1, -1, -1]
    """
    power = math.floor(math.log10(half_width))
    return 1 - power if round(half_width / 10 ** (power - 1)) <= _TWO_DIGITS else -power


def rounded(value: float, decimals: int, *, signed: bool = False) -> str:
    """
    Return a value with so many decimals.

    >>> rounded(1234.5, -1), rounded(-0.04, 1), rounded(2.345, 2, signed=True)
    ('1,230', '0.0', '+2.35')
    """
    kept = round(value, decimals) + 0.0
    return f"{kept:{'+' if signed and kept else ''},.{max(decimals, 0)}f}"


def allowed(value: float, half_width: float | None) -> int:
    """Return the decimals of a value: what its half width allows, or three digits where it has none."""
    if half_width:
        return decimals_of(half_width)
    return 2 - math.floor(math.log10(abs(value))) if value else 0


def told(value: float, half_width: float | None, unit: str, *, signed: bool = False) -> str:
    """
    Return a value with its half width and unit.

    >>> told(-9_300, 1_130, "s", signed=True), told(1.84, 0.92, "veh/day", signed=True), told(748.3, None, "veh/day")
    ('-2.58 ±0.31 h', '+1.8 ±0.9 veh/day', '748 veh/day')
    """
    scale = scale_of(unit, max(abs(value), half_width or 0.0))
    return f"{bare(value, half_width, scale, signed=signed)} {scale.unit}"


def bare(value: float, half_width: float | None, scale: Scale, *, signed: bool = False) -> str:
    """
    Return a value with its half width in a given unit, without the unit.

    >>> bare(300, None, scale_of("s", 300)), bare(7_500, 620, Scale(60, "min"))
    ('5', '125 ±10')
    """
    small, half = value / scale.factor, None if half_width is None else half_width / scale.factor
    decimals = allowed(small, half)
    text = rounded(small, decimals, signed=signed)
    if half:
        return f"{text} ±{rounded(half, decimals)}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def pair(before: tuple[float, float | None], after: tuple[float, float | None], unit: str) -> tuple[str, str]:
    """
    Return two values in one unit, with the digits that the wider half width allows, and the unit.

    >>> pair((85_700, 1_500), (76_300, 1_300), "s")
    ('23.8 → 21.2', 'h')
    """
    scale = scale_of(unit, max(abs(before[0]), abs(after[0])))
    values = [(value / scale.factor, None if half is None else half / scale.factor) for value, half in (before, after)]
    known = [allowed(value, half) for value, half in values if half]
    decimals = min(known or [allowed(value, None) for value, _ in values if value] or [0])
    return " → ".join(rounded(value, decimals) for value, _ in values), scale.unit
