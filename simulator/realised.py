"""The border as a run made of it: timetables after the decisions that were taken, for all that is counted later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gatewatch.simulator.engines.trace import Trace
from gatewatch.simulator.network import Network, StationNode
from gatewatch.simulator.responses import ServersNode, Step
from gatewatch.simulator.timetable import NEVER_US, Detour, Segment, segment_at
from gatewatch.simulator.yard_node import YardDetour, YardNode, cut


def as_it_went(network: Network, trace: Trace) -> Network:
    """
    Return the network with the closes that were moved and the servers that changed sides in its timetables.

    Segments and entry windows are those of the run; `added_us` and `this_side_added_us` of a station say when it, or
    this side of it, was open by decision alone. A network without decisions comes back itself.

    Args:
        network: The border laid out in time, as the engines got it.
        trace: What happened; its decisions are read.
    """
    steps = list(_steps_taken(network, trace))
    moves = [
        (at, rule - len(network.hours), n) for at, rule, n in trace.decisions.tolist() if rule >= len(network.hours)
    ]
    if not steps and not moves:
        return network
    stations, yards = list(network.stations), list(network.yards)
    for step in steps:
        for number, detour in step.stations:
            stations[number] = _with_detour(stations[number], detour)
        for number, added in step.this_side:
            node = stations[number]
            stations[number] = replace(node, this_side_added_us=(*node.this_side_added_us, *added))
        for number, turn in step.yards:
            yards[number] = _with_entry(yards[number], turn)
    for number, rule in enumerate(network.servers):
        mine = [(at, n) for at, of, n in moves if of == number]
        if mine:
            first, second = rule.stations
            stations[first], stations[second] = _shared(rule, stations[first], stations[second], mine)
    return replace(network, stations=tuple(stations), yards=tuple(yards))


def _steps_taken(network: Network, trace: Trace) -> Iterator[Step]:
    """Yield the steps that held, in order of their decisions."""
    for at_us, rule, level in trace.decisions.tolist():
        if rule < len(network.hours) and level:
            decision = next(d for d in network.hours[rule].decisions if d.at_us == at_us)
            yield decision.steps[level - 1]


def _with_detour(node: StationNode, detour: Detour) -> StationNode:
    begins_us = detour.segments[0].begins_us
    before = [s for s in node.segments if s.begins_us < begins_us]
    after = [s for s in node.segments if s.begins_us > detour.until_us]
    return replace(node, segments=(*before, *detour.segments, *after), added_us=(*node.added_us, *detour.added_us))


def _with_entry(node: YardNode, turn: YardDetour) -> YardNode:
    """Return a yard whose entry is open as the detour says until its end."""
    usual = node.entry_windows_us or ()
    before, after = cut(usual, -NEVER_US, turn.from_us), cut(usual, turn.until_us, NEVER_US)
    return replace(node, entry_windows_us=(*before, *cut(turn.windows, turn.from_us, turn.until_us), *after))


def _shared(
    rule: ServersNode, first: StationNode, second: StationNode, moves: Sequence[tuple[int, int]]
) -> tuple[StationNode, StationNode]:
    """
    Return two stations with the servers that each had in fact.

    Args:
        rule: The rule by which they share servers.
        first: The first station.
        second: The second station.
        moves: When servers set out [us], and how many are to serve at the second station from then on.
    """
    states, share = [(first.segments[0].begins_us, 0, 0)], 0
    for at_us, wanted in moves:
        states += [(at_us, share, wanted), (at_us + rule.changeover_us, wanted, wanted)]
        share = wanted
    own = {s.begins_us for s in (*first.segments, *second.segments)}
    edges = sorted(own | {at_us for at_us, _, _ in states})
    found: tuple[list[Segment], list[Segment]] = ([], [])
    n = 0
    for at_us in edges:
        while n + 1 < len(states) and states[n + 1][0] <= at_us:
            n += 1
        here = (segment_at(first.segments, at_us), segment_at(second.segments, at_us))
        for kept, segment, gained in zip(found, here, rule.shared(here, *states[n][1:]), strict=True):
            kept.append(replace(segment, begins_us=at_us, servers=segment.servers + gained))
    return replace(first, segments=tuple(found[0])), replace(second, segments=tuple(found[1]))
