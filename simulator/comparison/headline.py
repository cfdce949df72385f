"""The figures that a planner reads first: cleared, waits, backlog at close, cost, where the policies act."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from gatewatch.simulator.comparison.rows import Row, Statistic

HEADLINE: Final[dict[str, tuple[Statistic, ...]]] = {
    "cleared_per_day": ("mean",),
    "wait": ("mean", "p95"),
    "backlog_at_close": ("mean",),
    "cost_per_day": ("mean",),
}
TOTAL: Final = "total"  # the line of `cost_per_day` that sums the others


def headline_rows(
    rows: Iterable[Row], scenario: str, gates: Sequence[str], measures: Sequence[str] = tuple(HEADLINE)
) -> list[Row]:
    """
    Return the rows of a scenario that are read first, gate by gate, the border as a whole last.

    Each direction by itself at a gate, where the measure tells them apart; both together for the border. A measure that
    is none of the headline's is given by its mean; by station, where it has no value of a gate.

    Args:
        rows: Rows of a comparison.
        scenario: Name of the scenario.
        gates: Gates that it touches; none means that it touches them all.
        measures: Names of measures, in the order wanted.
    """
    found = [row for row in rows if row.scenario == scenario and row.measure in measures and row.class_ is None]
    found = [row for row in found if row.statistic in HEADLINE.get(row.measure, ("mean",))]
    whole = {row.measure for row in found if row.station is None}
    found = [
        row
        for row in found
        if row.station is None or row.station == TOTAL or row.measure not in whole | {"cost_per_day"}
    ]
    touched = [*(gates or dict.fromkeys(row.gate for row in found if row.gate is not None)), None]
    by_place: list[Row] = []
    for gate in touched:
        here = [row for row in found if row.gate == gate]
        told_apart = {row.measure for row in here if row.direction is not None}
        together = {row.measure for row in here if row.direction is None}
        for row in here:
            is_whole = row.direction is None
            if (row.measure in together) == is_whole if gate is None else (row.measure in told_apart) != is_whole:
                by_place.append(row)
    return sorted(
        by_place,
        key=lambda r: (touched.index(r.gate), r.direction or "~", list(measures).index(r.measure)),
    )
