"""What was asked of an optimisation, checked before anything runs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, Literal

from gatewatch.config.calendars import DirectionName
from gatewatch.config.errors import ConfigError, Fault, known_names, one_fault
from gatewatch.config.units import parse_span
from gatewatch.simulator.optimisation.amounts import Prices
from gatewatch.simulator.optimisation.hours import PresentHours, present_hours, split_stations
from gatewatch.simulator.optimisation.selection import SCREEN_FIRST
from gatewatch.simulator.optimisation.target import Target, parse_target
from gatewatch.simulator.scenario import Plan

What = Literal["hours", "servers"]


@dataclass(frozen=True, slots=True)
class Limits:
    """
    How sure an optimisation has to be, and how long it may take.

    Args:
        confidence: Probability of a right selection.
        indifference: Difference in cost that does not matter [VND/day]; without it, 5 % of the baseline's waiting and
            overtime, rounded to one digit.
        tolerance: Half the width of the zone below the limit in which either answer is right, in the unit of the
            measure; without it, 2.5 % of the limit.
        first: Replications before the first decision, from 5.
        most: Replications of a candidate at most.
        fresh: Replications of the re-run, from 2.
    """

    confidence: float = 0.95
    indifference: float | None = None
    tolerance: float | None = None
    first: int = 10
    most: int = 60
    fresh: int = 20


DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Question:
    """
    What was asked, checked.

    Args:
        what: `hours` or `servers`.
        plan: Of the baseline.
        gate: Gate whose schedule or roster is sought.
        direction: Direction of the target; None for both together.
        target: What has to be met.
        with_counterpart: Whether the other side consents and does the same.
        shift: For `servers`, when the added ones are on duty; None for always.
        limits: How sure, and how long.
        now: For `hours`, the present ones.
        hours_of: Direction whose hours change; None where the whole gate's do.
        stay: Stations of the direction that keep their hours, as they serve both.
    """

    what: What
    plan: Plan
    gate: str
    direction: DirectionName | None
    target: Target
    with_counterpart: bool
    shift: str | None
    limits: Limits
    now: PresentHours | None
    hours_of: DirectionName | None
    stay: tuple[str, ...]


def ask(
    what: What,
    plan: Plan,
    gate: str,
    direction: DirectionName | None,
    target: str,
    shift: str | None,
    limits: Limits,
    *,
    with_counterpart: bool,
) -> Question:
    """
    Return what was asked.

    Raises:
        ConfigError: Gate, direction, target, shift or limits are at fault.
    """
    asked = parse_target(target)
    _check_limits(limits)
    _check_place(plan, gate, direction)
    if shift is not None:
        _check_hours(shift)
    follow, stay = ([], []) if direction is None else split_stations(plan, gate, direction)
    hours_of = direction if follow else None  # where no station tells the directions apart, the whole gate's change
    now = present_hours(plan, gate, hours_of) if what == "hours" else None
    stay = stay if hours_of is not None and what == "hours" else []
    return Question(
        what, plan, gate, direction, asked, with_counterpart, shift, limits, now, hours_of, tuple(stay)
    )  # fmt: skip


def _check_limits(limits: Limits) -> None:
    """Refuse limits with which no procedure works."""
    wrong = (
        (
            "--confidence",
            limits.confidence,
            0.5 <= limits.confidence < 1,
            "use a share from 0.5 to below 1, such as 0.95",
        ),
        ("--indifference", limits.indifference, _above_nought(limits.indifference), "use VND a day above 0"),
        (
            "--tolerance",
            limits.tolerance,
            _above_nought(limits.tolerance),
            "use a width above 0, in the measure's unit",
        ),
        ("--first", limits.first, limits.first >= SCREEN_FIRST, f"use {SCREEN_FIRST} replications or more"),
        ("--most", limits.most, limits.most >= limits.first, f"use {limits.first} replications or more (--first)"),
        ("--fresh", limits.fresh, limits.fresh >= 2, "use 2 replications or more"),
    )
    found = [Fault(option, "", str(value), remedy) for option, value, is_right, remedy in wrong if not is_right]
    if found:
        raise ConfigError(found)


def _above_nought(value: float | None) -> bool:
    return value is None or value > 0


def _check_hours(hours: str) -> None:
    """Refuse what are no hours of a day."""
    try:
        parse_span(hours)
    except ValueError as error:
        raise one_fault("--hours", "", f'"{hours}"', str(error)) from None


def _check_place(plan: Plan, gate: str, direction: DirectionName | None) -> None:
    """Refuse a gate that is not in use, and a direction that it does not have."""
    gates = {name: data for name, data in plan.loaded.border.gates.items() if not data.dormant}
    if gate in plan.loaded.border.gates and gate not in gates:
        raise one_fault("--gate", "", f'"{gate}"', f"it is not in use; name one that is: {', '.join(sorted(gates))}")
    if gate not in gates:
        raise one_fault("--gate", "", f'"{gate}"', known_names("gate in use", gate, gates))
    there = [name for name in ("export", "import") if gates[gate].direction(name) is not None]
    if direction is not None and direction not in there:
        known = known_names(f"direction of {gate}", direction, there)
        raise one_fault("--direction", "", f'"{direction}"', known)


def prices_of(plan: Plan, vehicle_hour: float | None, server_hour: float | None) -> tuple[Prices, list[dict[str, Any]]]:
    """
    Return the prices, and where each is from; a price that a caller gives is assumed.

    Raises:
        ConfigError: A price is below 0, or a server hour costs nothing.
    """
    for option, given, least in (("--vehicle-hour", vehicle_hour, 0.0), ("--server-hour", server_hour, 1.0)):
        if given is not None and not least <= given < math.inf:
            raise one_fault(option, "", f"{given:g}", f"use VND from {least:g} up")
    stated, rows, values = plan.loaded.border.prices, [], []
    for name, key, given in (
        ("vehicle_hour", "vehicle_hour", vehicle_hour),
        ("server_hour", "overtime_server_hour", server_hour),
    ):
        origin = None if given is not None else plan.loaded.document.origin(("prices", key))
        value = float(getattr(stated, key) if given is None else given)
        values.append(value)
        rows.append(
            {
                "price": name,
                "value": value,
                "unit": "VND/h",
                "basis": (origin.basis if origin else None) or "assumed",
                "source": origin.source if origin else None,
            }
        )
    if values[1] == 0:
        expected = "a schedule has no cost without it: state it in the border, or give --server-hour"
        raise one_fault("border", "prices.overtime_server_hour", "0", expected)
    return Prices(*values), rows
