"""
Part of the vehicles come at a booked time rather than when they like.

Slots are spread evenly over the slot hours; drivers meet them with some scatter, and some never come. Capacity stays as
it is: the wait moves from the road to home, where the model does not count it, and what exceeds the slots of a day
does not come. Stages that are done at home are left out for booked vehicles, who then are a class of their own.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gatewatch.config.demand import Appointments, Flow
from gatewatch.config.faults import shown
from gatewatch.config.profiles import HourProfile
from gatewatch.config.records import Record
from gatewatch.config.schema import Border, Gate
from gatewatch.config.units import PerDay, Share, Span
from gatewatch.simulator.policies.class_copies import with_class_like
from gatewatch.simulator.policies.fields import (
    ClassNames,
    DirectionOf,
    GateNames,
    HoursOfDay,
    Minutes,
    StageNames,
    unit,
)
from gatewatch.simulator.policies.flows import by_level, flows_at, mix_of, reweighted, with_flows
from gatewatch.simulator.policies.kinds import refused
from gatewatch.simulator.policies.places import (
    directions_of,
    gates_of,
    known_classes,
    known_in_any,
    with_direction,
    with_gates,
)

NEUTRAL = {"gate": "huu_nghi", "share": 0}
_PARTS, _PART_MIN = 96, 15


class Settings(Record):
    """Who books, for when, and who comes."""

    gate: GateNames | None = Field(default=None, description="Gate or gates; without it, all in use.")
    direction: DirectionOf | None = Field(default=None, description="Only this direction; without it, both.")
    classes: ClassNames | None = Field(default=None, description="Vehicle class or classes; without it, all.")
    share: Share = Field(description="Share of the vehicles that book; the others walk in as before.")
    slots: HoursOfDay | None = Field(
        default=None, description="Hours for which slots are given; without it, as vehicles come now."
    )
    slots_per_day: PerDay | None = Field(
        default=None, description="Slots of each flow a day; who gets none stays at home. Without it, enough for all."
    )
    no_show: Annotated[float, Field(ge=0, lt=1, json_schema_extra=unit("share"))] = Field(
        default=0.0, description="Share of the slots that nobody uses; those drivers book again."
    )
    scatter: Minutes = Field(default=0.0, description="Standard deviation of the arrival around its slot.")
    at_home: StageNames | None = Field(
        default=None, description="Stage or stages that booked vehicles have done before they set off."
    )


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with booked vehicles."""
    classes = known_classes(border, settings.classes)
    gates = gates_of(border, settings.gate, direction=settings.direction)
    if settings.at_home is not None:
        known_in_any(gates, settings.direction, settings.at_home)
    if settings.share == 0:
        return border
    flows = list(flows_at(border, gates, settings.direction))
    profile = None if settings.slots is None else f"slots_{str(settings.slots).replace(':', '').replace('-', '_')}"
    if profile is not None and settings.slots is not None:
        profiles = {**border.hour_profiles, profile: HourProfile(weights=_weights(settings.slots))}
        border = border.model_copy(update={"hour_profiles": profiles})
    for set_name, name, flow in flows:
        concerned = {c for c, part in mix_of(border, flow).items() if part > 0 and c in classes}
        if concerned:
            border = with_flows(border, set_name, _booked(border, name, flow, concerned, profile, settings))
    return border if settings.at_home is None else _prepared(border, gates, settings)


def _booked(
    border: Border, name: str, flow: Flow, classes: set[str], profile: str | None, settings: Settings
) -> dict[str, Flow]:
    """Return the walk-ins and the booked vehicles of a flow."""
    walk_in = reweighted(border, name, flow, lambda c: 1 - settings.share if c in classes else 1.0, "gate")
    taken = reweighted(border, name, flow, lambda c: settings.share if c in classes else 0.0, "gate")
    level = by_level(name, taken, "gate")
    per_day = level.per_day / (1 - settings.no_show)
    if settings.slots_per_day is not None:
        per_day = min(per_day, settings.slots_per_day)
    arrivals = Appointments(
        kind="appointments",
        per_day=per_day,
        hours=profile or level.hours,
        weekdays=level.weekdays,
        season=level.season,
        dates=level.dates,
        scatter=settings.scatter,
        no_show=settings.no_show,
    )
    mix = {c: weight for c, weight in mix_of(border, taken).items() if c in classes}
    if settings.at_home is not None:
        mix = {_booked_class(c): weight for c, weight in mix.items()}
    return {name: walk_in, f"{name}_booked": taken.model_copy(update={"arrivals": arrivals, "mix": mix})}


def _booked_class(name: str) -> str:
    return f"{name}_booked"


def _prepared(border: Border, gates: dict[str, Gate], settings: Settings) -> Border:
    """Return the border with a class of booked vehicles for each class that books, which pass some stages by."""
    like = {
        c.removesuffix("_booked"): c
        for demand in border.demand.values()
        for flow in demand.flows.values()
        for c in flow.mix
        if c not in border.vehicle_classes()
    }
    for old, new in like.items():
        data = border.vehicle_classes()[old]
        title = f"{data.title or old}, booked"
        border = with_class_like(border, new, old, title, f"{data.title_vi or old}, đã đặt chỗ")
    for gate_id in gates:
        gate = border.gates[gate_id]
        for direction, side in directions_of(gate_id, gate, settings.direction).items():
            stages = dict(side.stages)
            for name in (name for name in settings.at_home or [] if name in stages):
                stopping = stages[name].classes or list(border.vehicle_classes())
                left = [c for c in stopping if c not in like.values()]
                if not left:
                    raise refused("at_home", shown(name), "no vehicle would stop there any more; leave it out")
                stages[name] = stages[name].model_copy(update={"classes": left})
            gate = with_direction(gate, direction, side.model_copy(update={"stages": stages}))
        border = with_gates(border, {gate_id: gate})
    return border


def _weights(slots: Span) -> list[float]:
    """Return how much of each quarter of an hour is slot time; hours past midnight go on in the early morning."""
    weights = [0.0] * _PARTS
    for minute in range(slots.from_min, slots.to_min):
        weights[minute // _PART_MIN % _PARTS] += 1.0
    return weights
