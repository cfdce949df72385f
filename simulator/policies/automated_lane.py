"""
A lane with driverless carriers for part of the containers, around the clock.

It is added as a gate of its own, `<gate>_automated`, with servers that nobody else uses; what goes through
is counted there. The stages before the park are kept, the checks in the yard are taken to be done before.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gatewatch.config.calendars import Calendar, DirectionName, HoursRule
from gatewatch.config.laws import Constant
from gatewatch.config.records import Record
from gatewatch.config.routes import route_of
from gatewatch.config.schema import Border, Counterpart, Direction, Gate, Stage, Station
from gatewatch.config.units import Share
from gatewatch.simulator.policies.fields import ClassNames, DirectionOf, GateNames, HoursList, Minutes, unit
from gatewatch.simulator.policies.flows import flows_at, moved
from gatewatch.simulator.policies.places import directions_of, gates_of, known_classes, with_gates

NEUTRAL = {"gate": "huu_nghi", "share": 0}

Count = Annotated[int, Field(ge=1, le=10_000, json_schema_extra=unit("servers"))]


class Settings(Record):
    """Who uses the lane, and what it can do."""

    gate: GateNames = Field(description="Gate or gates that get a lane.")
    direction: DirectionOf | None = Field(default=None, description="Only this direction; without it, both.")
    classes: ClassNames = Field(default=["container"], description="Vehicle class or classes that may use it.")
    share: Share = Field(description="Share of these that are eligible and go by it.")
    lanes: Count = Field(default=1, description="Automated lanes, in each direction.")
    gate_in: Minutes = Field(default=0.5, description="Time a vehicle takes the gate of a lane.")
    carriers: Count = Field(default=10, description="Driverless carriers, in each direction.")
    trip: Minutes = Field(default=40.0, description="Time a carrier is busy with one container, craning included.")
    hours: HoursList | None = Field(
        default=None, description="Hours of the lane, local time of the border; without it, around the clock."
    )


def apply(border: Border, settings: Settings) -> Border:
    """Return the border with automated lanes."""
    classes = known_classes(border, settings.classes)
    if settings.share == 0:
        return border
    for gate_id, gate in gates_of(border, settings.gate).items():
        name = f"{gate_id}_automated"
        sides = directions_of(gate_id, gate, settings.direction)
        lane = Gate(
            title=f"{gate.title or gate_id}, automated lane",
            title_vi=f"{gate.title_vi or gate_id}, làn tự động",
            counterpart=Counterpart(title=gate.counterpart.title),
        )
        for direction, side in sides.items():
            lane = _with_lane(lane, gate, direction, side, settings)
        border = _with_hours(with_gates(border, {name: lane}), name, settings)
        allowed = {c: [*border.eligibility[c], name] for c in classes if c in border.eligibility}
        border = border.model_copy(update={"eligibility": {**border.eligibility, **allowed}})
        for set_name, flow_name, flow in list(flows_at(border, {gate_id: gate}, None)):
            if flow.direction in sides:
                border = moved(border, set_name, flow_name, classes, settings.share, name)
    return border


def _with_lane(lane: Gate, gate: Gate, direction: DirectionName, side: Direction, settings: Settings) -> Gate:
    """Return the lane with one direction: what comes before any queue, then gate and carrier."""
    gate_in, carrier = f"gate_in_{direction}", f"carrier_{direction}"
    stations = {
        gate_in: Station(servers=settings.lanes, opens_with="both"),
        carrier: Station(servers=settings.carriers, opens_with="both"),
    }
    stages = {}
    for name in route_of(side):
        stage = side.stages[name]
        station = gate.stations[stage.station or name]
        if station.servers != "unlimited" or station.holds or station.opens_with != "always" or stage.next:
            break
        stages[name] = stage.model_copy(update={"yard": None, "station": stage.station or name})
        stations[stage.station or name] = station
    stages[gate_in] = Stage(service=Constant(law="constant", value=settings.gate_in, unit="min"))
    stages[carrier] = Stage(service=Constant(law="constant", value=settings.trip, unit="min"), clears=True)
    own = Direction(stages=stages, selectivity=side.selectivity, preregistered=side.preregistered)
    update = {"stations": {**lane.stations, **stations}, "export" if direction == "export" else "import_": own}
    return lane.model_copy(update=update)


def _with_hours(border: Border, name: str, settings: Settings) -> Border:
    if settings.hours is None:
        return border
    calendar = Calendar(timezone=border.border.timezone, hours=[HoursRule(open=settings.hours)])
    border = border.model_copy(update={"calendars": {**border.calendars, name: calendar}})
    return with_gates(border, {name: border.gates[name].model_copy(update={"calendar": name})})
