"""When a comparison has run enough replications for the precision that is wanted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gatewatch.simulator.comparison.headline import HEADLINE, headline_rows
from gatewatch.simulator.comparison.paired import t_limit
from gatewatch.simulator.comparison.rows import Row, make_rows
from gatewatch.simulator.comparison.scenarios import PolicyScenario
from gatewatch.simulator.comparison.smallest import Smallest
from gatewatch.simulator.output_analysis import CONFIDENCE
from gatewatch.simulator.replications import Replication
from gatewatch.simulator.results import number

FIRST: Final = 10  # replications before the first look (Law 2015, 9.4)
HOLD: Final = 5  # further ones through which the precision must hold (Hoad et al. 2010)
_FINEST: Final = 0.2  # of the smallest difference that matters: nothing finer is asked for
_TAIL: Final = 2.0  # a percentile far out is asked for half as finely as a mean (5 and 10 % by default elsewhere)


@dataclass(frozen=True, slots=True)
class Precision:
    """
    A wanted precision.

    Args:
        wanted: Half width over the difference, or over the baseline's value where the difference is too small to
            matter; twice as much for a percentile.
        measures: Measures for which it is wanted.
        at_most: Replications after which it stops in any case.
    """

    wanted: float
    measures: tuple[str, ...] = tuple(HEADLINE)
    at_most: int = 500


@dataclass
class Watch:
    """
    Looks at the replications as they come, and says when there are enough.

    Every figure of the headline that is watched must reach its half width at once, at the level 1 - 0.05/k for k
    figures (Bonferroni), and hold it for five more replications.
    """

    precision: Precision
    scenarios: Sequence[PolicyScenario]
    smallest: Smallest
    rows: list[dict[str, Any]] = field(default_factory=list)
    _seen: list[tuple[Replication, ...]] = field(default_factory=list)
    _held: int = -1

    def look(self, replications: tuple[Replication, ...]) -> bool:
        """Return whether the replications so far are enough; to be told each one, of the baseline and the scenarios."""
        self._seen.append(tuple(self._watched(replication) for replication in replications))
        if len(self._seen) < FIRST:
            return False
        self.rows = self.achieved()
        self._held = self._held + 1 if all(row["is_reached"] for row in self.rows) else -1
        return self._held >= HOLD

    def achieved(self) -> list[dict[str, Any]]:
        """Return rows with the half width reached and the one wanted, of every figure watched."""
        rows = make_rows([s.name for s in self.scenarios], self._seen, self.smallest)
        watched = [
            row
            for scenario in self.scenarios
            for row in headline_rows(rows, scenario.name, scenario.gates, self.precision.measures)
            if row.bound == "exact" and row.half_width is not None
        ]
        level = 1 - (1 - CONFIDENCE) / max(len(watched), 1)
        return [self._row(row, level) for row in watched]

    def _watched(self, replication: Replication) -> Replication:
        """Return a replication with what is watched only: every look goes through all of them."""
        wanted = {k: s for k, s in replication.summaries.items() if k[0] in self.precision.measures and k[3] is None}
        return replace(replication, summaries=wanted)

    def _row(self, row: Row, level: float) -> dict[str, Any]:
        half, difference, baseline, smallest = (
            float(x or 0) for x in (row.half_width, row.difference, row.baseline, row.smallest)
        )
        freedom = row.replications - 1
        half *= t_limit(level, freedom) / t_limit(CONFIDENCE, freedom)
        relative = self.precision.wanted * (1 if row.statistic == "mean" else _TAIL)
        of = "difference" if abs(difference) > smallest else "baseline"
        reference = abs(difference if of == "difference" else baseline)
        # The estimate stands for a true value that may be smaller by the error allowed (Law 2015, 9.4.1).
        wanted = max(relative / (1 + relative) * reference, _FINEST * smallest)
        return {
            "scenario": row.scenario, "measure": row.measure, "gate": row.gate, "direction": row.direction,
            "station": row.station, "statistic": row.statistic, "unit": row.unit, "level": number(level),
            "half_width": number(half), "wanted": number(wanted), "relative_to": of,
            "relative": number(half / reference) if reference else None, "is_reached": half <= wanted,
        }  # fmt: skip

    def expected(self, n_done: int) -> int:
        """Return about how many replications there will be, as far as it can be seen."""
        if not self.rows or n_done < FIRST:
            return self.precision.at_most
        excess = max((row["half_width"] / row["wanted"] for row in self.rows if row["wanted"]), default=1.0)
        missing = HOLD - self._held if excess <= 1 else math.ceil(n_done * (excess**2 - 1)) + HOLD
        return min(n_done + max(missing, 1), self.precision.at_most)
