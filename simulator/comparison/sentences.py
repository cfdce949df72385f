"""Verdicts in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gatewatch.simulator.comparison.digits import pair, told
from gatewatch.simulator.comparison.headline import TOTAL
from gatewatch.simulator.comparison.rows import Row
from gatewatch.simulator.comparison.verdicts import Verdict

VERDICTS: Final[dict[Verdict, str]] = {
    "better": "better",
    "worse": "worse",
    "more": "more",
    "less": "less",
    "same": "the same for practical purposes",
    "undecided": "undecided",
    "unknown": "cannot be told",
}
_STATISTICS: Final = {"mean": "", "p50": "median ", "p90": "p90 ", "p95": "p95 "}
_MANY = 10_000  # further replications that nobody waits for


def figure_name(row: Row) -> str:
    """Return what a figure is called within its gate and direction, such as `p95 wait` or `cost`."""
    name = row.measure.removesuffix("_per_day").replace("_", " ")
    statistic = "mean " if row.measure == "wait" and row.statistic == "mean" else _STATISTICS[row.statistic]
    station = "" if row.station in {None, TOTAL} else f", {row.station}"
    return f"{statistic}{name}{station}{'' if row.class_ is None else f' of {row.class_}'}"


def place_name(gate: str | None, direction: str | None, titles: Mapping[str, str]) -> str:
    """Return gate and direction for people."""
    name = "all gates" if gate is None else titles.get(gate, gate)
    return name if direction is None else f"{name} {direction}"


def sentence(row: Row) -> str:
    """Return what the figure was, what it is, by how much it differs, and how sure that is."""
    name = figure_name(row)
    if row.baseline is None or row.value is None:
        return f"{name}: {row.method}"
    before = (row.baseline, row.baseline_half_width)
    after = (row.value, row.value_half_width)
    if row.difference == 0 and not row.half_width:
        return f"{name} {told(*before, row.unit)}, no change"
    if row.bound != "exact" or row.difference is None:
        return f"{name} {_bounded(row, before, after)}"
    values, unit = pair((row.baseline, row.half_width), (row.value, row.half_width), row.unit)
    change = told(row.difference, row.half_width, row.unit, signed=True)
    shared = "" if change.endswith(f" {unit}") else f" {unit}"
    return f"{name} {values}{shared}, {change}{_rest(row)}"


def _bounded(row: Row, before: tuple[float, float | None], after: tuple[float, float | None]) -> str:
    """Return the words for values of which one or both are lower bounds."""
    first = f"{'≥ ' if row.bound in {'at most', 'unknown'} else ''}{told(before[0], before[1], row.unit)}"
    second = f"{'≥ ' if row.bound in {'at least', 'unknown'} else ''}{told(after[0], after[1], row.unit)}"
    limit = {"at least": row.low, "at most": row.high}.get(row.bound)
    if row.verdict in {"undecided", "unknown"} or limit is None:
        return f"{first} → {second}; {row.method}; more days would tell, more replications do not"
    return f"{first} → {second}, by {told(abs(limit), None, row.unit)} or more; {row.method}"


def _rest(row: Row) -> str:
    if row.verdict == "same":
        return f"; under the {_smallest(row)} that matter"
    if row.verdict != "undecided":
        least = min(abs(row.low or 0.0), abs(row.high or 0.0))
        return "" if least >= (row.smallest or 0.0) else f"; perhaps under the {_smallest(row)} that matter"
    if row.more_replications is None:
        return "; no number of replications that can be run would tell"
    if row.more_replications > _MANY:
        return f"; over {_MANY:,} more replications would tell"
    plural = "" if row.more_replications == 1 else "s"
    return f"; about {row.more_replications:,} more replication{plural} would tell"


def _smallest(row: Row) -> str:
    return told(row.smallest or 0.0, None, row.unit)
