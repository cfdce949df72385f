"""The demand of a run as a flow: mean arrivals by step, and how far the days differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gatewatch.config.demand import Appointments, Convoys, Flow, Poisson, Renewal, TraceArrivals
from gatewatch.config.units import US_PER_S
from gatewatch.simulator.demand import between_dates, daily_levels, recorded_arrivals
from gatewatch.simulator.network import Network
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.shadow.routes import law_moments

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Inflow:
    """
    The arrivals of one group.

    Args:
        came: Mean arrivals of each step, shape (steps,) [veh].
        refused: Those of them that a halt of intake keeps away, shape (steps,) [veh].
        mix: Vehicles of each class over the run, those inside at the start included.
        day_cv: Standard deviation over mean of the day factor.
        batch: Vehicles that come at once.
        is_poisson: Whether the number in any stretch is Poisson, given the day factor.
    """

    came: Floats
    refused: Floats
    mix: Mapping[str, float]
    day_cv: float
    batch: float
    is_poisson: bool


def inflows(network: Network, plan: Plan, edges_us: Ints) -> dict[int, Inflow]:
    """
    Return the inflow of each group that anybody comes to, by group number.

    Args:
        network: The border.
        plan: What is run.
        edges_us: Edges of the steps, shape (steps + 1,) [us].
    """
    by_group: dict[int, list[Flow]] = {}
    for flow in network.border.demand[plan.scenario.demand].flows.values():
        by_group.setdefault(network.group_number(flow.gate, flow.direction), []).append(flow)
    for entry in plan.initial.vehicles:
        by_group.setdefault(network.group_number(entry.gate, entry.direction), [])
    return {number: _inflow(network, plan, number, by_group[number], edges_us) for number in sorted(by_group)}


def _inflow(network: Network, plan: Plan, number: int, flows: list[Flow], edges_us: Ints) -> Inflow:
    came, refused = np.zeros(len(edges_us) - 1), np.zeros(len(edges_us) - 1)
    mix: dict[str, float] = {}
    group, together, apart, batch = network.groups[number], 0.0, 0.0, 0.0
    for flow in flows:
        steps = np.diff(_cumulated(network, flow, edges_us))
        shares = _class_shares(network, flow)
        came += steps
        refused += steps * _refused_share(network, number, shares, edges_us)
        volume = float(steps.sum())
        for name, share in shares.items():
            mix[name] = mix.get(name, 0.0) + volume * share
        cv = getattr(flow.arrivals, "day_factor_cv", 0.0)
        if getattr(flow.arrivals, "day_factor_of", "flow") == "flow":
            apart += (volume * cv) ** 2
        else:
            together += volume * cv
        batch += volume * (flow.arrivals.size if isinstance(flow.arrivals, Convoys) else 1)
    for entry in plan.initial.vehicles:
        if (entry.gate, entry.direction) == (group.gate, group.direction):
            mix[entry.class_] = mix.get(entry.class_, 0.0) + entry.count
    total = float(came.sum())
    return Inflow(
        came=came,
        refused=refused,
        mix={name: volume for name, volume in mix.items() if volume > 0} or {network.classes[0]: 1.0},
        day_cv=float(np.hypot(together, apart**0.5) / total) if total else 0.0,
        batch=batch / total if total else 1.0,
        is_poisson=all(isinstance(flow.arrivals, Poisson) or _is_exponential(flow) for flow in flows),
    )


def _is_exponential(flow: Flow) -> bool:
    return isinstance(flow.arrivals, Renewal) and flow.arrivals.gap.law == "exponential"


def _class_shares(network: Network, flow: Flow) -> dict[str, float]:
    if flow.mix:
        total = sum(flow.mix.values())
        return {name: weight / total for name, weight in flow.mix.items()}
    return {"general" if "general" in network.classes else network.classes[0]: 1.0}


def _cumulated(network: Network, flow: Flow, edges_us: Ints) -> Floats:
    """Return the mean arrivals of a flow until each edge, from the first one on."""
    until: Floats
    match flow.arrivals:
        case Renewal(gap=gap):
            rate = 1 / max(law_moments(gap, network.root)[0], 1e-9)
            steps = np.diff(edges_us) / US_PER_S * rate * between_dates(network.clock, flow, edges_us[:-1])
            until = np.concatenate([[0.0], np.cumsum(steps)])
        case TraceArrivals():
            times, _ = recorded_arrivals(network.clock, network.root, flow.arrivals)
            times = times[(times >= network.clock.begin_us) & between_dates(network.clock, flow, times)]
            until = np.searchsorted(np.sort(times), edges_us).astype(np.float64)
        case _:
            knots, values = _by_level(network, flow, flow.arrivals)
            until = np.interp(edges_us, knots, values)
    return np.asarray(until - until[0])


def _by_level(
    network: Network, flow: Flow, arrivals: Poisson | Convoys | Appointments
) -> tuple[NDArray[np.float64], Floats]:
    """Return times [us] and the arrivals until then, straight in between."""
    levels = daily_levels(network, flow, arrivals)
    if isinstance(arrivals, Appointments):
        levels = levels * (1 - arrivals.no_show)
    border, starts = network.border, np.array(network.clock.day_starts_us(), dtype=np.float64)
    weights = np.array([1.0] if arrivals.hours is None else border.hour_profiles[arrivals.hours].weights)
    shares, parts = weights / weights.sum(), np.arange(len(weights)) / len(weights)
    knots = (starts[:-1, None] + np.diff(starts)[:, None] * parts).ravel()
    values = np.concatenate([[0.0], np.cumsum(np.outer(levels, shares).ravel())])
    return np.append(knots, starts[-1]), values


def _refused_share(network: Network, number: int, shares: Mapping[str, float], edges_us: Ints) -> Floats:
    """Return the share of the arrivals of each step that halts of intake keep away, shape (steps,)."""
    result = np.zeros(len(edges_us) - 1)
    for halt in network.halts:
        if halt.group == number:
            mine = sum(shares.get(network.classes[c], 0.0) for c in halt.classes)
            during = (edges_us[:-1] >= halt.begins_us) & (edges_us[:-1] < halt.ends_us)
            result += np.where(during, mine * halt.compliance, 0.0)
    return np.minimum(result, 1.0)
