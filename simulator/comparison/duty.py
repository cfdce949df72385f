"""What a scenario asks of people that the costs do not hold, and what a wait holds that no booth shortens."""

from __future__ import annotations

from itertools import pairwise

from gatewatch.simulator.network import Network, build_network
from gatewatch.simulator.scenario import Plan

_US_PER_H = 3.6e9


def server_hours_on_duty(plan: Plan) -> float:
    """Return the server-hours on duty of an average measured day, over all stations with a roster [server h/day]."""
    network = build_network(plan.loaded, plan)
    begins, ends = plan.measured_from_us, network.clock.end_us
    total = 0.0
    for station in network.stations:
        if station.is_unlimited or station.holds:
            continue
        edges = [*((s.begins_us, s.servers if s.is_open else 0) for s in station.segments), (ends, 0)]
        for (at, servers), (until, _) in pairwise(edges):
            total += servers * max(0, min(until, ends) - max(at, begins))
    return total / _US_PER_H / ((ends - begins) / 86_400e6)


def delays_before(plan: Plan) -> dict[tuple[str, str], list[tuple[str, float]]]:
    """Return by gate and direction the stages without servers before the first that has some, with mean length [h]."""
    network = build_network(plan.loaded, plan)
    found: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for group in network.groups:
        if not network.border.gates[group.gate].dormant:
            found[group.gate, group.direction] = _delays(network, group.stages)
    return {place: stages for place, stages in found.items() if stages}


def _delays(network: Network, stages: tuple[int, ...]) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for number in stages:
        stage, station = network.stages[number], network.stations[network.stages[number].station]
        if not station.is_unlimited and not station.holds:
            return found
        if stage.rules and station.is_unlimited:
            found.append((stage.name, stage.rules[0][1].mean_s() / 3_600))
    return []
