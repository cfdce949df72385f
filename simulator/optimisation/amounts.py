"""What a candidate uses up and loses a day, taken from one replication; money is amounts times prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gatewatch.config.units import US_PER_H
from gatewatch.simulator.measures.costs import overtime_spans
from gatewatch.simulator.network import Network
from gatewatch.simulator.optimisation.target import Target
from gatewatch.simulator.output_analysis import Summary
from gatewatch.simulator.replications import Key, Replication
from gatewatch.simulator.scenario import Plan

SERVERS_BUSY = ": servers busy"


@dataclass(frozen=True, slots=True)
class Prices:
    """
    What time costs.

    Args:
        vehicle_hour: One vehicle waiting for one hour [VND].
        server_hour: One server on duty for one hour beyond what the baseline's regular hours hold [VND].
    """

    vehicle_hour: float
    server_hour: float


@dataclass(frozen=True, slots=True)
class Amounts:
    """
    One replication of one candidate.

    Args:
        figure: Figure of the target; NaN where only a bound is known.
        paid_hours: Server hours of the gate beyond the baseline's regular ones [server h/day].
        vehicle_hours: Waiting at the gate, and what it changes at other gates [veh h/day].
        spoilage: Value lost by perishable loads, counted likewise [VND/day].
        causes: Share of the waiting by direction and cause.
        loads: Load by station or yard of the gate.
    """

    figure: float
    paid_hours: float
    vehicle_hours: float
    spoilage: float
    causes: Mapping[tuple[str, str], float]
    loads: Mapping[str, float]

    def gate_cost(self, prices: Prices) -> float:
        """Return what the schedule costs those who run the gate, whichever side pays [VND/day]."""
        return prices.server_hour * self.paid_hours

    def total_cost(self, prices: Prices) -> float:
        """Return the cost to the gate, to those who wait and to the owners of perishable loads [VND/day]."""
        return self.gate_cost(prices) + prices.vehicle_hour * self.vehicle_hours + self.spoilage


def read_amounts(
    replication: Replication,
    baseline: Replication,
    target: Target,
    gate: str,
    direction: str | None,
    added_hours: float,
) -> Amounts:
    """
    Return the amounts of a replication.

    Args:
        replication: Of the candidate.
        baseline: Of the baseline, the same number.
        target: What is asked of it.
        gate: Gate whose schedule is sought.
        direction: Direction of the target; None for both together.
        added_hours: Regular server hours beyond the baseline's [server h/day], from `added_regular_hours`.
    """
    mine, base = replication.summaries, baseline.summaries

    def here_and_beyond(measure: str, what: str | None = None) -> float:
        here = _mean(mine, (measure, gate, None, None, what))
        beyond = _mean(mine, (measure, None, None, None, what)) - here
        before = _mean(base, (measure, None, None, None, what)) - _mean(base, (measure, gate, None, None, what))
        return here + (beyond - before)

    found = mine.get((target.measure, gate, direction, None, None))
    return Amounts(
        figure=target.figure(found),
        paid_hours=added_hours + _mean(mine, ("overtime_server_hours_per_day", gate, None, None, None)),
        vehicle_hours=here_and_beyond("vehicle_hours_per_day"),
        spoilage=here_and_beyond("cost_per_day", "spoilage"),
        causes={
            (key[2] or "", key[4] or ""): summary.mean
            for key, summary in mine.items()
            if key[0] == "waiting_share" and key[1] == gate and direction in (None, key[2])
        },
        loads={key[4] or "": s.mean for key, s in mine.items() if key[0] == "load" and key[1] == gate},
    )


def _mean(summaries: Mapping[Key, Summary], key: Key) -> float:
    """Return a figure of a replication; what it does not name did not happen in it."""
    found = summaries.get(key)
    return 0.0 if found is None else found.mean


def regular_hours(network: Network, plan: Plan, gate: str) -> dict[str, float]:
    """Return the server hours on duty at open stations of a gate outside overtime, by station [server h/day]."""
    begins, ends = plan.measured_from_us, network.clock.end_us
    found = {}
    for number, node in enumerate(network.stations):
        if node.gate != gate or node.is_unlimited or node.holds:
            continue
        starts = np.array([s.begins_us for s in node.segments], dtype=np.int64)
        stops = np.append(starts[1:], ends)
        servers = np.array([s.capacity for s in node.segments], dtype=np.int64)
        starts = np.minimum(np.maximum(starts, begins), stops)
        regular = stops - starts - overtime_spans(network, number).covered_us(starts, stops)
        found[node.name] = float((servers * regular).sum()) / US_PER_H / ((ends - begins) / (24 * US_PER_H))
    return found


def added_regular_hours(candidate: Mapping[str, float], baseline: Mapping[str, float]) -> float:
    """
    Return the regular server hours that a candidate has beyond the baseline's [server h/day].

    Overtime is counted by its own measure. Fewer regular hours save nothing: those on duty are paid all the same.

    >>> added_regular_hours({"desk": 26.0, "scale": 10.0}, {"desk": 24.0, "scale": 12.0})
    2.0
    """
    return sum(max(0.0, hours - baseline.get(name, 0.0)) for name, hours in candidate.items())
