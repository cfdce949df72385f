"""What the sections of a report read: a comparison, or the results of one scenario, with what goes beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from gatewatch.simulator.comparison.comparison import Comparison, Outcome
from gatewatch.simulator.comparison.rows import Row, Statistic
from gatewatch.simulator.comparison.scenarios import BASELINE
from gatewatch.simulator.report.words import Words, capital
from gatewatch.simulator.results import Results
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.sensitivity import Sensitivity
from gatewatch.simulator.shadow import Shadow, beside

DIRECTIONS: Final = ("export", "import")

Place = tuple[str | None, str | None]  # gate, direction; None for all
Key = tuple[str, str | None, str | None, str | None, str | None]  # measure, gate, direction, class, station
Measured = Mapping[str, Any]  # a row of `Results.measures`


@dataclass(frozen=True)
class Study:
    """
    A comparison, or one scenario by itself.

    Args:
        manifest: Everything needed to get the same bytes again.
        baseline: The scenario without policies, or the only one.
        scenarios: The scenarios with policies; none where there is only one.
        comparison: The comparison; None where there is none.
        sensitivity: What the conclusions hang on.
        theory: Rows of `shadow.beside` by the name of the scenario.
    """

    manifest: dict[str, Any]
    baseline: Outcome
    scenarios: tuple[Outcome, ...]
    comparison: Comparison | None
    sensitivity: tuple[Sensitivity, ...]
    theory: dict[str, list[dict[str, Any]]]

    @property
    def plan(self) -> Plan | None:
        """Return what was run without policies."""
        return self.baseline.results.plan

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Return the baseline and the scenarios."""
        return self.baseline, *self.scenarios

    @cached_property
    def gates(self) -> list[str]:
        """The gates that something is known of, in the order of the border."""
        known = {str(row["gate"]) for outcome in self.outcomes for row in outcome.results.measures if row["gate"]}
        order = list(self.plan.loaded.border.gates) if self.plan is not None else []
        return [gate for gate in order if gate in known] + sorted(known - set(order))

    def places(self, outcome: Outcome) -> list[Place]:
        """Return the gates and directions that a scenario touches; all of them where it touches none by itself."""
        gates = outcome.gates or tuple(self.gates)
        known = {(row["gate"], row["direction"]) for row in self.baseline.results.hourly}
        known |= {(row["gate"], row["direction"]) for row in outcome.results.hourly}
        return [(gate, side) for gate in gates for side in DIRECTIONS if (gate, side) in known]

    def headline(self, outcome: Outcome) -> list[Row]:
        """
        Return the headline of a scenario, less what it leaves exactly as it is.

        On common random numbers a gate that a policy does not reach sees the same vehicles at the same times.
        """
        rows = [] if self.comparison is None else self.comparison.headline(outcome.name)
        moved = {(row.gate, row.direction) for row in rows if row.baseline != row.value}
        return [row for row in rows if (row.gate, row.direction) in moved and not _is_unmoved(row)]

    def moved(self, outcome: Outcome) -> list[Place]:
        """Return the gates and directions at which a scenario changes any figure of the headline."""
        found = {(row.gate, row.direction) for row in self.headline(outcome)}
        return [(gate, side) for gate in self.gates for side in DIRECTIONS if (gate, side) in found]

    @cached_property
    def touched(self) -> list[Place]:
        """The gates and directions at which any scenario changes something; where none does, those that it touches."""
        found = {place for outcome in self.scenarios for place in self.moved(outcome)}
        if not found:
            found = {place for outcome in self.scenarios or (self.baseline,) for place in self.places(outcome)}
        return [(gate, side) for gate in self.gates for side in DIRECTIONS if (gate, side) in found]

    @cached_property
    def _index(self) -> dict[str, dict[Key, Measured]]:
        return {
            outcome.name: {
                (row["measure"], row["gate"], row["direction"], row["class"], row["station"]): row
                for row in outcome.results.measures
            }
            for outcome in self.outcomes
        }

    def measured(
        self, outcome: Outcome, measure: str, gate: str | None = None, direction: str | None = None,
        station: str | None = None,
    ) -> Measured | None:  # fmt: skip
        """Return the row of a measure of all classes, or None where there is none."""
        return self._index[outcome.name].get((measure, gate, direction, None, station))

    @cached_property
    def _rows(self) -> dict[tuple[str, Key, Statistic], Row]:
        rows = () if self.comparison is None else self.comparison.rows
        return {(row.scenario, row.key, row.statistic): row for row in rows}

    def compared(
        self, outcome: Outcome, measure: str, place: Place, statistic: Statistic = "mean", station: str | None = None
    ) -> Row | None:
        """Return the row of a figure of all classes beside the baseline's, or None where there is none."""
        return self._rows.get((outcome.name, (measure, *place, None, station), statistic))

    def is_bound(self, outcome: Outcome, measure: str, gate: str | None, direction: str | None) -> bool:
        """Return whether a mean is only a lower bound, as too many vehicles are still inside."""
        place = {"measure": measure, "gate": gate, "direction": direction, "class": None, "station": None}
        return any(row["is_lower_bound"] and place.items() <= row.items() for row in outcome.results.censored)

    def label(self, outcome: Outcome, words: Words) -> str:
        """Return the number and title of a scenario."""
        if outcome is self.baseline:
            return capital(words.say("name.baseline"))
        title = outcome.title_vi if words.language == "vi" else outcome.title
        return f"{self.scenarios.index(outcome) + 1} · {title or outcome.name}"

    def title(self, words: Words) -> str:
        """Return the title of the scenario that everything begins from."""
        scenario = None if self.plan is None else self.plan.scenario
        title = (getattr(scenario, "title_vi", "") if words.language == "vi" else "") or getattr(scenario, "title", "")
        return title or str(self.manifest["scenario"])


def _is_unmoved(row: Row) -> bool:
    return row.baseline is not None and row.baseline == row.value


def study_of(
    comparison: Comparison, sensitivity: Sequence[Sensitivity], shadow: Mapping[str, Shadow] | Shadow | None
) -> Study:
    """Return what a report on a comparison reads; a shadow by itself is the baseline's."""
    shadows = {BASELINE: shadow} if isinstance(shadow, Shadow) else shadow or {}
    theory = {
        outcome.name: beside(outcome.results.measures, shadows[outcome.name], outcome.results.censored)
        for outcome in (comparison.baseline, *comparison.scenarios)
        if outcome.name in shadows
    }
    return Study(
        comparison.manifest, comparison.baseline, comparison.scenarios, comparison, tuple(sensitivity), theory
    )  # fmt: skip


def study_alone(results: Results, sensitivity: Sequence[Sensitivity], shadow: Shadow | None) -> Study:
    """Return what a report on one scenario reads; its own shadow, where no other is given."""
    rows = results.shadow if shadow is None else beside(results.measures, shadow, results.censored)
    alone = Outcome(BASELINE, "", "", (), (), results)
    return Study(results.manifest, alone, (), None, tuple(sensitivity), {BASELINE: rows} if rows else {})
