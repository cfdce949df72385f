"""The smallest difference that matters, by measure and unit: data, and what the user restates."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from pydantic import Field

from gatewatch.config.errors import known_names, one_fault
from gatewatch.config.records import Record
from gatewatch.simulator.measures import list_measures

OPTION = "--smallest"


class Margin(Record):
    """A difference that matters: the larger of an amount and a share of the baseline's value."""

    amount: float = Field(default=0, ge=0, description="In the unit of the measure.")
    share: float = Field(default=0, ge=0, description="Of the baseline's value.")

    def of(self, baseline: float) -> float:
        """
        Return the margin beside a baseline's value.

        >>> Margin(amount=1, share=0.01).of(750)
        7.5
        """
        return max(self.amount, self.share * abs(baseline))


class _Table(Record):
    unit: dict[str, Margin]
    measure: dict[str, Margin]


@dataclass(frozen=True, slots=True)
class Smallest:
    """The smallest differences of a comparison, of every measure by name."""

    margins: dict[str, Margin]

    def of(self, measure: str, baseline: float) -> float:
        """Return the smallest difference that matters beside a baseline's value, in the unit of the measure."""
        return self.margins[measure].of(baseline)

    def rows(self) -> list[dict[str, Any]]:
        """Return rows `measure, unit, amount, share`."""
        return [
            {"measure": name, "unit": list_measures()[name].unit, "amount": m.amount, "share": m.share}
            for name, m in self.margins.items()
        ]


def smallest_differences(restated: Iterable[str] = ()) -> Smallest:
    """
    Return the smallest difference of every measure.

    Args:
        restated: Texts `measure=amount`, in the unit of the measure, or `measure=share%` of the baseline's value.

    Raises:
        ConfigError: A text names no measure, names one twice, or its number is not above 0.
    """
    table = _table()
    margins = {
        name: table.measure.get(name) or table.unit.get(measure.unit) or Margin(share=0.05)
        for name, measure in list_measures().items()
    }
    named: set[str] = set()
    for text in restated:
        name, _, number = (part.strip() for part in text.partition("="))
        if name not in margins:
            raise one_fault(OPTION, "", f'"{text}"', known_names("measure", name, margins))
        if name in named:
            raise one_fault(OPTION, "", f'"{text}"', f"{name} is given twice; give one number for each measure")
        named.add(name)
        margins[name] = _margin(text, number, list_measures()[name].unit)
    return Smallest(margins)


@cache
def _table() -> _Table:
    text = resources.files("gatewatch.simulator.comparison").joinpath("smallest.toml").read_text(encoding="utf-8")
    return _Table.model_validate(tomllib.loads(text), strict=False)


def _margin(text: str, number: str, unit: str) -> Margin:
    try:
        value = float(number.removesuffix("%"))
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        remedy = f"write measure=number with a number above 0 [{unit}], or a share of the baseline's value such as 2%"
        raise one_fault(OPTION, "", f'"{text}"', remedy)
    return Margin(share=value / 100) if number.endswith("%") else Margin(amount=value)
