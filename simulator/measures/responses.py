"""What the rules that act during a run decided."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gatewatch.config.units import US_PER_H
from gatewatch.simulator.measures.base import Value, measure
from gatewatch.simulator.record import Ints, RunRecord


@measure("later_close_share", "share", "neither")
def later_close_share(record: RunRecord) -> Iterator[Value]:
    """
    Share of the decisions of a rule of `responsive_hours` in the measured days that move the close.

    By gate, direction and rule; a day on which it has closed before counts when the backlog is over the first step.
    """
    for name, levels in _levels(record):
        rule = record.network.border.responsive_hours[name]
        yield Value(rule.gate, rule.direction, None, name, float((levels > 0).mean()))


@measure("later_close_hours_per_day", "h/day", "neither")
def later_close_hours_per_day(record: RunRecord) -> Iterator[Value]:
    """
    Hours by which a rule of `responsive_hours` moves the close, a measured day, by gate, direction and rule.

    What it costs in overtime is part of `overtime_server_hours_per_day`.
    """
    for name, levels in _levels(record):
        rule = record.network.border.responsive_hours[name]
        later = np.array([0.0, *(step.later for step in rule.steps)])
        yield Value(rule.gate, rule.direction, None, name, float(later[levels].sum() / record.days))


@measure("moved_servers", "servers", "neither")
def moved_servers(record: RunRecord) -> Iterator[Value]:
    """
    Servers that a rule of `reversible_servers` wants on the other side, mean over the measured time.

    By gate and rule, either way, those that are on their way there included.
    """
    decisions, first = record.trace.decisions, len(record.network.hours)
    for number, node in enumerate(record.network.servers):
        mine = decisions[decisions[:, 1] == first + number]
        begins = np.maximum(np.append(record.from_us, mine[:, 0]), record.from_us)
        wanted = np.abs(np.append(0, mine[:, 2]))
        time = np.diff(np.append(begins, record.to_us))
        gate = record.network.border.reversible_servers[node.name].gate
        yield Value(gate, None, None, node.name, float((wanted * time).sum() / (record.days * 24 * US_PER_H)))


def _levels(record: RunRecord) -> Iterator[tuple[str, Ints]]:
    """Yield each rule of responsive hours with its decisions of the measured days, shape (decisions,)."""
    decisions = record.trace.decisions
    decisions = decisions[decisions[:, 0] >= record.from_us]
    for number, node in enumerate(record.network.hours):
        levels = decisions[decisions[:, 1] == number, 2]
        if len(levels):
            yield node.name, levels
