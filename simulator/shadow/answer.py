"""The shadow of a plan: what theory says of each gate and direction, in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from gatewatch.simulator.network import Network, build_network
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.shadow.fluid import run_fluid
from gatewatch.simulator.shadow.loads import demanded
from gatewatch.simulator.shadow.one_gate import OneGate, Times
from gatewatch.simulator.shadow.queues import station_waits

ROW_KEYS = ("gate", "direction", "measure", "unit", "fluid", "diffusion", "low", "high", "exact")


@dataclass(frozen=True)
class Shadow:
    """
    What theory says of a scenario, by gate and direction.

    Args:
        scenario: Its name.
        rows: Rows with the keys of `ROW_KEYS`: the fluid's value; with what chance adds near load 1 (`diffusion`)
            and the band that holds 80 % of the days or runs (`low`, `high`); the exact one. Null: not given.
        hourly: Rows `gate, direction, hour, unit, fluid, diffusion, low, high, exact`: the backlog by hour of the
            day, over the measured days.
        daily: Rows `date, gate, direction, arrived, cleared, backlog_2000`: the fluid day by day.
        binding: Rows `gate, direction, resource, load, demand_per_day, capacity_per_day, days_to_clear`: what binds,
            and the days that the backlog of the start takes by D = B / (kH - demand), null where it does not shrink.
        notes: Rows `gate, direction, about, text`: what was solved exactly or why not, and what the fluid leaves out.
    """

    scenario: str
    rows: list[dict[str, Any]]
    hourly: list[dict[str, Any]]
    daily: list[dict[str, Any]]
    binding: list[dict[str, Any]]
    notes: list[dict[str, Any]]

    def find(self, measure: str, gate: str, direction: str) -> dict[str, Any]:
        """Return the row of a measure; raises KeyError when there is none."""
        for row in self.rows:
            if (row["measure"], row["gate"], row["direction"]) == (measure, gate, direction):
                return row
        raise KeyError((measure, gate, direction))

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a table."""
        return pd.DataFrame(self.rows, columns=list(ROW_KEYS))

    def to_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        names = ("scenario", "rows", "hourly", "daily", "binding", "notes")
        return {name: getattr(self, name) for name in names}


def shadow(plan: Plan, network: Network | None = None, *, exact: bool = True) -> Shadow:
    """
    Return the analytic shadow of a plan.

    Args:
        plan: What would be run.
        network: Its network, where it is at hand.
        exact: Whether to solve chains too; without it the answer takes a few milliseconds a gate.
    """
    network = build_network(plan.loaded, plan) if network is None else network
    fluid = run_fluid(network, plan)
    resources, times = demanded(network, fluid), Times(plan)
    waits = station_waits(network, fluid)
    parts = [
        OneGate(network, plan, fluid, course, resources, times, waits, exact=exact)
        for course in fluid.courses
        if course.asks.laden > 0 and (course.inflow.came.sum() > 0 or course.initial > 0)
    ]
    return Shadow(
        scenario=plan.name,
        rows=[row for part in parts for row in part.rows()],
        hourly=[row for part in parts for row in part.hourly()],
        daily=[row for part in parts for row in part.daily()],
        binding=[row for part in parts for row in part.binding()],
        notes=[row for part in parts for row in part.notes()],
    )
