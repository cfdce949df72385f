"""
What demand does when opening hours change: nothing, shift into the new hours, or grow with them.

None of the three is measured at these gates; a comparison says which one it assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Literal, TypeVar, get_args
from zoneinfo import ZoneInfo

import numpy as np

from gatewatch.config.calendars import DirectionName
from gatewatch.config.demand import DatedFactor, Flow
from gatewatch.config.errors import known_names, one_fault
from gatewatch.config.opening_hours import DAY_MIN, Window
from gatewatch.config.origins import Origin
from gatewatch.config.profiles import HourProfile
from gatewatch.config.schema import Border
from gatewatch.config.units import clock_text
from gatewatch.simulator.policies.applying import with_border
from gatewatch.simulator.policies.flows import ByLevel, by_level, with_flows
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.timetable import Clock, open_windows

Mode = Literal["fixed", "shifts", "latent"]
MODES: tuple[str, ...] = get_args(Mode)
_PARTS = 96
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_KEY = "demand response"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Opening:
    """When both sides of a gate are open on a day [min after local midnight], and for how long [min]."""

    begins: int
    ends: int
    open_min: int


def respond(plan_before: Plan, plan_after: Plan, mode: str = "fixed", elasticity: float = 1.0) -> Plan:
    """
    Return the plan after policies with demand that answers to its opening hours.

    Args:
        plan_before: The plan without the policies.
        plan_after: The plan with them.
        mode: `fixed`: demand stays; `shifts`: those who come within the old hours spread over the new ones in the
            same way; `latent`: demand grows or falls with the open hours.
        elasticity: For `latent`: relative change of demand over relative change of the open hours of the day.

    Raises:
        ConfigError: There is no such mode, or a flow has no vehicles a day that could answer.
    """
    if mode not in MODES:
        raise one_fault("demand response", "", f'"{mode}"', known_names("demand response", mode, MODES))
    if mode == "fixed":
        return plan_after
    text = f"demand_response:mode={mode}" + (f",elasticity={elasticity!r}" if mode == "latent" else "")
    border = plan_after.loaded.border
    for name, flow in border.demand[plan_after.scenario.demand].flows.items():
        if flow.gate not in plan_before.loaded.border.gates:
            continue
        before, after = (openings(plan, flow.gate, flow.direction) for plan in (plan_before, plan_after))
        if mode == "latent":
            border = _grown(border, plan_after, name, flow, _gains(before, after, elasticity))
        else:
            border = _shifted(border, plan_after, name, flow, list(zip(before, after, strict=True)))
    if border is plan_after.loaded.border:
        return plan_after
    loaded = with_border(plan_after.loaded, border, Origin("demand response", "assumed"), text, plan_after.name)
    return replace(plan_after, loaded=loaded, policies=(*plan_after.policies, text))


def openings(plan: Plan, gate_id: str, direction: DirectionName) -> list[Opening | None]:
    """Return the opening of each day of a run, None when it is shut; hours past midnight are the day's before."""
    border = plan.loaded.border
    clock = replace(plan.clock, first_day=plan.clock.first_day - _DAY, days=plan.clock.days + 1)  # what began yesterday
    found = open_windows(border, border.gates[gate_id], "both", clock, direction)
    days: list[Opening | None] = [None] * clock.days
    if found is None:
        return [Opening(0, DAY_MIN, DAY_MIN)] * plan.clock.days
    for window in found:
        for begins, ends in _by_day(clock, window):
            day = _day_of(clock, begins)
            if not 0 <= day < clock.days:
                continue
            start = (begins - clock.midnight(day)) // _MINUTE
            new = Opening(start, start + (ends - begins) // _MINUTE, (ends - begins) // _MINUTE)
            old = days[day]
            days[day] = new if old is None else Opening(old.begins, new.ends, old.open_min + new.open_min)
    return days[1:]


def _by_day(clock: Clock, window: Window) -> Iterator[tuple[datetime, datetime]]:
    """Yield a window, cut at midnight when it is longer than a day."""
    begins = window.begins
    while window.ends - begins >= _DAY:
        midnight = clock.midnight(_day_of(clock, begins) + 1)
        yield begins, midnight
        begins = midnight
    if begins < window.ends:
        yield begins, window.ends


def _day_of(clock: Clock, at: datetime) -> int:
    return (at.astimezone(ZoneInfo(clock.timezone)).date() - clock.first_day).days


# --- latent demand ----------------------------------------------------------------------------------


def _gains(before: list[Opening | None], after: list[Opening | None], elasticity: float) -> list[float]:
    """Return the factor on the demand of each day; a day that was shut before has nothing to compare with."""
    return [
        1.0 if old is None else max(0.0, 1 + elasticity * ((new.open_min if new else 0) / old.open_min - 1))
        for old, new in zip(before, after, strict=True)
    ]


def _grown(border: Border, plan: Plan, name: str, flow: Flow, factors: list[float]) -> Border:
    dates = [
        DatedFactor(first=first, last=last, factor=factor, reason="latent demand")
        for factor, first, last in _runs(plan.clock, factors)
        if factor != 1
    ]
    return _with_flow(border, plan, name, _dated(flow, by_level(name, flow, _KEY), dates)) if dates else border


# --- arrivals that shift ----------------------------------------------------------------------------


def _shifted(
    border: Border, plan: Plan, name: str, flow: Flow, days: list[tuple[Opening | None, Opening | None]]
) -> Border:
    moves = [_move(old, new) for old, new in days]
    kinds = [move for move in dict.fromkeys(moves) if move is not None]
    if not kinds:
        return border
    arrivals = by_level(name, flow, _KEY)
    for n, move in enumerate(kinds):
        border, profile = _with_profile(border, arrivals, move)
        stretched = flow.model_copy(update={"arrivals": arrivals.model_copy(update={"hours": profile})})
        if set(moves) == {move}:
            return _with_flow(border, plan, name, stretched)
        others = _silent(plan.clock, moves, partial(_differ, move))
        own = _dated(stretched, by_level(name, stretched, _KEY), others)
        border = _with_flow(border, plan, f"{name}_in_new_hours_{n + 1}", own)
    moved = _silent(plan.clock, moves, lambda m: m is not None)
    return _with_flow(border, plan, name, _dated(flow, arrivals, moved))


Move = tuple[int, int, int, int]  # opening and closing before, opening and closing after [min]


def _move(old: Opening | None, new: Opening | None) -> Move | None:
    if old is None or new is None:
        return None
    move = (old.begins, min(old.ends, DAY_MIN), new.begins, min(new.ends, DAY_MIN))
    return None if move[:2] == move[2:] else move


def _with_profile(border: Border, arrivals: ByLevel, move: Move) -> tuple[Border, str]:
    """Return the border with an hour profile stretched from the old opening to the new one, and its name."""
    name = f"{arrivals.hours or 'even'}_" + "_".join(clock_text(minute).replace(":", "") for minute in move)
    weights = [1.0] if arrivals.hours is None else border.hour_profiles[arrivals.hours].weights
    profile = HourProfile(weights=stretched_weights(weights, move))
    return border.model_copy(update={"hour_profiles": {**border.hour_profiles, name: profile}}), name


def stretched_weights(weights: Sequence[float], move: Move) -> list[float]:
    """Return the weights of quarters of an hour after the day was stretched piece by piece, shape (96,)."""
    edges = np.linspace(0, DAY_MIN, len(weights) + 1)
    gone = np.concatenate([[0.0], np.cumsum(weights)]) / sum(weights)
    begins, ends, new_begins, new_ends = move
    at = np.linspace(0, DAY_MIN, _PARTS + 1)
    before = np.interp(at, [0, new_begins, new_ends, DAY_MIN], [0, begins, ends, DAY_MIN])
    share = np.interp(before, edges, gone)
    share[0], share[-1] = 0.0, 1.0  # a night that is no more gives its arrivals to the first and the last quarter
    return [float(weight) for weight in np.maximum(np.diff(share), 0.0)]


def _differ(move: Move, other: Move | None) -> bool:
    return move != other


def _silent(clock: Clock, moves: list[Move | None], is_silent: Callable[[Move | None], bool]) -> list[DatedFactor]:
    """Return factors of 0 for the days of some moves."""
    runs = _runs(clock, [is_silent(move) for move in moves])
    return [DatedFactor(first=first, last=last, factor=0.0) for silent, first, last in runs if silent]


# --- parts ------------------------------------------------------------------------------------------


def _runs(clock: Clock, values: Sequence[_T]) -> Iterator[tuple[_T, date, date]]:
    """Yield each stretch of days with one value: the value, the first and the last day."""
    for value, days in groupby(range(len(values)), key=values.__getitem__):
        numbers = list(days)
        yield value, clock.first_day + timedelta(days=numbers[0]), clock.first_day + timedelta(days=numbers[-1])


def _dated(flow: Flow, arrivals: ByLevel, dates: list[DatedFactor]) -> Flow:
    changed = arrivals.model_copy(update={"dates": [*arrivals.dates, *dates]})
    return flow.model_copy(update={"arrivals": changed})


def _with_flow(border: Border, plan: Plan, name: str, flow: Flow) -> Border:
    return with_flows(border, plan.scenario.demand, {name: flow})
