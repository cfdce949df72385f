"""What a comparison found: the baseline and every scenario, the paired differences, what binds, what it costs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import pandas as pd

from gatewatch.simulator.comparison.headline import HEADLINE, headline_rows
from gatewatch.simulator.comparison.rows import Row
from gatewatch.simulator.policies import Policy
from gatewatch.simulator.results import Results

_COSTS: Final = ("cost_per_day", "vehicle_hours_per_day", "overtime_server_hours_per_day")
_COST_LINES: Final = (None, "waiting", "overtime", "spoilage", "total")
_OF_EACH: Final = ("daily", "hourly", "censored", "targets", "path")  # tables of Results, of every scenario


@dataclass(frozen=True)
class Outcome:
    """
    The baseline or a scenario by itself.

    Args:
        name: `baseline`, or the policies as they were asked for, joined by "+".
        title: Titles of the policies for people; empty for the baseline.
        title_vi: The same in Vietnamese, as far as they have one.
        policies: Kind and settings of each policy, in full.
        gates: Gates that the policies change; of the baseline none.
        results: What `simulate` would have returned.
        chosen: The policies with what is known of them.
    """

    name: str
    title: str
    title_vi: str
    policies: tuple[str, ...]
    gates: tuple[str, ...]
    results: Results
    chosen: tuple[Policy, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Comparison:
    """
    A baseline and scenarios on common random numbers.

    Args:
        manifest: Everything needed to get the same bytes again.
        baseline: The scenario without policies.
        scenarios: One for each policy or combination, in the order asked for.
        rows: Every figure of every scenario beside the baseline's, with interval and verdict; see `Row`.
        binding: Rows `scenario, gate, direction, before, before_share, after, after_share, is_changed`: the cause of
            most waiting without and with the policies.
        prices: Rows `price, value, unit, basis, source`: what the costs are made from.
        smallest: Rows `measure, unit, amount, share`: the smallest difference that matters is the larger of an amount
            and a share of the baseline's value.
        precision: The half widths reached beside those wanted, where a precision was asked for.
        is_cut_short: Whether it was stopped before all replications were done.
    """

    manifest: dict[str, Any]
    baseline: Outcome
    scenarios: tuple[Outcome, ...]
    rows: tuple[Row, ...]
    binding: list[dict[str, Any]]
    prices: list[dict[str, Any]]
    smallest: list[dict[str, Any]]
    precision: list[dict[str, Any]]
    is_cut_short: bool = False

    @property
    def costs(self) -> tuple[Row, ...]:
        """The cost lines: vehicle hours, overtime, and money by gate and in all."""
        return tuple(
            row
            for row in self.rows
            if row.measure in _COSTS and row.statistic == "mean" and row.class_ is None and row.direction is None
            and row.station in _COST_LINES
        )  # fmt: skip

    def headline(self, scenario: str, measures: Sequence[str] = tuple(HEADLINE)) -> list[Row]:
        """Return what a planner reads first of a scenario; raises KeyError when there is no such scenario."""
        outcome = next((outcome for outcome in self.scenarios if outcome.name == scenario), None)
        if outcome is None:
            raise KeyError(scenario)
        return headline_rows(self.rows, scenario, outcome.gates, measures)

    def find(
        self, scenario: str, measure: str, gate: str | None = None, direction: str | None = None,
        class_: str | None = None, station: str | None = None, statistic: str = "mean",
    ) -> Row:  # fmt: skip
        """Return the row of a figure; raises KeyError when there is none."""
        wanted = (measure, gate, direction, class_, station)
        for row in self.rows:
            if row.scenario == scenario and row.statistic == statistic and row.key == wanted:
                return row
        raise KeyError((scenario, *wanted, statistic))

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a table."""
        return pd.DataFrame([as_record(row) for row in self.rows], columns=list(COLUMNS))

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every table by name; those that each scenario has carry its name in a first column."""
        tables = {
            "comparison": self.to_pandas(),
            "costs": pd.DataFrame([as_record(row) for row in self.costs], columns=list(COLUMNS)),
            "binding": pd.DataFrame(self.binding),
            "prices": pd.DataFrame(self.prices),
            "smallest": pd.DataFrame(self.smallest),
            "precision": pd.DataFrame(self.precision),
        }
        for name in _OF_EACH:
            rows = [{"scenario": o.name, **row} for o in self._outcomes for row in getattr(o.results, name)]
            tables[name] = pd.DataFrame(rows)
        return {name: table for name, table in tables.items() if len(table.columns)}

    def to_json(self) -> str:
        """Return everything as JSON, the manifest first; the same inputs give the same bytes, one row a line."""
        parts: dict[str, Any] = {
            "manifest": self.manifest,
            "scenarios": [
                {"name": o.name, "title": o.title, "policies": list(o.policies), "gates": list(o.gates)}
                for o in self.scenarios
            ],
            "rows": [as_record(row) for row in self.rows],
            "binding": self.binding,
            "prices": self.prices,
            "smallest": self.smallest,
            "precision": self.precision,
        }
        for name in _OF_EACH:
            parts[name] = [{"scenario": o.name, **row} for o in self._outcomes for row in getattr(o.results, name)]
        return "{\n" + ",\n".join(f"{_json(name)}: {_block(part)}" for name, part in parts.items()) + "\n}"

    @property
    def _outcomes(self) -> tuple[Outcome, ...]:
        return (self.baseline, *self.scenarios)


COLUMNS: Final = tuple("class" if name == "class_" else name for name in Row.__dataclass_fields__)


def as_record(row: Row) -> dict[str, Any]:
    """Return a row with the keys of `COLUMNS`."""
    return dict(zip(COLUMNS, asdict(row).values(), strict=True))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _block(part: Any) -> str:
    if isinstance(part, list):
        return "[\n" + ",\n".join(f" {_json(row)}" for row in part) + "\n]" if part else "[]"
    return json.dumps(part, indent=1, ensure_ascii=False, allow_nan=False)
