"""A long run stretch by stretch: vehicles are drawn when they come, and are let go of when they have left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from gatewatch.simulator.draws import Bools, Draws, Ints
from gatewatch.simulator.draws_by_stretch import Crowd, DrawsByStretch, chosen, merged, side_by_side, visits_of
from gatewatch.simulator.engines import kernel
from gatewatch.simulator.engines.trace import NOT_YET, Trace
from gatewatch.simulator.folding import figures_so_far, is_swept, sweep
from gatewatch.simulator.measures import list_measures
from gatewatch.simulator.network import NONE, Network
from gatewatch.simulator.realised import as_it_went
from gatewatch.simulator.record import RunRecord
from gatewatch.simulator.scenario import Plan

_T = TypeVar("_T")

MOST_DAYS_AT_ONCE = 42  # a longer run goes in stretches; the usual four weeks with their warm-up do not
_DAYS = 14  # of a stretch: shorter ones take less memory and more time
_DAYS_WITH_RULES = 28  # where rules act during the run: what they made of the timetables is laid out for each stretch


@dataclass(frozen=True, slots=True)
class Stretch:
    """
    What is known at the end of a stretch of a run.

    Args:
        until_us: Its end [us].
        crowd: The vehicles that were there during the stretch, or may yet come as stand-ins of those still there.
        trace: What happened to them, since their arrival.
        is_over: Vehicles to whom nothing more will happen, shape (vehicles,).
    """

    until_us: int
    crowd: Crowd
    trace: Trace
    is_over: Bools


def stretch_edges_us(plan: Plan) -> list[int]:
    """Return where stretches of some whole days begin, and the end of the last one [us]."""
    clock, border = plan.clock, plan.loaded.border
    days = _DAYS_WITH_RULES if border.responsive_hours or border.reversible_servers else _DAYS
    inner = [at for at in clock.day_starts_us()[days::days] if clock.begin_us < at < clock.end_us]
    return [clock.begin_us, *inner, clock.end_us]


def run_stretches(network: Network, plan: Plan, replication: int, edges_us: Sequence[int]) -> Iterator[Stretch]:
    """
    Yield the stretches of a replication by the compiled engine, in order; together they are the run in one piece.

    Args:
        network: The border laid out in time.
        plan: What is run.
        replication: Number of the replication.
        edges_us: Where stretches begin and where the last one ends: from the begin of the run to its end [us].
    """
    source = DrawsByStretch(network, plan, replication)
    crowd = source.before(edges_us[1])
    m = kernel.begin(network, crowd.draws)
    for until_us, then_us in zip(edges_us[1:], [*edges_us[2:], None], strict=True):
        kernel.go_on(m, until_us)
        is_over = _is_over(m, crowd)
        stretch = [Stretch(until_us, crowd, kernel.trace_of(m), is_over)]
        # What goes on is taken out first: all else goes with whoever asked for the stretch.
        was = np.flatnonzero(~is_over)
        crowd = crowd.those(was)
        m = kernel.carry_over(m, network, crowd.draws, was, np.arange(len(was)))
        yield stretch.pop()
        if then_us is not None:
            n = len(was)
            crowd, now = merged(crowd, source.between(until_us, then_us))
            m = kernel.carry_over(m, network, crowd.draws, np.arange(n), now)


def _is_over(m: Ints, crowd: Crowd) -> Bools:
    """Return the vehicles that have left; a stand-in stays as long as the one that it may stand in for."""
    stays = kernel.is_on_its_way(m)
    original = crowd.draws.stand_in_for
    stays |= (original != NONE) & np.append(stays, False)[original]
    return ~stays


Told = tuple[Draws, Trace]  # vehicles, and what happened to them


def in_stretches(
    network: Network, plan: Plan, replication: int, edges_us: Sequence[int], figures: Callable[[RunRecord], _T]
) -> _T:
    """
    Return the figures of a replication that is run in stretches: what `figures` makes of the last record.

    Each record holds the vehicles that left in its stretch, the last one all others too. `figures` is called with each
    of them, which goes on from what those before came to (`folding.py`), and must always ask for the same.

    Args:
        network: The border laid out in time.
        plan: What is run.
        replication: Number of the replication.
        edges_us: As for `run_stretches`.
        figures: What to make of a record; it must not keep the record.

    Raises:
        ConservationError: The engine made or lost a vehicle.
    """
    so_far: dict[object, object] = {}
    since_us, earlier = edges_us[0], None
    list_measures()
    stretches = run_stretches(network, plan, replication, edges_us)
    for until_us in edges_us[1:]:
        # One thing at a time, and nothing longer than it is needed: this is what takes memory.
        stretch, is_last = next(stretches), until_us == edges_us[-1]
        realised, is_over = as_it_went(network, stretch.trace), stretch.is_over | is_last
        settled_us = until_us if is_last else max(since_us, _settled_us(network, stretch))
        known: Told = stretch.crowd.draws, stretch.trace
        del stretch
        n_earlier = 0 if earlier is None else len(earlier[0].group)
        if earlier is not None:
            known, earlier = _side_by_side(earlier, known), None
        between_us = since_us, settled_us
        so_far |= sweep(RunRecord(plan, realised, *known, so_far, seen_until_us=until_us, swept_us=between_us))
        gone = _those(known, n_earlier + np.flatnonzero(is_over))
        if not is_last:
            is_gone = np.concatenate([np.ones(n_earlier, dtype=bool), is_over])
            still_counts = _last_seen_us(known) >= _day_start_us(network, settled_us)
            earlier = _those(known, np.flatnonzero(is_gone & still_counts))
        del known
        record = RunRecord(plan, realised, *gone, so_far, is_last=is_last)
        record.check_conservation()
        record.kept.update({key: so_far[key] for key in so_far if is_swept(key)})
        found = figures(record)
        so_far, since_us = figures_so_far(record), settled_us
        del gone, record
        if is_last:
            return found
    raise AssertionError("a run has an end")


def _settled_us(network: Network, stretch: Stretch) -> int:
    """
    Return until when all is known of the stretch that waiting is put down to [us].

    Of a service under way it is not known yet how long it was stopped.
    """
    trace, stations = stretch.trace, np.array([stage.station for stage in network.stages], dtype=np.int64)
    holds = np.array([node.holds for node in network.stations], dtype=bool)[stations]
    under_way = (trace.started_us != NOT_YET) & (trace.finished_us == NOT_YET) & (trace.left_us == NOT_YET)
    under_way &= ~holds[stretch.crowd.draws.visits.stage]
    return int(trace.started_us[under_way].min(initial=stretch.until_us))


def _day_start_us(network: Network, at_us: int) -> int:
    """Return the start of the day before which no yard counts the vehicles that it accepts on a day [us]."""
    begin_us, counting = network.clock.begin_us, [yard for yard in network.yards if yard.accepts_by_date.exists]
    begins = [max((day for day in yard.day_starts_us if day <= at_us), default=begin_us) for yard in counting]
    return min(begins, default=at_us)


def _last_seen_us(told: Told) -> Ints:
    """Return when each vehicle was last seen, shape (vehicles,); NOT_YET for those that never came [us]."""
    draws, trace = told
    start, last = draws.visits.start, np.full(len(draws.group), NOT_YET, dtype=np.int64)
    some = np.flatnonzero(np.diff(start))
    if len(some):
        last[some] = np.maximum.reduceat(np.maximum(trace.left_us, trace.joined_us), start[some])
    return last


def _those(told: Told, rows: Ints) -> Told:
    draws, trace = told
    at = visits_of(draws, rows)
    columns = [*(column[at] for column in _columns(trace)), trace.decisions]
    return chosen(draws, rows), Trace(*columns)


def _side_by_side(earlier: Told, later: Told) -> Told:
    both = zip(_columns(earlier[1]), _columns(later[1]), strict=True)
    columns = [*map(np.concatenate, both), later[1].decisions]
    return side_by_side(earlier[0], later[0]), Trace(*columns)


def _columns(trace: Trace) -> list[Ints]:
    return [getattr(trace, f.name) for f in fields(Trace) if f.name != "decisions"]
