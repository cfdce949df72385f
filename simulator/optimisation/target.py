"""What a schedule has to achieve, as a planner writes it: `p95_wait<6h`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from gatewatch.config.errors import ConfigError, known_names, one_fault
from gatewatch.simulator.measures import list_measures
from gatewatch.simulator.output_analysis import PERCENTILES, Summary
from gatewatch.simulator.replications import Key

OPTION: Final = "--target"
_SHAPE = re.compile(r"\s*([a-z0-9_]+)\s*(<=|>=|<|>)\s*([0-9]*\.?[0-9]+)\s*([A-Za-z%/ ]*)\s*")
_SECONDS: Final = {"s": 1.0, "min": 60.0, "h": 3_600.0, "d": 86_400.0, "day": 86_400.0, "days": 86_400.0}
_EXAMPLE: Final = 'write a measure, a sign and a limit, such as "p95_wait<6h" or "backlog_at_close<=50veh"'
_PERCENTS: Final = tuple(f"p{p}" for p in PERCENTILES)


@dataclass(frozen=True, slots=True)
class Target:
    """
    A limit for a figure of one run; it is met when the expected figure keeps it.

    Args:
        statistic: `mean`, `p50`, `p90` or `p95` over the vehicles or days of a run.
        measure: Name of a measure.
        is_upper: Whether the figure has to stay below the limit.
        limit: In the unit of the measure.
        text: As it was written.
    """

    statistic: str
    measure: str
    is_upper: bool
    limit: float
    text: str

    @property
    def name(self) -> str:
        """Return the figure's name, as in `p95_wait`."""
        return self.measure if self.statistic == "mean" else f"{self.statistic}_{self.measure}"

    @property
    def unit(self) -> str:
        """Return the unit of the figure."""
        return list_measures()[self.measure].unit

    @property
    def sign(self) -> Literal[1, -1]:
        """Return what turns the figure into one that is better when it is lower."""
        return 1 if self.is_upper else -1

    def keeps(self, figure: float) -> bool:
        """Return whether a figure is on the right side of the limit; NaN is not."""
        return self.sign * figure <= self.sign * self.limit

    def shown(self, value: float | None) -> str:
        """
        Return a figure for people, with its unit.

        >>> parse_target("p95_wait<6h").shown(5_400.0)
        '90 min'
        """
        if value is None or math.isnan(value):
            return "not known"
        if self.unit != "s":
            return f"{value:,.1f} {self.unit}"
        if abs(value) < 120:
            return f"{value:.0f} s"
        return f"{value / 60:.0f} min" if abs(value) < 7_200 else f"{value / 3_600:.1f} h"

    def figure(self, summary: Summary | None) -> float:
        """
        Return the figure of a run; NaN where only a bound of it is known.

        Times of which more than a tenth were not over at the end have no figure, nor has a percentile that the
        times not over hide, nor a slice without vehicles.
        """
        if summary is None or summary.is_bound:
            return float("nan")
        if self.statistic == "mean":
            return summary.mean
        return float("nan") if summary.percentiles is None else summary.percentiles[_PERCENTS.index(self.statistic)]


def parse_target(text: str) -> Target:
    """
    Return the target that a text states.

    >>> parse_target("p95_wait<6h").limit
    21600.0

    Raises:
        ConfigError: It states none, or an impossible one.
    """
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise _fault(text, _EXAMPLE)
    name, sign, number, unit = (part.strip() for part in match.groups())
    statistic, measure = _split(name)
    known = list_measures()
    if measure not in known:
        raise _fault(text, f'in "{measure}", {known_names("measure", measure, known)}')
    is_upper = sign.startswith("<")
    better = known[measure].better
    if better == "neither" or (better == "lower") != is_upper:
        remedy = "neither way is better" if better == "neither" else f"{better} is better"
        raise _fault(text, f"of {measure}, {remedy}; {_EXAMPLE}")
    limit = float(number) * _factor(text, known[measure].unit, unit)
    if limit <= 0:
        raise _fault(text, "a limit is above 0: no schedule keeps nought for certain")
    return Target(statistic, measure, is_upper, limit, text.strip())


def check_target(target: Target, summaries: Mapping[Key, Summary], gate: str, direction: str | None) -> None:
    """
    Refuse a target that is about nothing a run gives for the gate and direction.

    Raises:
        ConfigError: The run has no such figure there, or the figure has no percentiles.
    """
    found = summaries.get((target.measure, gate, direction, None, None))
    if found is None:
        given = sorted({key[0] for key in summaries if key[1:] == (gate, direction, None, None)})
        place = f"{gate} {direction}s" if direction else gate
        raise _fault(target.text, f"a run has no such figure for {place}; it has: {', '.join(given) or 'none'}")
    if target.statistic != "mean" and found.percentiles is None:
        raise _fault(target.text, f"{target.measure} is one figure a run and has no percentiles; leave out the prefix")


def _split(name: str) -> tuple[str, str]:
    statistic, _, measure = name.partition("_")
    return (statistic, measure) if statistic in ("mean", *_PERCENTS) else ("mean", name)


def _factor(text: str, unit: str, written: str) -> float:
    """Return what a number in the written unit is multiplied by."""
    if unit == "s":
        if written not in _SECONDS:
            raise _fault(text, f"a time needs a unit: one of {', '.join(_SECONDS)}")
        return _SECONDS[written]
    if written and written.replace(" ", "") not in {unit.replace(" ", ""), unit.partition("/")[0]}:
        raise _fault(text, f"the measure is in {unit}; write the limit in {unit} or without a unit")
    return 1.0


def _fault(text: str, expected: str) -> ConfigError:
    return one_fault(OPTION, "", f'"{text}"', expected)
